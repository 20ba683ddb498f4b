import { describe, expect, it } from "vitest";
import { gains } from "../member/pieces/arrival.ts";
import { match, opening, placeOf } from "../member/router.ts";
import type { Account } from "../member/types.ts";

describe("addresses within the app", () => {
  it("name a place, and the card where they name none", () => {
    expect(placeOf("").path).toBe("card");
    expect(placeOf("#/").path).toBe("card");
    const place = placeOf("#/shops/0198?from=map");
    expect([place.path, place.query.get("from")]).toEqual(["shops/0198", "map"]);
  });

  it("fit a pattern of the same length, part by part", () => {
    expect(match("wallet/:id", "wallet/0198")).toEqual({ id: "0198" });
    expect(match("wallet/:id", "wallet")).toBeNull();
    expect(match("wallet/:id", "shops/0198")).toBeNull();
    expect(match("me/:page", "me/%E0%A4%A")).toBeNull();
  });

  it("begin at a printed card, an invitation or a move, whose code leaves the address", () => {
    expect(opening({ pathname: "/C/7K3M9QX2VB8T4HWQ", hash: "" })).toEqual({ hash: "#/claim/7K3M9QX2VB8T4HWQ", move: null });
    expect(opening({ pathname: "/c/7k3m9qx2vb8t4hwq/12345678", hash: "" }).hash).toBe("#/claim/7k3m9qx2vb8t4hwq");
    expect(opening({ pathname: "/I/ABCDE", hash: "" }).hash).toBe("#/invitation/ABCDE");
    expect(opening({ pathname: "/", hash: "#move=7K3M9-QX2VB" })).toEqual({ hash: "#/begin/transfer", move: "7K3M9-QX2VB" });
    expect(opening({ pathname: "/", hash: "#/shops" })).toEqual({ hash: "#/shops", move: null });
  });
});

describe("what was just earned", () => {
  const account = (balance: number, visits: number, more: Partial<Account> = {}): Account => ({
    programme_id: "p",
    name: "Stamp card",
    merchant: { merchant_id: "m", name: "Bakkerij Korst" },
    kind: "stamps",
    unit: "stamp",
    balance,
    owed: 0,
    goal: 10,
    to_next_reward: 10 - balance,
    tier: null,
    visits,
    last_visit_at: null,
    expiring: [],
    ...more,
  });
  const units = (before: Account[], now: Account[]) => gains(before, now).map((gain) => gain.units);

  it("is what a balance has grown by, also of a new shop's", () => {
    expect(units([account(3, 3)], [account(5, 4)])).toEqual([2]);
    expect(units([], [account(1, 1)])).toEqual([1]);
    expect(units([account(3, 3)], [account(3, 3)])).toEqual([]);
  });

  it("is a full card where a visit left fewer stamps than there were", () => {
    expect(units([account(9, 9)], [account(0, 10)])).toEqual([0]);
  });

  it("is nothing where units were spent or taken back", () => {
    expect(units([account(9, 9)], [account(4, 9)])).toEqual([]);
    expect(units([account(90, 9, { kind: "points" })], [account(40, 10, { kind: "points" })])).toEqual([]);
  });
});
