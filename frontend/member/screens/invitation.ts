/** The page behind a personal invitation: who invites, to which shop, and what both get. */

import { h } from "../../shared/dom.ts";
import { Problem } from "../../shared/problem.ts";
import type { App } from "../app.ts";
import { deed } from "../pieces/deed.ts";
import { living } from "../pieces/living.ts";
import { button, linkButton, note } from "../pieces/parts.ts";
import type { Params, Screen } from "../registry.ts";
import type { Merchant } from "../types.ts";
import "../styles/begin.css";

interface Invitation {
  readonly merchant: Merchant;
  readonly inviter_name: string | null;
  readonly gives: { readonly inviter: number; readonly invited: number; readonly unit: string };
}

export function invitationScreen(app: App, params: Params): Screen {
  const code = params["code"] ?? "";
  const title = app.t("beginTitle");
  const asked = living<Invitation | null>(app, {
    path: `/invitations/${encodeURIComponent(code)}`,
    keep: null,
    follows: false,
    load: async () => {
      try {
        return await app.api.get<Invitation>(`/invitations/${encodeURIComponent(code)}`);
      } catch (error) {
        if (error instanceof Problem && [404, 409, 422].includes(error.status)) return null;
        throw error;
      }
    },
    draw: (invitation) => (invitation ? drawn(app, code, invitation) : over(app)),
  });
  return { element: h("section", { class: "page begin" }, asked.element), title, onShow: asked.show, onHide: asked.hide };
}

function drawn(app: App, code: string, invitation: Invitation): HTMLElement {
  const { merchant, inviter_name: name, gives } = invitation;
  const units = (n: number) => app.t(gives.unit.startsWith("stamp") ? "stamps" : "points", { n });
  const heading = name ? app.t("inviteTitle", { name, shop: merchant.name }) : app.t("inviteTitleNobody", { shop: merchant.name });
  return h(
    "div",
    { class: "invitation hue", "--hue": merchant.hue ?? null },
    h("h1", { tabindex: -1 }, heading),
    h("p", { class: "lead" }, app.t("inviteGives", { invited: units(gives.invited), inviter: units(gives.inviter) })),
    deed(app, [button(app.t("inviteGo"), null, { submit: true, kind: "go", icon: "gift" })], async () => {
      await app.holder.ensure();
      await app.api.post("/me/invitations", { code });
      app.notice(app.t("inviteDone", { shop: merchant.name }), "leaf");
      app.go("card", { replace: true });
    }),
    h("p", { class: "soft" }, app.t("claimWhat")),
  );
}

function over(app: App): HTMLElement {
  return h("div", { class: "invitation" }, h("h1", { tabindex: -1 }, app.t("beginTitle")), note("amber", "clock", app.t("inviteOver")), linkButton(app.t("beginNew"), "card", { kind: "go" }));
}
