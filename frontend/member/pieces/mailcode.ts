/** Proving an e-mail address by a code that is mailed to it: for signing in, and for making a card safe. */

import { h } from "../../shared/dom.ts";
import type { App } from "../app.ts";
import { arrive } from "../arriving.ts";
import type { Moved, TokenAnswer } from "../types.ts";
import { deed } from "./deed.ts";
import { field } from "./field.ts";
import { button } from "./parts.ts";

const DIGITS = 6;
/** How long a mailed code is good, in milliseconds. */
const GOOD = 600_000;

/** Two steps in one place. `done` hears what came along, and the address. */
export function mailCode(app: App, done: (moved: Moved | null, email: string) => void): HTMLElement {
  const element = h("div", { class: "mail-code" });
  const { mailed } = app.kept;
  let email = mailed && Date.now() - mailed.at < GOOD ? mailed.email : "";

  function askAddress(): void {
    const address = field("email", app.t("emailLabel"), { type: "email", autocomplete: "email", inputmode: "email", value: email });
    const form = deed(app, [address.element, button(app.t("emailGo"), null, { submit: true, kind: "go", icon: "mail" })], async () => {
      if (!/^\S+@\S+$/.test(address.value())) return address.wrong(app.t("emailEmpty"));
      email = address.value();
      await send();
      askCode();
    });
    element.replaceChildren(form);
  }

  function askCode(): void {
    const digits = field("code", app.t("codeLabel"), { inputmode: "numeric", autocomplete: "one-time-code", maxlength: 12, class: "code-like" });
    const form = deed(
      app,
      [
        h("p", { role: "status" }, app.t("codeLead", { email })),
        digits.element,
        button(app.t("codeGo"), null, { submit: true, kind: "go" }),
        button(app.t("codeAgain"), () => void again(), { icon: "again" }),
        button(app.t("codeOther"), () => void app.forget("mailed").then(askAddress), { kind: "quiet" }),
      ],
      async () => {
        const code = digits.value().replace(/\D/g, "");
        if (code.length !== DIGITS) return digits.wrong(app.t("codeShort"));
        const answer = await app.api.post<TokenAnswer>("/auth/token", { email, code, locale: app.language });
        await app.forget("mailed");
        done(await arrive(app, answer, "code"), email);
      },
      (problem) => {
        if (problem.status !== 401) return false;
        digits.wrong(app.t("codeWrong"));
        return true;
      },
    );
    element.replaceChildren(form);
    if (element.isConnected) digits.input.focus();
  }

  async function send(): Promise<void> {
    await app.api.post("/auth/code", { email, locale: app.language });
    await app.keep({ mailed: { email, at: Date.now() } });
  }

  async function again(): Promise<void> {
    await send().then(
      () => app.notice(app.t("codeSentAgain"), "leaf"),
      (error: unknown) => app.notice(app.explain(error), "seal"),
    );
  }

  if (email) askCode();
  else askAddress();
  return element;
}
