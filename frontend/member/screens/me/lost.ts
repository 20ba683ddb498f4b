/** A phone or a printed card is gone: what to do, in order, on one page. */

import { inFours } from "../../../shared/card.ts";
import { h } from "../../../shared/dom.ts";
import { Problem } from "../../../shared/problem.ts";
import type { App } from "../../app.ts";
import { living } from "../../pieces/living.ts";
import { button, linkButton, note } from "../../pieces/parts.ts";
import { ask } from "../../pieces/sheet.ts";
import type { Screen } from "../../registry.ts";
import type { MemberCard, Page } from "../../types.ts";
import { aboutCard } from "./cards.ts";
import { frame, part } from "./frame.ts";
import { settle } from "./onecard.ts";
import { BEGAN, type MemberSession } from "./phones.ts";

interface Had {
  readonly sessions: readonly MemberSession[];
  readonly cards: readonly MemberCard[];
}

export function lostScreen(app: App): Screen {
  const title = app.t("meLost");
  const told = h("div", { "aria-live": "polite" });
  const had = living<Had>(app, {
    path: "/me/lost",
    keep: null,
    load: async () => {
      const [sessions, cards] = await Promise.all([app.api.get<Page<MemberSession>>("/me/sessions"), app.api.get<Page<MemberCard>>("/me/cards")]);
      return { sessions: sessions.items, cards: cards.items };
    },
    draw: (value) => drawn(app, value, act),
  });

  async function act(question: { title: string; text: string; yes: string }, deed: () => Promise<void>, done: string): Promise<void> {
    if (!(await ask(app, { ...question, danger: true }))) return;
    try {
      await deed();
      await settle(app);
      told.replaceChildren(note("leaf", "check", done));
      await had.refresh();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      told.replaceChildren(note("seal", "bang", app.explain(error)));
    }
    told.scrollIntoView({ block: "nearest" });
  }

  return { element: frame(app, title, "me", h("p", { class: "lead" }, app.t("lostLead")), told, had.element), title, onShow: had.show, onHide: had.hide };
}

function drawn(app: App, { sessions, cards }: Had, act: (question: { title: string; text: string; yes: string }, deed: () => Promise<void>, done: string) => Promise<void>): HTMLElement {
  const others = sessions.filter((one) => !one.is_this);
  const live = cards.filter((card) => card.status === "active");
  const printed = live.filter((card) => card.kind === "printed");
  // Its digits die with its session; its number is blocked as well, so that a picture of it does not even earn.
  const elsewhere = live.filter((card) => card.kind === "digital" && card.card_id !== app.holder.card?.card_id);
  const loseAll = () =>
    act({ title: app.t("lostPhoneAsk"), text: app.t("lostPhoneMore"), yes: app.t("lostPhoneGo") }, async () => {
      for (const one of others) await app.api.delete(`/me/sessions/${one.session_id}`);
      for (const card of elsewhere) await app.api.post(`/me/cards/${card.card_id}/block`);
    }, app.t("lostPhoneDone"));
  const lose = (card: MemberCard) =>
    act({ title: app.t("blockAsk"), text: app.t("blockAskMore"), yes: app.t("blockGo") }, () => app.api.post(`/me/cards/${card.card_id}/block`), app.t("lostCardDone"));
  return h(
    "div",
    { class: "me-page" },
    part(
      app.t("lostPhone"),
      others.length + elsewhere.length > 0
        ? h("p", {}, app.t("lostPhoneLead", { n: others.length }))
        : h("p", {}, app.t("lostPhoneNone")),
      h("ul", { class: "told-list" }, ...others.map((one) => h("li", {}, h("b", {}, app.t(BEGAN[one.began])), h("small", {}, app.t("phoneUsed", { used: app.words.moment(one.last_used_at, app.clock.now()) }))))),
      others.length + elsewhere.length > 0 ? button(app.t("lostPhoneGo"), () => void loseAll(), { kind: "danger", icon: "lock" }) : null,
      h("p", { class: "soft" }, app.t("lostPhoneThis")),
    ),
    part(
      app.t("lostCard"),
      printed.length ? h("p", {}, app.t("lostCardLead")) : h("p", {}, app.t("lostCardNone")),
      h(
        "ul",
        { class: "told-list" },
        ...printed.map((card) =>
          h("li", {}, h("p", {}, h("b", { class: "n" }, inFours(card.number)), h("small", {}, aboutCard(app, card))), h("div", { class: "phone-acts" }, linkButton(app.t("lostReplace"), `me/cards/${card.card_id}`), button(app.t("blockGo"), () => void lose(card), { kind: "danger" }))),
        ),
      ),
    ),
  );
}
