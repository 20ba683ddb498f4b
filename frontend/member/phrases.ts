/** What balances, rewards and bookings are called in plain words. */

import type { App } from "./app.ts";
import type { TextKey } from "./texts/index.ts";
import type { Activity, Entry, Limit, Reward, RewardKind, RewardValue, Voucher, Why } from "./wallet.ts";

/** "3 stamps", "1 point", "12 miles": a programme's own unit as the shop wrote it. */
export function unitsOf(app: App, unit: string, n: number): string {
  if (unit === "stamp") return app.t("stamps", { n });
  if (unit === "point") return app.t("points", { n });
  return app.t("walletUnits", { n, unit });
}

/** "+3", "−1", "0". */
export function signed(app: App, units: number): string {
  const figure = app.words.number(Math.abs(units));
  return units > 0 ? `+${figure}` : units < 0 ? `−${figure}` : figure;
}

/** What a reward is worth in short: "€5", "10%"; null for a thing. */
export function worth(app: App, kind: RewardKind, value: RewardValue): string | null {
  if (kind === "percent_off" && value.percent !== undefined) return new Intl.NumberFormat(app.words.locale, { style: "percent", maximumFractionDigits: 1 }).format(value.percent / 100);
  if (kind === "amount_off" && value.amount !== undefined && value.currency) return app.words.money(value.amount, value.currency);
  return null;
}

/** What is given at the counter. */
export function meaning(app: App, { kind, value }: Pick<Reward | Voucher, "kind" | "value">): string {
  const what = worth(app, kind, value);
  if (what === null) return app.t("walletGetItem");
  return app.t("walletGetOff", { what });
}

const money = (app: App, minor: unknown, currency: string | null): string => {
  if (typeof minor !== "number" || !currency) return "";
  const decimals = new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
  return app.words.money(String(minor / 10 ** decimals), currency);
};

const number = (value: unknown): number => (typeof value === "number" ? value : 0);

/** Reasons that the service gives itself. Whatever else stands there, somebody in the shop wrote. */
const REASONS: Readonly<Record<string, TextKey>> = {
  opening_balance: "whyOpening",
  opening_balance_reversed: "whyOpeningBack",
  invitation_invited: "whyInvited",
  invitation_inviter: "whyInviter",
  given_back: "whyGivenBack",
  visit_reversed: "whyVisitBack",
  reversed: "whyRewardBack",
  hold_cancelled: "whyHoldOver",
  hold_run_out: "whyHoldOver",
  visit_unclaimed: "whyUnclaimed",
  correction_reversed: "whyCorrectionBack",
  merge_remainders: "whyRemainders",
  import: "whyImported",
  import_undone: "whyImportBack",
  shop_stopped: "whyShopStopped",
};

/** What a booking is called, by what it did. */
const KINDS: Readonly<Record<Activity["kind"], TextKey>> = {
  earn: "whyVisit",
  redeem: "whyRedeem",
  expire: "whyExpire",
  adjust: "whyAdjust",
  move: "whyMove",
  reverse: "whyReverse",
};

/** Why one rule gave or took its units. Multipliers stand behind what they multiply. */
export function reasonOf(app: App, activity: Activity, why: Why): string {
  const { rule, params, label } = why;
  const [kind = "", ...rest] = rule.split(":");
  const of = rest.join(":");
  const { currency } = activity;
  switch (kind) {
    case "visit":
      return app.t("whyVisit");
    case "unit":
      return number(params["units"]) > 1 ? app.t("whyUnits", { n: number(params["units"]) }) : app.t("whyVisit");
    case "amount":
      if (!of) return app.t("whyAmount", { amount: money(app, params["amount"], currency) || amountOf(app, activity) });
      if (of.startsWith("sku:")) return app.t("whyAmountProduct", { amount: money(app, params["amount"], currency) });
      return app.t("whyAmountOf", { amount: money(app, params["amount"], currency), what: of });
    case "item":
      if (of.startsWith("sku:")) return app.t("whyProduct", { n: number(params["quantity"]) });
      return app.t("whyItems", { n: number(params["quantity"]), what: of });
    case "tier":
      return app.t("whyTier", { tier: capital(of), times: times(app, params["hundredths"]) });
    case "promotion":
      return label ?? app.t("whyPromotion");
    case "cap":
      return app.t(of === "visit" ? "limitVisit" : of === "card" ? "limitCard" : of === "day" ? "limitDay" : "limitCeiling", { n: number(params["room"]) });
    case "rounding":
      return app.t("whyRounding");
  }
  if (activity.kind === "redeem" && label) return app.t("whyRedeemed", { name: label });
  const known = REASONS[rule];
  if (known) return app.t(known, { name: activity.reward_name ?? label ?? "" }).trim();
  const key = KINDS[rule as Activity["kind"]];
  if (key) return app.t(key);
  // Free words of the shop's staff.
  return activity.kind === "reverse" ? app.t("whyReverseSaid", { words: rule }) : app.t("whyAdjustSaid", { words: rule });
}

