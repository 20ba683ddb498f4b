/** What the API said about a card, in words and pictures of this screen's language. */

import type { Account, Balance, Earned, Reward, Scan, Voucher } from "../../shared/api.ts";
import { h } from "../../shared/dom.ts";
import { formatAmount } from "../../shared/money.ts";
import type { Counter } from "../counter.ts";
import type { TextKey } from "../texts/index.ts";
import { MOST_SLOTS, roll, stampCard } from "../../shared/stampcard.ts";

/** Heading and second line for whoever holds the card. */
export function whoIs(counter: Counter, scan: Scan): { greeting: string; name: string | null; more: string } {
  const { member, card } = scan;
  const t = counter.t.bind(counter);
  const name = member.display_name?.trim() || null;
  const tier = scan.accounts.map((account) => tierName(account)).find(Boolean);
  const greeting = GREETINGS[member.greeting ?? ""];
  const known = name ? "" : t("anonymous", { number: card.number_masked.slice(-4) });
  return {
    greeting: name ? t("hello", { name }) : t(member.is_new ? "welcome" : "guest"),
    name,
    more: [greeting ? t(greeting) : null, tier, member.is_new && !greeting ? t("newCard") : null].find(Boolean) ?? known,
  };
}

const GREETINGS: Readonly<Record<string, TextKey>> = {
  first_visit: "greetFirst",
  birthday: "greetBirthday",
  welcome_back: "greetBack",
};

function tierName(account: Account): string | null {
  return typeof account.tier === "string" ? account.tier : (account.tier?.name ?? null);
}

/** The scan with the balances that a booking left behind. */
export function withBalances(scan: Scan, balances: readonly Balance[]): Scan {
  const accounts = scan.accounts.map((account) => {
    const now = balances.find((balance) => balance.programme_id === account.programme_id);
    if (!now) return account;
    const gained = now.balance - account.balance;
    const goal = account.kind === "stamps" && account.goal ? account.goal - now.balance : null;
    const next = goal ?? (account.to_next_reward === null ? null : Math.max(0, account.to_next_reward - gained));
    return { ...account, balance: now.balance, owed: now.owed ?? account.owed, to_next_reward: next };
  });
  return { ...scan, accounts };
}

/** What was earned, per programme, as one phrase: “2 stamps + 12 points”. */
export function earnedWords(counter: Counter, scan: Scan, earned: readonly Earned[]): string {
  const sums = new Map<string, number>();
  for (const { programme_id, units } of earned) sums.set(programme_id, (sums.get(programme_id) ?? 0) + units);
  return [...sums]
    .filter(([, units]) => units > 0)
    .map(([id, units]) => counter.unitsOf(scan.accounts.find((account) => account.programme_id === id), units))
    .join(" + ");
}

/** How many units one programme earned. */
export function earnedIn(account: Account, earned: readonly Earned[]): number {
  return earned.reduce((sum, one) => (one.programme_id === account.programme_id ? sum + one.units : sum), 0);
}

const LIMITS: Readonly<Record<string, TextKey>> = {
  cap: "limitCap",
  minimum: "limitMinimum",
  no_amount: "limitNoAmount",
  zero_amount: "limitNoAmount",
  excluded: "limitExcluded",
  excluded_amount: "limitExcluded",
  no_items: "limitExcluded",
  carried: "limitCarried",
  too_little: "limitCarried",
  not_collecting: "limitClosed",
};

/** Why it is this much, in at most two lines: the promotions that added something, and what held it back. */
export function reasons(counter: Counter, scan: Scan, earned: readonly Earned[]): string[] {
  // Beside a programme that earned, it does not matter what another one does not count.
  const telling = earned.some((one) => one.units > 0) ? earned.filter((one) => one.units > 0) : earned;
  const lines = telling.flatMap((one) => {
    const rules = [one.reason, ...(one.parts ?? []).map((part) => part.rule)];
    const names = rules
      .filter((rule) => rule?.startsWith("promotion:"))
      .map((rule) => scan.promotions.find((promotion) => `promotion:${promotion.promotion_id}` === rule)?.name);
    const codes = [...(one.units > 0 ? [] : [one.reason]), ...(one.limited ?? []).map((limit) => limit.code)];
    const limits = codes.map((code) => LIMITS[code?.split(":")[0] ?? ""]).map((key) => key && counter.t(key));
    // A sentence from the server stands for itself.
    return [/\s/.test(one.reason) ? one.reason : null, ...names, ...limits];
  });
  return [...new Set(lines.filter((line) => typeof line === "string" && line !== ""))].slice(0, 2) as string[];
}

