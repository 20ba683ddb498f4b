import { describe, expect, it } from "vitest";
import { checkCharacter } from "../shared/card.ts";
import { identify, practised } from "../tablet/counter/identify.ts";

const whole = (body: string) => body + checkCharacter(body);
const HOST = "card.example";
const FIRST = whole("0123456789ABCDE");
const SECOND = whole("1123456789ABCDE");
const REAL = whole("2123456789ABCDE");
const VOUCHER = whole("V123456789ABC");

type Here = Parameters<typeof identify>[1];
const here = (cards: Here["practiceCards"]) => ({ hosts: [HOST], place: null, kept: null as unknown as Here["kept"], isOffline: false, practiceCards: cards });
const practising = here([
  { code: `HTTPS://CARD.EXAMPLE/C/${FIRST}`, what: "new" },
  { code: `HTTPS://CARD.EXAMPLE/C/${SECOND}`, what: "half" },
]);
const code = (text: string, where: Here) => {
  const found = practised(identify(text, where), where);
  return found.kind === "card" ? found.card.code : found;
};

describe("while somebody practises", () => {
  it("a practice card is itself, scanned or typed", () => {
    expect(code(`HTTPS://CARD.EXAMPLE/C/${SECOND}`, practising)).toBe(`HTTPS://CARD.EXAMPLE/C/${SECOND}`);
    expect(code(SECOND, practising)).toBe(SECOND);
  });

  it("a real card stands for the first practice card", () => {
    for (const real of [REAL, `https://${HOST}/C/${REAL}`, `HTTPS://CARD.EXAMPLE/C/${REAL}/12345678`]) {
      expect(code(real, practising)).toBe(`HTTPS://CARD.EXAMPLE/C/${FIRST}`);
    }
  });

  it("a voucher that a phone reserved for this tablet never reaches its queue", () => {
    const reserved = `HTTPS://CARD.EXAMPLE/V/${VOUCHER}/${"0".repeat(75)}`;
    expect(identify(reserved, practising).kind).toBe("reserved");
    expect(code(reserved, practising)).toEqual({ kind: "voucher", code: VOUCHER });
    expect(practised(identify(reserved, here([])), here([])).kind).toBe("reserved");
  });
});

it("at the real counter a card is itself", () => {
  expect(code(REAL, here([]))).toBe(REAL);
});
