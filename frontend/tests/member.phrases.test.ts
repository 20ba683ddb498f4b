import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { App } from "../member/app.ts";
import { limitOf, reasonOf, told, unitsOf } from "../member/phrases.ts";
import { localNow, openWords, spansWords } from "../member/shopping.ts";
import { texts as core } from "../member/texts/en/core.ts";
import { texts as shops } from "../member/texts/en/shops.ts";
import { texts as wallet } from "../member/texts/en/wallet.ts";
import type { Activity, Entry } from "../member/wallet.ts";
import { Words } from "../member/words.ts";
import { fill, type Texts, type Values } from "../shared/locale.ts";

const texts: Texts = { ...core, ...wallet, ...shops };
/** Of the app only its words. */
const app = {
  words: new Words("en", []),
  t: (key: string, values: Values = {}) => fill(texts[key] ?? `no text: ${key}`, "en-GB", values),
} as unknown as App;

const booking: Activity = {
  transaction_id: "1",
  kind: "earn",
  occurred_at: "2026-11-28T10:00:00Z",
  recorded_at: "2026-11-28T10:00:00Z",
  reverses: null,
  reason: null,
  merchant_id: "m",
  merchant_name: "Bakery",
  location_id: "l",
  location_name: "Bakery",
  visit_id: "v",
  amount: "12.50",
  currency: "EUR",
  is_reversed: false,
  voucher_id: null,
  reward_name: null,
  entries: [],
};
const why = (rule: string, units: number, params = {}, label: string | null = null) => ({ rule, units, params, label });
const source = (path: string) => readFileSync(new URL(`../../app/${path}`, import.meta.url), "utf8");
const codes = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map((found) => found[1] ?? "");

describe("why a unit came", () => {
  it.each([
    [why("visit", 1), "Visit"],
    [why("unit", 3, { units: 3 }), "Visit, counted 3 times"],
    [why("amount", 37, { amount: 1250 }), "For a purchase of €12.50"],
    [why("amount:books", 5, { amount: 2000 }), "For €20 of books"],
    [why("amount:sku:4711", 5, { amount: 2000 }), "For €20 of a chosen product"],
    [why("item:coffee", 2, { quantity: 2 }), "2 × coffee"],
    [why("item:sku:4711", 2, { quantity: 2 }), "2 × a chosen product"],
    [why("tier:gold_plus", 5, { hundredths: 125 }), "Level Gold plus: times 1.25"],
    [why("promotion:0198", 5, { hundredths: 200 }, "Tuesday double stamps"), "Tuesday double stamps"],
    [why("promotion:0198", 5), "A promotion"],
    [why("cap:visit", -2, { room: 10 }), "At most 10 for one visit"],
    [why("cap:day", -2, { room: 1 }), "1 was left for this day"],
    [why("cap:card", -2, { room: 4 }), "4 were left for this card"],
    [why("rounding", 1), "Rounded"],
  ])("is said of %o", (reason, words) => expect(reasonOf(app, booking, reason)).toBe(words));

  it("leaves the shop's own words as they are", () => {
    expect(reasonOf(app, { ...booking, kind: "adjust" }, why("Wet bag: sorry", 5))).toBe("From the shop: “Wet bag: sorry”");
    expect(reasonOf(app, { ...booking, kind: "reverse" }, why("Scanned twice", -1))).toBe("Put right: “Scanned twice”");
  });

  // For every reason that the service gives itself, tests/architecture/test_words.py asks: it reads all sources.
  it("has words for every kind of booking", () => {
    const kinds = codes(/^KINDS = \((.*)\)$/m.exec(source("ledger/models.py"))?.[1] ?? "", /"(\w+)"/g);
    expect(kinds).toHaveLength(6);
    for (const kind of kinds) {
      const words = reasonOf(app, { ...booking, kind: kind as Activity["kind"] }, why(kind, 1));
      expect(words, kind).not.toMatch(/no text|“/);
    }
  });
});

