/** A balance as a picture: a stamp card with its stamps stuck into slots, or a roll that fills up to the next reward. */

import { h } from "../../shared/dom.ts";
import { shape, strike } from "../../shared/seals.ts";
import { MOST_SLOTS, type ShopLook, stamp } from "../../shared/stampcard.ts";
import type { App } from "../app.ts";
import { signed, unitsOf, worth } from "../phrases.ts";
import type { Account } from "../types.ts";
import type { Reward } from "../wallet.ts";
import { icon } from "./icons.ts";

/** More slots than this in one row of the wallet get a second one. */
const ROW = 12;

export function lookOf(account: Account): ShopLook {
  return { name: account.merchant.name, logo: account.merchant.logo_svg ?? null };
}

/** Whether it is drawn as a card with slots. */
export function isCard(account: Account): boolean {
  return account.kind === "stamps" && account.goal !== null && account.goal <= MOST_SLOTS;
}

/** "8 of 10 stamps", "412 points". */
export function balanceWords(app: App, account: Account): string {
  const { balance, goal, unit } = account;
  if (account.kind === "stamps" && goal !== null) return app.t("walletOf", { n: balance, goal: unitsOf(app, unit, goal) });
  return unitsOf(app, unit, balance);
}

/** "2 more stamps for a loaf"; null where nothing is to be had. */
export function nextWords(app: App, account: Account, next: Reward | null): string | null {
  if (next) return app.t("walletNext", { what: unitsOf(app, account.unit, next.missing), name: next.name });
  if (account.to_next_reward !== null) return app.t("walletNextAny", { what: unitsOf(app, account.unit, account.to_next_reward) });
  return null;
}

interface PictureOptions {
  /** Units of the latest booking: the newest stamps, the last of which gets the red seal. */
  readonly fresh?: number;
  readonly next?: Reward | null;
  /** In the wallet, where many stand below each other. */
  readonly small?: boolean;
}

/** The picture alone; words beside it say the same. */
export function balancePicture(app: App, account: Account, options: PictureOptions = {}): HTMLElement {
  return isCard(account) ? slots(app, account, options) : filling(app, account, options);
}

function slots(app: App, account: Account, { fresh = 0, small = false }: PictureOptions): HTMLElement {
  const goal = account.goal ?? 1;
  const stuck = Math.min(account.balance, goal);
  const rows = goal > ROW ? Math.ceil(goal / 10) : 1;
  const columns = small ? Math.ceil(goal / rows) : goal <= 4 ? goal : goal <= 20 ? 5 : 6;
  // One stamp is drawn and then copied: a wallet has thousands.
  const first = stamp(lookOf(account));
  const items = Array.from({ length: goal }, (_, index) => {
    const number = index + 1;
    if (number <= stuck) {
      const isNewest = fresh > 0 && number === stuck;
      return h("li", { class: number > stuck - fresh ? "on new" : "on" }, first.cloneNode(true), isNewest ? strike(small ? "✓" : signed(app, fresh)) : null);
    }
    const isLast = number === goal;
    return h("li", { class: isLast ? "last" : null }, isLast ? shape("seal") : null, small ? null : h("b", { class: "n" }, number));
  });
  return h("ol", { class: small ? "stamps small" : "stamps", "aria-hidden": "true", "--columns": columns }, ...items);
}

function filling(app: App, account: Account, { fresh = 0, next = null, small = false }: PictureOptions): HTMLElement {
  const missing = next?.missing ?? account.to_next_reward;
  const target = missing === null ? Math.max(account.balance, 1) : account.balance + missing;
  const share = (units: number) => `${Math.max(0, Math.min(100, (100 * units) / target))}%`;
  const fill = h("i", {});
  fill.style.width = share(account.balance);
  const plus = fresh > 0 ? h("i", { class: "plus" }) : null;
  if (plus) {
    plus.style.left = share(account.balance - fresh);
    plus.style.width = share(fresh);
  }
  const label = next ? worth(app, next.kind, next.value) : null;
  return h(
    "div",
    { class: small ? "fill small" : "fill", "aria-hidden": "true" },
    h("div", { class: "fill-bar" }, fill, plus),
    missing === null ? null : h("span", { class: "prize" }, shape("seal"), label ? h("b", { class: label.length > 4 ? "long n" : "n" }, label) : icon("gift")),
  );
}
