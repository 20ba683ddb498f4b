/** The inbox: what happened, newest first, and how the last visit was. */

import { h } from "../../../shared/dom.ts";
import { Problem } from "../../../shared/problem.ts";
import type { App } from "../../app.ts";
import { icon, type IconName } from "../../pieces/icons.ts";
import { living, nothing } from "../../pieces/living.ts";
import { button, linkButton, tap } from "../../pieces/parts.ts";
import { type Feedback, ratingCard } from "../../pieces/rating.ts";
import type { Screen } from "../../registry.ts";
import type { Page } from "../../types.ts";
import { frame } from "./frame.ts";

interface Message {
  readonly message_id: string;
  readonly kind: string;
  readonly title: string;
  readonly text: string;
  readonly merchant: { readonly merchant_id: string; readonly name: string; readonly hue: number } | null;
  readonly link: string | null;
  readonly created_at: string;
  readonly read_at: string | null;
}

const PICTURES: Readonly<Record<string, IconName>> = {
  reward_unlocked: "gift",
  units_expiring: "clock",
  new_sign_in: "phone",
  card_blocked: "lock",
  card_replaced: "card",
  spent: "check",
  email_changed: "mail",
  passkey_added: "key",
  passkey_removed: "key",
  spending_asked: "bang",
  feedback_answered: "heart",
  invitation_rewarded: "gift",
  shop_news: "shops",
  shop_notice: "shops",
};

export function messagesScreen(app: App): Screen {
  const title = app.t("meMessages");
  // What was new when the page was opened stays marked until it is left.
  const fresh = new Set<string>();
  const question = h("div", { class: "question" });
  const inbox = living<Page<Message>>(app, {
    path: "/me/messages",
    isEmpty: ({ items }) => items.length === 0,
    empty: () => nothing(app.t("messagesNone"), app.t("messagesNoneMore"), linkButton(app.t("meSettings"), "me/message-settings")),
    draw: (page, { isFresh }) => {
      // What was kept may have been read since.
      for (const one of isFresh ? page.items : []) if (one.read_at === null) fresh.add(one.message_id);
      return pages(app, page, fresh);
    },
    answered: ({ items }) => void markRead(app, items),
  });

  /** Asked at most once for each shop and quarter; the rest of what was said stands on a page of its own. */
  async function askHow(): Promise<void> {
    try {
      const { items } = await app.api.get<Page<Feedback>>("/me/feedback");
      const asked = items.find((one) => one.feedback_id === null);
      if (asked && !question.hasChildNodes()) question.replaceChildren(ratingCard(app, asked, () => question.replaceChildren()));
    } catch (error) {
      // The inbox says what is wrong.
      if (!(error instanceof Problem)) throw error;
    }
  }

  const element = frame(app, title, "me", question, inbox.element);
  element.querySelector(".bar-acts")?.append(tap("sliders", app.t("meSettings"), "me/message-settings"));
  return {
    element,
    title,
    onShow() {
      inbox.show();
      void askHow();
    },
    onHide: inbox.hide,
  };
}

async function markRead(app: App, items: readonly Message[]): Promise<void> {
  const [newest] = items;
  if (!newest || items.every((one) => one.read_at !== null)) return;
  try {
    await app.api.post("/me/messages/read", { until: newest.message_id });
    app.pulse.stir();
  } catch (error) {
    // They are marked when the page is next opened.
    if (!(error instanceof Problem)) throw error;
  }
}

function pages(app: App, first: Page<Message>, fresh: ReadonlySet<string>): HTMLElement {
  const list = h("ol", { class: "inbox" }, ...first.items.map((one) => row(app, one, fresh.has(one.message_id))));
  const older = h("div", {});
  const offer = (cursor: string | null) => {
    older.replaceChildren(...(cursor ? [button(app.t("messagesOlder"), () => void more(cursor))] : []));
  };
  async function more(cursor: string): Promise<void> {
    try {
      const page = await app.api.get<Page<Message>>(`/me/messages?cursor=${encodeURIComponent(cursor)}`);
      list.append(...page.items.map((one) => row(app, one, false)));
      offer(page.next);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      app.notice(app.explain(error), "seal");
    }
  }
  offer(first.next);
  return h("div", { class: "me-part" }, list, older);
}

function row(app: App, message: Message, isNew: boolean): HTMLElement {
  const content = [
    icon(PICTURES[message.kind] ?? "bell"),
    h(
      "span",
      {},
      isNew ? h("b", { class: "mark" }, app.t("messageNew")) : null,
      h("b", { class: "message-title" }, message.title),
      h("span", {}, message.text),
      h("small", {}, app.words.moment(message.created_at, app.clock.now())),
    ),
  ];
  const link = message.link?.startsWith("#/") ? message.link : null;
  return h(
    "li",
    { class: ["hue", isNew ? "new" : ""].join(" ").trim(), "--hue": message.merchant?.hue ?? null, "data-shop": message.merchant !== null },
    link ? h("a", { href: link }, ...content, icon("next")) : h("div", {}, ...content),
  );
}
