import { expect, it } from "vitest";
import type { Account, Reward } from "../shared/api.ts";
import type { CounterSettings, Place } from "../shared/pos.ts";
import { hintOf } from "../tablet/pieces/hint.ts";

const account = { programme_id: "card", kind: "points", unit: "point", balance: 80 } as Account;
const reward = (name: string, cost: number): Reward => ({ reward_id: name, name, cost, programme_id: "card" }) as Reward;
const place = (hints: boolean, isForAll = true): Pick<Place, "settings" | "pairs" | "rewards"> => ({
  settings: { hints } as CounterSettings,
  pairs: [["Coffee", "Croissant"]],
  rewards: ["Cake", "Tart", "Car"].map((one) => ({ reward_id: one, name: one, kind: "item", value: {}, is_for_all: isForAll })),
});
const told = (rewards: readonly Reward[], at: ReturnType<typeof place> | null = place(true)) => hintOf(at, { accounts: [account], rewards });

it("says nothing unless the shop wants it", () => {
  expect(told([reward("Cake", 90)], place(false))).toBeNull();
  expect(told([reward("Cake", 90)], null)).toBeNull();
});

it("names what is nearly reached, the nearest of all", () => {
  expect(told([reward("Tart", 110), reward("Cake", 90), reward("Car", 900)])).toMatchObject({ kind: "nearly", missing: 10, name: "Cake" });
});

it("else names what is often taken together", () => {
  for (const rewards of [[], [reward("Cake", 80)], [reward("Car", 900)]]) expect(told(rewards)).toEqual({ kind: "pair", one: "Coffee", other: "Croissant" });
  expect(told([reward("Cake", 90)], place(true, false))?.kind).toBe("pair");
  expect(told([], { ...place(true), pairs: [] })).toBeNull();
});
