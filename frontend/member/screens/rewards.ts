/** What she can have: vouchers that wait, rewards that she can pay for, what is there around her, and what is near. */

import "../styles/wallet.css";
import "../styles/me.css";
import { h } from "../../shared/dom.ts";
import type { App } from "../app.ts";
import { locate, near, spot } from "../here.ts";
import { coupon, rewardRow, smallStamp } from "../pieces/coupon.ts";
import { living, nothing, skeleton } from "../pieces/living.ts";
import { bar, button, linkButton, tap } from "../pieces/parts.ts";
import { takeReward } from "../pieces/take.ts";
import { toggle } from "../pieces/toggle.ts";
import { unitsOf } from "../phrases.ts";
import type { Screen } from "../registry.ts";
import type { ShopItem } from "../shopping.ts";
import type { Page } from "../types.ts";
import { KEPT_WALLET, readWallet, type Reward, type RewardKind, type RewardValue, type Wallet } from "../wallet.ts";

/** So many that are not reached yet are shown before one asks for more. */
const SOME = 8;

interface Recommendation {
  readonly location: ShopItem;
  readonly reward: {
    readonly reward_id: string;
    readonly programme_id: string;
    readonly unit: string;
    readonly name: string;
    readonly kind: RewardKind;
    readonly value: RewardValue;
    readonly cost: number;
  } | null;
  readonly reason: "ready" | "nearly" | "again" | "goes_with" | "similar" | "popular_near" | "new_near";
  readonly missing: number;
  readonly voucher_id: string | null;
  /** The shop or product of her own that is the reason. */
  readonly because: string | null;
  readonly product: string | null;
  /** 0 is Monday. */
  readonly weekday: number | null;
  /** Why this reward and none of the shop's others; `reward` is the one of hers behind it. */
  readonly fit: { readonly kind: "had" | "near"; readonly reward: string | null } | null;
}

interface Recommendations extends Page<Recommendation> {
  readonly is_personal: boolean;
}

