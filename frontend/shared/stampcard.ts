/** Balances as pictures: a stamp card with the stamps stuck into outlined slots, or a roll that fills up. */

import { h } from "./dom.ts";
import { emblem, shape, strike } from "./seals.ts";

export interface ShopLook {
  readonly name: string;
  readonly logo: string | null;
}

/** More slots than this can't be seen from two metres; a roll is drawn instead. */
export const MOST_SLOTS = 30;

/** How slots are laid out: columns and rows on a tablet, and on a narrow screen. */
export function layOut(goal: number): { columns: number; rows: number; narrowColumns: number; narrowRows: number } {
  const rows = goal <= 6 ? 1 : goal <= 14 ? 2 : 3;
  const columns = Math.ceil(goal / rows);
  const narrowColumns = Math.min(goal, goal <= 4 ? goal : 5);
  return { columns, rows: Math.ceil(goal / columns), narrowColumns, narrowRows: Math.ceil(goal / narrowColumns) };
}

export function stamp(shop: ShopLook, label?: string | number): HTMLElement {
  return h("span", { class: "stamp perf" }, h("i", {}, emblem(shop.logo, shop.name), label === undefined ? null : h("b", {}, label)));
}

/** A stamp as large as the screen allows, with what it stands for written under the shop's drawing. */
export function bigStamp(shop: ShopLook, words: string): HTMLElement {
  return h("div", { class: "stamp perf big" }, h("i", {}, h("b", {}, shop.name), emblem(shop.logo, shop.name), h("em", {}, words)));
}

interface CardOptions {
  readonly balance: number;
  readonly goal: number;
  /** How many of the stamps are new; the last of them gets the red seal. */
  readonly fresh?: number;
  /** Stamps that this purchase would add, drawn as ghosts. */
  readonly planned?: number;
  readonly label: string;
  readonly small?: boolean;
}

/** A stamp card. `balance` stamps are stuck, `planned` more are shown as they would be. */
export function stampCard(shop: ShopLook, options: CardOptions): HTMLElement {
  const { balance, goal, fresh = 0, planned = 0 } = options;
  const layout = layOut(goal);
  const slots = Array.from({ length: goal }, (_, index) => {
    const number = index + 1;
    const isLast = number === goal;
    if (number <= balance) {
      const isStruck = fresh > 0 && number === Math.min(balance, goal);
      return h("li", { class: number > balance - fresh ? "on new" : "on" }, stamp(shop, options.small ? undefined : number), isStruck ? strike(`+${fresh}`) : null);
    }
    const ghost = number <= balance + planned;
    return h(
      "li",
      { class: [isLast ? "last" : "", ghost ? "ghost" : ""].join(" ").trim() || null },
      isLast ? shape("seal") : null,
      h("b", {}, number),
    );
  });
  return h(
    "div",
    {
      class: options.small ? "card small" : "card",
      "--cols": options.small ? goal : layout.columns,
      "--rows": options.small ? 1 : layout.rows,
      "--narrow-cols": layout.narrowColumns,
      "--narrow-rows": layout.narrowRows,
    },
    h(
      "div",
      { class: "lifted", role: "img", "aria-label": options.label },
      h("div", { class: "sheet perf" }, h("ol", { class: "slots", "aria-hidden": "true" }, ...slots)),
    ),
  );
}

interface RollOptions {
  readonly balance: number;
  /** What was or would be added, hatched at the end. */
  readonly plus: number;
  readonly target: number;
  /** Short words in the seal at the end: what the reward is worth. */
  readonly goalLabel: string | null;
  readonly label: string;
}

/** A roll that fills up to the next reward. `balance` is without `plus`. */
export function roll(options: RollOptions): HTMLElement {
  const share = (units: number) => `${Math.max(0, Math.min(100, (100 * units) / Math.max(1, options.target)))}%`;
  const before = h("i", {});
  before.style.width = share(options.balance);
  const added = h("i", { class: "plus" });
  added.style.left = share(options.balance);
  added.style.width = share(Math.min(options.plus, Math.max(0, options.target - options.balance)));
  const goal = shape("seal", { class: "goal" });
  // Too little to write on: the figure stands beside it.
  const isShort = options.balance + options.plus < options.target * 0.2;
  const figure = h("b", { class: isShort ? "outside n" : "n" }, options.balance);
  if (isShort) figure.style.left = `calc(${share(options.balance + options.plus)} + 12px)`;
  return h(
    "div",
    { class: "lifted", role: "img", "aria-label": options.label },
    h(
      "div",
      { class: "roll perf", "aria-hidden": "true" },
      h("div", { class: "bar" }, before, added, figure),
      h("span", { class: "prize" }, goal, h("b", { class: (options.goalLabel ?? "").length > 4 ? "long" : null }, options.goalLabel ?? options.target)),
    ),
  );
}
