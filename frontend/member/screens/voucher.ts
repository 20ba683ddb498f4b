/** One voucher: its code to show, for which shop's tablet it is, and what became of it. */

import "../styles/wallet.css";
import { inFours } from "../../shared/card.ts";
import { h, s } from "../../shared/dom.ts";
import { Problem } from "../../shared/problem.ts";
import { shape } from "../../shared/seals.ts";
import type { App } from "../app.ts";
import { Lit } from "../browser.ts";
import { keepAnswer, keptAnswer } from "../kept.ts";
import { lastDay, quantified } from "../pieces/coupon.ts";
import { living, nothing, skeleton } from "../pieces/living.ts";
import { button, linkButton, note, tap } from "../pieces/parts.ts";
import { ask } from "../pieces/sheet.ts";
import { choosePlace, type PlaceToChoose } from "../pieces/places.ts";
import { meaning, unitsOf } from "../phrases.ts";
import { qr } from "../qr.ts";
import type { Params, Screen } from "../registry.ts";
import { addressWords, type ShopItem } from "../shopping.ts";
import type { Account, Me, Page } from "../types.ts";
import { type Activity, KEPT_VOUCHERS, KEPT_WALLET, readVouchers, type Voucher, type Wallet } from "../wallet.ts";

/** What became of a voucher, in a few words. */
export function fateOf(app: App, voucher: Voucher): string {
  const day = (at: string | null) => (at ? app.words.date(at) : "");
  if (voucher.status === "redeemed") return app.t("voucherRedeemedOn", { date: day(voucher.redeemed_at) });
  if (voucher.status === "expired") return app.t("voucherExpiredOn", { date: voucher.expires_at ? app.words.date(lastDay(voucher.expires_at)) : "" });
  if (voucher.status === "cancelled") return app.t("voucherCancelled");
  return voucher.expires_at ? app.t("voucherUntil", { date: app.words.day(lastDay(voucher.expires_at), app.clock.now()) }) : app.t("voucherNoEnd");
}

