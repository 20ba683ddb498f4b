/** The code over the whole screen: white, lit, and nothing else to hit by mistake. */

import { h } from "../../shared/dom.ts";
import type { App } from "../app.ts";
import { Lit } from "../browser.ts";
import { codeView } from "./codeview.ts";
import { tap } from "./parts.ts";

/** Shows it until it is touched, closed or left. Returns what closes it. */
export function showFullCode(app: App, closed: () => void): () => void {
  const lit = new Lit();
  const view = codeView(app, app.t("cardSmall"), () => sheet.close());
  const sheet = h("dialog", { class: "full", "aria-label": app.t("cardTitle") }, tap("close", app.t("close"), () => sheet.close()), view.element);
  sheet.addEventListener("close", () => {
    lit.release();
    view.stop();
    sheet.remove();
    closed();
  });
  document.body.append(sheet);
  sheet.showModal();
  view.picture.focus();
  view.start();
  lit.hold();
  return () => sheet.close();
}
