import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { choose, fill, LANGUAGES, localeFor } from "../shared/locale.ts";
import { TEXTS } from "../tablet/texts/index.ts";

const names = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();
const forms = (text: string | { one: string; other: string }) => (typeof text === "string" ? [text] : [text.one, text.other]);

describe.each(LANGUAGES)("the counter in %s", (language) => {
  const texts = TEXTS[language];

  it("has every text, and no other", () => {
    expect(Object.keys(texts).sort()).toEqual(Object.keys(TEXTS.en).sort());
    expect(Object.entries(texts).filter(([, text]) => forms(text).some((form) => !form.trim()))).toEqual([]);
  });

  it.each(Object.keys(TEXTS.en) as (keyof typeof TEXTS.en)[])("fills the same places in %s", (key) => {
    const english = names(forms(TEXTS.en[key]).at(-1) ?? "");
    for (const form of forms(texts[key])) expect(names(form)).toEqual(english);
  });
});

it("is translated: sentences differ from English", () => {
  for (const language of LANGUAGES.filter((one) => one !== "en")) {
    const same = Object.entries(TEXTS.en).filter(
      ([key, text]) => forms(text).join().length > 21 && JSON.stringify(text) === JSON.stringify(TEXTS[language][key as keyof typeof TEXTS.en]),
    );
    expect(same.map(([key]) => key)).toEqual([]);
  }
});

it("has no text that nothing shows", () => {
  const tablet = new URL("../tablet/", import.meta.url);
  const sources = readdirSync(tablet, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts") && !name.startsWith("texts"));
  const code = sources.map((name) => readFileSync(new URL(name, tablet), "utf8")).join("\n");
  expect(Object.keys(TEXTS.en).filter((key) => !code.includes(`"${key}"`))).toEqual([]);
});

describe("words", () => {
  it("count as the language does", () => {
    expect(fill(TEXTS.nl.stamps, "nl-BE", { n: 1 })).toBe("1 zegel");
    expect(fill(TEXTS.nl.stamps, "nl-BE", { n: 0 })).toBe("0 zegels");
    expect(fill(TEXTS.fr.stamps, "fr-BE", { n: 0 })).toBe("0 timbre");
    expect(fill(TEXTS.en.points, "en-GB", { n: 1200 })).toBe("1,200 points");
    expect(fill("{n} {unknown}", "en", { n: 2 })).toBe("2 {unknown}");
  });

  it("choose the language that is wished first and spoken here", () => {
    expect(choose(["pt-BR", "de-AT", "en"])).toBe("de");
    expect(choose([undefined, null, "ja"])).toBe("en");
    expect(localeFor("fr", ["nl-BE", "fr-CH"])).toBe("fr-CH");
    expect(localeFor("nl", ["en-GB"])).toBe("nl-BE");
  });
});
