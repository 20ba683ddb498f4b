/** Every word that she gave a shop or took back, with the words that were shown. */

import { h } from "../../../shared/dom.ts";
import type { App } from "../../app.ts";
import { icon } from "../../pieces/icons.ts";
import { living, nothing } from "../../pieces/living.ts";
import { linkButton } from "../../pieces/parts.ts";
import type { Screen } from "../../registry.ts";
import type { Page } from "../../types.ts";
import { frame } from "./frame.ts";

interface Word {
  readonly consent_id: string;
  readonly merchant_name: string;
  readonly is_given: boolean;
  readonly wording: string;
  readonly occurred_at: string;
}

export function sharingLogScreen(app: App): Screen {
  const title = app.t("sharingLog");
  const words = living<Page<Word>>(app, {
    path: "/me/consents/log",
    follows: false,
    isEmpty: ({ items }) => items.length === 0,
    empty: () => nothing(app.t("sharingLogNone"), app.t("sharingLogNoneMore"), linkButton(app.t("meSharing"), "me/sharing")),
    draw: ({ items }) => h("ol", { class: "log" }, ...items.map((word) => row(app, word))),
  });
  return { element: frame(app, title, "me/sharing", h("p", { class: "lead" }, app.t("sharingLogLead")), words.element), title, onShow: words.show, onHide: words.hide };
}

function row(app: App, word: Word): HTMLElement {
  return h(
    "li",
    { class: word.is_given ? "yes" : "no" },
    icon(word.is_given ? "check" : "close"),
    h(
      "p",
      {},
      h("b", {}, app.t(word.is_given ? "sharingLogGiven" : "sharingLogTaken", { shop: word.merchant_name })),
      h("small", {}, app.words.moment(word.occurred_at, app.clock.now())),
      h("q", {}, word.wording),
    ),
  );
}
