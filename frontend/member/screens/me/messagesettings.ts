/** Which kind of message comes by which way, and whether this phone is told while the app is closed. */

import { h } from "../../../shared/dom.ts";
import type { App } from "../../app.ts";
import { deed } from "../../pieces/deed.ts";
import { living } from "../../pieces/living.ts";
import { button, linkButton, note } from "../../pieces/parts.ts";
import { toggle } from "../../pieces/toggle.ts";
import { endPush, PushFailed, type PushState, pushState, subscribePush } from "../../push.ts";
import type { Screen } from "../../registry.ts";
import type { TextKey } from "../../texts/index.ts";
import type { Me, Page } from "../../types.ts";
import { frame, part } from "./frame.ts";

interface Setting {
  readonly kind: string;
  readonly channel: "push" | "email";
  readonly is_on: boolean;
  readonly is_fixed: boolean;
}

const GROUPS: readonly (readonly [TextKey, readonly (readonly [string, TextKey])[]])[] = [
  [
    "kindsShops",
    [
      ["reward_unlocked", "kindReward"],
      ["units_expiring", "kindExpiring"],
      ["feedback_answered", "kindAnswered"],
      ["invitation_rewarded", "kindInvited"],
      ["shop_notice", "kindNotice"],
      ["shop_news", "kindNews"],
    ],
  ],
  [
    "kindsSpending",
    [
      ["spending_asked", "kindAsked"],
      ["spent", "kindSpent"],
    ],
  ],
  [
    "kindsSafety",
    [
      ["new_sign_in", "kindSignIn"],
      ["card_blocked", "kindBlocked"],
      ["card_replaced", "kindReplaced"],
      ["email_changed", "kindEmail"],
      ["passkey_added", "kindPasskey"],
      ["passkey_removed", "kindPasskeyGone"],
    ],
  ],
];

interface Told {
  readonly settings: readonly Setting[];
  readonly hasAddress: boolean;
}

export function messageSettingsScreen(app: App): Screen {
  const title = app.t("meSettings");
  const push = living<PushState>(app, {
    path: "/app",
    keep: null,
    follows: false,
    load: () => pushState(app),
    draw: (state) => pushPart(app, state, () => void push.refresh()),
  });
  const settings = living<Told>(app, {
    path: "/me/message-settings",
    keep: "message-settings",
    follows: false,
    load: async () => {
      const [told, me] = await Promise.all([app.api.get<Page<Setting>>("/me/message-settings"), app.api.get<Me>("/me")]);
      return { settings: told.items, hasAddress: me.email !== null };
    },
    draw: (told) => tables(app, told),
  });
  const element = frame(app, title, "me", h("p", { class: "lead" }, app.t("settingsLead")), part(app.t("pushTitle"), push.element), settings.element);
  return {
    element,
    title,
    onShow() {
      push.show();
      settings.show();
    },
    onHide() {
      push.hide();
      settings.hide();
    },
  };
}

function pushPart(app: App, state: PushState, again: () => void): HTMLElement {
  if (state === "unable") return note("plain", "bell", app.t("pushUnable"));
  if (state === "install") return note("plain", "install", app.t("pushInstall"));
  if (state === "off") return note("plain", "bell", app.t("pushOff"));
  if (state === "denied") return note("amber", "bell", app.t("pushDenied"));
  if (state === "yes") {
    const end = deed(app, [button(app.t("pushEnd"), null, { submit: true })], async () => {
      await endPush(app);
      again();
    });
    return h("div", { class: "me-part" }, note("leaf", "check", app.t("pushYes")), end);
  }
  const mistake = h("p", { class: "wrong", role: "alert" });
  const go = button(app.t("pushGo"), null, { submit: true, kind: "ink", icon: "bell" });
  const form = deed(app, [h("p", {}, app.t("pushLead")), mistake, go], async () => {
    mistake.textContent = "";
    const words = go.querySelector("span");
    if (words) words.textContent = app.t("pushWaiting");
    try {
      await subscribePush(app);
      again();
    } catch (error) {
      if (!(error instanceof PushFailed)) throw error;
      if (Notification.permission === "denied") again();
      else mistake.textContent = app.t(error.why === "denied" ? "pushNo" : "pushSilent");
    } finally {
      if (words) words.textContent = app.t("pushGo");
    }
  });
  return form;
}

function tables(app: App, { settings, hasAddress }: Told): HTMLElement {
  const find = (kind: string, channel: Setting["channel"]) => settings.find((one) => one.kind === kind && one.channel === channel);
  const way = (kind: string, name: string, channel: Setting["channel"]) => {
    const known = find(kind, channel);
    if (!known) return null;
    const hasNoWay = channel === "email" && !hasAddress;
    const short = app.t(channel === "push" ? "settingsPush" : "settingsMail");
    const options = { isOn: known.is_on && !hasNoWay, isFixed: known.is_fixed || hasNoWay, short };
    return toggle(app, `${name}, ${short}`, options, (isOn) => app.api.put("/me/message-settings", { kind, channel, is_on: isOn }));
  };
  const kindList = (title: TextKey, kinds: readonly (readonly [string, TextKey])[]) =>
    part(
      app.t(title),
      h(
        "ul",
        { class: "kinds" },
        ...kinds
          .filter(([kind]) => find(kind, "push"))
          .map(([kind, key]) => h("li", {}, h("b", {}, app.t(key)), h("div", {}, way(kind, app.t(key), "push"), way(kind, app.t(key), "email")))),
      ),
    );
  return h(
    "div",
    { class: "me-part" },
    hasAddress ? null : note("plain", "mail", app.t("settingsNoMail"), linkButton(app.t("secureTitle"), "me/secure")),
    ...GROUPS.map(([title, kinds]) => kindList(title, kinds)),
    h("p", { class: "soft" }, app.t("settingsFixed")),
  );
}
