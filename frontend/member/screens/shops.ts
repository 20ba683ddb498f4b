/** Shops: around her or by town, on a map where there are tiles, and always as a list. */

import "../styles/wallet.css";
import "../styles/shops.css";
import { h } from "../../shared/dom.ts";
import { Problem } from "../../shared/problem.ts";
import type { App } from "../app.ts";
import { locate, lookAround, near, spot } from "../here.ts";
import { keptAnswer } from "../kept.ts";
import { icon } from "../pieces/icons.ts";
import { Keyed } from "../pieces/keyed.ts";
import { living, nothing, skeleton } from "../pieces/living.ts";
import type { ShopMap } from "../pieces/map.ts";
import { button, tap } from "../pieces/parts.ts";
import { shopRow, type ShopSeen } from "../pieces/shoprow.ts";
import { TRADE_CODES, tradeOf } from "../phrases.ts";
import type { Screen } from "../registry.ts";
import type { ShopItem } from "../shopping.ts";
import type { Account, Page } from "../types.ts";
import { KEPT_WALLET, type Wallet } from "../wallet.ts";

const PAGE = 50;
/** Milliseconds after the last key. */
const PAUSE = 350;

interface Filters {
  q: string;
  category: string;
  open_now: boolean;
  earns_here: boolean;
  reward_ready: boolean;
}

const SWITCHES = [
  { name: "open_now", key: "shopsOpenNow" },
  { name: "earns_here", key: "shopsEarns" },
  { name: "reward_ready", key: "shopsReady" },
] as const;

/** What she looked for stays while the app is open. */
const filters: Filters = { q: "", category: "", open_now: false, earns_here: false, reward_ready: false };

