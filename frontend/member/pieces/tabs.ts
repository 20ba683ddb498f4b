/** The three tabs. */

import { h } from "../../shared/dom.ts";
import type { App } from "../app.ts";
import { icon } from "./icons.ts";

const TABS = [
  { tab: "card", key: "tabCard" },
  { tab: "shops", key: "tabShops" },
  { tab: "me", key: "tabMe" },
] as const;

export function tabs(app: App): HTMLElement {
  const links = TABS.map(({ tab, key }) => h("a", { href: `#/${tab}`, "data-tab": tab }, icon(tab), h("span", {}, app.t(key))));
  return h("nav", { class: "tabs", "aria-label": app.t("tabsName") }, ...links);
}
