/** What has just been earned, struck onto the card with a small thud. */

import { h } from "../../shared/dom.ts";
import { strike } from "../../shared/seals.ts";
import { stamp } from "../../shared/stampcard.ts";
import type { App } from "../app.ts";
import type { Account } from "../types.ts";

const STAYS = 4_000;

export interface Gain {
  readonly account: Account;
  readonly units: number;
}

/** What has grown since; a card that was filled and began anew has grown too, by an unknown number. */
export function gains(before: readonly Account[], now: readonly Account[]): Gain[] {
  const known = new Map(before.map((account) => [account.programme_id, account]));
  return now.flatMap((account) => {
    const old = known.get(account.programme_id);
    const units = account.balance - (old?.balance ?? 0);
    const isFilled = units <= 0 && account.visits > (old?.visits ?? 0) && account.kind === "stamps";
    return units > 0 || isFilled ? [{ account, units: Math.max(0, units) }] : [];
  });
}

export interface Arrival {
  readonly element: HTMLElement;
  show(gain: Gain): void;
}

export function arrival(app: App): Arrival {
  const element = h("div", { class: "arrival", role: "status" });
  let timer = 0;
  return {
    element,
    show({ account, units }) {
      window.clearTimeout(timer);
      const { merchant } = account;
      const plus = app.t("cardArrivedUnits", { n: units });
      const what = units > 0 ? app.t(account.kind === "stamps" ? "stamps" : "points", { n: units }) : app.t("cardArrivedFull");
      element.replaceChildren(
        h(
          "div",
          { class: "arrived hue", "--hue": merchant.hue ?? null },
          h("div", { class: "arrived-stamp", "aria-hidden": "true" }, stamp({ name: merchant.name, logo: merchant.logo_svg ?? null }), strike(units > 0 ? plus : "✓")),
          h("p", {}, h("b", {}, merchant.name), h("span", {}, what)),
        ),
      );
      if (!window.matchMedia("(prefers-reduced-motion: reduce)").matches) navigator.vibrate?.(25);
      timer = window.setTimeout(() => element.replaceChildren(), STAYS);
    },
  };
}
