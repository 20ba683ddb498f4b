/** One shop: what she has there, what is on, what can be had, when it is open, and who they are. */

import "../styles/wallet.css";
import "../styles/shops.css";
import { h } from "../../shared/dom.ts";
import { townName } from "../../shared/town.ts";
import type { App } from "../app.ts";
import { passOn } from "../browser.ts";
import { near, spot } from "../here.ts";
import { balancePicture, balanceWords, nextWords } from "../pieces/balance.ts";
import { coupon, lastDay, rewardRow } from "../pieces/coupon.ts";
import { icon } from "../pieces/icons.ts";
import { living, skeleton } from "../pieces/living.ts";
import { link, linkButton, tap } from "../pieces/parts.ts";
import { takeReward } from "../pieces/take.ts";
import { tradeOf, unitsOf } from "../phrases.ts";
import type { Params, Screen } from "../registry.ts";
import type { Club } from "./club.ts";
import type { Ideas } from "./ideas.ts";
import { addressWords, localNow, openWords, type ShopDetail, type ShopProgramme, type Span, spansWords, WEEKDAYS } from "../shopping.ts";
import type { Account } from "../types.ts";
import { prospects, readWallet, type Reward, type Voucher } from "../wallet.ts";

interface Seen {
  readonly shop: ShopDetail;
  /** What she has with this merchant. */
  readonly accounts: readonly Account[];
  readonly rewards: readonly Reward[];
  readonly vouchers: readonly Voucher[];
  /** Whether the shop asks those who have been there for ideas. */
  readonly takesIdeas: boolean;
  /** Whether the shop has a club, for those who collect there. */
  readonly hasClub: boolean;
}

