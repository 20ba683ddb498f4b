/** A shop's club and its events: join with what interests her, take a place, give it back, pass the ticket on. */

import "../styles/me.css";
import "../styles/club.css";
import { h } from "../../shared/dom.ts";
import type { App } from "../app.ts";
import { passOn } from "../browser.ts";
import { deed } from "../pieces/deed.ts";
import { living, nothing } from "../pieces/living.ts";
import { bar, button, linkButton, note } from "../pieces/parts.ts";
import { ask } from "../pieces/sheet.ts";
import type { Params, Screen } from "../registry.ts";
import type { Merchant } from "../types.ts";

interface ShopEvent {
  readonly event_id: string;
  readonly status: "open" | "cancelled";
  readonly title: string;
  readonly text: string;
  readonly where: string;
  readonly price: string | null;
  readonly starts_at: string;
  readonly ends_at: string;
  /** The shop's own, in which its times are told. */
  readonly timezone: string;
  readonly left: number;
  readonly is_bookable: boolean;
  readonly opens_at: string | null;
  readonly place: "held" | "offered" | "waiting" | null;
  readonly voucher_id: string | null;
  readonly offered_until: string | null;
  readonly ahead: number | null;
  readonly may_pass_on: boolean;
  readonly passing_until: string | null;
}

export interface Club {
  readonly merchant: Merchant;
  readonly is_on: boolean;
  readonly name: string;
  readonly about: string;
  readonly interests: readonly string[];
  readonly is_joined: boolean;
  readonly chosen: readonly string[];
  readonly events: readonly ShopEvent[];
}

