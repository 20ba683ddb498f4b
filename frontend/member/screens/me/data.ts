/** All that is kept about her: to read, to take away, to erase. And signing out. */

import { h } from "../../../shared/dom.ts";
import { Problem } from "../../../shared/problem.ts";
import type { App } from "../../app.ts";
import { deed } from "../../pieces/deed.ts";
import { button, linkButton, rows } from "../../pieces/parts.ts";
import { hasPaper, isSafe } from "../../pieces/safe.ts";
import { ask } from "../../pieces/sheet.ts";
import { endPush } from "../../push.ts";
import type { Screen } from "../../registry.ts";
import type { Me } from "../../types.ts";
import { frame, part } from "./frame.ts";

export function dataScreen(app: App): Screen {
  const title = app.t("meData");
  const download = deed(app, [button(app.t("dataDownload"), null, { submit: true, icon: "install" })], async () => {
    const record = await app.api.get<unknown>("/me/export");
    const address = URL.createObjectURL(new Blob([JSON.stringify(record, null, 2)], { type: "application/json" }));
    h("a", { href: address, download: "zegel.json" }).click();
    window.setTimeout(() => URL.revokeObjectURL(address), 60_000);
  });
  const element = frame(
    app,
    title,
    "me",
    part(app.t("dataTake"), h("p", {}, app.t("dataTakeLead")), linkButton(app.t("dataRead"), "me/record", { icon: "paper", kind: "ink" }), download),
    part(app.t("outTitle"), h("p", {}, app.t("outLead")), signOutForm(app)),
    part(app.t("eraseTitle"), h("p", {}, app.t("eraseLead")), rows([{ path: "me/erase", icon: "close", words: app.t("eraseDoor") }])),
  );
  return { element, title };
}

/** Warned where nothing leads back: the card would be gone. */
function signOutForm(app: App): HTMLElement {
  const place = h("div", { class: "me-part" });
  const form = deed(app, [button(app.t("outGo"), null, { submit: true, kind: "danger" })], async () => {
    const safe = await leadsBack(app);
    if (safe === "no") return place.replaceChildren(lostWarning(app));
    const yes = await ask(app, { title: app.t("outAsk"), text: app.t(safe === "yes" ? "outAskSafe" : "outAskPaper"), yes: app.t("outGo"), danger: true });
    if (yes) await leave(app);
  });
  place.append(form);
  return place;
}

function lostWarning(app: App): HTMLElement {
  const anyway = async () => {
    const yes = await ask(app, { title: app.t("outLoseAsk"), text: app.t("outLoseMore"), yes: app.t("outLose"), no: app.t("outStay"), danger: true });
    if (yes) await leave(app);
  };
  return h(
    "div",
    { class: "note seal", role: "alert" },
    h("p", { class: "wide" }, app.t("outLost")),
    h("div", { class: "acts" }, linkButton(app.t("meSafeGo"), "me/secure", { kind: "go", icon: "lock" }), button(app.t("outLoseGo"), () => void anyway(), { kind: "quiet" })),
  );
}

/** Whether she can come back: by a login, by the code on paper alone, or not at all. What the service can't be asked about
 * counts as not. */
async function leadsBack(app: App): Promise<"yes" | "paper" | "no"> {
  try {
    if (isSafe(await app.api.get<Me>("/me"))) return "yes";
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
  }
  return hasPaper(app) ? "paper" : "no";
}

/** Ends everything of hers here. */
export async function leave(app: App): Promise<void> {
  await endPush(app).catch(() => undefined);
  await app.signOut();
}
