/** What members would like of a shop: propose something, and vote for what others proposed. Nobody's name is shown. */

import "../styles/me.css";
import { h } from "../../shared/dom.ts";
import type { App } from "../app.ts";
import { deed } from "../pieces/deed.ts";
import { living, nothing } from "../pieces/living.ts";
import { bar, button } from "../pieces/parts.ts";
import type { Params, Screen } from "../registry.ts";
import type { TextKey } from "../texts/index.ts";

export interface Idea {
  readonly idea_id: string;
  readonly text: string;
  readonly status: string;
  readonly votes: number;
  readonly answer: string | null;
  readonly is_mine: boolean;
  readonly is_voted: boolean;
}

export interface Ideas {
  readonly is_on: boolean;
  readonly items: readonly Idea[];
}

const LONGEST = 300;
const MARKS: Readonly<Record<string, TextKey>> = { proposed: "ideaProposed", planned: "ideaPlanned", done: "ideaDone", declined: "ideaDeclined" };

export function ideasScreen(app: App, params: Params): Screen {
  const shop = encodeURIComponent(params["id"] ?? "");
  const title = app.t("ideasTitle");
  const ideas = living<Ideas>(app, {
    path: `/me/shops/${shop}/ideas`,
    follows: false,
    isForm: true,
    draw: ({ is_on, items }) => (is_on ? h("div", { class: "me-part" }, propose(), items.length ? h("div", { class: "me-part" }, ...items.map(told)) : h("p", { class: "soft" }, app.t("ideasNone"))) : nothing(app.t("ideasOff"), app.t("ideasOffMore"))),
  });

  function propose(): HTMLElement {
    const words = h("textarea", { id: "idea", rows: 3, maxlength: LONGEST, required: true });
    return deed(app, [h("div", { class: "field" }, h("label", { for: words.id }, app.t("ideaLabel")), h("p", { class: "hint" }, app.t("ideaHint")), words), h("div", { class: "acts" }, button(app.t("ideaGo"), null, { submit: true, kind: "ink" }))], async () => {
      await app.api.post(`/me/shops/${shop}/ideas`, { text: words.value.trim() });
      words.value = "";
      void ideas.refresh();
    });
  }

  function told(idea: Idea): HTMLElement {
    const mark = MARKS[idea.status];
    const votes = app.t(idea.votes === 1 ? "ideaVote" : "ideaVotes", { count: String(idea.votes) });
    const path = `/me/ideas/${encodeURIComponent(idea.idea_id)}/vote`;
    const act = deed(app, [h("div", { class: "acts" }, button(app.t(idea.is_voted ? "ideaUnvoteGo" : "ideaVoteGo"), null, { submit: true, kind: idea.is_voted ? "quiet" : "ink" }))], async () => {
      await (idea.is_voted ? app.api.delete(path) : app.api.put(path, {}));
      void ideas.refresh();
    });
    return h(
      "article",
      { class: "told" },
      h("p", {}, idea.text),
      h("p", { class: "soft" }, votes, mark ? ` · ${app.t(mark)}` : "", idea.is_mine ? ` · ${app.t("ideaMine")}` : ""),
      idea.answer ? h("div", { class: "told-answer" }, h("b", {}, app.t("ideaAnswer")), h("p", {}, idea.answer)) : null,
      idea.status === "open" || idea.status === "planned" ? act : null,
    );
  }

  const element = h("div", { class: "page me-page" }, bar(app, title, "shops"), h("p", { class: "lead" }, app.t("ideasLead")), ideas.element);
  return { element, title, onShow: ideas.show, onHide: ideas.hide };
}
