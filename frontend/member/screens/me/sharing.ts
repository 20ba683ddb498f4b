/** What each shop may know of her and send her: one switch for each, with the very words that are kept. */

import { h } from "../../../shared/dom.ts";
import { Problem } from "../../../shared/problem.ts";
import type { App } from "../../app.ts";
import { living, nothing } from "../../pieces/living.ts";
import { button, linkButton, note } from "../../pieces/parts.ts";
import { toggle } from "../../pieces/toggle.ts";
import type { Screen } from "../../registry.ts";
import type { TextKey } from "../../texts/index.ts";
import type { Account, Merchant, Page } from "../../types.ts";
import { frame } from "./frame.ts";

const CHANNELS = ["profile", "lookup", "inbox", "push", "email", "wallet"] as const;
type Channel = (typeof CHANNELS)[number];

/** The words that are shown, and kept with what she says. */
const WORDING: Readonly<Record<Channel, TextKey>> = {
  profile: "consentProfile",
  lookup: "consentLookup",
  inbox: "consentInbox",
  push: "consentPush",
  email: "consentEmail",
  wallet: "consentWallet",
};

export const CHANNEL_NAMES: Readonly<Record<Channel, TextKey>> = {
  profile: "channelProfile",
  lookup: "channelLookup",
  inbox: "channelInbox",
  push: "channelPush",
  email: "channelEmail",
  wallet: "channelWallet",
};

interface Consent {
  readonly merchant_id: string;
  readonly merchant_name: string;
  readonly channel: Channel;
  readonly is_given: boolean;
  readonly occurred_at: string;
}

interface Said {
  readonly shops: readonly Merchant[];
  readonly consents: readonly Consent[];
  readonly hasPasses: boolean;
}

export function sharingScreen(app: App): Screen {
  const title = app.t("meSharing");
  const said = living<Said>(app, {
    path: "/me/consents",
    keep: "sharing",
    follows: false,
    load: () => read(app),
    isEmpty: ({ shops }) => shops.length === 0,
    empty: () => nothing(app.t("sharingNone"), app.t("sharingNoneMore"), linkButton(app.t("tabShops"), "shops")),
    draw: (value) => h("div", { class: "me-part" }, ...value.shops.map((shop) => shopPart(app, shop, value))),
  });
  const element = frame(app, title, "me", h("p", { class: "lead" }, app.t("sharingLead")), note("leaf", "check", app.t("sharingFree")), said.element, linkButton(app.t("sharingLog"), "me/sharing/log", { icon: "list" }));
  return { element, title, onShow: said.show, onHide: said.hide };
}

/** Every shop where she collects, and every one on which she ever said a word. */
async function read(app: App): Promise<Said> {
  const shops = new Map<string, Merchant>();
  const [consents, { passes }] = await Promise.all([app.api.get<Page<Consent>>("/me/consents"), app.offers()]);
  let path: string | null = "/me/accounts?limit=100";
  while (path) {
    const page: Page<Account> = await app.api.get<Page<Account>>(path);
    for (const { merchant } of page.items) shops.set(merchant.merchant_id, merchant);
    path = page.next ? `/me/accounts?limit=100&cursor=${encodeURIComponent(page.next)}` : null;
  }
  for (const one of consents.items) {
    if (!shops.has(one.merchant_id)) shops.set(one.merchant_id, { merchant_id: one.merchant_id, name: one.merchant_name });
  }
  const byName = new Intl.Collator(app.words.locale);
  return { shops: [...shops.values()].sort((a, b) => byName.compare(a.name, b.name)), consents: consents.items, hasPasses: passes.apple || passes.google };
}

function shopPart(app: App, shop: Merchant, { consents, hasPasses }: Said): HTMLElement {
  const given = new Map(consents.filter((one) => one.merchant_id === shop.merchant_id).map((one) => [one.channel, one]));
  const channels = CHANNELS.filter((channel) => channel !== "wallet" || hasPasses || given.get(channel)?.is_given);
  const sum = h("small", {});
  const all = button(app.t("sharingAll"), () => void withdrawAll(), {});
  const list = h("div", { class: "switches" });
  const count = () => {
    const on = channels.filter((channel) => given.get(channel)?.is_given);
    sum.textContent = on.length ? app.words.list(on.map((channel) => app.t(CHANNEL_NAMES[channel]))) : app.t("sharingNothing");
    all.hidden = on.length === 0;
  };
  const say = async (channel: Channel, isGiven: boolean) => {
    const wording = app.t(WORDING[channel], { shop: shop.name });
    const kept = await app.api.put<Consent>("/me/consents", { merchant_id: shop.merchant_id, channel, is_given: isGiven, how: "app", wording });
    given.set(channel, kept);
    count();
  };
  const draw = () => {
    list.replaceChildren(
      ...channels.map((channel) => {
        const known = given.get(channel);
        const more = known ? app.t(known.is_given ? "sharingGiven" : "sharingWithdrawn", { when: app.words.moment(known.occurred_at, app.clock.now()) }) : null;
        return toggle(app, app.t(WORDING[channel], { shop: shop.name }), { isOn: known?.is_given ?? false, more }, (isOn) => say(channel, isOn));
      }),
    );
    count();
  };
  async function withdrawAll(): Promise<void> {
    try {
      for (const channel of channels) if (given.get(channel)?.is_given) await say(channel, false);
      app.notice(app.t("sharingAllDone", { shop: shop.name }), "ink");
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      app.notice(app.explain(error), "seal");
    }
    draw();
  }
  draw();
  return h("details", { class: "shop-say hue", "--hue": shop.hue ?? null }, h("summary", {}, h("span", {}, h("b", {}, shop.name), sum)), list, all);
}
