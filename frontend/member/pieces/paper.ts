/** The recovery code as a slip to print and keep at home. */

import { inFours } from "../../shared/card.ts";
import { h } from "../../shared/dom.ts";
import type { App } from "../app.ts";

/** Prints nothing but the slip. */
export function printPaper(app: App, code: string): void {
  document.querySelector("#slip")?.remove();
  const { card } = app.holder;
  const slip = h(
    "section",
    { id: "slip", class: "slip", "aria-hidden": "true" },
    h("h1", {}, app.t("slipTitle")),
    h("p", { class: "slip-code n" }, code),
    card ? h("p", { class: "n" }, `${app.t("cardNumber")}: ${inFours(card.number)}`) : null,
    h("p", {}, app.t("slipHow", { address: location.host })),
    h("p", {}, app.t("securePaperLead")),
  );
  document.body.append(slip);
  window.addEventListener("afterprint", () => slip.remove(), { once: true });
  window.print();
}
