/** Her vouchers: those that wait, and what became of the others. */

import "../styles/wallet.css";
import { h } from "../../shared/dom.ts";
import type { App } from "../app.ts";
import { coupon, quantified } from "../pieces/coupon.ts";
import { living, nothing } from "../pieces/living.ts";
import { bar, linkButton, rows } from "../pieces/parts.ts";
import type { Screen } from "../registry.ts";
import type { Page } from "../types.ts";
import { KEPT_VOUCHERS, readVouchers, type Voucher } from "../wallet.ts";
import { fateOf } from "./voucher.ts";

export function vouchersScreen(app: App): Screen {
  const list = living<Page<Voucher>>(app, {
    path: KEPT_VOUCHERS,
    load: () => readVouchers(app),
    draw(page) {
      const usable = page.items.filter((voucher) => voucher.status === "issued");
      const over = page.items.filter((voucher) => voucher.status !== "issued");
      return h(
        "div",
        { class: "stack" },
        usable.length ? h("ul", { class: "coupons", "aria-label": app.t("vouchersReady") }, ...usable.map((voucher) => coupon(app, voucher))) : h("p", {}, app.t("vouchersNone")),
        ...(over.length
          ? [h("h2", {}, app.t("vouchersOver")), rows(over.map((voucher) => ({ path: `vouchers/${voucher.voucher_id}`, words: quantified(app, voucher), more: `${voucher.merchant.name} · ${fateOf(app, voucher)}` })))]
          : []),
      );
    },
    isEmpty: (page) => page.items.length === 0,
    empty: () => nothing(app.t("vouchersNone"), app.t("vouchersEmptyLead"), linkButton(app.t("rewardsTitle"), "rewards", { icon: "gift", kind: "ink" })),
  });
  return {
    element: h("section", { class: "page" }, bar(app, app.t("vouchersTitle"), "rewards"), list.element),
    title: app.t("vouchersTitle"),
    onShow: list.show,
    onHide: list.hide,
  };
}
