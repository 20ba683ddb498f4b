import { expect, it } from "vitest";
import type { ProgrammeFacts } from "../shared/pos.ts";
import { foretell } from "../tablet/counter/foretell.ts";

const programme = (facts: Partial<ProgrammeFacts>): ProgrammeFacts => ({
  programme_id: "card",
  name: "Card",
  kind: "stamps",
  unit: "stamp",
  goal: 10,
  asks: "visit",
  counted: [],
  opening_units_most: 0,
  ...facts,
});
const told = (programmes: readonly ProgrammeFacts[], contents: Parameters<typeof foretell>[1]) =>
  foretell(programmes, contents).map(({ programme: { programme_id }, units }) => [programme_id, units]);

it("counts a stamp for each visit", () => {
  expect(told([programme({})], {})).toEqual([["card", 1]]);
  expect(told([programme({})], { units: 3 })).toEqual([["card", 3]]);
  expect(told([programme({})], { amount: "12.00", currency: "EUR" })).toEqual([["card", 1]]);
});

it("counts the products that count", () => {
  const coffee = programme({ programme_id: "coffee", asks: "items", counted: [{ category: "coffee" }] });
  const soup = programme({ programme_id: "soup", asks: "items", counted: [{ category: "soup" }, { sku: "S1" }] });
  expect(told([coffee, soup], { items: [{ category: "coffee", quantity: 2 }] })).toEqual([["coffee", 2]]);
  expect(told([coffee, soup], { items: [{ sku: "S1", quantity: 1 }, { category: "soup", quantity: 2 }] })).toEqual([["soup", 3]]);
  expect(told([coffee, soup], {})).toEqual([]);
});

it("says nothing about money, since it does not know the rules", () => {
  expect(told([programme({ asks: "amount" }), programme({ kind: "points" })], { amount: "50.00", currency: "EUR" })).toEqual([]);
});

it("only tells of the programme that was chosen", () => {
  const programmes = [programme({}), programme({ programme_id: "other" })];
  expect(told(programmes, { programme_id: "other", units: 2 })).toEqual([["other", 2]]);
});
