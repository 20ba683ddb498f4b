/** One programme of hers: its card as a picture, what waits, what can be had, what expires, and what happened. */

import "../styles/wallet.css";
import { h } from "../../shared/dom.ts";
import type { App } from "../app.ts";
import { keptAnswer } from "../kept.ts";
import { balancePicture, balanceWords, nextWords } from "../pieces/balance.ts";
import { coupon, lastDay, rewardRow } from "../pieces/coupon.ts";
import { happened } from "../pieces/happened.ts";
import { leavingWords } from "../pieces/leaving.ts";
import { living, nothing, skeleton } from "../pieces/living.ts";
import { button, linkButton, rows, tap } from "../pieces/parts.ts";
import { takeReward } from "../pieces/take.ts";
import { capital, unitsOf } from "../phrases.ts";
import type { Params, Screen } from "../registry.ts";
import type { ShopItem } from "../shopping.ts";
import type { Account, Page } from "../types.ts";
import { type Activity, KEPT_WALLET, prospects, readWallet, type Reward, type Wallet } from "../wallet.ts";

const PAGE = 30;

export function accountScreen(app: App, params: Params): Screen {
  const id = params["id"] ?? "";
  const head = h("div", { class: "account-head" });
  const waiting = h("div", { class: "account-part" });
  const rewards = h("div", { class: "account-part" });
  const shops = h("div", { class: "account-part" });
  const past = h("section", { class: "account-part", "aria-labelledby": "account-past" });
  const element = h("div", { class: "account hue" });
  let account: Account | null = null;
  let activities: readonly Activity[] = [];
  let isShown = false;

  const balance = living<Wallet>(app, {
    path: KEPT_WALLET,
    load: () => readWallet(app),
    skeleton: () => skeleton(4),
    draw(value) {
      const found = value.accounts.find((one) => one.programme_id === id) ?? null;
      if (!found) return gone();
      const isFirst = account === null;
      account = found;
      element.style.setProperty("--hue", String(found.merchant.hue ?? 25));
      drawHead(value);
      drawWaiting(value);
      drawRewards(value);
      if (isFirst && isShown) {
        record.show();
        void drawShops();
      }
      return h("div", { class: "account-body" }, head, h("div", { class: "page" }, waiting, rewards, past, shops));
    },
  });

  const record = living<Page<Activity>>(app, {
    path: () => `/me/activity?merchant_id=${account?.merchant.merchant_id ?? ""}&limit=${PAGE}`,
    keep: `activity/${id}`,
    draw(page) {
      activities = page.items;
      redrawHead();
      return h("div", {}, happened(app, page.items, { programme: id, showsShop: false }), page.next ? linkButton(app.t("activityAll"), "activity", { icon: "list" }) : null);
    },
    isEmpty: (page) => !page.items.some((one) => one.entries.some((entry) => entry.programme_id === id)),
    empty: () => h("p", { class: "soft" }, app.t("activityEmptyLead")),
  });
  past.append(h("h2", { id: "account-past" }, app.t("accountPast")), record.element);

  let drawn: Wallet | null = null;
  function redrawHead(): void {
    if (drawn) drawHead(drawn);
  }

  function drawHead(value: Wallet): void {
    if (!account) return;
    drawn = value;
    const { next } = prospects(account, value.rewards);
    const meta = [account.name === account.merchant.name ? null : account.name, account.tier ? app.t("walletTier", { tier: capital(account.tier) }) : null].filter(Boolean).join(" · ");
    const left = nextWords(app, account, next);
    const picture = balancePicture(app, account, { next, fresh: newest() });
    head.replaceChildren(
      h(
        "section",
        { class: "band shop-band" },
        h("header", { class: "bar" }, tap("back", app.t("back"), () => app.back("card")), h("div", { class: "bar-acts" }, tap("gift", app.t("rewardsTitle"), "rewards")), h("h1", { tabindex: -1 }, account.merchant.name)),
        meta ? h("p", { class: "meta" }, meta) : null,
        h("p", { class: account.kind === "points" ? "sum n" : "vh" }, balanceWords(app, account)),
        picture,
        left ? h("p", { class: "left" }, left) : null,
        leavingWords(app, account, true) ? h("p", { class: "meta" }, leavingWords(app, account, true)) : null,
        account.owed > 0 ? h("p", { class: "meta" }, app.t("walletOwed", { what: unitsOf(app, account.unit, account.owed) })) : null,
      ),
    );
  }

  /** Units of the latest booking that gave some here and was not taken back. */
  function newest(): number {
    for (const activity of activities) {
      const isGain = (activity.kind === "earn" || activity.kind === "adjust") && !activity.is_reversed;
      const units = activity.entries.find((one) => one.programme_id === id)?.units ?? 0;
      if (isGain && units > 0) return Math.min(units, account?.balance ?? 0);
    }
    return 0;
  }

  function drawWaiting(value: Wallet): void {
    if (!account) return;
    const { unit, expiring } = account;
    const vouchers = value.vouchers.filter((voucher) => voucher.merchant.merchant_id === account?.merchant.merchant_id);
    waiting.replaceChildren(
      ...(vouchers.length ? [h("h2", {}, app.t("accountWaits")), h("ul", { class: "coupons" }, ...vouchers.map((voucher) => coupon(app, voucher, { showsShop: false })))] : []),
      ...(expiring.length
        ? [
            h("h2", {}, app.t("accountExpires")),
            h("ul", { class: "expiring" }, ...expiring.map(({ units, at }) => h("li", {}, h("span", { class: "n" }, unitsOf(app, unit, units)), h("span", {}, app.t("accountUntil", { date: app.words.date(lastDay(at)) }))))),
          ]
        : []),
    );
  }

  function drawRewards(value: Wallet): void {
    const own = value.rewards.filter((reward) => reward.programme_id === id).toSorted((one, other) => Number(other.is_ready) - Number(one.is_ready) || one.cost - other.cost);
    const take = (reward: Reward) => void takeReward(app, reward);
    rewards.replaceChildren(...(own.length ? [h("h2", {}, app.t("accountRewards")), h("ul", { class: "rewards" }, ...own.map((reward) => rewardRow(app, reward, { showsShop: false, take })))] : []));
  }

  async function drawShops(): Promise<void> {
    const merchant = account?.merchant.merchant_id;
    if (!merchant) return;
    const found = await app.api.get<Page<ShopItem>>(`/shops?merchant_id=${merchant}&limit=20`).catch(() => null);
    const items = found?.items ?? [];
    if (!items.length) return;
    const places = items.map((shop) => ({ path: `shops/${shop.location_id}`, icon: "shops" as const, words: shop.name, more: [shop.address.street, shop.address.city].filter(Boolean).join(", ") }));
    shops.replaceChildren(h("h2", {}, app.t("accountShops", { n: items.length })), rows(places));
  }

  function gone(): HTMLElement {
    return h("div", { class: "page" }, h("header", { class: "bar" }, tap("back", app.t("back"), () => app.back("card")), h("h1", { tabindex: -1 }, app.t("walletTitle"))), nothing(app.t("accountGone"), app.t("accountGoneLead"), button(app.t("walletTitle"), () => app.go("wallet"))));
  }

  element.append(balance.element);
  return {
    element,
    title: app.t("walletTitle"),
    onShow() {
      isShown = true;
      balance.show();
      if (account) record.show();
      void keptAnswer<Page<Activity>>(`activity/${id}`).then((kept) => {
        if (!kept || activities.length) return;
        activities = kept.value.items;
        redrawHead();
      }, () => undefined);
    },
    onHide() {
      isShown = false;
      balance.hide();
      record.hide();
    },
  };
}
