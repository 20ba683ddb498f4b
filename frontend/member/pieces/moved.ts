/** What came along when two members became one, or a card was claimed. */

import { h } from "../../shared/dom.ts";
import type { App } from "../app.ts";
import { isAnything } from "../arriving.ts";
import type { Moved } from "../types.ts";

export function movedList(app: App, moved: Moved | null): HTMLElement {
  if (!isAnything(moved)) return h("p", {}, app.t("movedNothing"));
  const lines = moved.accounts
    .filter((account) => account.units !== 0)
    .map((account) => {
      const what = app.t(account.unit.startsWith("stamp") ? "stamps" : "points", { n: account.units });
      return h("li", {}, h("b", {}, account.merchant_name), h("span", { class: "n" }, what));
    });
  if (moved.vouchers > 0) lines.push(h("li", {}, h("b", {}, app.t("movedVouchers", { n: moved.vouchers }))));
  if (moved.cards > 0) lines.push(h("li", {}, h("b", {}, app.t("movedCards", { n: moved.cards }))));
  return h("section", {}, h("h2", {}, app.t("movedTitle")), h("ul", { class: "told-list" }, ...lines));
}
