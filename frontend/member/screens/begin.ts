/** The ways to a card: a new one, or the one that she has already. */

import { normalise } from "../../shared/card.ts";
import { h } from "../../shared/dom.ts";
import { Problem } from "../../shared/problem.ts";
import type { App } from "../app.ts";
import { arrive, isAnything } from "../arriving.ts";
import { type Challenge, knowsPasskeys, type RequestJson, use } from "../passkeys.ts";
import { deed } from "../pieces/deed.ts";
import { field } from "../pieces/field.ts";
import { mailCode } from "../pieces/mailcode.ts";
import { movedList } from "../pieces/moved.ts";
import { bar, button, linkButton, rows } from "../pieces/parts.ts";
import type { Params, Screen } from "../registry.ts";
import type { Moved, TokenAnswer } from "../types.ts";
import "../styles/begin.css";

const MOVE_LENGTH = 10;

export function beginScreen(app: App, params: Params): Screen {
  const ways: Readonly<Record<string, () => Screen>> = {
    have: () => haveScreen(app),
    transfer: () => transferScreen(app),
    email: () => emailScreen(app),
    passkey: () => passkeyScreen(app),
    recovery: () => recoveryScreen(app),
  };
  const way = ways[params["way"] ?? ""];
  return way ? way() : firstScreen(app);
}

function firstScreen(app: App): Screen {
  const title = app.t("beginTitle");
  const begin = deed(app, [button(app.t("beginNew"), null, { submit: true, kind: "go" })], async () => {
    await app.holder.ensure();
    app.go("card", { replace: true });
  });
  const element = h(
    "section",
    { class: "page begin" },
    h("img", { class: "begin-mark", src: "/assets/seal.svg", alt: "", width: 72, height: 72 }),
    h("h1", { tabindex: -1 }, title),
    h("p", { class: "lead" }, app.t("beginLead")),
    begin,
    linkButton(app.t("beginHave"), "begin/have"),
  );
  return { element, title };
}

function haveScreen(app: App): Screen {
  const title = app.t("beginWaysTitle");
  const element = h(
    "section",
    { class: "page" },
    bar(app, title, app.session.isOpen ? "card" : "begin"),
    h("p", { class: "lead" }, app.t("beginWaysLead")),
    rows([
      { path: "begin/transfer", icon: "phone", words: app.t("beginTransfer"), more: app.t("beginTransferMore") },
      { path: "begin/email", icon: "mail", words: app.t("beginEmail"), more: app.t("beginEmailMore") },
      ...(knowsPasskeys() ? [{ path: "begin/passkey", icon: "key" as const, words: app.t("beginPasskey"), more: app.t("beginPasskeyMore") }] : []),
      { path: "begin/recovery", icon: "paper", words: app.t("beginRecovery"), more: app.t("beginRecoveryMore") },
      { path: "claim", icon: "card", words: app.t("beginPaper"), more: app.t("beginPaperMore") },
    ]),
    app.session.isOpen ? h("p", { class: "soft" }, app.t("beginComesAlong")) : null,
  );
  return { element, title };
}

/** A way's frame: back, heading, what it is about. */
function way(app: App, title: string, lead: string, ...parts: (HTMLElement | null)[]): Screen {
  return { element: h("section", { class: "page" }, bar(app, title, "begin/have"), h("p", { class: "lead" }, lead), ...parts), title };
}

/** After signing in: the card, and where something came along, first what. */
function finish(app: App, element: HTMLElement, moved: Moved | null): void {
  if (!isAnything(moved)) {
    app.notice(app.t("welcomeBack"), "leaf");
    return app.go("card", { replace: true });
  }
  const heading = h("h1", { tabindex: -1 }, app.t("welcomeBack"));
  element.replaceChildren(heading, movedList(app, moved), linkButton(app.t("movedGo"), "card", { kind: "go" }));
  heading.focus();
}

function transferScreen(app: App): Screen {
  const code = field("transfer", app.t("transferLabel"), {
    autocomplete: "off",
    autocapitalize: "characters",
    spellcheck: "false",
    maxlength: 24,
    class: "code-like",
    value: app.moving ?? "",
  });
  const form = deed(
    app,
    [code.element, button(app.t("transferGo"), null, { submit: true, kind: "go" })],
    async () => {
      const typed = normalise(code.value());
      if (typed.length !== MOVE_LENGTH) return code.wrong(app.t("transferShort"));
      const answer = await app.api.post<TokenAnswer>("/auth/transfer", { code: typed });
      app.moving = null;
      finish(app, screen.element, await arrive(app, answer, "transfer"));
    },
    wrongAt(() => code.wrong(app.t("transferWrong"))),
  );
  const screen = way(app, app.t("transferTitle"), app.t("transferLead"), form);
  return screen;
}

function emailScreen(app: App): Screen {
  const screen = way(app, app.t("emailTitle"), app.t("emailLead"), mailCode(app, (moved) => finish(app, screen.element, moved)));
  return screen;
}

function passkeyScreen(app: App): Screen {
  const told = h("p", { class: "wrong", role: "alert" });
  const form = deed(
    app,
    [told, button(app.t("passkeyGo"), null, { submit: true, kind: "go", icon: "key" })],
    async () => {
      told.textContent = "";
      const asked = await app.api.post<Challenge<RequestJson>>("/auth/passkey/options");
      const credential = await use(asked.public_key);
      if (!credential) return void (told.textContent = app.t("passkeyNone"));
      const answer = await app.api.post<TokenAnswer>("/auth/passkey", { challenge_id: asked.challenge_id, credential });
      finish(app, screen.element, await arrive(app, answer, "passkey"));
    },
    wrongAt(() => (told.textContent = app.t("passkeyWrong"))),
  );
  const screen = way(app, app.t("passkeyTitle"), app.t(knowsPasskeys() ? "passkeyLead" : "passkeyUnknown"), knowsPasskeys() ? form : null);
  return screen;
}

function recoveryScreen(app: App): Screen {
  const code = field("recovery", app.t("recoveryLabel"), { autocomplete: "off", autocapitalize: "characters", spellcheck: "false", maxlength: 128, class: "code-like" });
  const form = deed(
    app,
    [code.element, button(app.t("recoveryGo"), null, { submit: true, kind: "go" })],
    async () => {
      if (!code.value()) return code.wrong(app.t("recoveryEmpty"));
      const answer = await app.api.post<TokenAnswer & { recovery_code: string }>("/auth/recovery", { recovery_code: code.value() });
      finish(app, screen.element, await arrive(app, answer, "recovery"));
    },
    wrongAt(() => code.wrong(app.t("recoveryWrong"))),
  );
  const screen = way(app, app.t("recoveryTitle"), app.t("recoveryLead"), form);
  return screen;
}

function wrongAt(say: () => void): (problem: Problem) => boolean {
  return (problem) => {
    if (problem.status !== 401) return false;
    say();
    return true;
  };
}
