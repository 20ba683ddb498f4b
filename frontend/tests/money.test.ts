import { describe, expect, it } from "vitest";
import { decimalsOf, formatAmount, moneyStyle, NOTHING, press, shown, toDecimal } from "../shared/money.ts";

const type = (keys: string, decimals = 2) => [...keys].reduce((typed, key) => press(typed, key, decimals), NOTHING);
const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, " ");

describe("an amount being typed", () => {
  it.each([
    ["3450", "3450.00"],
    ["34,5", "34.50"],
    ["34.50", "34.50"],
    [",5", "0.50"],
    ["007", "7.00"],
    ["0,05", "0.05"],
    ["12,345", "12.34"],
    ["1,2,3", "1.23"],
    ["1000000", "1000000.00"],
    ["10000000", "1000000.00"],
    ["1000000,01", "1000000.00"],
  ])("%s is %s", (keys, amount) => {
    expect(toDecimal(type(keys), 2)).toBe(amount);
  });

  it.each(["", "0", "0,", "0,00"])("%j is nothing", (keys) => {
    expect(toDecimal(type(keys), 2)).toBeNull();
  });

  it("has no decimals in a currency without them", () => {
    expect(decimalsOf("JPY")).toBe(0);
    expect(toDecimal(type("12,5", 0), 0)).toBe("125");
  });

  it("goes back key by key, and all at once", () => {
    const back = (keys: string, times: number) =>
      Array.from({ length: times }).reduce((typed: typeof NOTHING) => press(typed, "back", 2), type(keys));
    expect(toDecimal(back("34,50", 1), 2)).toBe("34.50");
    expect(toDecimal(back("34,50", 3), 2)).toBe("34.00");
    expect(toDecimal(back("34,50", 4), 2)).toBe("3.00");
    expect(back("3", 5)).toEqual(NOTHING);
    expect(press(type("34,5"), "clear", 2)).toEqual(NOTHING);
  });

  it("is shown as the language writes it", () => {
    expect(shown(type("1234,5"), moneyStyle("nl-BE", "EUR"))).toBe("1.234,5");
    expect(shown(NOTHING, moneyStyle("en-GB", "EUR"))).toBe("0");
    expect(moneyStyle("nl-BE", "EUR")).toMatchObject({ sign: "€", signFirst: true, separator: "," });
    expect(moneyStyle("de-DE", "EUR").signFirst).toBe(false);
    expect(moneyStyle("en-GB", "JPY").decimals).toBe(0);
  });
});

it("leaves out decimals that are zero", () => {
  expect(plain(formatAmount("5.00", "EUR", "nl-BE"))).toBe("€ 5");
  expect(plain(formatAmount("2.50", "EUR", "fr-BE"))).toBe("2,50 €");
});
