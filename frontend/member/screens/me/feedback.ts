/** What she is asked about her visits, what she said, and what the shops answered. */

import { h } from "../../../shared/dom.ts";
import type { App } from "../../app.ts";
import { living, nothing } from "../../pieces/living.ts";
import { deed } from "../../pieces/deed.ts";
import { button, linkButton } from "../../pieces/parts.ts";
import { type Complaint, type Feedback, ratingCard } from "../../pieces/rating.ts";
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
    draw: ({ items }) => h("div", { class: "me-part" }, ...items.map((one) => (one.feedback_id === null ? ratingCard(app, one, () => void said.refresh()) : told(app, one, () => void said.refresh())))),
  });
  return { element: frame(app, title, "me", h("p", { class: "lead" }, app.t("feedbackLead")), said.element), title, onShow: said.show, onHide: said.hide };
}

function told(app: App, one: Feedback, again: () => void): HTMLElement {
  return h(
    "article",
    { class: "told hue", "--hue": one.merchant.hue },
    h("h2", {}, one.location_name || one.merchant.name),
    h("p", { class: "soft" }, app.words.moment(one.occurred_at, app.clock.now())),
    h("p", { class: "told-score" }, app.t("feedbackScore", { score: String(one.score) })),
    one.text ? h("blockquote", {}, one.text) : null,
    one.answer ? h("div", { class: "told-answer" }, h("b", {}, app.t("feedbackAnswer")), h("p", {}, one.answer)) : null,
    one.complaint ? complaintPart(app, one, one.complaint, again) : null,
  );
}

function complaintPart(app: App, one: Feedback, complaint: Complaint, again: () => void): HTMLElement {
  const path = `/me/feedback/${encodeURIComponent(one.feedback_id ?? "")}`;
  if (!complaint.is_answered) {
    if (!complaint.is_overdue) return h("p", { class: "soft" }, app.t("complaintUntil", { date: app.words.moment(complaint.due_at, app.clock.now()) }));
    const subject = encodeURIComponent(one.location_name || one.merchant.name);
    const over = h("div", { class: "stack" }, h("p", {}, app.t("complaintOver")));
    void app.offers().then(
      ({ brand }) => {
        if (brand?.support_address) over.append(linkButton(app.t("complaintAsk"), `mailto:${brand.support_address}?subject=${subject}`));
      },
      // Without an answer it is not known whom to ask.
      () => undefined,
    );
    return over;
  }
  const judge = (isSolved: boolean) => async () => {
    await app.api.post(`${path}/outcome`, { is_solved: isSolved });
    again();
  };
  const said = complaint.is_solved === null ? null : h("p", { class: "soft" }, app.t(complaint.is_solved ? "complaintIsSolved" : "complaintIsNotSolved"));
  return h(
    "div",
    { class: "stack" },
    complaint.offer
      ? deed(app, [h("p", {}, app.t("complaintOffer", { reward: complaint.offer })), h("p", { class: "hint" }, app.t("complaintTakeHint")), button(app.t("complaintTake"), null, { submit: true, kind: "ink" })], async () => {
          await app.api.post(`${path}/voucher`, {});
          again();
        })
      : null,
    said,
    complaint.is_closed || complaint.is_solved ? null : h("p", {}, app.t("complaintQuestion")),
    complaint.is_closed || complaint.is_solved
      ? null
      : h("div", { class: "acts" }, deed(app, [button(app.t("complaintSolved"), null, { submit: true, kind: "quiet" })], judge(true)), complaint.is_solved === null ? deed(app, [button(app.t("complaintNotSolved"), null, { submit: true, kind: "quiet" })], judge(false)) : null),
  );
}