describe("why it was less, or nothing", () => {
  it("has words of its own for every limit of the evaluator", () => {
    const found = new Set([...codes(source("rewards/evaluator/combine.py"), /(?:Limit|Room)\("([\w:]+)"/g), ...codes(source("rewards/evaluator/earning.py"), /Limit\("([\w:]+)"/g)]);
    expect(found.size).toBeGreaterThanOrEqual(11);
    for (const code of found) {
      const words = limitOf(app, booking, { code, params: { room: 3, minimum: 500 } });
      expect(words, code).not.toContain("no text");
      // The last resort is for what lies above every rule.
      if (code !== "cap:ceiling") expect(words, code).not.toBe(wallet.limitCeiling);
    }
  });
});

describe("what a booking is called", () => {
  const entry = (more: Partial<Entry>): Entry => ({ programme_id: "p", name: "Points", unit: "point", units: 0, why: [], limited: [], ...more });

  it("is its one reason, or of several the promotion", () => {
    expect(told(app, booking, entry({ why: [why("visit", 1)] }))).toEqual({ title: "Visit", parts: [], limits: [] });
    const several = told(app, booking, entry({ why: [why("amount", 12, { amount: 1250 }), why("promotion:1", 12, {}, "Double Tuesday")] }));
    expect(several.title).toBe("Double Tuesday");
    expect(several.parts.map((part) => part.units)).toEqual([12, 12]);
  });

  it("says a cap once, and why a visit earned nothing", () => {
    const capped = told(app, booking, entry({ why: [why("visit", 3), why("cap:day", -2, { room: 1 })], limited: [{ code: "cap:day", params: { room: 1 } }] }));
    expect([capped.parts.length, capped.limits]).toEqual([2, []]);
    expect(told(app, booking, entry({ limited: [{ code: "minimum", params: { minimum: 500 } }] })).limits).toEqual(["It counts from €5 on."]);
    expect(told(app, booking, entry({})).limits).toEqual([wallet.limitLittle]);
  });

  it("counts in the programme's own unit", () => {
    expect([unitsOf(app, "stamp", 1), unitsOf(app, "point", 1200), unitsOf(app, "mile", 3)]).toEqual(["1 stamp", "1,200 points", "3 mile"]);
  });
});

describe("whether a shop is open", () => {
  const at = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
  const spans = [
    ["08:00", "12:30"],
    ["13:30", "18:00"],
  ] as const;
  it.each([
    [true, spans, "09:00", "Open until 12:30"],
    [false, spans, "13:00", "Opens at 13:30"],
    [false, spans, "19:00", "Closed now"],
    [false, [], "19:00", "Closed today"],
    [true, [["18:00", "02:00"]] as const, "23:00", "Open until 02:00"],
    [true, [["18:00", "02:00"]] as const, "01:00", "Open"],
    [true, [["08:00", "12:00"], ["12:00", "18:00"]] as const, "09:00", "Open until 18:00"],
    [true, [["00:00", "24:00"]] as const, "09:00", "Open"],
    [null, [], "09:00", null],
  ])("open: %o with %o at %s is %o", (isOpen, today, time, words) => expect(openWords(app, { is_open: isOpen, hours_today: today }, at(time))).toBe(words));

  it("is read in the shop's own zone", () => {
    const moment = Date.parse("2026-03-29T23:30:00Z");
    expect(localNow(moment, "Europe/Brussels")).toEqual({ weekday: 0, date: "2026-03-30", minute: 90 });
    expect(localNow(moment, "America/New_York")).toEqual({ weekday: 6, date: "2026-03-29", minute: 19 * 60 + 30 });
  });

  it("tells a day's hours", () => {
    expect([spansWords(app, spans), spansWords(app, []), spansWords(app, [["00:00", "24:00"]])]).toEqual(["08:00–12:30, 13:30–18:00", "Closed", "All day"]);
  });
});