/** The reward that a balance is on its way to. */
export function nextReward(scan: Scan, account: Account): Reward | undefined {
  return scan.rewards
    .filter((reward) => (!reward.programme_id || reward.programme_id === account.programme_id) && reward.cost > account.balance)
    .sort((one, other) => one.cost - other.cost)[0];
}

/** What a reward is worth in a few characters (“€ 5”, “10 %”), or null for an item. */
export function worth(counter: Counter, reward: Pick<Reward, "kind" | "value">): string | null {
  const raw = reward.value;
  const field = (name: string) => (typeof raw === "object" && raw !== null ? raw[name] : raw);
  const number = (value: unknown) => (typeof value === "number" || (typeof value === "string" && value !== "") ? Number(value) : Number.NaN);
  if (reward.kind === "amount_off") {
    const amount = number(field("amount"));
    return Number.isFinite(amount) ? formatAmount(String(field("amount")), counter.currency, counter.locale) : null;
  }
  if (reward.kind === "percent_off") {
    const percent = number(field("percent"));
    return Number.isFinite(percent)
      ? new Intl.NumberFormat(counter.locale, { style: "percent", maximumFractionDigits: 1 }).format(percent / 100)
      : null;
  }
  return null;
}

/** A balance as a stamp card or a roll. `account.balance` is without `plus`, unless it is booked. */
export function picture(counter: Counter, scan: Scan, account: Account, options: { plus: number; booked: boolean }): HTMLElement {
  const { plus, booked } = options;
  if (account.kind === "stamps" && account.goal && account.goal <= MOST_SLOTS) {
    const balance = Math.min(account.balance, account.goal);
    return stampCard(counter.shop, {
      balance,
      goal: account.goal,
      fresh: booked ? Math.min(plus, balance) : 0,
      planned: booked ? 0 : plus,
      label: counter.t("stampCard", { n: account.balance, goal: account.goal }),
    });
  }
  const before = booked ? Math.max(0, account.balance - plus) : account.balance;
  const reward = nextReward(scan, { ...account, balance: before });
  const target = reward?.cost ?? account.goal ?? (account.to_next_reward === null ? 0 : account.balance + account.to_next_reward);
  if (!target) return h("p", { class: "vh" }, counter.unitsOf(account, account.balance));
  return roll({
    balance: before,
    plus,
    target,
    goalLabel: reward ? worth(counter, reward) : null,
    label: `${counter.unitsOf(account, account.balance)} / ${target}`,
  });
}

/** A balance in big figures. */
export function bigBalance(counter: Counter, account: Account): HTMLElement {
  const digits = new Intl.NumberFormat(counter.locale).format(account.balance);
  const unit =
    account.kind === "stamps" && account.goal
      ? counter.t("ofGoal", { goal: account.goal })
      : counter.unitsOf(account, account.balance).replace(/^[\d.,\s\u00a0\u202f]+/, "");
  return h("p", { class: digits.length > 4 ? "d n long" : "d n" }, digits, " ", h("small", {}, unit));
}

/** What `needs` names, in one form: lower case, dashes as underscores. */
export function needsOf(thing: Pick<Reward, "needs"> | Pick<Voucher, "needs">): readonly string[] {
  const needs = thing.needs ?? [];
  return (typeof needs === "string" ? [needs] : needs).map((need) => need.toLowerCase().replaceAll("-", "_"));
}

/** The account that a reward is paid from. */
export function accountFor(scan: Scan, reward: Reward): Account | undefined {
  return scan.accounts.find((account) => account.programme_id === reward.programme_id) ?? scan.accounts[0];
}

/** Whether a reward can be chosen now. What redeeming it takes beside the balance (`needs`) is asked afterwards. After a
 * booking the balance decides as well, since the scan was before it. */
export function canRedeem(scan: Scan, reward: Reward): boolean {
  return reward.redeemable && reward.cost <= (accountFor(scan, reward)?.balance ?? 0);
}

/** Whether a voucher can be chosen now: by its code, or after the proof that it takes. */
export function canTake(voucher: Voucher): boolean {
  return voucher.redeemable !== false && (voucher.voucher_code !== null || needsOf(voucher).length > 0);
}
