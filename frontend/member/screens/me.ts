/** Me: who she is here, how safe her card is, and doors to everything that is hers to decide. */

import { h } from "../../shared/dom.ts";
import { LANGUAGE_NAMES, LANGUAGES, type Language } from "../../shared/locale.ts";
import { Problem } from "../../shared/problem.ts";
import type { App } from "../app.ts";
import { remember } from "../arriving.ts";
import { canInstall, install, installsByHand } from "../browser.ts";
import { living } from "../pieces/living.ts";
import { button, linkButton, rows } from "../pieces/parts.ts";
import { safeCard } from "../pieces/safe.ts";
import { renewPush } from "../push.ts";
import type { Screen } from "../registry.ts";
import type { Me } from "../types.ts";
import { part } from "./me/frame.ts";
import "../styles/me.css";

export function meScreen(app: App): Screen {
  const title = app.t("tabMe");
  const heading = h("h1", { tabindex: -1 }, app.kept.name ?? title);
  const doors = h("div", { class: "me-doors" });
  const me = living<Me>(app, {
    path: "/me",
    draw: (value) => {
      heading.textContent = value.name ?? title;
      doors.replaceChildren(...groups(app, value));
      return safeCard(app, value);
    },
    answered: (value) => void remember(app, value),
  });
  let told = "";
  /** Only when a mark is another one: the focus may be on a door. */
  const marked = () => {
    const { unread = 0, spending_requests: asked = 0 } = app.pulse.beat ?? {};
    if (told === `${unread} ${asked}`) return;
    told = `${unread} ${asked}`;
    doors.replaceChildren(...groups(app, me.value()));
  };
  let ends: (() => void)[] = [];
  doors.replaceChildren(...groups(app, null));
  const element = h("section", { class: "page me-page" }, heading, me.element, doors, part(app.t("meApp"), languageChoice(app), installButton(app), rows([{ path: "me/about", icon: "paper", words: app.t("meAbout") }])));
  return {
    element,
    title,
    onShow() {
      if (ends.length) return;
      ends = [app.pulse.onBeat(marked)];
      me.show();
    },
    onHide() {
      for (const end of ends) end();
      ends = [];
      me.hide();
    },
  };
}

function groups(app: App, me: Me | null): HTMLElement[] {
  const unread = app.pulse.beat?.unread ?? 0;
  const asked = app.pulse.beat?.spending_requests ?? 0;
  return [
    rows([
      { path: "me/messages", icon: "bell", words: app.t("meMessages"), mark: unread > 0 ? app.t("meUnread", { n: unread }) : null },
      { path: "me/feedback", icon: "heart", words: app.t("meFeedback"), more: app.t("meFeedbackMore") },
      { path: "me/invite", icon: "gift", words: app.t("meInvite"), more: app.t("meInviteMore") },
    ]),
    part(
      app.t("meSafety"),
      rows([
        { path: "me/cards", icon: "card", words: app.t("meCards"), more: app.t("meCardsMore") },
        { path: "me/phones", icon: "phone", words: app.t("mePhones"), more: app.t("mePhonesMore") },
        { path: "me/move", icon: "move", words: app.t("meMove"), more: app.t("meMoveMore") },
        { path: "me/brakes", icon: "lock", words: app.t("meBrakes"), more: brakes(app, me), mark: asked > 0 ? app.t("meAsked", { n: asked }) : null },
        { path: "me/lost", icon: "bang", words: app.t("meLost"), more: app.t("meLostMore") },
      ]),
    ),
    part(
      app.t("meSay"),
      rows([
        { path: "me/profile", icon: "me", words: app.t("meProfile"), more: app.t("meProfileMore") },
        { path: "me/sharing", icon: "shops", words: app.t("meSharing"), more: app.t("meSharingMore") },
        { path: "me/message-settings", icon: "mail", words: app.t("meSettings"), more: app.t("meSettingsMore") },
        { path: "me/data", icon: "install", words: app.t("meData"), more: app.t("meDataMore") },
      ]),
    ),
  ];
}

/** What is set, in a few words. */
function brakes(app: App, me: Me | null): string {
  if (!me) return app.t("meBrakesMore");
  const money = (amount: string) => app.words.money(amount, me.brakes_currency ?? "EUR");
  const set = [
    me.is_spending_locked ? app.t("meBrakesLocked") : null,
    me.ask_above ? app.t("meBrakesAsk", { amount: money(me.ask_above) }) : null,
    me.daily_cap ? app.t("meBrakesCap", { amount: money(me.daily_cap) }) : null,
  ].filter((one) => one !== null);
  return set.length ? set.join(" · ") : app.t("meBrakesMore");
}

function languageChoice(app: App): HTMLElement {
  const choice = h("select", { id: "language" }, ...LANGUAGES.map((language) => h("option", { value: language, lang: language, selected: language === app.language }, LANGUAGE_NAMES[language])));
  choice.addEventListener("change", () => void speak(app, choice.value as Language));
  return h("div", { class: "field" }, h("label", { for: "language" }, app.t("meLanguage")), choice);
}

/** Here at once; mails and pushes follow when the service can be reached. */
async function speak(app: App, language: Language): Promise<void> {
  await app.speak(language);
  document.querySelector<HTMLElement>("#language")?.focus();
  if (!app.session.isOpen) return;
  try {
    await app.api.patch("/me", { locale: language });
    await renewPush(app);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    app.notice(app.t("meLanguageHere"), "amber");
  }
}

/** By the browser's own offer, or by hand: how that goes stands beside the other ways to keep the card. */
function installButton(app: App): HTMLElement | null {
  if (canInstall()) return button(app.t("meInstall"), () => void install(), { icon: "install" });
  return installsByHand() ? linkButton(app.t("meInstall"), "me/secure", { icon: "install" }) : null;
}
