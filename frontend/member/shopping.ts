/** Shops as the service tells them. */

import type { App } from "./app.ts";
import type { Picture, RewardKind, RewardValue } from "./wallet.ts";

export type Span = readonly [from: string, to: string];

export interface ShopItem {
  readonly location_id: string;
  readonly name: string;
  readonly category: string;
  readonly merchant: {
    readonly merchant_id: string;
    readonly name: string;
    readonly hue: number;
    readonly logo_url: string | null;
  };
  readonly address: {
    readonly street: string | null;
    readonly postcode: string | null;
    readonly city: string | null;
    readonly country: string;
  };
  readonly lat: number | null;
  readonly lon: number | null;
  readonly distance_m: number | null;
  /** Null: the hours are not known. */
  readonly is_open: boolean | null;
  readonly hours_today: readonly Span[];
  /** Null without a member. */
  readonly earns_here: boolean | null;
  readonly reward_ready: boolean | null;
  readonly page_url: string;
}

export interface ShopProgramme {
  readonly programme_id: string;
  readonly name: string;
  readonly kind: "stamps" | "points";
  readonly unit: string;
  readonly goal: number | null;
  readonly rules: Readonly<Record<string, unknown>>;
  readonly rewards: readonly {
    readonly picture?: Picture | null;
    readonly reward_id: string;
    readonly name: string;
    readonly text: string | null;
    readonly kind: RewardKind;
    readonly cost: number;
    readonly value: RewardValue;
    readonly tier: string | null;
  }[];
  readonly promotions: readonly { readonly promotion_id: string; readonly name: string; readonly ends_at: string | null }[];
}

/** Spans by day: `mon` … `sun`, single dates, and whether holidays are free. */
export interface Hours {
  readonly [day: string]: unknown;
  readonly dates?: Readonly<Record<string, readonly Span[]>>;
  readonly closed_on_holidays?: boolean;
}

export interface ShopDetail extends ShopItem {
  readonly story: string | null;
  readonly timezone: string;
  readonly currency: string;
  readonly opening_hours: Hours;
  readonly programmes: readonly ShopProgramme[];
}

export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

/** A time of the day as the language writes it; `24:00` is the day's end. */
export function clockWords(app: App, time: string): string {
  const [hour = 0, minute = 0] = time.split(":").map(Number);
  return new Intl.DateTimeFormat(app.words.locale, { timeStyle: "short", timeZone: "UTC" }).format(Date.UTC(2026, 0, 1, hour % 24, minute));
}

const isWholeDay = (span: Span | undefined): boolean => span !== undefined && span[0] === "00:00" && (span[1] === "24:00" || span[1] === "00:00");

/** "08:00–12:30, 13:30–18:00"; closed for none. */
export function spansWords(app: App, spans: readonly Span[]): string {
  if (!spans.length) return app.t("shopClosedDay");
  if (spans.length === 1 && isWholeDay(spans[0])) return app.t("shopAllDay");
  return spans.map(([from, to]) => `${clockWords(app, from)}–${clockWords(app, to)}`).join(", ");
}

/** The weekday (0 is Monday), the date and the minute of the day in a shop's own zone. */
export function localNow(now: number, timezone: string): { readonly weekday: number; readonly date: string; readonly minute: number } {
  const parts = new Intl.DateTimeFormat("en-GB", { timeZone: timezone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" }).formatToParts(now);
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? "00";
  const date = `${part("year")}-${part("month")}-${part("day")}`;
  return { weekday: (new Date(`${date}T00:00Z`).getUTCDay() + 6) % 7, date, minute: Number(part("hour")) * 60 + Number(part("minute")) };
}

const minutes = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));

/** "Open until 18:30", "Opens at 13:30", "Closed today"; null where the hours are not known. `minute` is the shop's own. */
export function openWords(app: App, shop: Pick<ShopItem, "is_open" | "hours_today">, minute: number): string | null {
  if (shop.is_open === null) return null;
  const spans = shop.hours_today;
  if (shop.is_open) {
    // A span that ends where another begins goes on; one over midnight ends tomorrow.
    let end = spans.find(([from, to]) => minutes(from) <= minute && (minute < minutes(to) || minutes(to) <= minutes(from)))?.[1];
    for (let following = end; following; ) {
      following = spans.find(([from]) => from === following)?.[1];
      end = following ?? end;
    }
    return end && !isWholeDay(spans[0]) ? app.t("shopOpenUntil", { time: clockWords(app, end) }) : app.t("shopOpen");
  }
  const opens = spans.find(([from]) => minutes(from) > minute)?.[0];
  if (opens) return app.t("shopOpensAt", { time: clockWords(app, opens) });
  return app.t(spans.length ? "shopClosedNow" : "shopClosedToday");
}

/** "Molenstraat 14, Gent". */
export function addressWords({ address }: Pick<ShopItem, "address">): string {
  return [address.street, [address.postcode, address.city].filter(Boolean).join(" ")].filter(Boolean).join(", ");
}
