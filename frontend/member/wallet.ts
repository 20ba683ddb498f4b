/** What she holds: balances, rewards, vouchers and what happened, as the service tells them. */

import type { App } from "./app.ts";
import { keepAnswer, keptAnswer } from "./kept.ts";
import type { Account, Merchant, Page } from "./types.ts";

export type RewardKind = "item" | "amount_off" | "percent_off";

/** What a till applies. */
export interface RewardValue {
  readonly item?: string;
  readonly amount?: string;
  readonly currency?: string;
  readonly percent?: number;
}

export interface Reward {
  readonly reward_id: string;
  readonly programme_id: string;
  readonly programme_name: string;
  readonly unit: string;
  readonly merchant: Merchant;
  readonly name: string;
  readonly text: string | null;
  readonly kind: RewardKind;
  readonly value: RewardValue;
  readonly cost: number;
  readonly balance: number;
  readonly missing: number;
  readonly is_ready: boolean;
  /** A full card gives it by itself. */
  readonly is_full_card: boolean;
  /** May be taken several times at once. */
  readonly is_flexible: boolean;
  readonly is_sold_out: boolean;
  readonly is_open: boolean;
  readonly limit_left: number | null;
  readonly needs_tier: string | null;
  readonly expires_at: string | null;
  /** How long its voucher lives. */
  readonly voucher_days: number | null;
  readonly picture?: Picture | null;
  /** Its voucher is a code of the shop's webshop. */
  readonly is_online?: boolean;
}

/** Where a reward's picture is; what is behind an address never changes. */
export interface Picture {
  readonly small: string;
  readonly large: string;
}

/** That a voucher is for one tablet, which takes it without a network. */
export interface Hold {
  readonly hold_id: string;
  readonly device_id: string;
  readonly device_name: string;
  readonly location_id: string;
  readonly url: string;
  /** When its end was asked for; the tablet has yet to agree. */
  readonly release_at: string | null;
}

export interface Voucher {
  readonly voucher_id: string;
  /** Null while this phone may not spend yet. */
  readonly code: string | null;
  readonly status: "issued" | "redeemed" | "expired" | "cancelled";
  readonly reward_id: string;
  readonly name: string;
  readonly kind: RewardKind;
  readonly value: RewardValue;
  readonly cost: number;
  readonly quantity: number;
  readonly source: string;
  readonly programme_id: string;
  readonly merchant: Merchant;
  readonly issued_at: string;
  readonly expires_at: string | null;
  readonly redeemed_at: string | null;
  readonly hold_location_id: string | null;
  readonly hold_until: string | null;
  readonly hold: Hold | null;
  readonly picture?: Picture | null;
  /** For the shop's webshop: no counter takes it. */
  readonly is_online?: boolean;
  /** What to type there, once she has asked to see it. */
  readonly webshop_code?: string | null;
  /** Why the shop gave it by hand, in its own words. */
  readonly reason?: string | null;
}

export interface Why {
  readonly rule: string;
  readonly units: number;
  readonly label: string | null;
  readonly params: Readonly<Record<string, unknown>>;
}

export interface Limit {
  readonly code: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

export interface Entry {
  readonly programme_id: string;
  readonly name: string;
  readonly unit: string;
  readonly units: number;
  readonly why: readonly Why[];
  readonly limited: readonly Limit[];
}

export interface Activity {
  readonly transaction_id: string;
  readonly kind: "earn" | "redeem" | "expire" | "adjust" | "move" | "reverse";
  readonly occurred_at: string;
  readonly recorded_at: string;
  readonly reverses: string | null;
  readonly reason: string | null;
  readonly merchant_id: string | null;
  readonly merchant_name: string | null;
  readonly location_id: string | null;
  readonly location_name: string | null;
  readonly visit_id: string | null;
  readonly amount: string | null;
  readonly currency: string | null;
  readonly is_reversed: boolean;
  readonly voucher_id: string | null;
  readonly reward_name: string | null;
  readonly entries: readonly Entry[];
}

/** Everything that balances are drawn from. */
export interface Wallet {
  readonly accounts: readonly Account[];
  readonly rewards: readonly Reward[];
  readonly vouchers: readonly Voucher[];
}

/** Names under which answers are kept. */
export const KEPT_WALLET = "wallet";
export const KEPT_VOUCHERS = "/me/vouchers";

/** As many as a page of the service has at most. */
const MOST = 100;

/** All pages of a list. `path` is without `limit` and `cursor`. Throws a `Problem`. */
export async function everything<T>(app: App, path: string): Promise<readonly T[]> {
  const items: T[] = [];
  const mark = path.includes("?") ? "&" : "?";
  for (let cursor: string | null = null; ; ) {
    const page: Page<T> = await app.api.get<Page<T>>(`${path}${mark}limit=${MOST}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
    items.push(...page.items);
    if (!page.next) return items;
    cursor = page.next;
  }
}

/** Her vouchers, the newest first: all that can be used, and what became of the latest others. Throws a `Problem`. */
export async function readVouchers(app: App): Promise<Page<Voucher>> {
  const latest = await app.api.get<Page<Voucher>>(`/me/vouchers?limit=${MOST}`);
  if (!latest.next) return latest;
  const known = new Set(latest.items.map((voucher) => voucher.voucher_id));
  const usable = await everything<Voucher>(app, "/me/vouchers?status=issued");
  return { items: [...latest.items, ...usable.filter((voucher) => !known.has(voucher.voucher_id))], next: null };
}

/** Balances, the one of the latest visit first, with rewards and vouchers. Vouchers are kept by themselves too, so that
 * each of them can be shown without a network. Throws a `Problem`. */
export async function readWallet(app: App): Promise<Wallet> {
  const [accounts, rewards, vouchers] = await Promise.all([
    everything<Account>(app, "/me/accounts"),
    app.api.get<Page<Reward>>("/me/rewards"),
    readVouchers(app),
  ]);
  await keepAnswer(KEPT_VOUCHERS, { value: vouchers, at: app.clock.now() }).catch(() => undefined);
  const latest = (account: Account) => account.last_visit_at ?? "";
  return {
    accounts: accounts.toSorted((one, other) => latest(other).localeCompare(latest(one))),
    rewards: rewards.items,
    vouchers: vouchers.items.filter((voucher) => voucher.status === "issued"),
  };
}

/** The drawings of her shops, as they were kept with her balances. */
export async function keptLogos(): Promise<ReadonlyMap<string, string>> {
  const kept = await keptAnswer<Wallet>(KEPT_WALLET).catch(() => undefined);
  const logos = new Map<string, string>();
  for (const { merchant } of kept?.value.accounts ?? []) if (merchant.logo_svg) logos.set(merchant.merchant_id, merchant.logo_svg);
  return logos;
}

/** The nearest reward that she can't pay for yet, and those that she can have now. A full card gives its own by itself. */
export function prospects(account: Account, rewards: readonly Reward[]): { readonly next: Reward | null; readonly ready: readonly Reward[] } {
  const own = rewards.filter((reward) => reward.programme_id === account.programme_id && !reward.is_sold_out);
  const missing = own.filter((reward) => reward.missing > 0 && !reward.needs_tier).toSorted((one, other) => one.missing - other.missing);
  return { next: missing[0] ?? null, ready: own.filter((reward) => reward.is_ready) };
}

/** Whether a moment is at most so many hours before another (milliseconds). */
export function isWithin(at: string | null, hours: number, now: number): boolean {
  return at !== null && now - Date.parse(at) < hours * 3_600_000;
}
