/** Her balances, shop by shop, the one of the last visit first: under the card, and at `#/wallet`. */

import "../styles/wallet.css";
import { h, s } from "../../shared/dom.ts";
import { shape } from "../../shared/seals.ts";
import type { App } from "../app.ts";
import { balancePicture, balanceWords, nextWords } from "../pieces/balance.ts";
import { Keyed } from "../pieces/keyed.ts";
import { leavingWords } from "../pieces/leaving.ts";
import { living, nothing } from "../pieces/living.ts";
import { bar, linkButton, tap } from "../pieces/parts.ts";
import { capital, unitsOf } from "../phrases.ts";
import type { Screen } from "../registry.ts";
import type { Account } from "../types.ts";
import { isWithin, KEPT_WALLET, prospects, readWallet, type Reward, type Voucher, type Wallet } from "../wallet.ts";

/** Hours for which the newest stamp bears the red seal. */
const FRESH = 24;

interface Held {
  readonly account: Account;
  readonly next: Reward | null;
  readonly ready: Reward | null;
  readonly vouchers: readonly Voucher[];
  readonly isFresh: boolean;
}

/** As a part of the card's screen: no heading of the first level. */
export function balancesUnderCard(app: App): Screen {
  const list = wallet(app);
  const element = h(
    "section",
    { class: "wallet-part" },
    h("header", { class: "wallet-top" }, h("h2", {}, app.t("walletTitle")), h("nav", { class: "wallet-ways", "aria-label": app.t("walletWays") }, ...ways(app))),
    list.element,
  );
  return { element, title: "", onShow: list.show, onHide: list.hide };
}

export function balancesScreen(app: App): Screen {
  const list = wallet(app);
  const element = h("section", { class: "page" }, bar(app, app.t("walletTitle"), "card", ...ways(app)), list.element);
  return { element, title: app.t("walletTitle"), onShow: list.show, onHide: list.hide };
}

function ways(app: App): HTMLElement[] {
  return [tap("gift", app.t("rewardsTitle"), "rewards"), tap("list", app.t("activityTitle"), "activity")];
}

function wallet(app: App) {
  const cards = new Keyed<Held>({ class: "wallet", label: app.t("walletTitle"), key: ({ account }) => account.programme_id, draw: (held) => balanceCard(app, held) });
  return living<Wallet>(app, {
    path: KEPT_WALLET,
    load: () => readWallet(app),
    draw(value) {
      const now = app.clock.now();
      cards.show(value.accounts.map((account) => heldOf(account, value, now)));
      return cards.element;
    },
    isEmpty: (value) => value.accounts.length === 0,
    empty: () => nothing(app.t("walletEmpty"), app.t("walletEmptyLead"), linkButton(app.t("walletEmptyGo"), "shops", { icon: "shops", kind: "ink" })),
  });
}

function heldOf(account: Account, value: Wallet, now: number): Held {
  const { next, ready } = prospects(account, value.rewards);
  const vouchers = value.vouchers.filter((voucher) => voucher.programme_id === account.programme_id);
  return { account, next, ready: ready[0] ?? null, vouchers, isFresh: isWithin(account.last_visit_at, FRESH, now) };
}

function balanceCard(app: App, { account, next, ready, vouchers, isFresh }: Held): HTMLElement {
  const { merchant } = account;
  const [soonest] = account.expiring;
  const waits = vouchers[0] ? app.t("walletVouchers", { n: vouchers.length }) : ready ? app.t("walletReady") : null;
  const following = nextWords(app, account, next);
  return h(
    "li",
    { class: "hue", "--hue": merchant.hue ?? null },
    h(
      "a",
      { class: "balance perf", href: `#/wallet/${account.programme_id}` },
      h(
        "span",
        { class: "balance-head" },
        h("b", {}, merchant.name, account.name && account.name !== merchant.name ? h("small", {}, account.name) : null),
        h("span", { class: "n" }, balanceWords(app, account)),
      ),
      balancePicture(app, account, { next, small: true, fresh: isFresh ? 1 : 0 }),
      h(
        "span",
        { class: "balance-foot" },
        following ? h("span", {}, following) : null,
        waits ? h("strong", {}, shape("seal", { class: "wax" }, s("path", { d: "m30 52 14 15 27-32", class: "tick" })), waits) : null,
      ),
      account.tier ? h("span", { class: "balance-more" }, app.t("walletTier", { tier: capital(account.tier) })) : null,
      leavingWords(app, account) ? h("span", { class: "balance-more" }, leavingWords(app, account)) : null,
      account.owed > 0 ? h("span", { class: "balance-more" }, app.t("walletOwed", { what: unitsOf(app, account.unit, account.owed) })) : null,
      soonest ? h("span", { class: "balance-more" }, app.t("walletExpires", { what: unitsOf(app, account.unit, soonest.units), date: app.words.day(Date.parse(soonest.at) - 1, app.clock.now()) })) : null,
    ),
  );
}
