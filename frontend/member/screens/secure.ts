/** What brings the card back when this phone is lost: an address, a passkey, a code on paper, a place on the home screen. */

import { h } from "../../shared/dom.ts";
import type { App } from "../app.ts";
import { remember } from "../arriving.ts";
import { canInstall, install, installsByHand, passOn } from "../browser.ts";
import { type Challenge, type CreationJson, knowsPasskeys, make } from "../passkeys.ts";
import { deed } from "../pieces/deed.ts";
import { icon } from "../pieces/icons.ts";
import { living } from "../pieces/living.ts";
import { mailCode } from "../pieces/mailcode.ts";
import { movedList } from "../pieces/moved.ts";
import { bar, button, note } from "../pieces/parts.ts";
import type { Screen } from "../registry.ts";
import type { Me, Moved } from "../types.ts";
import { isAnything } from "../arriving.ts";
import { passkeyList } from "../pieces/passkeylist.ts";
import { printPaper } from "../pieces/paper.ts";
import { hasPaper } from "../pieces/safe.ts";
import "../styles/begin.css";
import "../styles/me.css";

export function secureScreen(app: App): Screen {
  const title = app.t("secureTitle");
  const told = h("div", { "aria-live": "polite" });
  const me = living<Me>(app, {
    path: "/me",
    follows: false,
    isForm: true,
    draw: (value) => {
      void remember(app, value);
      return ways(app, value, (words, moved = null) => {
        told.replaceChildren(note("leaf", "check", words), ...(isAnything(moved) ? [movedList(app, moved)] : []));
        void me.refresh();
      });
    },
  });
  const element = h("section", { class: "page" }, bar(app, title, "me"), told, me.element);
  return { element, title, onShow: me.show, onHide: me.hide };
}

function ways(app: App, me: Me, done: (words: string, moved?: Moved | null) => void): HTMLElement {
  const isSafe = me.is_secured ?? me.email !== null;
  return h(
    "div",
    { class: "secure" },
    isSafe ? note("leaf", "lock", app.t("secureDone")) : h("p", { class: "lead" }, app.t("secureLead")),
    part(
      app.t("secureEmail"),
      me.email
        ? addressPart(app, me.email, (moved, email) => done(app.t("secureEmailDone", { email }), moved))
        : mailCode(app, (moved, email) => done(app.t("secureEmailDone", { email }), moved)),
    ),
    passkeyPart(app, me, (words) => done(words ?? app.t("securePasskeyDone"))),
    part(app.t("securePaper"), h("p", {}, app.t("securePaperLead")), paper(app)),
    installPart(app),
  );
}

function part(title: string, ...children: (HTMLElement | null)[]): HTMLElement {
  return h("section", { class: "secure-part" }, h("h2", {}, title), ...children);
}

/** The address that there is, and another in its place once she asks for that. */
function addressPart(app: App, email: string, done: (moved: Moved | null, email: string) => void): HTMLElement {
  const place = h("div", { class: "secure-place" });
  const change = button(app.t("secureEmailChange"), () => {
    place.replaceChildren(h("p", { class: "soft" }, app.t("secureEmailChangeMore", { email })), mailCode(app, done));
    place.querySelector("input")?.focus();
  });
  place.append(h("p", {}, app.t("secureEmailHas", { email })), change);
  return place;
}

function passkeyPart(app: App, me: Me, done: (words?: string) => void): HTMLElement {
  const place = h("div", { class: "secure-place" });
  if (!knowsPasskeys()) return place;
  const told = h("p", { class: "wrong", role: "alert" });
  const known = me.has_passkey ? passkeyList(app, done) : null;
  const form = deed(app, [told, button(app.t(me.has_passkey ? "securePasskeyMore" : "securePasskeyGo"), null, { submit: true, icon: "key", kind: "ink" })], async () => {
    told.textContent = "";
    const asked = await app.api.post<Challenge<CreationJson>>("/me/passkeys/options");
    const credential = await make(asked.public_key);
    if (!credential) return void (told.textContent = app.t("securePasskeyNone"));
    await app.api.post("/me/passkeys", { challenge_id: asked.challenge_id, credential });
    known?.refresh();
    done();
  });
  void app.offers().then(
    (offered) => {
      if (!offered.passkeys) return;
      place.replaceChildren(
        part(app.t("securePasskey"), h("p", {}, app.t(me.has_passkey ? "securePasskeyHas" : "securePasskeyLead")), known?.element ?? null, form),
      );
    },
    // Without an answer there is nothing to offer; the other ways stand all the same.
    () => undefined,
  );
  return place;
}

/** The recovery code, not shown before she asks: somebody may look over her shoulder. */
function paper(app: App): HTMLElement {
  const place = h("div", { class: "secure-place" });
  const show = (code: string) => {
    place.replaceChildren(
      h("p", { class: "secret n" }, h("span", { class: "vh" }, app.t("securePaperName")), " ", h("b", {}, code)),
      h("div", { class: "acts" }, button(app.t("copy"), () => void send(code), { icon: "copy" }), button(app.t("paperPrint"), () => void taken(code, () => printPaper(app, code)), { icon: "paper" }), button(app.t("paperWritten"), () => void taken(code, written), { icon: "check" })),
      renew,
    );
  };
  const renew = deed(app, [button(app.t(app.kept.recovery_code ? "securePaperRenew" : "securePaperNew"), null, { submit: true, icon: "paper" })], async () => {
    const { recovery_code } = await app.api.post<{ recovery_code: string }>("/me/recovery-code");
    await app.keep({ recovery_code });
    show(recovery_code);
  });
  /** From now on it counts as a way back. */
  const taken = async (code: string, act: () => void) => {
    await app.keep({ recovery_code: code, paper: code });
    act();
  };
  const written = () => {
    place.replaceChildren(h("p", { class: "has" }, icon("check"), app.t("paperHas")), again());
  };
  const again = () => button(app.t("securePaperShow"), () => app.kept.recovery_code && show(app.kept.recovery_code), { icon: "paper" });
  const send = async (code: string) => {
    const how = await passOn(code, app.t("securePaperName"));
    if (how !== null) await taken(code, () => undefined);
    if (how === "copied") app.notice(app.t("copied"), "leaf");
    if (how === null) app.notice(app.t("copyFailed"), "amber");
  };
  const kept = app.kept.recovery_code;
  if (kept && hasPaper(app)) written();
  else if (kept) place.append(button(app.t("securePaperShow"), () => show(kept), { icon: "paper" }));
  else place.append(h("p", { class: "soft" }, app.t("securePaperOnce")), renew);
  return place;
}

function installPart(app: App): HTMLElement | null {
  if (canInstall()) {
    return part(
      app.t("secureInstall"),
      h("p", {}, app.t("secureInstallLead")),
      button(app.t("secureInstallGo"), () => void install(), { icon: "install" }),
    );
  }
  return installsByHand() ? part(app.t("secureInstall"), h("p", {}, app.t("secureInstallLead")), h("p", {}, app.t("secureInstallHand"))) : null;
}
