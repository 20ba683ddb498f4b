/** The card: the app opens on it. Below it the balances of her shops. */

import { h } from "../../shared/dom.ts";
import { Problem } from "../../shared/problem.ts";
import type { App } from "../app.ts";
import { canCompute } from "../code.ts";
import { keepAnswer, keptAnswer } from "../kept.ts";
import { arrival, gains } from "../pieces/arrival.ts";
import { codeView } from "../pieces/codeview.ts";
import { showFullCode } from "../pieces/fullcode.ts";
import { button, linkButton, note, tap } from "../pieces/parts.ts";
import type { Screen } from "../registry.ts";
import type { Account, Me, Page } from "../types.ts";

/** After so many visits a card that only this phone keeps is worth a word. */
const WORTH_SECURING = 3;
/** How long “later” is, in milliseconds. */
const LATER = 7 * 86_400_000;
const ACCOUNTS = "/me/accounts";

export function cardScreen(app: App): Screen {
  const title = app.kept.name ? app.t("cardHello", { name: app.kept.name }) : app.t("cardTitle");
  const view = codeView(app, app.t("cardFull"), () => {
    closeFull = showFullCode(app, () => {
      closeFull = null;
      view.picture.focus();
    });
  });
  const came = arrival(app);
  const bell = tap("bell", app.t("cardMessages", { n: 0 }), "me/messages");
  const trouble = h("div", { class: "card-trouble" });
  const remarks = h("div", { class: "card-remarks" });
  const below = h("div", { class: "below" });
  const element = h(
    "div",
    { class: "card-screen" },
    h(
      "section",
      { class: "band" },
      h("header", { class: "top" }, h("h1", {}, title), bell),
      h("div", { class: "lifted code-place" }, view.element, came.element),
      trouble,
    ),
    remarks,
    below,
  );
  let closeFull: (() => void) | null = null;
  let balances: Screen | null = null;
  let accounts: readonly Account[] | null = null;
  let me: Me | null = null;
  let isShown = false;
  let ends: (() => void)[] = [];

  async function ready(): Promise<void> {
    try {
      await app.holder.ensure();
      trouble.replaceChildren();
      view.refresh();
    } catch (error) {
      if (!(error instanceof Problem)) console.error(error);
      // Without a place to keep it a card would be gone with the window.
      const words = !(error instanceof Problem) ? app.t("cardNotKept") : error.status === 0 ? app.t("cardNotMade") : app.explain(error);
      trouble.replaceChildren(h("p", { role: "alert" }, words), button(app.t("tryAgain"), () => void ready(), { icon: "again" }));
      return;
    }
    // Asked first, so that nothing falls between what is read now and what it tells.
    app.pulse.stir();
    await showBalances();
    await Promise.all([look(false), checkCard()]);
  }

  /** After the code is on the screen: nothing of theirs may hold it up. */
  async function showBalances(): Promise<void> {
    if (balances) return;
    try {
      const [module] = await Promise.all([import("./balances.ts"), app.loadTexts("wallet")]);
      balances ??= module.balancesUnderCard(app);
    } catch (error) {
      // Not kept yet and not to be had, or another version's by now: the card is there all the same.
      console.error(error);
      below.replaceChildren(note("amber", "offline", app.t("noAnswer"), button(app.t("tryAgain"), () => location.reload(), { icon: "again" })));
      return;
    }
    below.replaceChildren(balances.element);
    if (isShown) balances.onShow?.();
  }

  /** Reads what there is, and shows what has come since. */
  async function look(isChange: boolean): Promise<void> {
    if (!accounts) accounts = (await keptAnswer<Page<Account>>(ACCOUNTS).catch(() => undefined))?.value.items ?? null;
    try {
      const [page, now] = await Promise.all([app.api.get<Page<Account>>(ACCOUNTS), app.api.get<Me>("/me")]);
      if (isChange && accounts) for (const gain of gains(accounts, page.items)) came.show(gain);
      accounts = page.items;
      me = now;
      await Promise.all([
        keepAnswer(ACCOUNTS, { value: page, at: app.clock.now() }),
        app.keep({ member_id: now.member_id, ...(now.name ? { name: now.name } : {}) }),
      ]);
    } catch (error) {
      // The card is there without an answer, and the balances say what they lack themselves.
      if (!(error instanceof Problem)) throw error;
    }
    remark();
  }

  async function checkCard(): Promise<void> {
    try {
      if (await app.holder.check()) view.refresh();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
    }
    remark();
  }

  function changed(): void {
    void look(true);
    void checkCard();
  }

  function beat(): void {
    const unread = app.pulse.beat?.unread ?? 0;
    bell.toggleAttribute("data-new", unread > 0);
    bell.setAttribute("aria-label", app.t("cardMessages", { n: unread }));
    remark();
  }

  /** What matters besides the code, the most pressing first, one at a time. */
  function remark(): void {
    remarks.replaceChildren(...[asked(), over(), elsewhere(), signedOut(), waiting(), earnsOnly(), urge(), have()].filter((one) => one !== null).slice(0, 1));
  }

  const asked = () =>
    (app.pulse.beat?.spending_requests ?? 0) > 0 ? note("amber", "bang", app.t("cardAsked"), linkButton(app.t("cardAskedGo"), "me/requests", { kind: "go" })) : null;

  const over = () => (app.holder.isOver ? note("seal", "lock", app.t("cardOver"), button(app.t("cardOverGo"), () => void act(() => app.holder.check(true)), { kind: "ink" })) : null);

  const elsewhere = () => {
    const { card, isElsewhere } = app.holder;
    if (!isElsewhere || !card) return null;
    return note("seal", "phone", app.t("cardElsewhere"), button(app.t("cardHere"), () => void act(() => app.holder.install(card)), { kind: "ink" }));
  };

  async function act(deed: () => Promise<unknown>): Promise<void> {
    try {
      await deed();
      view.refresh();
      remark();
    } catch (error) {
      app.notice(app.explain(error), "seal");
    }
  }

  const signedOut = () => (app.session.isOpen || !app.holder.card ? null : note("amber", "lock", app.t("sessionOver"), linkButton(app.t("signInAgain"), "begin/have")));

  const waiting = () => {
    const until = me?.spending_waits_until;
    return until ? note("amber", "clock", app.t("cardWaits", { when: app.words.moment(until, app.clock.now()) }), linkButton(app.t("cardWaitsGo"), "me/brakes")) : null;
  };

  const earnsOnly = () => (app.holder.card && !canCompute() ? note("amber", "lock", app.t("cardEarnsOnly", { host: location.host })) : null);

  const urge = () => {
    const isUnsafe = me !== null && !(me.is_secured ?? me.email !== null);
    const visits = (accounts ?? []).reduce((sum, account) => sum + Math.max(account.visits, account.kind === "stamps" ? account.balance : 0), 0);
    if (!isUnsafe || visits < WORTH_SECURING || Date.now() - (app.kept.later ?? 0) < LATER) return null;
    const later = button(app.t("later"), () => void app.keep({ later: Date.now() }).then(remark), { kind: "quiet" });
    return note("amber", "lock", `${app.t("cardSecureTitle")}. ${app.t("cardSecure")}`, h("div", { class: "acts" }, linkButton(app.t("cardSecureGo"), "me/secure", { kind: "ink" }), later));
  };

  const have = () =>
    app.session.isOpen && me?.status === "anonymous" && accounts?.length === 0 ? h("p", { class: "card-have" }, linkButton(app.t("cardHave"), "begin/have", { kind: "quiet" })) : null;

  return {
    element,
    title: app.t("cardTitle"),
    onShow() {
      if (isShown) return;
      isShown = true;
      ends = [app.pulse.onChange(changed), app.pulse.onBeat(beat), app.onOnline(remark)];
      view.start();
      app.pulse.hurry(true);
      void ready();
      balances?.onShow?.();
    },
    onHide() {
      isShown = false;
      for (const end of ends) end();
      view.stop();
      // A page that is only out of sight keeps the large code for when it comes back.
      if (!document.hidden) closeFull?.();
      app.pulse.hurry(false);
      balances?.onHide?.();
    },
  };
}
