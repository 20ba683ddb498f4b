/** Inviting somebody to a shop: what both get, a link that is hers alone, and how many came. */

import { h, s } from "../../../shared/dom.ts";
import type { App } from "../../app.ts";
import { passOn } from "../../browser.ts";
import { living, nothing } from "../../pieces/living.ts";
import { button, linkButton } from "../../pieces/parts.ts";
import { qr } from "../../qr.ts";
import type { Screen } from "../../registry.ts";
import type { Page } from "../../types.ts";
import { frame } from "./frame.ts";

interface Invitation {
  readonly merchant: { readonly merchant_id: string; readonly name: string; readonly hue: number };
  readonly url: string;
  readonly gives: { readonly inviter: number; readonly invited: number; readonly unit: string; readonly kind?: string };
  readonly invited: number;
  readonly rewarded: number;
}

export function inviteScreen(app: App): Screen {
  const title = app.t("meInvite");
  const mine = living<Page<Invitation>>(app, {
    path: "/me/invitations",
    follows: false,
    isEmpty: ({ items }) => items.length === 0,
    empty: () => nothing(app.t("invitesNone"), app.t("invitesNoneMore"), linkButton(app.t("tabShops"), "shops")),
    draw: ({ items }) => h("ul", { class: "invites" }, ...items.map((one) => row(app, one))),
  });
  return { element: frame(app, title, "me", h("p", { class: "lead" }, app.t("invitesLead")), mine.element), title, onShow: mine.show, onHide: mine.hide };
}

function row(app: App, invitation: Invitation): HTMLElement {
  const { merchant, gives, url } = invitation;
  const units = (n: number) => app.t((gives.kind ?? gives.unit).startsWith("stamp") ? "stamps" : "points", { n });
  const share = async () => {
    const how = await passOn(`${app.t("invitesText", { shop: merchant.name })} ${url}`, app.t("invitesTitle", { shop: merchant.name }));
    if (how === "copied") app.notice(app.t("invitesCopied"), "leaf");
  };
  const { size, path } = qr(url);
  return h(
    "li",
    { class: "lifted hue", "--hue": merchant.hue },
    h(
      "div",
      { class: "invite perf" },
      h("h2", {}, merchant.name),
      h("p", { class: "invite-gives" }, h("span", {}, h("small", {}, app.t("invitesYou")), h("b", {}, units(gives.inviter))), h("span", {}, h("small", {}, app.t("invitesThey")), h("b", {}, units(gives.invited)))),
      button(app.t("invitesGo"), () => void share(), { icon: "share" }),
      h("p", {}, invitation.invited === 0 ? app.t("invitesNobody") : app.t("invitesCame", { n: invitation.invited, rewarded: invitation.rewarded })),
      h(
        "details",
        {},
        h("summary", {}, app.t("invitesShow")),
        h("div", { class: "move-picture" }, s("svg", { viewBox: `-4 -4 ${size + 8} ${size + 8}`, role: "img", "aria-label": app.t("invitesPicture", { shop: merchant.name }) }, s("path", { d: path, "shape-rendering": "crispEdges" }))),
        h("p", { class: "invite-url" }, url),
      ),
    ),
  );
}
