import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ALPHABET, checkCharacter, inFours, judge, normalise, read } from "../shared/card.ts";

const vectors = JSON.parse(readFileSync(new URL("../../tests/vectors/card_numbers.json", import.meta.url), "utf8")) as {
  numbers: string[];
};
const GOOD = vectors.numbers[3] as string;
const HOSTS = ["card.example", "127.0.0.1:8000"];

describe("the check character", () => {
  it("agrees with the server's", () => {
    for (const number of vectors.numbers) {
      expect(checkCharacter(number.slice(0, -1))).toBe(number.slice(-1));
      expect(judge(number)).toBe("right");
    }
  });

  it("catches every single error, neighbour swap, jump swap and twin error", () => {
    const missed: string[] = [];
    const tryOne = (changed: string) => {
      if (changed !== GOOD && judge(changed) === "right") missed.push(changed);
    };
    const put = (at: number, ...characters: string[]) =>
      tryOne(GOOD.slice(0, at) + characters.join("") + GOOD.slice(at + characters.length));
    for (let at = 0; at < GOOD.length; at++) {
      const [one = "", two = "", three = ""] = GOOD.slice(at);
      for (const other of ALPHABET) {
        put(at, other);
        if (two && one === two) put(at, other, other);
      }
      if (two) put(at, two, one);
      if (three) put(at, three, two, one);
    }
    // Twins need a number that has one at every place.
    for (let at = 0; at < 15; at++) {
      const body = `${GOOD.slice(0, at)}AA${GOOD.slice(at + 2)}`.slice(0, 15);
      const twin = body + checkCharacter(body);
      for (const other of ALPHABET) {
        const changed = twin.slice(0, at) + other + other + twin.slice(at + 2);
        if (twin.startsWith("AA", at) && changed !== twin && judge(changed) === "right") missed.push(changed);
      }
    }
    expect(missed).toEqual([]);
  });

  it("is not asked of strange characters", () => {
    expect(checkCharacter("ABCU")).toBeUndefined();
  });
});

describe("typing", () => {
  it("takes what people write", () => {
    expect(normalise("7k3m-9qx2 vb8t 4hw")).toBe("7K3M9QX2VB8T4HW");
    expect(normalise("oil OIL")).toBe("011011");
    expect(inFours("7K3M9QX2VB")).toBe("7K3M 9QX2 VB");
  });

  it("tells an unfinished number from a wrong one", () => {
    expect(judge("")).toBe("incomplete");
    expect(judge(GOOD.slice(0, 15))).toBe("incomplete");
    expect(judge(GOOD)).toBe("right");
    expect(judge(`${GOOD}0`)).toBe("wrong");
    expect(judge("7U")).toBe("strange");
  });
});

describe("scanning", () => {
  it("takes numbers and our own addresses, in any case", () => {
    expect(read(GOOD, HOSTS)).toMatchObject({ kind: "card", number: GOOD, code: GOOD, rotating: false });
    expect(read(` ${inFours(GOOD).toLowerCase()} `, HOSTS)).toMatchObject({ kind: "card", number: GOOD });
    expect(read(`HTTPS://CARD.EXAMPLE/C/${GOOD}`, HOSTS)).toMatchObject({ kind: "card", number: GOOD, rotating: false });
    expect(read(`https://card.example/c/${GOOD.toLowerCase()}/12345678`, HOSTS)).toMatchObject({
      kind: "card",
      number: GOOD,
      rotating: true,
      code: `HTTPS://CARD.EXAMPLE/C/${GOOD}/12345678`,
    });
    expect(read(`http://127.0.0.1:8000/C/${GOOD}`, HOSTS)).toMatchObject({ kind: "card" });
    expect(read(`]Q1HTTPS://CARD.EXAMPLE/C/${GOOD}`, HOSTS)).toMatchObject({ kind: "card" });
  });

  it.each([
    "https://evil.example/win",
    `https://evil.example/C/${GOOD}`,
    `https://card.example.evil.example/C/${GOOD}`,
    `https://card.example@evil.example/C/${GOOD}`,
    `https://card.example/C/${GOOD}?next=https://evil.example`,
    `https://card.example/other/${GOOD}`,
    `javascript:alert(1)//https://card.example/C/${GOOD}`,
    "WIFI:S:shop;T:WPA;P:secret;;",
    "5412345678908",
    "",
  ])("takes %s for foreign", (text) => {
    expect(read(text, HOSTS)).toEqual({ kind: "foreign" });
  });

  it("says when a number of ours is damaged", () => {
    const wrong = GOOD.slice(0, -1) + (GOOD.endsWith("0") ? "1" : "0");
    expect(read(wrong, HOSTS)).toEqual({ kind: "damaged" });
    expect(read(`https://card.example/C/${wrong}`, HOSTS)).toEqual({ kind: "damaged" });
  });

  it("tells a voucher by its length and first letter", () => {
    const body = "V7K3M9QX2D4R8";
    const code = body + checkCharacter(body);
    expect(read(code, HOSTS)).toEqual({ kind: "voucher", code });
    expect(read(`V7 ${code.slice(2)}`, HOSTS)).toEqual({ kind: "voucher", code });
    expect(read(body + (code.endsWith("0") ? "1" : "0"), HOSTS)).toEqual({ kind: "damaged" });
  });
});

describe("another system's cards", () => {
  const taken = { takesForeign: true };

  it.each(["5412345678908", "klant 123", "ABC-7", "x".repeat(64), "Łódź/7", "3.14"])("are taken where the shop takes them: %s", (text) => {
    expect(read(text, HOSTS, taken)).toEqual({ kind: "foreign-card", number: text, code: text });
    expect(read(text, HOSTS)).toEqual({ kind: "foreign" });
  });

  it("keeps what a hand scanner read, without the kind of code before it", () => {
    expect(read(" ]E05412345678908 ", HOSTS, taken)).toMatchObject({ kind: "foreign-card", code: "5412345678908" });
    expect(read("aBc7", HOSTS, taken)).toMatchObject({ code: "aBc7" });
  });

  it.each(["https://evil.example/win", "HTTP://evil.example", "www.evil.example", "evil.example/x", "javascript:alert(1)", "WIFI:S:shop;;", "tel:+3211", "//x", "", "x".repeat(65), "a\u0007b", "a\u200bb"])(
    "are never an address or what can't be printed: %s",
    (text) => {
      expect(read(text, HOSTS, taken)).toEqual({ kind: "foreign" });
    },
  );

  it("are not a number of ours that is damaged", () => {
    const wrong = GOOD.slice(0, -1) + (GOOD.endsWith("0") ? "1" : "0");
    expect(read(wrong, HOSTS, taken)).toEqual({ kind: "damaged" });
    expect(read(`https://card.example/C/${wrong}`, HOSTS, taken)).toEqual({ kind: "damaged" });
    expect(read(GOOD, HOSTS, taken)).toMatchObject({ kind: "card" });
  });
});