export function voucherScreen(app: App, params: Params): Screen {
  const id = params["id"] ?? "";
  const element = h("div", { class: "voucher hue" });
  const status = h("p", { class: "vh", role: "status" });
  const lit = new Lit();
  let places: readonly PlaceToChoose[] = [];
  let waits: string | null = null;
  let isBusy = false;

  const list = living<Page<Voucher>>(app, {
    path: KEPT_VOUCHERS,
    load: () => readVouchers(app),
    skeleton: () => skeleton(4),
    draw(page) {
      const voucher = page.items.find((one) => one.voucher_id === id);
      return voucher ? draw(voucher) : gone();
    },
    answered(page, before) {
      const was = before?.items.find((one) => one.voucher_id === id);
      const is = page.items.find((one) => one.voucher_id === id);
      if (!is) return;
      void learn(is);
      if (was?.status === "issued" && is.status === "redeemed") {
        status.textContent = app.t("voucherSpentNow", { name: quantified(app, is) });
        if (!window.matchMedia("(prefers-reduced-motion: reduce)").matches) navigator.vibrate?.(40);
      }
    },
  });

  /** Where it can be used, and since when this phone may spend: read when the voucher is known. */
  async function learn(voucher: Voucher): Promise<void> {
    const before = JSON.stringify([places, waits]);
    try {
      if (!places.length) places = await placesOf(app, voucher.merchant.merchant_id);
      if (voucher.code === null && voucher.status === "issued") waits = (await app.api.get<Me>("/me")).spending_waits_until ?? null;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
    }
    if (JSON.stringify([places, waits]) !== before) redraw();
  }

  function redraw(): void {
    const voucher = list.value()?.items.find((one) => one.voucher_id === id);
    if (voucher) list.element.querySelector(":scope > .voucher-body")?.replaceWith(draw(voucher));
  }

  function draw(voucher: Voucher): HTMLElement {
    element.style.setProperty("--hue", String(voucher.merchant.hue ?? 25));
    const isUsable = voucher.status === "issued";
    return h(
      "div",
      { class: "voucher-body" },
      h(
        "section",
        { class: "band shop-band" },
        h("header", { class: "bar" }, tap("back", app.t("back"), () => app.back("vouchers"))),
        h("h1", { tabindex: -1 }, quantified(app, voucher)),
        h("p", { class: "meta" }, voucher.merchant.name),
        voucher.reason ? h("p", { class: "reason" }, app.t("voucherReason", { shop: voucher.merchant.name, reason: voucher.reason })) : null,
        voucher.is_online && (isUsable || voucher.webshop_code) ? online(voucher) : isUsable ? ticket(voucher) : over(voucher),
      ),
      h("div", { class: "page" }, ...(isUsable ? advice(voucher) : afterwards(voucher))),
    );
  }

  /** The code, black on white by day and by night. */
  function ticket(voucher: Voucher): HTMLElement {
    const shown = voucher.hold?.url ?? voucher.code;
    if (!shown) return h("div", { class: "ticket perf locked" }, h("p", {}, waits ? app.t("voucherWaits", { when: app.words.moment(waits, app.clock.now()) }) : app.t("voucherWaitsSome")));
    const { size, path } = qr(shown);
    const picture = s("svg", { viewBox: `0 0 ${size} ${size}`, role: "img", "aria-label": app.t("voucherPicture", { name: voucher.name }) }, s("path", { d: path, "shape-rendering": "crispEdges" }));
    return h(
      "div",
      { class: "lifted" },
      h(
        "div",
        { class: "ticket perf", "data-code": shown },
        picture,
        voucher.code ? h("p", { class: "number n" }, inFours(voucher.code)) : null,
        h("small", {}, fateOf(app, voucher)),
      ),
    );
  }

  /** A code of the shop's webshop: hidden until she asks, since whoever has seen it can use it. */
  function online(voucher: Voucher): HTMLElement {
    const code = voucher.webshop_code;
    if (!code && voucher.code === null) return h("div", { class: "ticket perf locked" }, h("p", {}, waits ? app.t("voucherWaits", { when: app.words.moment(waits, app.clock.now()) }) : app.t("voucherWaitsSome")));
    return h(
      "div",
      { class: "lifted" },
      h(
        "div",
        { class: "ticket perf webshop" },
        voucher.picture ? h("img", { src: voucher.picture.small, alt: "", width: 120, height: 120 }) : null,
        code
          ? h("div", { class: "acts" }, h("p", {}, app.t("voucherOnlineCode")), h("p", { class: "number n", "data-webshop": code }, code), button(app.t("voucherOnlineCopy"), () => void copy(code)))
          : h("div", { class: "acts" }, h("p", {}, app.t("voucherOnlineLead", { shop: voucher.merchant.name })), button(app.t("voucherOnlineShow"), () => void reveal(voucher))),
        h("small", {}, code ? app.t("voucherOnlineStays") : fateOf(app, voucher)),
      ),
    );
  }

  async function copy(code: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(code);
      app.notice(app.t("voucherOnlineCopied"), "leaf");
    } catch {
      app.notice(app.t("voucherOnlineCopyFailed"), "amber");
    }
  }

  async function reveal(voucher: Voucher): Promise<void> {
    if (!(await ask(app, { title: app.t("voucherOnlineShowTitle"), text: app.t("voucherOnlineShowLead", { shop: voucher.merchant.name }), yes: app.t("voucherOnlineShow") }))) return;
    await change(() => app.api.post<Voucher>(`/me/vouchers/${id}/code`, {}));
  }

  function over(voucher: Voucher): HTMLElement {
    const isRedeemed = voucher.status === "redeemed";
    return h(
      "div",
      { class: "over", "data-status": voucher.status },
      isRedeemed ? shape("seal", { class: "wax" }, s("path", { d: "m30 52 14 15 27-32", class: "tick" })) : shape("octagon", { class: "shut" }, s("path", { d: "M34 34 66 66M66 34 34 66", class: "tick" })),
      h("p", { class: "d" }, app.t(isRedeemed ? "voucherRedeemed" : voucher.status === "expired" ? "voucherExpired" : "voucherBack")),
      h("p", {}, isRedeemed && voucher.redeemed_at ? app.words.moment(voucher.redeemed_at, app.clock.now()) : fateOf(app, voucher)),
    );
  }

  function advice(voucher: Voucher): (HTMLElement | null)[] {
    if (voucher.is_online) return [voucher.cost > 0 ? h("div", { class: "acts" }, button(app.t("voucherGiveBack"), () => void giveBack(voucher), { kind: "quiet" })) : null];
    const { hold } = voucher;
    const where = placeName(hold?.location_id ?? voucher.hold_location_id);
    const spends = voucher.code !== null;
    if (hold) {
      const name = where ? app.t("voucherTabletAt", { tablet: hold.device_name, shop: where }) : hold.device_name;
      return [
        note("leaf", "check", app.t("voucherHeld", { where: name })),
        hold.release_at
          ? note("amber", "clock", app.t("voucherReleasing", { when: app.words.moment(hold.release_at, app.clock.now()) }))
          : h("div", { class: "acts" }, h("p", { class: "soft" }, app.t("voucherReleaseLead")), button(app.t("voucherRelease"), () => void release(voucher))),
      ];
    }
    if (voucher.hold_until) {
      const until = app.words.time(voucher.hold_until);
      return [note("leaf", "clock", app.t("voucherHeldUntil", { shop: where ?? voucher.merchant.name, time: until })), h("div", { class: "acts" }, button(app.t("voucherRelease"), () => void release(voucher)))];
    }
    return [
      h("p", { class: "lead" }, app.t("voucherShowLead", { shop: voucher.merchant.name, what: meaning(app, voucher) })),
      spends
        ? h(
            "div",
            { class: "acts" },
            h("section", { class: "acts", "aria-labelledby": "voucher-hold" }, h("h2", { id: "voucher-hold" }, app.t("voucherOfflineTitle")), h("p", { class: "soft" }, app.t("voucherOfflineLead")), button(app.t("voucherHoldGo"), () => void reserve(voucher), { icon: "offline" })),
            voucher.cost > 0 ? button(app.t("voucherGiveBack"), () => void giveBack(voucher), { kind: "quiet" }) : null,
          )
        : null,
    ];
  }

  function afterwards(voucher: Voucher): (HTMLElement | null)[] {
    return [h("div", { class: "acts" }, linkButton(app.t("voucherToBalance", { shop: voucher.merchant.name }), `wallet/${voucher.programme_id}`), linkButton(app.t("rewardsTitle"), "rewards", { icon: "gift" }))];
  }

  const placeName = (location: string | null): string | null => places.find((place) => place.location_id === location)?.name ?? null;

  async function reserve(voucher: Voucher): Promise<void> {
    if (!places.length) await learn(voucher);
    const place = await choosePlace(app, places, { title: app.t("voucherHoldTitle"), text: app.t("voucherHoldLead"), yes: app.t("voucherHoldYes") });
    if (!place) return;
    await change(() => app.api.post<Voucher>(`/me/vouchers/${id}/hold`, { location_id: place.location_id }));
  }

  async function release(_voucher: Voucher): Promise<void> {
    await change(() => app.api.delete<Voucher>(`/me/vouchers/${id}/hold`));
  }

  async function giveBack(voucher: Voucher): Promise<void> {
    const unit = await unitOf(voucher.programme_id);
    const what = unitsOf(app, unit, voucher.cost);
    if (!(await ask(app, { title: app.t("voucherGiveBackTitle"), text: app.t("voucherGiveBackLead", { what }), yes: app.t("voucherGiveBackYes") }))) return;
    await change(async () => {
      await app.api.delete(`/me/vouchers/${id}`);
      app.notice(app.t("voucherGivenBack", { what }), "leaf");
    });
  }

  async function unitOf(programme: string): Promise<string> {
    const kept = await keptAnswer<Wallet>(KEPT_WALLET).catch(() => undefined);
    return kept?.value.accounts.find((account: Account) => account.programme_id === programme)?.unit ?? "point";
  }

  async function change(act: () => Promise<unknown>): Promise<void> {
    if (isBusy) return;
    isBusy = true;
    try {
      await act();
      app.pulse.stir();
    } catch (error) {
      app.notice(app.explain(error), "seal");
    } finally {
      isBusy = false;
    }
    await list.refresh();
  }

  function gone(): HTMLElement {
    return h("div", { class: "page voucher-body" }, h("header", { class: "bar" }, tap("back", app.t("back"), () => app.back("vouchers")), h("h1", { tabindex: -1 }, app.t("vouchersTitle"))), nothing(app.t("voucherGone"), app.t("voucherGoneLead"), linkButton(app.t("vouchersTitle"), "vouchers")));
  }

  element.append(status, list.element);
  return {
    element,
    title: app.t("voucherTitle"),
    onShow() {
      list.show();
      // The counter redeems it while it is shown: that is seen at once.
      app.pulse.hurry(true);
      lit.hold();
    },
    onHide() {
      list.hide();
      app.pulse.hurry(false);
      lit.release();
    },
  };
}

/** Where a merchant's vouchers can be used: its listed shops, and those where she has been. Throws a `Problem`. */
async function placesOf(app: App, merchant: string): Promise<readonly PlaceToChoose[]> {
  const name = `places/${merchant}`;
  try {
    const [shops, past] = await Promise.all([app.api.get<Page<ShopItem>>(`/shops?merchant_id=${merchant}&limit=50`), app.api.get<Page<Activity>>(`/me/activity?merchant_id=${merchant}&limit=50`)]);
    const found = new Map<string, PlaceToChoose>(shops.items.map((shop) => [shop.location_id, { location_id: shop.location_id, name: shop.name, address: addressWords(shop) }]));
    for (const { location_id, location_name } of past.items) if (location_id && !found.has(location_id)) found.set(location_id, { location_id, name: location_name ?? "", address: "" });
    const places = [...found.values()];
    await keepAnswer(name, { value: places, at: app.clock.now() }).catch(() => undefined);
    return places;
  } catch (error) {
    const kept = await keptAnswer<readonly PlaceToChoose[]>(name).catch(() => undefined);
    if (kept) return kept.value;
    throw error;
  }
}