export function shopsScreen(app: App): Screen {
  let accounts: ReadonlyMap<string, readonly Account[]> = new Map();
  let items: readonly ShopItem[] = [];
  let next: string | null = null;
  let map: ShopMap | null = null;
  let typed = 0;
  let isShown = false;

  const rows = new Keyed<ShopSeen>({ class: "shop-list", label: app.t("shopsTitle"), key: ({ shop }) => shop.location_id, draw: (seen) => shopRow(app, seen) });
  const count = h("p", { class: "shops-count", role: "status" });
  const older = h("div", {});
  const place = h("div", {}, count, rows.element, older);
  const mapPlace = h("div", { class: "map-place" });

  const list = living<Page<ShopItem>>(app, {
    path: () => query(),
    keep: "shops",
    skeleton: () => skeleton(5),
    draw(page, told) {
      items = told.isFresh ? page.items : page.items.filter(matches);
      next = told.isFresh ? page.next : null;
      drawItems();
      return items.length ? place : none();
    },
    follows: true,
  });

  function query(cursor: string | null = null): string {
    const wanted = new URLSearchParams({ limit: String(PAGE) });
    const from = spot();
    if (from) wanted.set("near", near(from));
    if (filters.q) wanted.set("q", filters.q);
    if (filters.category) wanted.set("category", filters.category);
    for (const { name } of SWITCHES) if (filters[name]) wanted.set(name, "1");
    if (cursor) wanted.set("cursor", cursor);
    return `/shops?${wanted}`;
  }

  /** What was kept is for other questions too: those that it can't answer are passed over. */
  function matches(shop: ShopItem): boolean {
    if (filters.category && shop.category !== filters.category) return false;
    if ((filters.earns_here && !shop.earns_here) || (filters.reward_ready && !shop.reward_ready) || (filters.open_now && !shop.is_open)) return false;
    const { street, postcode, city } = shop.address;
    const text = [shop.name, shop.merchant.name, tradeOf(app, shop.category), street, postcode, city].join(" ").toLocaleLowerCase();
    return filters.q.toLocaleLowerCase().split(/\s+/).every((word) => text.includes(word));
  }

  function drawItems(): void {
    const now = new Date(app.clock.now());
    const minute = now.getHours() * 60 + now.getMinutes();
    rows.show(items.map((shop) => ({ shop, accounts: accounts.get(shop.merchant.merchant_id) ?? [], minute: shop.is_open === null ? 0 : minute })));
    count.textContent = app.t(next ? "shopsCountMore" : "shopsCount", { n: items.length });
    older.replaceChildren(...(next ? [button(app.t("shopsMore"), () => void more())] : []));
    map?.show(items);
  }

  async function more(): Promise<void> {
    if (!next) return;
    try {
      const page = await app.api.get<Page<ShopItem>>(query(next));
      items = [...items, ...page.items];
      next = page.next;
      drawItems();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      app.notice(app.explain(error), "amber");
    }
  }

  function none(): HTMLElement {
    const isFiltered = filters.q !== "" || filters.category !== "" || SWITCHES.some(({ name }) => filters[name]);
    return nothing(app.t("shopsNone"), app.t(isFiltered ? "shopsNoneFiltered" : "shopsNoneAtAll"), isFiltered ? button(app.t("shopsClear"), clear, { icon: "close" }) : null);
  }

  function clear(): void {
    Object.assign(filters, { q: "", category: "", open_now: false, earns_here: false, reward_ready: false });
    search.value = "";
    trade.value = "";
    drawChips();
    void list.refresh();
    search.focus();
  }

  const search = h("input", { id: "shops-q", type: "search", "aria-label": app.t("shopsSearch"), placeholder: app.t("shopsSearchShort"), autocomplete: "off", enterkeyhint: "search", maxlength: 80, value: filters.q });
  search.addEventListener("input", () => {
    window.clearTimeout(typed);
    typed = window.setTimeout(look, PAUSE);
  });
  const form = h("form", { class: "shops-search", role: "search" }, icon("search"), search);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    look();
    search.blur();
  });
  function look(): void {
    window.clearTimeout(typed);
    const wanted = search.value.trim();
    if (wanted === filters.q) return;
    filters.q = wanted;
    void list.refresh();
  }

  const trades = TRADE_CODES.map((code) => ({ code, name: tradeOf(app, code) })).toSorted((one, other) => one.name.localeCompare(other.name, app.words.locale));
  const trade = h("select", { class: "chip", "aria-label": app.t("shopsTrade") }, h("option", { value: "" }, app.t("shopsAllTrades")), ...trades.map(({ code, name }) => h("option", { value: code, selected: code === filters.category }, name)));
  trade.addEventListener("change", () => {
    filters.category = trade.value;
    trade.toggleAttribute("data-on", trade.value !== "");
    void list.refresh();
  });
  trade.toggleAttribute("data-on", filters.category !== "");
  const chips = SWITCHES.map(({ name, key }) => {
    const chip = h("button", { type: "button", class: "chip" }, app.t(key));
    chip.addEventListener("click", () => {
      filters[name] = !filters[name];
      drawChips();
      void list.refresh();
    });
    return { name, chip };
  });
  function drawChips(): void {
    for (const { name, chip } of chips) chip.setAttribute("aria-pressed", String(filters[name]));
    trade.toggleAttribute("data-on", filters.category !== "");
  }
  drawChips();

  const where = tap("here", app.t("shopsHere"), () => void here());
  async function here(): Promise<void> {
    where.setAttribute("aria-busy", "true");
    const found = await locate();
    where.removeAttribute("aria-busy");
    if (!found) return app.notice(app.t("shopsHereNot"), "amber");
    where.setAttribute("data-on", "");
    map?.centre(found, true);
    await list.refresh();
  }
  where.toggleAttribute("data-on", spot() !== null);

  /** The map comes after the list, where there are tiles for it and a network to bring it. */
  async function drawMap(): Promise<void> {
    if (map || !app.isOnline) return;
    try {
      const offered = await app.offers();
      if (!offered.tile_url || !isShown || map) return;
      const module = await import("../pieces/map.ts");
      if (!isShown || map) return;
      map = module.shopMap(app, { url: offered.tile_url, attribution: offered.tile_attribution ?? "" }, (centre) => {
        lookAround(centre);
        void list.refresh();
      });
      mapPlace.replaceChildren(map.element);
      map.begin(spot());
      map.show(items);
    } catch (error) {
      // The list says all that the map would.
      if (!(error instanceof Problem)) console.error(error);
    }
  }

  async function recall(): Promise<void> {
    const kept = await keptAnswer<Wallet>(KEPT_WALLET).catch(() => undefined);
    const found = new Map<string, Account[]>();
    for (const account of kept?.value.accounts ?? []) found.set(account.merchant.merchant_id, [...(found.get(account.merchant.merchant_id) ?? []), account]);
    accounts = found;
    if (items.length) drawItems();
  }

  return {
    element: h(
      "div",
      { class: "shops" },
      h("header", { class: "shops-top" }, h("h1", { tabindex: -1 }, app.t("shopsTitle")), h("div", { class: "shops-find" }, form, where), h("div", { class: "chips", role: "group", "aria-label": app.t("shopsFilters") }, ...chips.map(({ chip }) => chip), trade)),
      mapPlace,
      h("section", { class: "shops-found", "aria-label": app.t("shopsFound") }, list.element),
    ),
    title: app.t("shopsTitle"),
    onShow() {
      isShown = true;
      void recall();
      list.show();
      void drawMap();
    },
    onHide() {
      isShown = false;
      list.hide();
      if (document.hidden) return;
      map?.end();
      map = null;
    },
  };
}
