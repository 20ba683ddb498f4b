/** How safe her card is, in one picture and one sentence: a small stamp card with a slot for each way back to it. */

import { h } from "../../shared/dom.ts";
import { shape } from "../../shared/seals.ts";
import type { App } from "../app.ts";
import type { Me } from "../types.ts";
import { icon, type IconName } from "./icons.ts";
import { linkButton } from "./parts.ts";

/** Whether the recovery code that holds now was taken down from this phone. */
export function hasPaper(app: App): boolean {
  return app.kept.paper !== undefined && app.kept.paper === app.kept.recovery_code;
}

export function isSafe(me: Me): boolean {
  return me.is_secured ?? me.email !== null;
}

export function safeCard(app: App, me: Me): HTMLElement {
  const isSecured = isSafe(me);
  const ways: readonly [IconName, boolean][] = [
    ["mail", me.email !== null],
    ["key", me.has_passkey ?? false],
    ["paper", hasPaper(app)],
  ];
  const slots = ways.map(([name, isThere]) => h("li", { class: isThere ? "on" : null }, isThere ? h("span", { class: "stamp perf" }, h("i", {}, icon(name))) : icon(name)));
  return h(
    "section",
    { class: `safe lifted ${isSecured ? "leaf" : "amber"}` },
    h(
      "div",
      { class: "safe-card perf" },
      h("div", { class: "safe-picture", "aria-hidden": "true" }, h("ol", {}, ...slots), isSecured ? shape("seal", { class: "safe-seal" }) : null, isSecured ? icon("check") : null),
      h("p", {}, sentence(app, me)),
      linkButton(app.t(isSecured ? "meSafeMore" : "meSafeGo"), "me/secure"),
    ),
  );
}

function sentence(app: App, me: Me): string {
  if (me.email !== null && me.has_passkey) return app.t("meSafeBoth", { email: me.email });
  if (me.email !== null) return app.t("meSafeMail", { email: me.email });
  if (me.has_passkey) return app.t("meSafeKey");
  return app.t(hasPaper(app) ? "meSafePaper" : "meSafeNot");
}