export function rewardsScreen(app: App): Screen {
  let showsAll = false;
  let logos: ReadonlyMap<string, string> = new Map();

  const held = living<Wallet>(app, {
    path: KEPT_WALLET,
    load: () => readWallet(app),
    draw: drawHeld,
    isEmpty: (value) => value.rewards.length === 0 && value.vouchers.length === 0,
    empty: () => nothing(app.t("rewardsEmpty"), app.t("rewardsEmptyLead"), linkButton(app.t("walletEmptyGo"), "shops", { icon: "shops", kind: "ink" })),
  });

  function drawHeld(value: Wallet): HTMLElement {
    logos = new Map(value.accounts.flatMap(({ merchant }) => (merchant.logo_svg ? [[merchant.merchant_id, merchant.logo_svg] as const] : [])));
    const ready = value.rewards.filter((reward) => reward.is_ready);
    const rest = value.rewards.filter((reward) => !reward.is_ready);
    const shown = showsAll ? rest : rest.slice(0, SOME);
    const row = (reward: Reward) => rewardRow(app, reward, { logo: logos.get(reward.merchant.merchant_id) ?? null, take: (one) => void takeReward(app, one) });
    return h(
      "div",
      { class: "stack" },
      ...(value.vouchers.length ? [h("h2", {}, app.t("rewardsVouchers")), h("ul", { class: "coupons" }, ...value.vouchers.map((voucher) => coupon(app, voucher)))] : []),
      h("h2", {}, app.t("rewardsReady")),
      ready.length ? h("ul", { class: "rewards" }, ...ready.map(row)) : h("p", { class: "soft" }, app.t("rewardsNone")),
      ...(rest.length ? [h("h2", {}, app.t("rewardsNearly")), h("ul", { class: "rewards" }, ...shown.map(row))] : []),
      shown.length < rest.length
        ? button(app.t("rewardsAll", { n: rest.length }), () => {
            showsAll = true;
            const now = held.value();
            if (now) held.element.replaceChildren(drawHeld(now));
          })
        : null,
    );
  }

  const around = living<Recommendations>(app, {
    path: () => {
      const place = spot();
      return place ? `/me/recommendations?near=${near(place)}` : "/me/recommendations";
    },
    keep: "/me/recommendations",
    skeleton: () => skeleton(2),
    draw: (page) =>
      h(
        "div",
        { class: "stack" },
        page.items.length ? h("ul", { class: "suggestions" }, ...page.items.map(suggestion)) : h("p", { class: "soft" }, app.t("rewardsNothingNear")),
        toggle(app, app.t("nearPersonal"), { isOn: page.is_personal, more: app.t("nearPersonalMore") }, choose),
      ),
  });

  /** Whether suggestions may follow from what she does; the list is told anew at once. */
  async function choose(isOn: boolean): Promise<void> {
    await app.api.put("/me/recommendations", { is_personal: isOn });
    await around.refresh();
  }

  function whyOf({ reward, reason, missing, voucher_id, because, product, weekday }: Recommendation): string {
    if (reason === "ready") return app.t(voucher_id ? "nearVoucher" : "nearReady", { name: reward?.name ?? "" });
    if (reason === "nearly" && reward) return app.t("nearNearly", { what: unitsOf(app, reward.unit, missing), name: reward.name });
    if (reason === "again" && weekday !== null) return app.t("nearAgain", { day: dayName(weekday) });
    if (reason === "goes_with" && product !== null && because !== null) return app.t("nearGoesWith", { product, name: because });
    if (reason === "similar" && because !== null) return app.t("nearSimilar", { name: because });
    return app.t(reason === "new_near" ? "nearNew" : "nearPopular");
  }

  /** A day of the week by its number; 5 January 1970 was a Monday. */
  function dayName(weekday: number): string {
    return new Intl.DateTimeFormat(app.words.locale, { weekday: "long", timeZone: "UTC" }).format(Date.UTC(1970, 0, 5 + weekday));
  }

  function suggestion(one: Recommendation): HTMLElement {
    const { location, reason, voucher_id, fit } = one;
    const why = whyOf(one);
    const fits = !fit ? null : fit.reward === null ? app.t("nearHad") : app.t("nearLiked", { name: fit.reward });
    // Without her place the service measures from where she was last, which she can't know.
    const facts = [location.distance_m === null || !spot() ? null : app.words.distance(location.distance_m), location.address.city].filter(Boolean).join(" · ");
    return h(
      "li",
      { class: "hue", "--hue": location.merchant.hue },
      h(
        "a",
        { class: "suggestion", href: voucher_id ? `#/vouchers/${voucher_id}` : `#/shops/${location.location_id}` },
        smallStamp(location.merchant.name, logos.get(location.merchant.merchant_id)),
        h("span", {}, h("b", {}, location.name), h("span", { class: reason === "ready" ? "is-ready" : null }, why), fits ? h("small", {}, fits) : null, facts ? h("small", { class: "n" }, facts) : null),
      ),
    );
  }

  const ask = h("div", { class: "near-ask" });
  function drawAsk(): void {
    ask.replaceChildren(...(spot() ? [] : [button(app.t("shopsHere"), () => void here(), { icon: "here" })]));
  }
  async function here(): Promise<void> {
    if (!(await locate())) return app.notice(app.t("shopsHereNot"), "amber");
    drawAsk();
    await around.refresh();
  }

  return {
    element: h(
      "section",
      { class: "page" },
      bar(app, app.t("rewardsTitle"), "card", tap("paper", app.t("vouchersTitle"), "vouchers")),
      held.element,
      h("section", { class: "stack", "aria-labelledby": "rewards-near" }, h("h2", { id: "rewards-near" }, app.t("rewardsNear")), ask, around.element),
    ),
    title: app.t("rewardsTitle"),
    onShow() {
      drawAsk();
      held.show();
      around.show();
    },
    onHide() {
      held.hide();
      around.hide();
    },
  };
}
