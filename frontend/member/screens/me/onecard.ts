/** One of her cards: what it is, its PIN, wallets, and its end. */

import { inFours, judge, normalise } from "../../../shared/card.ts";
import { h, s } from "../../../shared/dom.ts";
import { Problem } from "../../../shared/problem.ts";
import type { App } from "../../app.ts";
import { deed } from "../../pieces/deed.ts";
import { field } from "../../pieces/field.ts";
import { living, nothing } from "../../pieces/living.ts";
import { button, linkButton } from "../../pieces/parts.ts";
import { ask } from "../../pieces/sheet.ts";
import { qr } from "../../qr.ts";
import type { Params, Screen } from "../../registry.ts";
import type { MemberCard, Page } from "../../types.ts";
import { aboutCard } from "./cards.ts";
import { frame, part } from "./frame.ts";

export function oneCardScreen(app: App, params: Params): Screen {
  const title = app.t("oneCard");
  const card = living<Page<MemberCard>>(app, {
    path: "/me/cards",
    isForm: true,
    draw: ({ items }) => {
      const found = items.find((one) => one.card_id === params["id"]);
      return found ? drawn(app, found, () => void card.refresh()) : nothing(app.t("oneCardNone"), app.t("oneCardNoneMore"), linkButton(app.t("meCards"), "me/cards"));
    },
  });
  return { element: frame(app, title, "me/cards", card.element), title, onShow: card.show, onHide: card.hide };
}

function drawn(app: App, card: MemberCard, again: () => void): HTMLElement {
  const { size, path } = qr(card.url);
  const isLive = card.status === "active";
  return h(
    "div",
    { class: "me-page" },
    h(
      "div",
      { class: "lifted" },
      h(
        "div",
        { class: `big-card perf ${card.status}` },
        isLive ? s("svg", { viewBox: `-2 -2 ${size + 4} ${size + 4}`, role: "img", "aria-label": app.t("oneCardPicture") }, s("path", { d: path, "shape-rendering": "crispEdges" })) : null,
        h("p", {}, h("b", { class: "n" }, inFours(card.number)), h("small", {}, aboutCard(app, card))),
      ),
    ),
    isLive ? h("p", { class: "soft" }, app.t(card.kind === "digital" ? "oneCardDigital" : "oneCardPrinted")) : h("p", {}, app.t("oneCardDead")),
    isLive && card.kind === "printed" ? pinPart(app, card, again) : null,
    isLive ? passes(app, card) : null,
    isLive ? endPart(app, card, again) : null,
  );
}

function pinPart(app: App, card: MemberCard, again: () => void): HTMLElement {
  const pin = field("pin", app.t(card.has_pin ? "pinNew" : "pinSet"), { type: "password", inputmode: "numeric", maxlength: 8, autocomplete: "new-password" }, app.t("pinHint"));
  const form = deed(
    app,
    [pin.element, button(app.t("meSave"), null, { submit: true, kind: "ink" })],
    async () => {
      if (!/^\d{4,8}$/.test(pin.value())) return pin.wrong(app.t("pinShort"));
      await app.api.put(`/me/cards/${card.card_id}/pin`, { pin: pin.value() });
      pin.input.value = "";
      app.notice(app.t("pinSaved"), "leaf");
      again();
    },
    (problem) => {
      if (problem.status !== 422) return false;
      pin.wrong(app.explain(problem));
      return true;
    },
  );
  const remove = deed(app, [button(app.t("pinRemove"), null, { submit: true })], async () => {
    await app.api.delete(`/me/cards/${card.card_id}/pin`);
    app.notice(app.t("pinRemoved"), "ink");
    again();
  });
  return part(app.t("pinTitle"), h("p", {}, app.t(card.has_pin ? "pinHas" : "pinNone")), form, card.has_pin ? remove : null);
}

