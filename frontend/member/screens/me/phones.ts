/** Where she is signed in: was it her, and does it go on. */

import { h } from "../../../shared/dom.ts";
import { Problem } from "../../../shared/problem.ts";
import type { App } from "../../app.ts";
import { icon } from "../../pieces/icons.ts";
import { living } from "../../pieces/living.ts";
import { button, linkButton, note } from "../../pieces/parts.ts";
import { ask } from "../../pieces/sheet.ts";
import type { Screen } from "../../registry.ts";
import type { TextKey } from "../../texts/index.ts";
import type { Page } from "../../types.ts";
import { frame } from "./frame.ts";

export interface MemberSession {
  readonly session_id: string;
  readonly began: "anonymous" | "code" | "passkey" | "recovery" | "transfer";
  readonly created_at: string;
  readonly last_used_at: string;
  readonly waits_until: string | null;
  readonly is_this: boolean;
}

export const BEGAN: Readonly<Record<MemberSession["began"], TextKey>> = {
  anonymous: "phoneAnonymous",
  code: "phoneCode",
  passkey: "phonePasskey",
  recovery: "phoneRecovery",
  transfer: "phoneTransfer",
};

export function phonesScreen(app: App): Screen {
  const title = app.t("mePhones");
  const told = h("div", { "aria-live": "polite" });
  const sessions = living<Page<MemberSession>>(app, {
    path: "/me/sessions",
    draw: ({ items }) => list(app, items, act),
  });

  async function act(deed: () => Promise<void>, done: HTMLElement): Promise<void> {
    try {
      await deed();
      told.replaceChildren(done);
      await sessions.refresh();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      told.replaceChildren(note("seal", "bang", app.explain(error)));
    }
    told.scrollIntoView({ block: "nearest" });
  }

  const element = frame(app, title, "me", h("p", { class: "lead" }, app.t("phonesLead")), told, sessions.element, linkButton(app.t("phonesMove"), "me/move", { icon: "phone" }), linkButton(app.t("meLost"), "me/lost", { icon: "bang" }));
  return { element, title, onShow: sessions.show, onHide: sessions.hide };
}

type Act = (deed: () => Promise<void>, done: HTMLElement) => Promise<void>;

function list(app: App, items: readonly MemberSession[], act: Act): HTMLElement {
  const others = items.filter((one) => !one.is_this);
  const end = (one: MemberSession) => app.api.delete(`/me/sessions/${one.session_id}`);
  const endAll = async () => {
    const yes = await ask(app, { title: app.t("phonesAllAsk"), text: app.t("phonesAllMore"), yes: app.t("phonesAll"), danger: true });
    if (!yes) return;
    await act(async () => {
      for (const one of others) await end(one);
    }, note("leaf", "check", app.t("phonesAllDone")));
  };
  const sorted = [...items.filter((one) => one.is_this), ...others];
  return h(
    "div",
    { class: "me-part" },
    h("ul", { class: "phones" }, ...sorted.map((one) => row(app, one, act, () => end(one)))),
    others.length ? button(app.t("phonesAll"), () => void endAll(), { kind: "danger" }) : h("p", { class: "soft" }, app.t("phonesOnly")),
  );
}

function row(app: App, session: MemberSession, act: Act, end: () => Promise<void>): HTMLElement {
  const when = (at: string) => app.words.moment(at, app.clock.now());
  const no = async () => {
    const yes = await ask(app, { title: app.t("phoneNotMeAsk"), text: app.t("phoneNotMeMore"), yes: app.t("phoneEnd"), danger: true });
    if (yes) await act(end, note("amber", "lock", app.t(session.began === "code" ? "phoneNotMeMail" : "phoneNotMeDone"), linkButton(app.t("secureTitle"), "me/secure")));
  };
  const trust = () => act(() => app.api.post(`/me/sessions/${session.session_id}/trust`), note("leaf", "check", app.t("phoneTrusted")));
  return h(
    "li",
    { class: session.is_this ? "this" : null },
    icon("phone"),
    h(
      "p",
      {},
      h("b", {}, app.t(session.is_this ? "phoneThis" : BEGAN[session.began])),
      session.is_this ? h("small", {}, app.t(BEGAN[session.began])) : null,
      h("small", {}, app.t("phoneSince", { since: when(session.created_at) })),
      session.is_this ? null : h("small", {}, app.t("phoneUsed", { used: when(session.last_used_at) })),
      session.waits_until ? h("small", { class: "waits" }, app.t("phoneWaits", { when: when(session.waits_until) })) : null,
    ),
    session.is_this
      ? null
      : h("div", { class: "phone-acts" }, session.waits_until ? button(app.t("phoneMe"), () => void trust(), { icon: "check" }) : null, button(app.t("phoneNotMe"), () => void no(), { icon: "close", kind: "danger" })),
  );
}
