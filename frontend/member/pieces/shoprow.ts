/** A shop in a list: its stamp, whether it is open, what she has there, how far it is. */

import { h } from "../../shared/dom.ts";
import { emblem } from "../../shared/seals.ts";
import type { App } from "../app.ts";
import { tradeOf } from "../phrases.ts";
import { openWords, type ShopItem } from "../shopping.ts";
import type { Account } from "../types.ts";
import { balanceWords, isCard } from "./balance.ts";
import { icon } from "./icons.ts";

export interface ShopSeen {
  readonly shop: ShopItem;
  /** What she has with its merchant, as it was kept. */
  readonly accounts: readonly Account[];
  /** Of this day, where she is. */
  readonly minute: number;
}

/** A shop's logo on a stamp; the first letter of its name where the picture can't be had. */
export function logoStamp(merchant: ShopItem["merchant"]): HTMLElement {
  const panel = h("i", {});
  if (merchant.logo_url) {
    const image = h("img", { src: merchant.logo_url, alt: "", class: "logo", loading: "lazy", decoding: "async" });
    image.addEventListener("error", () => image.replaceWith(emblem(null, merchant.name)));
    panel.append(image);
  } else panel.append(emblem(null, merchant.name));
  return h("span", { class: "shop-stamp", "aria-hidden": "true" }, h("span", { class: "stamp perf" }, panel));
}

export function shopRow(app: App, { shop, accounts, minute }: ShopSeen): HTMLElement {
  const open = openWords(app, shop, minute);
  const [account] = accounts;
  const place = [shop.address.street, shop.address.city].filter(Boolean).join(", ");
  return h(
    "li",
    { class: "hue", "--hue": shop.merchant.hue },
    h(
      "a",
      { class: "shop-row", href: `#/shops/${shop.location_id}` },
      logoStamp(shop.merchant),
      h(
        "span",
        { class: "shop-words" },
        h("b", {}, shop.name),
        h("small", {}, [open ?? tradeOf(app, shop.category), place].filter(Boolean).join(" · ")),
        shop.reward_ready
          ? h("span", { class: "is-ready" }, icon("gift"), app.t("shopsReadyHere"))
          : account
            ? h("small", { class: "shop-has" }, isCard(account) ? bits(account) : null, h("span", {}, accounts.length > 1 ? app.t("shopsEarnsHere") : balanceWords(app, account)))
            : shop.earns_here
              ? h("small", {}, app.t("shopsEarnsHere"))
              : null,
      ),
      shop.distance_m === null ? null : h("span", { class: "shop-far n" }, app.words.distance(shop.distance_m)),
    ),
  );
}

/** Her stamps as small squares. */
function bits(account: Account): HTMLElement {
  const goal = account.goal ?? 0;
  return h("span", { class: "bits", "aria-hidden": "true" }, ...Array.from({ length: Math.min(goal, 12) }, (_, index) => h("i", { class: index < Math.round((account.balance * Math.min(goal, 12)) / Math.max(1, goal)) ? "y" : null })));
}