/** Only what this service signs is offered. */
function passes(app: App, card: MemberCard): HTMLElement {
  const place = h("div", { class: "passes" });
  void app.offers().then(
    ({ passes: offered }) => {
      if (!offered.apple && !offered.google) return;
      const apple = deed(app, [button(app.t("passApple"), null, { submit: true })], async () => {
        const file = await app.api.file(`/me/cards/${card.card_id}/apple.pkpass`);
        const address = URL.createObjectURL(file);
        h("a", { href: address, download: "zegel.pkpass" }).click();
        window.setTimeout(() => URL.revokeObjectURL(address), 60_000);
      });
      const google = deed(app, [button(app.t("passGoogle"), null, { submit: true })], async () => {
        const { url } = await app.api.get<{ readonly url: string }>(`/me/cards/${card.card_id}/google-wallet`);
        location.assign(url);
      });
      place.append(part(app.t("passTitle"), h("p", {}, app.t("passLead")), offered.apple ? apple : null, offered.google ? google : null));
    },
    // Without an answer there is nothing to offer.
    () => undefined,
  );
  return place;
}

function endPart(app: App, card: MemberCard, again: () => void): HTMLElement {
  const isHere = card.card_id === app.holder.card?.card_id;
  const told = h("p", { class: "wrong", role: "alert" });
  async function run(act: () => Promise<void>): Promise<void> {
    told.textContent = "";
    try {
      await act();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      told.textContent = app.explain(error);
    }
  }
  const block = async () => {
    const yes = await ask(app, { title: app.t("blockAsk"), text: app.t(isHere ? "blockAskHere" : "blockAskMore"), yes: app.t("blockGo"), danger: true });
    if (!yes) return;
    await app.api.post(`/me/cards/${card.card_id}/block`);
    app.notice(app.t("blockDone"), "ink");
    await settle(app);
    again();
  };
  const replace = async () => {
    const yes = await ask(app, { title: app.t("replaceAsk"), text: app.t("replaceAskMore"), yes: app.t("replaceGo") });
    if (yes) await put({});
  };
  const put = async (proof: Readonly<Record<string, string>>) => {
    const made = await app.api.post<MemberCard>(`/me/cards/${card.card_id}/replace`, proof);
    app.notice(app.t("replaceDone"), "leaf");
    await settle(app);
    // Unless she went somewhere else meanwhile.
    if (told.isConnected) app.go(`me/cards/${made.card_id}`, { replace: true });
  };
  return part(
    app.t("endTitle"),
    h("p", {}, app.t("endLead")),
    told,
    h("div", { class: "acts" }, button(app.t("replaceNew"), () => void run(replace), { icon: "again" }), card.kind === "printed" ? printedInstead(app, put) : null, button(app.t("blockGo"), () => void run(block), { kind: "danger", icon: "lock" })),
  );
}

/** A printed card that takes this one's place. */
function printedInstead(app: App, put: (proof: Readonly<Record<string, string>>) => Promise<void>): HTMLElement {
  const number = field("instead", app.t("claimNumber"), { autocomplete: "off", autocapitalize: "characters", spellcheck: "false", maxlength: 40, class: "code-like" });
  const code = field("instead-code", app.t("replaceCode"), { autocomplete: "off", autocapitalize: "characters", spellcheck: "false", maxlength: 64, class: "code-like" }, app.t("replaceCodeHint"));
  const form = deed(app, [number.element, code.element, button(app.t("replaceGo"), null, { submit: true, kind: "ink" })], async () => {
    const typed = normalise(number.value());
    if (judge(typed) !== "right") return number.wrong(app.t("claimNumberWrong"));
    await put({ number: typed, ...(code.value() ? { claim_code: code.value() } : {}) });
  });
  return h("details", {}, h("summary", {}, app.t("replacePrinted")), form);
}

/** The card that this phone shows may be another one now. */
export async function settle(app: App): Promise<void> {
  await app.holder.check(true);
  app.pulse.stir();
}
