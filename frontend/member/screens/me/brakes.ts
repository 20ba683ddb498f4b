/** The brakes: spending locked, asked for above an amount, capped for each day; and the wait of a new phone. */

import { decimalsOf, NOTHING, press, toDecimal } from "../../../shared/money.ts";
import { h } from "../../../shared/dom.ts";
import { Problem } from "../../../shared/problem.ts";
import type { App } from "../../app.ts";
import { arrive, remember } from "../../arriving.ts";
import { type Challenge, knowsPasskeys, type RequestJson, use } from "../../passkeys.ts";
import { deed } from "../../pieces/deed.ts";
import { field } from "../../pieces/field.ts";
import { living } from "../../pieces/living.ts";
import { button, linkButton } from "../../pieces/parts.ts";
import { icon } from "../../pieces/icons.ts";
import { toggle } from "../../pieces/toggle.ts";
import type { Screen } from "../../registry.ts";
import type { Me, TokenAnswer } from "../../types.ts";
import { frame, part } from "./frame.ts";

export function brakesScreen(app: App): Screen {
  const title = app.t("meBrakes");
  const me = living<Me>(app, {
    path: "/me",
    isForm: true,
    draw: (value) => drawn(app, value, () => void me.refresh()),
    answered: (value) => void remember(app, value),
  });
  const element = frame(app, title, "me", h("p", { class: "lead" }, app.t("brakesLead")), me.element, linkButton(app.t("requestsTitle"), "me/requests", { icon: "list" }));
  return { element, title, onShow: me.show, onHide: me.hide };
}

function drawn(app: App, me: Me, again: () => void): HTMLElement {
  return h(
    "div",
    { class: "me-page" },
    me.spending_waits_until ? wait(app, me.spending_waits_until, me, again) : null,
    part(
      app.t("brakesLock"),
      toggle(app, app.t("brakesLockWords"), { isOn: me.is_spending_locked, more: app.t("brakesLockMore") }, async (isOn) => {
        await app.api.patch("/me", { is_spending_locked: isOn });
        app.notice(app.t(isOn ? "brakesLocked" : "brakesOpen"), isOn ? "amber" : "leaf");
      }),
    ),
    amountPart(app, me, "ask_above", again),
    amountPart(app, me, "daily_cap", again),
  );
}

const WORDS = {
  ask_above: { title: "brakesAsk", label: "brakesAskLabel", more: "brakesAskMore", set: "brakesAskSet", off: "brakesAskOff" },
  daily_cap: { title: "brakesCap", label: "brakesCapLabel", more: "brakesCapMore", set: "brakesCapSet", off: "brakesCapOff" },
} as const;

function amountPart(app: App, me: Me, name: keyof typeof WORDS, again: () => void): HTMLElement {
  const words = WORDS[name];
  const currency = me.brakes_currency ?? "EUR";
  const known = me[name] ?? null;
  const amount = field(name, app.t(words.label, { currency }), { inputmode: "decimal", autocomplete: "off", maxlength: 12, value: known === null ? "" : app.words.number(Number(known)) });
  const change = async (value: string | null) => {
    const changed = await app.api.patch<Me>("/me", { [name]: value });
    await remember(app, changed);
    app.pulse.stir();
    app.notice(app.t(value === null ? words.off : "meSaved"), value === null ? "ink" : "leaf");
    again();
  };
  const set = deed(app, [amount.element, button(app.t("meSave"), null, { submit: true, kind: "ink" })], async () => {
    const value = read(amount.value(), currency);
    if (value === null) return amount.wrong(app.t("brakesAmount"));
    await change(value);
  });
  const off = deed(app, [button(app.t("brakesOff"), null, { submit: true })], () => change(null));
  return part(
    app.t(words.title),
    h("p", {}, app.t(words.more)),
    known === null ? null : h("p", { class: "brake-set" }, icon("check"), h("b", {}, app.t(words.set, { amount: app.words.money(known, currency) }))),
    set,
    known === null ? null : off,
  );
}

/** A typed amount as the service wants it; null where it is none. Zero is one: everything is asked for, or nothing spent. */
function read(typed: string, currency: string): string | null {
  const decimals = decimalsOf(currency);
  const plain = typed.replace(/[\s ’']/g, "");
  if (!/^\d+([.,]\d+)?$/.test(plain)) return null;
  if (/^0+([.,]0+)?$/.test(plain)) return decimals ? `0.${"0".repeat(decimals)}` : "0";
  let value = NOTHING;
  for (const key of plain) {
    const next = press(value, key, decimals);
    if (next === value) return null;
    value = next;
  }
  return toDecimal(value, decimals);
}

/** What a new phone waits for, and the three things that end it. */
function wait(app: App, until: string, me: Me, again: () => void): HTMLElement {
  const told = h("p", { class: "wrong", role: "alert" });
  const byPasskey = deed(app, [told, button(app.t("waitPasskeyGo"), null, { submit: true, icon: "key", kind: "ink" })], async () => {
    told.textContent = "";
    const asked = await app.api.post<Challenge<RequestJson>>("/auth/passkey/options");
    const credential = await use(asked.public_key);
    if (!credential) return void (told.textContent = app.t("passkeyNone"));
    try {
      await arrive(app, await app.api.post<TokenAnswer>("/auth/passkey", { challenge_id: asked.challenge_id, credential }), "passkey");
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 401) throw error;
      return void (told.textContent = app.t("passkeyWrong"));
    }
    app.notice(app.t("waitOver"), "leaf");
    again();
  });
  return h(
    "section",
    { class: "note amber waiting" },
    icon("clock"),
    h("h2", {}, app.t("waitTitle", { when: app.words.moment(until, app.clock.now()) })),
    h("p", {}, app.t("waitWhy")),
    h("ol", {}, h("li", {}, app.t("waitPasskey")), h("li", {}, app.t("waitPhone")), h("li", {}, app.t("waitShop"))),
    knowsPasskeys() && (me.has_passkey ?? false) ? byPasskey : null,
  );
}
