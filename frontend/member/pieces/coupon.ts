/** Vouchers and rewards as slips that can be torn off. */

import { h } from "../../shared/dom.ts";
import { emblem } from "../../shared/seals.ts";
import type { App } from "../app.ts";
import { capital, meaning, unitsOf, worth } from "../phrases.ts";
import type { Reward, Voucher } from "../wallet.ts";
import { icon } from "./icons.ts";

/** The shop's drawing on a small stamp. */
export function smallStamp(name: string, logo: string | null | undefined): HTMLElement {
  return h("span", { class: "shop-stamp", "aria-hidden": "true" }, h("span", { class: "stamp perf" }, h("i", {}, emblem(logo, name))));
}

/** A voucher that waits: what, from whom, until when. */
export function coupon(app: App, voucher: Voucher, { showsShop = true }: { showsShop?: boolean } = {}): HTMLElement {
  const until = voucher.expires_at ? app.t("voucherUntil", { date: app.words.day(lastDay(voucher.expires_at), app.clock.now()) }) : null;
  const isHeld = voucher.hold !== null;
  return h(
    "li",
    { class: "coupon-place hue", "--hue": voucher.merchant.hue ?? null },
    h(
      "a",
      { class: "coupon perf", href: `#/vouchers/${voucher.voucher_id}` },
      h(
        "span",
        { class: "coupon-words" },
        h("b", {}, quantified(app, voucher)),
        showsShop ? h("span", {}, voucher.merchant.name) : null,
        voucher.is_online ? h("small", {}, app.t("voucherOnlineShort")) : isHeld ? h("small", {}, app.t("voucherHeldShort")) : until ? h("small", {}, until) : h("small", {}, meaning(app, voucher)),
      ),
      h("span", { class: "coupon-act" }, app.t("voucherShow")),
    ),
  );
}

/** "2 × Coffee". */
export function quantified(app: App, voucher: Pick<Voucher, "name" | "quantity">): string {
  return voucher.quantity > 1 ? app.t("voucherTimes", { n: voucher.quantity, name: voucher.name }) : voucher.name;
}

/** The last moment that still counts: what is over at midnight was good for the day before. */
export function lastDay(expires: string): number {
  return Date.parse(expires) - 1;
}

interface RewardOptions {
  readonly logo?: string | null;
  readonly showsShop?: boolean;
  readonly take: ((reward: Reward) => void) | null;
}

/** A reward: what it costs, how near it is, and how to take it. */
export function rewardRow(app: App, reward: Reward, options: RewardOptions): HTMLElement {
  const value = worth(app, reward.kind, reward.value);
  const share = Math.min(1, reward.balance / Math.max(1, reward.cost));
  const bar = h("i", {});
  bar.style.width = `${100 * share}%`;
  return h(
    "li",
    { class: "reward hue", "--hue": reward.merchant.hue ?? null },
    reward.picture
      ? h("span", { class: "reward-mark pictured", "aria-hidden": "true" }, h("img", { src: reward.picture.small, alt: "", width: 56, height: 56, loading: "lazy" }))
      : options.showsShop === false
      ? h("span", { class: "reward-mark", "aria-hidden": "true" }, value ? h("b", { class: value.length > 4 ? "long n" : "n" }, value) : icon("gift"))
      : smallStamp(reward.merchant.name, options.logo),
    h(
      "div",
      { class: "reward-words" },
      h("b", {}, reward.name),
      options.showsShop === false ? null : h("span", {}, reward.merchant.name),
      reward.text ? h("small", {}, reward.text) : null,
      h("small", { class: "n" }, standingOf(app, reward)),
      reward.is_ready ? null : h("span", { class: "reward-bar", "aria-hidden": "true" }, bar),
      reward.is_ready && options.take ? h("button", { type: "button", class: "b go", onclick: () => options.take?.(reward), "aria-label": app.t("rewardTakeName", { name: reward.name }) }, app.t("rewardTake")) : null,
    ),
  );
}

/** What it costs, or what stands in its way. */
function standingOf(app: App, reward: Reward): string {
  const cost = unitsOf(app, reward.unit, reward.cost);
  if (reward.is_sold_out) return app.t("rewardSoldOut");
  if (reward.needs_tier) return app.t("rewardTier", { tier: capital(reward.needs_tier) });
  if (reward.limit_left === 0) return app.t("rewardHad");
  if (!reward.is_open) return app.t("rewardClosed");
  if (reward.missing > 0) return reward.is_full_card ? app.t("rewardFull", { what: unitsOf(app, reward.unit, reward.missing) }) : app.t("rewardMissing", { what: unitsOf(app, reward.unit, reward.missing), cost });
  return app.t("rewardCost", { cost });
}
