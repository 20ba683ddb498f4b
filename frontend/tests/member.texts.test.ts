import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { LANGUAGES, type Texts } from "../shared/locale.ts";

const AREAS = readdirSync(new URL("../member/texts/en/", import.meta.url)).map((name) => name.replace(".ts", ""));
const names = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();
const forms = (text: string | { one: string; other: string }) => (typeof text === "string" ? [text] : [text.one, text.other]);
const read = async (language: string, area: string) => ((await import(`../member/texts/${language}/${area}.ts`)) as { texts: Texts }).texts;

describe.each(AREAS)("the member's app, %s", (area) => {
  it.each(LANGUAGES)("has every text in %s, no other, and fills the same places", async (language) => {
    const [english, texts] = await Promise.all([read("en", area), read(language, area)]);
    expect(Object.keys(texts).sort()).toEqual(Object.keys(english).sort());
    for (const [key, text] of Object.entries(texts)) {
      const wanted = names(forms(english[key] ?? "").at(-1) ?? "");
      for (const form of forms(text)) {
        expect(form.trim(), `${language} ${key}`).not.toBe("");
        expect(names(form), `${language} ${key}`).toEqual(wanted);
      }
    }
  });

  it("is translated: sentences differ from English", async () => {
    const english = await read("en", area);
    for (const language of LANGUAGES.filter((one) => one !== "en")) {
      const texts = await read(language, area);
      const same = Object.entries(english).filter(([key, text]) => forms(text).join().length > 21 && JSON.stringify(text) === JSON.stringify(texts[key]));
      expect(same.map(([key]) => key), language).toEqual([]);
    }
  });
});

it("no two areas have a text of the same name", async () => {
  const keys = (await Promise.all(AREAS.map((area) => read("en", area)))).flatMap((texts) => Object.keys(texts));
  expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
});

it("has no text that nothing shows", async () => {
  const member = new URL("../member/", import.meta.url);
  const sources = readdirSync(member, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts") && !name.startsWith("texts"));
  const code = sources.map((name) => readFileSync(new URL(name, member), "utf8")).join("\n");
  const keys = (await Promise.all(AREAS.map((area) => read("en", area)))).flatMap((texts) => Object.keys(texts));
  expect(keys.filter((key) => !code.includes(`"${key}"`))).toEqual([]);
});