/** Why less was earned, or nothing. */
export function limitOf(app: App, activity: Activity, limit: Limit): string {
  const params = limit.params ?? {};
  switch (limit.code) {
    case "not_collecting":
      return app.t("limitClosed");
    case "no_amount":
      return app.t("limitNoAmount");
    case "minimum":
      return app.t("limitMinimum", { amount: money(app, params["minimum"], activity.currency) });
    case "excluded":
    case "excluded_amount":
    case "no_items":
    case "zero_amount":
      return app.t("limitNothing");
    case "cap:day_visits":
      return app.t("limitVisits");
    case "cap:visit":
      return app.t("limitVisit", { n: number(params["room"]) });
    case "cap:day":
      return app.t("limitDay", { n: number(params["room"]) });
    case "cap:card":
      return app.t("limitCard", { n: number(params["room"]) });
    default:
      return app.t("limitCeiling");
  }
}

export interface Told {
  readonly title: string;
  /** The parts of what was earned, where there are several. */
  readonly parts: readonly { readonly words: string; readonly units: number }[];
  /** What was earned less, and why. */
  readonly limits: readonly string[];
}

/** A booking in one programme: what it is called, and what its units are made of. The one reason is the title; of several
 * the promotion that gave something is, since that is what one wants to know. */
export function told(app: App, activity: Activity, entry: Entry): Told {
  const parts = entry.why.map((why) => ({ words: reasonOf(app, activity, why), units: why.units }));
  const capped = new Set(entry.why.filter((why) => why.rule.startsWith("cap:")).map((why) => why.rule));
  const limits = entry.limited.filter((limit) => !capped.has(limit.code)).map((limit) => limitOf(app, activity, limit));
  const promotion = entry.why.find((why) => why.rule.startsWith("promotion:") && why.units > 0);
  if (!parts.length && !limits.length && activity.kind === "earn") limits.push(app.t("limitLittle"));
  const title = parts.length === 1 ? (parts[0]?.words ?? "") : promotion ? reasonOf(app, activity, promotion) : app.t(KINDS[activity.kind]);
  return { title, parts: parts.length > 1 ? parts : [], limits };
}

export function amountOf(app: App, activity: Activity): string {
  return activity.amount && activity.currency ? app.words.money(activity.amount, activity.currency) : "";
}

function times(app: App, hundredths: unknown): string {
  return app.words.number(number(hundredths) / 100);
}

export function capital(word: string): string {
  return word.charAt(0).toLocaleUpperCase() + word.slice(1).replace(/[-_]/g, " ");
}

/** The names of trades; one that we have no word for as the shop wrote it. */
const TRADES: Readonly<Record<string, TextKey>> = {
  bakery: "tradeBakery",
  bicycle: "tradeBicycle",
  bookshop: "tradeBookshop",
  butcher: "tradeButcher",
  cafe: "tradeCafe",
  cheese: "tradeCheese",
  chips: "tradeChips",
  chocolate: "tradeChocolate",
  fashion: "tradeFashion",
  fishmonger: "tradeFishmonger",
  florist: "tradeFlorist",
  general: "tradeGeneral",
  greengrocer: "tradeGreengrocer",
  hairdresser: "tradeHairdresser",
  hardware: "tradeHardware",
  home: "tradeHome",
  ice: "tradeIce",
  lunch: "tradeLunch",
  optician: "tradeOptician",
  pets: "tradePets",
  pharmacy: "tradePharmacy",
  records: "tradeRecords",
  shoes: "tradeShoes",
  toys: "tradeToys",
  wine: "tradeWine",
};

export const TRADE_CODES: readonly string[] = Object.keys(TRADES);

export function tradeOf(app: App, category: string): string {
  const key = TRADES[category];
  return key ? app.t(key) : capital(category);
}