export function shopScreen(app: App, params: Params): Screen {
  const id = params["id"] ?? "";
  const element = h("div", { class: "shop hue" });

  const seen = living<Seen>(app, {
    path: () => `/shops/${encodeURIComponent(id)}`,
    keep: `shop/${id}`,
    load: read,
    skeleton: () => h("div", { class: "page" }, h("header", { class: "bar" }, tap("back", app.t("back"), () => app.back("shops"))), skeleton(5)),
    draw,
  });

  async function read(): Promise<Seen> {
    const from = spot();
    const [shop, wallet] = await Promise.all([app.api.get<ShopDetail>(`/shops/${encodeURIComponent(id)}${from ? `?near=${near(from)}` : ""}`), readWallet(app)]);
    const merchant = shop.merchant.merchant_id;
    const isHers = wallet.accounts.some((account) => account.merchant.merchant_id === merchant);
    const takesIdeas = isHers && (await app.api.get<Ideas>(`/me/shops/${encodeURIComponent(merchant)}/ideas`).then(({ is_on }) => is_on, () => false));
    const hasClub = isHers && (await app.api.get<Club>(`/me/clubs/${encodeURIComponent(merchant)}`).then(({ is_on }) => is_on, () => false));
    return {
      takesIdeas,
      hasClub,
      shop,
      accounts: wallet.accounts.filter((account) => account.merchant.merchant_id === merchant),
      rewards: wallet.rewards.filter((reward) => reward.merchant.merchant_id === merchant),
      vouchers: wallet.vouchers.filter((voucher) => voucher.merchant.merchant_id === merchant),
    };
  }

  function draw(value: Seen): HTMLElement {
    const { shop, accounts, vouchers, takesIdeas, hasClub } = value;
    element.style.setProperty("--hue", String(shop.merchant.hue));
    document.title = `${shop.name} · ${townName()}`;
    const promotions = shop.programmes.flatMap((programme) => programme.promotions);
    return h(
      "div",
      { class: "shop-body" },
      band(value),
      h(
        "div",
        { class: "page" },
        vouchers.length ? part("accountWaits", h("ul", { class: "coupons" }, ...vouchers.map((voucher) => coupon(app, voucher, { showsShop: false })))) : null,
        promotions.length
          ? part(
              "shopPromotions",
              h("ul", { class: "promotions" }, ...promotions.map((promotion) => h("li", {}, icon("gift"), h("span", {}, h("b", {}, promotion.name), promotion.ends_at ? h("small", {}, app.t("voucherUntil", { date: app.words.day(lastDay(promotion.ends_at), app.clock.now()) })) : null)))),
            )
          : null,
        ...shop.programmes.map((programme) => programmePart(value, programme)),
        hoursPart(shop),
        shop.story ? part("shopStory", ...shop.story.split(/\n{2,}/).map((text) => h("p", { class: "story" }, text))) : null,
        h(
          "div",
          { class: "acts" },
          shop.lat !== null && shop.lon !== null ? linkButton(app.t("shopRoute"), `https://www.openstreetmap.org/?mlat=${shop.lat}&mlon=${shop.lon}#map=18/${shop.lat}/${shop.lon}`, { icon: "here" }) : null,
          accounts[0] ? linkButton(app.t("shopToPast"), `wallet/${accounts[0].programme_id}`, { icon: "list" }) : null,
          hasClub ? linkButton(app.t("shopClub"), `shops/${shop.merchant.merchant_id}/club`, { icon: "me" }) : null,
          takesIdeas ? linkButton(app.t("shopIdeas"), `shops/${shop.merchant.merchant_id}/ideas`, { icon: "heart" }) : null,
        ),
        h("p", { class: "soft" }, link(app.t("shopReport"), `${shop.page_url}/report`)),
      ),
    );
  }

  function band({ shop, accounts, rewards }: Seen): HTMLElement {
    const { minute } = localNow(app.clock.now(), shop.timezone);
    const facts = [openWords(app, shop, minute), addressWords(shop) || null, shop.distance_m === null ? null : app.words.distance(shop.distance_m)].filter(Boolean);
    return h(
      "section",
      { class: "band shop-band" },
      h("header", { class: "bar" }, tap("back", app.t("back"), () => app.back("shops")), h("div", { class: "bar-acts" }, tap("share", app.t("shopShare"), () => void share(shop)))),
      h("h1", { tabindex: -1 }, shop.name),
      h("p", { class: "meta" }, tradeOf(app, shop.category), ...facts.map((fact) => ` · ${fact}`)),
      ...accounts.map((account) => {
        const { next } = prospects(account, rewards);
        const left = nextWords(app, account, next);
        return h(
          "a",
          { class: "shop-balance", href: `#/wallet/${account.programme_id}` },
          accounts.length > 1 ? h("span", { class: "shop-balance-name" }, account.name) : null,
          h("span", { class: account.kind === "points" ? "sum n" : "vh" }, balanceWords(app, account)),
          balancePicture(app, account, { next }),
          left ? h("span", { class: "left" }, left) : null,
        );
      }),
      accounts.length ? null : h("p", { class: "left" }, app.t("shopNothingYet")),
    );
  }

  function programmePart({ rewards, accounts, shop }: Seen, programme: ShopProgramme): HTMLElement | null {
    const isMine = accounts.some((account) => account.programme_id === programme.programme_id);
    const own = rewards.filter((reward) => reward.programme_id === programme.programme_id).toSorted((one, other) => one.cost - other.cost);
    const title = shop.programmes.length > 1 ? app.t("shopRewardsOf", { name: programme.name }) : app.t("accountRewards");
    const how = earningWords(programme, shop.currency);
    const take = (reward: Reward) => void takeReward(app, reward);
    const list = isMine && own.length ? own.map((reward) => rewardRow(app, reward, { showsShop: false, take })) : programme.rewards.map((reward) => offered(programme, reward));
    if (!list.length && !how) return null;
    return h("section", { class: "stack" }, h("h2", {}, title), how ? h("p", { class: "soft" }, how) : null, list.length ? h("ul", { class: "rewards" }, ...list) : null);
  }

  function offered(programme: ShopProgramme, reward: ShopProgramme["rewards"][number]): HTMLElement {
    return h(
      "li",
      { class: "reward" },
      reward.picture
        ? h("span", { class: "reward-mark pictured", "aria-hidden": "true" }, h("img", { src: reward.picture.small, alt: "", width: 56, height: 56, loading: "lazy" }))
        : h("span", { class: "reward-mark", "aria-hidden": "true" }, icon("gift")),
      h("div", { class: "reward-words" }, h("b", {}, reward.name), reward.text ? h("small", {}, reward.text) : null, h("small", { class: "n" }, app.t("rewardCost", { cost: unitsOf(app, programme.unit, reward.cost) }))),
    );
  }

  /** "A stamp for each visit; ten fill a card": of plain rules, which most are. */
  function earningWords(programme: ShopProgramme, currency: string): string {
    const earn = programme.rules["earn"];
    const rules = Array.isArray(earn) ? (earn as readonly Readonly<Record<string, unknown>>[]) : [];
    const words = rules.flatMap((rule) => {
      const units = Number(rule["units"]);
      if (!Number.isFinite(units) || rule["sku"]) return [];
      const what = unitsOf(app, programme.unit, units);
      const of = typeof rule["category"] === "string" ? rule["category"] : null;
      if (rule["per"] === "visit" || rule["per"] === "unit") return [app.t("shopPerVisit", { what })];
      if (rule["per"] === "amount") {
        const amount = app.words.money(String(rule["step"] ?? "1"), currency);
        return [of ? app.t("shopPerAmountOf", { what, amount, of }) : app.t("shopPerAmount", { what, amount })];
      }
      if (rule["per"] === "item" && of) return [app.t("shopPerItem", { what, of })];
      return [];
    });
    if (programme.kind === "stamps" && programme.goal) words.push(app.t("shopGoal", { what: unitsOf(app, programme.unit, programme.goal) }));
    return words.join(" ");
  }

  function hoursPart(shop: ShopDetail): HTMLElement | null {
    const hours = shop.opening_hours;
    if (shop.is_open === null) return null;
    const { weekday, date } = localNow(app.clock.now(), shop.timezone);
    const names = new Intl.DateTimeFormat(app.words.locale, { weekday: "long", timeZone: "UTC" });
    const days = Array.from({ length: 7 }, (_, ahead) => {
      const at = Date.parse(`${date}T00:00Z`) + ahead * 86_400_000;
      const own = new Date(at).toISOString().slice(0, 10);
      const day = WEEKDAYS[(weekday + ahead) % 7] ?? "mon";
      const special = hours.dates?.[own];
      const usual = Array.isArray(hours[day]) ? (hours[day] as readonly Span[]) : [];
      // Of today the service knows holidays too.
      const spans = ahead === 0 ? shop.hours_today : (special ?? usual);
      return h("div", { class: ahead === 0 ? "today" : null }, h("dt", {}, ahead === 0 ? app.t("shopToday") : names.format(at)), h("dd", { class: "n" }, spansWords(app, spans)));
    });
    return part("shopHours", h("dl", { class: "hours" }, ...days), hours.closed_on_holidays ? h("p", { class: "soft" }, app.t("shopHolidays")) : null);
  }

  function part(key: "accountWaits" | "shopPromotions" | "shopStory" | "shopHours", ...children: (HTMLElement | null)[]): HTMLElement {
    return h("section", { class: "stack" }, h("h2", {}, app.t(key)), ...children);
  }

  async function share(shop: ShopDetail): Promise<void> {
    const how = await passOn(shop.page_url, shop.name);
    if (how === "copied") app.notice(app.t("shopCopied"), "leaf");
    else if (how === null) app.notice(shop.page_url);
  }

  element.append(seen.element);
  return { element, title: app.t("shopTitle"), onShow: seen.show, onHide: seen.hide };
}
