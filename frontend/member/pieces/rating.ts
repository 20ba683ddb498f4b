/** How was it? One touch from 0 to 10, and words if wanted. */

import { h } from "../../shared/dom.ts";
import type { App } from "../app.ts";
import { deed } from "./deed.ts";
import { button } from "./parts.ts";

export interface Feedback {
  /** Null while it is a question. */
  readonly feedback_id: string | null;
  readonly visit_id: string;
  readonly merchant: { readonly merchant_id: string; readonly name: string; readonly hue: number };
  readonly location_name: string;
  readonly occurred_at: string;
  readonly score: number | null;
  readonly text: string | null;
  readonly answer: string | null;
  readonly answered_at: string | null;
  readonly complaint: Complaint | null;
}

/** A low score with words, or what she marked as one: the shop answers by `due_at`. */
export interface Complaint {
  readonly due_at: string;
  readonly is_answered: boolean;
  readonly is_overdue: boolean;
  readonly is_solved: boolean | null;
  readonly is_closed: boolean;
  readonly offer: string | null;
}

const HIGHEST = 10;
const LONGEST = 1000;

/** A question about a visit. A touch of a number says it, and words may follow. `done` hears when both are over. */
export function ratingCard(app: App, asked: Feedback, done: () => void): HTMLElement {
  const words = h("textarea", { id: `words-${asked.visit_id}`, rows: 3, maxlength: LONGEST });
  const marked = h("input", { type: "checkbox", id: `marked-${asked.visit_id}` });
  let said = 0;
  const say = (text: string | null) => app.api.post("/me/feedback", { visit_id: asked.visit_id, score: said, text, is_complaint: marked.checked });
  const title = h("h2", { tabindex: -1 }, app.t("ratingTitle", { shop: asked.location_name || asked.merchant.name }));
  const numbers = Array.from({ length: HIGHEST + 1 }, (_, score) => h("button", { type: "submit", class: "n", onclick: () => (said = score) }, score));
  const scale = h("fieldset", { class: "rating-scale" }, h("legend", { class: "vh" }, app.t("ratingScale")), ...numbers);
  const ends = h("p", { class: "rating-ends", "aria-hidden": "true" }, h("span", {}, app.t("ratingLow")), h("span", {}, app.t("ratingHigh")));
  const touch = deed(app, [scale, ends], async () => {
    await say(null);
    title.textContent = app.t("ratingThanks", { score: String(said) });
    touch.replaceWith(more);
    title.focus();
  });
  const more = deed(
    app,
    [
      h("div", { class: "field" }, h("label", { for: words.id }, app.t("ratingWords")), h("p", { class: "hint" }, app.t("ratingWordsHint")), words),
      h("div", { class: "field tick" }, h("label", { for: marked.id }, marked, " ", h("span", {}, app.t("complaintMark")))),
      h("div", { class: "acts" }, button(app.t("ratingGo"), null, { submit: true, kind: "ink" }), button(app.t("ratingNoWords"), done, { kind: "quiet" })),
    ],
    async () => {
      const text = words.value.trim();
      if (text) await say(text);
      done();
    },
  );
  return h("section", { class: "rating hue", "--hue": asked.merchant.hue }, title, h("p", { class: "soft" }, app.words.moment(asked.occurred_at, app.clock.now())), touch);
}