export function clubScreen(app: App, params: Params): Screen {
  const path = `/me/clubs/${encodeURIComponent(params["id"] ?? "")}`;
  const title = app.t("clubTitle");
  const club = living<Club>(app, {
    path,
    follows: false,
    isForm: true,
    draw: (value) => (value.is_on ? drawn(value) : nothing(app.t("clubOff"), app.t("clubOffMore"))),
  });
  const again = () => void club.refresh();

  function drawn(value: Club): HTMLElement {
    return h(
      "div",
      { class: "me-part" },
      value.about ? h("p", { class: "lead" }, value.about) : null,
      h("section", { class: "me-part" }, h("h2", {}, app.t("clubEvents")), ...(value.events.length ? value.events.map(event) : [h("p", { class: "soft" }, app.t("clubNoEvents"))])),
      membership(value),
    );
  }

  function membership(value: Club): HTMLElement {
    const boxes = value.interests.map((name) => ({ name, box: h("input", { type: "checkbox", checked: value.chosen.includes(name) }) }));
    const wording = app.t("clubConsent", { shop: value.merchant.name });
    const choice = boxes.length ? h("fieldset", { class: "club-interests" }, h("legend", {}, app.t("clubInterests")), ...boxes.map(({ name, box }) => h("label", { class: "switch" }, h("span", {}, name), box))) : null;
    const go = deed(app, [h("p", { class: "hint" }, app.t("clubJoinHint")), choice, h("p", {}, wording), value.is_joined && !boxes.length ? null : h("div", { class: "acts" }, button(app.t(value.is_joined ? "clubSave" : "clubJoin"), null, { submit: true, kind: "ink" }))], async () => {
      await app.api.put(path, { interests: boxes.filter(({ box }) => box.checked).map(({ name }) => name), wording });
      app.notice(app.t(value.is_joined ? "clubSaved" : "clubIn"), "leaf");
      again();
    });
    const leave = value.is_joined
      ? deed(app, [h("div", { class: "acts" }, button(app.t("clubLeave"), null, { submit: true, kind: "quiet" }))], async () => {
          if (!(await ask(app, { title: app.t("clubLeaveSure"), text: app.t("clubLeaveMore"), yes: app.t("clubLeave"), danger: true }))) return;
          await app.api.delete(path);
          again();
        })
      : null;
    return h("section", { class: "me-part" }, h("h2", {}, value.is_joined ? app.t("clubIn") : app.t("clubJoinTitle", { club: value.name })), go, leave);
  }

  function event(one: ShopEvent): HTMLElement {
    const at = (moment: string) => new Intl.DateTimeFormat(app.words.locale, { weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit", timeZone: one.timezone }).format(new Date(moment));
    const hour = (moment: string) => new Intl.DateTimeFormat(app.words.locale, { hour: "2-digit", minute: "2-digit", timeZone: one.timezone }).format(new Date(moment));
    return h(
      "article",
      { class: "told" },
      h("h3", {}, one.title),
      h("p", { class: "soft" }, `${at(one.starts_at)}–${hour(one.ends_at)}`, h("br", {}), [one.where, one.price].filter(Boolean).join(" · ")),
      h("p", {}, one.text),
      ...place(one, at, hour),
    );
  }

  function place(one: ShopEvent, at: (moment: string) => string, hour: (moment: string) => string): (HTMLElement | null)[] {
    const mine = `/me/events/${encodeURIComponent(one.event_id)}`;
    const act = (words: string, kind: "ink" | "quiet", work: () => Promise<unknown>) =>
      deed(app, [h("div", { class: "acts" }, button(words, null, { submit: true, kind }))], async () => {
        await work();
        again();
      });
    const take = () => app.api.post(`${mine}/place`, {});
    if (one.status === "cancelled") return [note("seal", "close", app.t("eventCancelled"))];
    if (one.place === "offered") return [note("amber", "clock", app.t("eventOffered", { time: hour(one.offered_until ?? one.starts_at) })), act(app.t("eventAccept"), "ink", take), act(app.t("eventUnwait"), "quiet", () => app.api.delete(`${mine}/place`))];
    if (one.place === "waiting") return [note("plain", "clock", app.t("eventWaiting", { n: String(one.ahead ?? 0) })), act(app.t("eventUnwait"), "quiet", () => app.api.delete(`${mine}/place`))];
    if (one.place === "held")
      return [
        note("leaf", "check", app.t("eventHeld"), one.voucher_id ? linkButton(app.t("eventTicket"), `vouchers/${one.voucher_id}`) : null),
        one.passing_until ? h("p", { class: "soft" }, app.t("eventPassing", { date: at(one.passing_until) })) : null,
        one.passing_until ? act(app.t("eventRevoke"), "quiet", () => app.api.delete(`${mine}/pass`)) : one.may_pass_on ? act(app.t("eventPass"), "quiet", () => pass(one, mine, at)) : null,
        act(app.t("eventBack"), "quiet", async () => {
          if (await ask(app, { title: app.t("eventBackSure"), text: app.t("eventBackMore"), yes: app.t("eventBack"), danger: true })) await app.api.delete(`${mine}/place`);
        }),
      ];
    if (!one.is_bookable) return [h("p", { class: "soft" }, one.opens_at && new Date(one.opens_at).getTime() > app.clock.now() ? app.t("eventOpens", { date: at(one.opens_at) }) : app.t("eventClosed"))];
    return [h("p", { class: "soft" }, one.left ? app.t("eventLeft", { n: one.left }) : app.t("eventFull")), act(app.t(one.left ? "eventTake" : "eventWait"), "ink", take)];
  }

  async function pass(one: ShopEvent, mine: string, at: (moment: string) => string): Promise<void> {
    const { code, expires_at: until } = await app.api.post<{ readonly code: string; readonly expires_at: string }>(`${mine}/pass`, {});
    const url = `${location.origin}${location.pathname}#/tickets/${code}`;
    const how = await passOn(`${app.t("eventPassText", { event: one.title })} ${url}`, one.title);
    if (how) app.notice(app.t(how === "copied" ? "eventPassed" : "eventPassShared", { date: at(until) }), "leaf");
    // Where nothing could be copied she copies it herself.
    else await ask(app, { title: app.t("eventPass"), text: url, yes: app.t("back") });
  }

  const element = h("div", { class: "page me-page" }, bar(app, title, "shops"), club.element);
  return { element, title, onShow: club.show, onHide: club.hide };
}
