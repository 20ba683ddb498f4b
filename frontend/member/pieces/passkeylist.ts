/** Her passkeys by name, each to be taken away. */

import { h } from "../../shared/dom.ts";
import { Problem } from "../../shared/problem.ts";
import type { App } from "../app.ts";
import type { Page } from "../types.ts";
import { icon } from "./icons.ts";
import { button } from "./parts.ts";
import { ask } from "./sheet.ts";

interface Passkey {
  readonly passkey_id: string;
  readonly name: string | null;
  readonly created_at: string;
  readonly last_used_at: string | null;
}

/** Fills itself, and again with each `refresh`. `done` hears what to say after one was taken away. */
export function passkeyList(app: App, done: (words: string) => void): { readonly element: HTMLElement; refresh(): void } {
  const element = h("ul", { class: "phones", "aria-busy": "true" });
  const gone = (words: string) => {
    refresh();
    done(words);
  };
  function refresh(): void {
    void app.api.get<Page<Passkey>>("/me/passkeys").then(
      ({ items }) => element.replaceChildren(...items.map((one) => row(app, one, gone))),
      (error: unknown) => element.replaceChildren(h("li", {}, app.explain(error))),
    ).finally(() => element.removeAttribute("aria-busy"));
  }
  refresh();
  return { element, refresh };
}

function row(app: App, passkey: Passkey, done: (words: string) => void): HTMLElement {
  const when = (at: string) => app.words.moment(at, app.clock.now());
  const name = passkey.name ?? app.t("passkeyName", { day: app.words.date(passkey.created_at) });
  const remove = async () => {
    if (!(await ask(app, { title: app.t("passkeyRemoveAsk"), text: app.t("passkeyRemoveMore"), yes: app.t("passkeyRemove"), danger: true }))) return;
    try {
      await app.api.delete(`/me/passkeys/${passkey.passkey_id}`);
      done(app.t("passkeyRemoved"));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      app.notice(app.explain(error), "seal");
    }
  };
  return h(
    "li",
    {},
    icon("key"),
    h("p", {}, h("b", {}, name), h("small", {}, passkey.last_used_at ? app.t("phoneUsed", { used: when(passkey.last_used_at) }) : app.t("passkeyUnused"))),
    h("div", { class: "phone-acts" }, button(app.t("passkeyRemove"), () => void remove(), { kind: "danger" })),
  );
}
