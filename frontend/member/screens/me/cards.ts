/** Her cards, digital and printed, and what was merged into hers. */

import { inFours } from "../../../shared/card.ts";
import { h } from "../../../shared/dom.ts";
import { Problem } from "../../../shared/problem.ts";
import type { App } from "../../app.ts";
import { icon } from "../../pieces/icons.ts";
import { living, nothing } from "../../pieces/living.ts";
import { button, linkButton } from "../../pieces/parts.ts";
import { ask } from "../../pieces/sheet.ts";
import type { Screen } from "../../registry.ts";
import type { MemberCard, Page } from "../../types.ts";
import { frame, part } from "./frame.ts";

interface Merge {
  readonly merge_id: string;
  readonly numbers: readonly string[];
  readonly merged_at: string;
  readonly undone_at: string | null;
}

export function cardsScreen(app: App): Screen {
  const title = app.t("meCards");
  const cards = living<Page<MemberCard>>(app, {
    path: "/me/cards",
    isEmpty: ({ items }) => items.length === 0,
    empty: () => nothing(app.t("cardsNone"), app.t("cardsNoneMore"), linkButton(app.t("tabCard"), "card")),
    draw: ({ items }) => {
      const [live, dead] = [items.filter((card) => card.status === "active"), items.filter((card) => card.status !== "active")];
      return h(
        "div",
        { class: "me-part" },
        h("ul", { class: "cards" }, ...live.map((card) => cardRow(app, card))),
        dead.length ? h("details", {}, h("summary", {}, app.t("cardsDead", { n: dead.length })), h("ul", { class: "cards" }, ...dead.map((card) => cardRow(app, card)))) : null,
      );
    },
  });
  const merges = living<Page<Merge>>(app, {
    path: "/me/merges",
    isEmpty: ({ items }) => items.length === 0,
    empty: () => h("p", { class: "soft" }, app.t("mergesNone")),
    draw: ({ items }) => h("ul", { class: "told-list" }, ...items.map((merge) => mergeRow(app, merge, again))),
  });
  const again = () => {
    void merges.refresh();
    void cards.refresh();
    app.pulse.stir();
  };
  const element = frame(
    app,
    title,
    "me",
    cards.element,
    h("div", { class: "acts" }, linkButton(app.t("cardsClaim"), "claim", { icon: "plus", kind: "ink" }), linkButton(app.t("meLost"), "me/lost", { icon: "bang" })),
    part(app.t("mergesTitle"), h("p", { class: "soft" }, app.t("mergesLead")), merges.element),
  );
  return {
    element,
    title,
    onShow() {
      cards.show();
      merges.show();
    },
    onHide() {
      cards.hide();
      merges.hide();
    },
  };
}

function cardRow(app: App, card: MemberCard): HTMLElement {
  return h(
    "li",
    { class: card.status },
    h(
      "a",
      { href: `#/me/cards/${card.card_id}`, class: "card-row" },
      h("span", { class: `mini perf ${card.kind}`, "aria-hidden": "true" }, icon(card.kind === "digital" ? "phone" : "paper")),
      h("span", {}, h("b", { class: "n" }, inFours(card.number)), h("small", {}, aboutCard(app, card))),
      icon("next"),
    ),
  );
}

/** What kind of card it is, and where it is. */
export function aboutCard(app: App, card: MemberCard): string {
  if (card.status === "blocked") return app.t("cardsBlocked", { day: app.words.date(card.blocked_at ?? card.issued_at) });
  if (card.status === "replaced") return app.t("cardsReplaced");
  if (card.kind === "printed") return app.t(card.has_pin ? "cardsPrintedPin" : "cardsPrinted");
  if (card.card_id === app.holder.card?.card_id) return app.t("cardsHere");
  return app.t(card.has_installation ? "cardsElsewhere" : "cardsNowhere");
}

function mergeRow(app: App, merge: Merge, done: () => void): HTMLElement {
  const numbers = app.words.list(merge.numbers.map(inFours));
  const when = app.words.date(merge.merged_at);
  const words = h("p", {}, h("b", { class: "n" }, numbers), h("small", {}, app.t(merge.undone_at ? "mergesUndone" : "mergesAt", { when: merge.undone_at ? app.words.date(merge.undone_at) : when })));
  if (merge.undone_at) return h("li", {}, words);
  const undo = button(app.t("mergesUndo"), () => void run(), { icon: "again" });
  async function run(): Promise<void> {
    const yes = await ask(app, { title: app.t("mergesAsk"), text: app.t("mergesAskMore", { numbers }), yes: app.t("mergesUndo") });
    if (!yes) return;
    try {
      await app.api.post(`/me/merges/${merge.merge_id}/undo`);
      app.notice(app.t("mergesDone"), "leaf");
      done();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      app.notice(app.explain(error), "seal");
    }
  }
  return h("li", {}, words, undo);
}
