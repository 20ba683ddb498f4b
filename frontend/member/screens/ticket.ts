/** The page behind a ticket that somebody passes on: taken over by one tap, and never without it. */

import { h } from "../../shared/dom.ts";
import { Problem } from "../../shared/problem.ts";
import type { App } from "../app.ts";
import { deed } from "../pieces/deed.ts";
import { button, linkButton, note } from "../pieces/parts.ts";
import type { Params, Screen } from "../registry.ts";
import "../styles/begin.css";

export function ticketScreen(app: App, params: Params): Screen {
  const title = app.t("ticketTitle");
  const form = deed(app, [button(app.t("ticketTake"), null, { submit: true, kind: "go", icon: "gift" })], async () => {
    await app.holder.ensure();
    try {
      await app.api.post("/me/tickets", { code: params["code"] ?? "" });
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 404) throw error;
      form.replaceWith(note("amber", "clock", app.t("ticketUnknown"), linkButton(app.t("tabCard"), "card")));
      return;
    }
    app.notice(app.t("ticketDone"), "leaf");
    app.go("vouchers", { replace: true });
  });
  const element = h("section", { class: "page begin" }, h("h1", { tabindex: -1 }, title), h("p", { class: "lead" }, app.t("ticketLead")), form);
  return { element, title };
}
