/** What she is asked about her visits, what she said, and what the shops answered. */

import { h } from "../../../shared/dom.ts";
import type { App } from "../../app.ts";
import { living, nothing } from "../../pieces/living.ts";
import { linkButton } from "../../pieces/parts.ts";
import { type Feedback, ratingCard } from "../../pieces/rating.ts";
import type { Screen } from "../../registry.ts";
import type { Page } from "../../types.ts";
import { frame } from "./frame.ts";

export function feedbackScreen(app: App): Screen {
  const title = app.t("meFeedback");
  const said = living<Page<Feedback>>(app, {
    path: "/me/feedback",
    // Not drawn anew under her hands.
    follows: false,
    isForm: true,
    isEmpty: ({ items }) => items.length === 0,
    empty: () => nothing(app.t("feedbackNone"), app.t("feedbackNoneMore"), linkButton(app.t("tabCard"), "card")),
    draw: ({ items }) => h("div", { class: "me-part" }, ...items.map((one) => (one.feedback_id === null ? ratingCard(app, one, () => void said.refresh()) : told(app, one)))),
  });
  return { element: frame(app, title, "me", h("p", { class: "lead" }, app.t("feedbackLead")), said.element), title, onShow: said.show, onHide: said.hide };
}

function told(app: App, one: Feedback): HTMLElement {
  return h(
    "article",
    { class: "told hue", "--hue": one.merchant.hue },
    h("h2", {}, one.location_name || one.merchant.name),
    h("p", { class: "soft" }, app.words.moment(one.occurred_at, app.clock.now())),
    h("p", { class: "told-score" }, app.t("feedbackScore", { score: String(one.score) })),
    one.text ? h("blockquote", {}, one.text) : null,
    one.answer ? h("div", { class: "told-answer" }, h("b", {}, app.t("feedbackAnswer")), h("p", {}, one.answer)) : null,
  );
}
