import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { layOut, MOST_SLOTS } from "../shared/stampcard.ts";
import { signOf } from "../tablet/pieces/icons.ts";

const DRAWN = readFileSync(new URL("../../tests/vectors/drawn_logo.svg", import.meta.url), "utf8");

it("takes the sign out of a logo that the service drew", () => {
  const sign = signOf(DRAWN) ?? "";
  expect(sign).toMatch(/^<svg [^>]*viewBox="15 15 66 66"[^>]*><g .*<\/g><\/svg>$/s);
  expect(sign).not.toContain("<rect");
  expect(signOf('<svg viewBox="0 0 10 10"><path d="M0 0"/></svg>')).toBeNull();
});

it("lays every card out in whole rows that hold all its stamps", () => {
  for (let goal = 1; goal <= MOST_SLOTS; goal++) {
    const { columns, rows, narrowColumns, narrowRows } = layOut(goal);
    expect(columns * rows).toBeGreaterThanOrEqual(goal);
    expect(columns * (rows - 1)).toBeLessThan(goal);
    expect(narrowColumns).toBeLessThanOrEqual(5);
    expect(narrowColumns * narrowRows).toBeGreaterThanOrEqual(goal);
  }
});
