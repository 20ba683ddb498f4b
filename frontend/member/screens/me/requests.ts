/** What shops asked to spend, of the last day, and what she said. */

import { h } from "../../../shared/dom.ts";
import { Problem } from "../../../shared/problem.ts";
import type { App } from "../../app.ts";
import type { SpendingRequest } from "../../asking.ts";
import { living, nothing } from "../../pieces/living.ts";
import { button, linkButton } from "../../pieces/parts.ts";
import type { Screen } from "../../registry.ts";
import type { TextKey } from "../../texts/index.ts";
import type { Page } from "../../types.ts";
import { frame } from "./frame.ts";

const STATUS: Readonly<Record<SpendingRequest["status"], TextKey>> = {
  asked: "requestAsked",
  approved: "requestApproved",
  refused: "requestRefused",
  used: "requestUsed",
  expired: "requestExpired",
};

export function requestsScreen(app: App): Screen {
  const title = app.t("requestsTitle");
  const asked = living<Page<SpendingRequest>>(app, {
    path: "/me/spending-requests",
    isEmpty: ({ items }) => items.length === 0,
    empty: () => nothing(app.t("requestsNone"), app.t("requestsNoneMore"), linkButton(app.t("meBrakes"), "me/brakes")),
    draw: ({ items }) => h("ul", { class: "requests" }, ...items.map((one) => row(app, one, () => void asked.refresh()))),
  });
  return { element: frame(app, title, "me/brakes", asked.element), title, onShow: asked.show, onHide: asked.hide };
}

function row(app: App, request: SpendingRequest, again: () => void): HTMLElement {
  const worth = request.worth === null ? app.t("askUnknown") : app.words.money(request.worth, request.currency);
  const isOpen = ["asked", "approved"].includes(request.status) && Date.parse(request.expires_at) > app.clock.now();
  const say = async (word: "approve" | "refuse") => {
    try {
      await app.api.post(`/me/spending-requests/${request.request_id}/${word}`);
      app.pulse.stir();
      again();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      app.notice(app.explain(error), "seal");
      again();
    }
  };
  return h(
    "li",
    { class: `hue ${request.status}`, "--hue": request.merchant.hue ?? null },
    h("p", {}, h("b", {}, request.reward_name), h("small", {}, `${request.merchant.name} · ${worth}`), h("small", {}, app.words.moment(request.asked_at, app.clock.now()))),
    h("p", { class: "said" }, app.t(STATUS[request.status])),
    isOpen
      ? h(
          "div",
          { class: "phone-acts" },
          request.status === "asked" ? button(app.t("askYes"), () => void say("approve"), { icon: "check" }) : null,
          button(app.t("askNo"), () => void say("refuse"), { icon: "close", kind: "danger" }),
        )
      : null,
  );
}
