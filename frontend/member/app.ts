/** The app: what every screen is given, and the frame in which one is shown. */

import { Clock } from "../shared/clock.ts";
import { h } from "../shared/dom.ts";
import { choose, fill, LANGUAGES, type Language, type Texts, type Values } from "../shared/locale.ts";
import { Problem } from "../shared/problem.ts";
import { named, townName } from "../shared/town.ts";
import { MemberApi } from "./api.ts";
import { isInstalled } from "./browser.ts";
import { Holder } from "./holder.ts";
import { forget, recallAll, type Remembered, remember } from "./kept.ts";
import { Notices } from "./pieces/notices.ts";
import { tabs } from "./pieces/tabs.ts";
import { Pulse } from "./pulse.ts";
import { type Route, ROUTES, type Screen, type Tab } from "./registry.ts";
import { HOME, match, type Place, placeOf } from "./router.ts";
import { Session } from "./session.ts";
import { type Area, load, type TextKey } from "./texts/index.ts";
import type { Wire } from "./transport.ts";
import type { Offered } from "./types.ts";
import { Words } from "./words.ts";

export class App {
  readonly clock: Clock;
  readonly session: Session;
  readonly api: MemberApi;
  readonly pulse: Pulse;
  /** Her card on this phone, and its code. */
  readonly holder: Holder;
  language: Language;
  words: Words;
  /** What was kept when the app began, and what has been kept since by `keep`. */
  kept: Partial<Remembered> = {};
  /** Whether the service answered last time. */
  isOnline = true;
  /** A transfer code that stood behind the address's hash, until it is used. */
  moving: string | null = null;

  private readonly texts = new Map<string, Texts>();
  private readonly stage = h("main", { id: "stage", tabindex: -1 });
  private readonly notices = new Notices();
  private tabBar: HTMLElement | null = null;
  private shown: { screen: Screen; route: Route; hash: string } | null = null;
  private going = 0;
  private offered: Promise<Offered> | null = null;
  private readonly scrolls = new Map<string, number>();
  private readonly changes = new EventTarget();

  constructor(base: string) {
    this.language = choose([document.documentElement.lang, ...navigator.languages]);
    this.words = new Words(this.language);
    this.clock = new Clock({ wall: () => Date.now(), steady: () => performance.now() }, String(Math.random()), (clock) => void remember({ clock }).catch(() => undefined));
    const wire: Wire = {
      base,
      language: () => this.language,
      told: (date, sent) => this.learnTime(date, sent),
      reached: (isReached) => this.setOnline(isReached),
    };
    this.session = new Session(wire, () => this.lostSession());
    this.api = new MemberApi(wire, this.session);
    this.pulse = new Pulse(
      this.api,
      () => this.session.isOpen,
      () => this.kept.asks === true,
    );
    this.api.acted = () => this.pulse.acted();
    this.holder = new Holder(this);
  }

  /** Opens the app at a place: what was kept first, the network after. */
  async begin(hash: string): Promise<void> {
    const kept = recallAll();
    document.body.replaceChildren(this.stage, this.notices.element);
    this.kept = await kept.catch(() => ({}));
    if (this.kept.language) this.language = this.kept.language;
    this.words = new Words(this.language);
    document.documentElement.lang = this.language;
    this.clock.restore(this.kept.clock);
    this.session.restore(this.kept.session !== undefined);
    await this.loadTexts("core");
    history.replaceState(history.state, "", `/${hash}`);
    this.drawTabs();
    this.listen();
    await this.show(placeOf(hash), true);
    this.pulse.start();
    // What can't be had now stands under Me all the same.
    void import("./asking.ts").then(({ keepAsking }) => keepAsking(this), console.error);
  }

  /** Tells in the chosen language. */
  t(key: TextKey, values: Values = {}): string {
    for (const texts of this.texts.values()) {
      const text = texts[key];
      // What the software itself is called stays so. The name goes in before the values: nobody else is renamed.
      if (text !== undefined) return fill(key === "aboutOpen" || typeof text !== "string" ? text : named(text, townName()), this.words.locale, values);
    }
    return key;
  }

  /** Speaks another language from now on, and remembers it. */
  async speak(language: Language): Promise<void> {
    if (!LANGUAGES.includes(language)) return;
    const areas = [...this.texts.keys()] as Area[];
    const texts = await Promise.all(areas.map((area) => load(language, area)));
    this.language = language;
    this.words = new Words(language);
    areas.forEach((area, index) => this.texts.set(area, texts[index] ?? {}));
    document.documentElement.lang = language;
    await this.keep({ language });
    this.drawTabs();
    await this.show(placeOf(location.hash), true);
  }

  /** Remembers values, here and over restarts. */
  async keep(values: Partial<Remembered>): Promise<void> {
    Object.assign(this.kept, values);
    await remember(values);
  }

  /** Opens a place, such as `wallet/0198…`. `replace` leaves the place that is left out of the history. */
  go(path: string, { replace = false }: { replace?: boolean } = {}): void {
    const hash = `#/${path}`;
    if (replace) {
      history.replaceState(history.state, "", hash);
      void this.show(placeOf(hash));
    } else if (location.hash === hash) void this.show(placeOf(hash));
    else location.hash = hash;
  }

  /** Goes back to where she came from; to `otherwise` where the app began here. */
  back(otherwise: string): void {
    if (this.scrolls.size > 1 && history.length > 1) history.back();
    else this.go(otherwise, { replace: true });
  }

  /** Says something for a few seconds, also to screen readers. */
  notice(words: string, tone: "ink" | "leaf" | "amber" | "seal" = "ink"): void {
    this.notices.say(words, tone);
  }

  /** What a refusal says to her: the service's own words, or that nobody answered. */
  explain(error: unknown): string {
    if (!(error instanceof Problem)) throw error;
    if (error.status === 0) return this.t("noAnswer");
    return error.detail || error.title || this.t("serviceFails");
  }

  /** Calls `act` when the service can be reached again, or no more; returns what ends it. */
  onOnline(act: () => void): () => void {
    this.changes.addEventListener("online", act);
    return () => this.changes.removeEventListener("online", act);
  }

  /** What this service offers; asked once. Throws a `Problem`. */
  offers(): Promise<Offered> {
    this.offered ??= this.api.get<Offered>("/app").catch((error: unknown) => {
      this.offered = null;
      throw error;
    });
    return this.offered;
  }

  /** Loads an area's texts, for a piece that is shown within another area's screen. */
  async loadTexts(...areas: Area[]): Promise<void> {
    const missing = areas.filter((area) => !this.texts.has(area));
    const loaded = await Promise.all(missing.map((area) => load(this.language, area)));
    missing.forEach((area, index) => this.texts.set(area, loaded[index] ?? {}));
  }

  /** Forgets values, here and for good. */
  async forget(...keys: (keyof Remembered)[]): Promise<void> {
    for (const key of keys) delete this.kept[key];
    await forget(...keys);
  }

  /** Signs out: nothing of hers stays on this phone. */
  async signOut(): Promise<void> {
    await this.session.end();
    this.kept = await recallAll();
    this.holder.reset();
    this.pulse.reset();
    this.go("begin", { replace: true });
  }

  private listen(): void {
    window.addEventListener("hashchange", () => void this.show(placeOf(location.hash)));
    window.addEventListener("online", () => this.pulse.stir());
    window.addEventListener("pointerdown", () => this.pulse.stir(), { passive: true });
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) {
        this.clock.hide();
        this.pulse.stop();
        this.shown?.screen.onHide?.();
      } else {
        this.clock.show();
        this.pulse.start();
        this.shown?.screen.onShow?.();
      }
    });
  }

  private async show(place: Place, isFirst = false): Promise<void> {
    const turn = ++this.going;
    const [route, params] = this.find(this.allowed(place.path));
    let screen: Screen;
    try {
      const [make] = await Promise.all([route.load(), this.loadTexts(...route.areas)]);
      if (turn !== this.going) return;
      screen = make(this, params, place.query);
    } catch (error) {
      if (turn !== this.going) return;
      screen = this.unloaded(error);
    }
    const leaving = this.shown;
    if (leaving) {
      this.scrolls.set(leaving.hash, window.scrollY);
      leaving.screen.onHide?.();
    }
    const hash = location.hash || `#/${HOME}`;
    this.shown = { screen, route, hash };
    this.stage.replaceChildren(screen.element);
    this.stage.dataset["screen"] = route.path;
    document.title = screen.title === townName() ? townName() : `${screen.title} · ${townName()}`;
    this.mark(route.tab);
    window.scrollTo(0, this.scrolls.get(hash) ?? 0);
    this.scrolls.set(hash, window.scrollY);
    if (!isFirst) this.focus(screen);
    screen.onShow?.();
  }

  /** Without a card everything begins with one: at once in a browser; in an app on a home screen, whose storage may be
   * another than the browser's, after asking whether she has one already. */
  private allowed(path: string): string {
    if (this.session.isOpen || this.kept.card) return path;
    const [route] = this.find(path);
    if (route.open) return path;
    return isInstalled() ? "begin" : HOME;
  }

  private find(path: string): [Route, Record<string, string>] {
    for (const route of ROUTES) {
      const params = match(route.path, path);
      if (params) return [route, params];
    }
    return [ROUTES[0] as Route, {}];
  }

  private focus(screen: Screen): void {
    const target = screen.focus ?? screen.element.querySelector<HTMLElement>("h1") ?? this.stage;
    if (!target.hasAttribute("tabindex") && target.matches("h1")) target.tabIndex = -1;
    target.focus({ preventScroll: true });
  }

  /** A screen that isn't kept here and can't be fetched; or it is another version's by now, and the page is to be loaded
   * anew. */
  private unloaded(error: unknown): Screen {
    console.error(error);
    const again = h("button", { type: "button", class: "b ink", onclick: () => location.reload() }, this.t("tryAgain"));
    const element = h("section", { class: "page" }, h("h1", {}, this.t("noAnswerTitle")), h("p", { class: "lead" }, this.t("noAnswer")), again);
    return { element, title: this.t("noAnswerTitle") };
  }

  private drawTabs(): void {
    const bar = tabs(this);
    if (this.tabBar) this.tabBar.replaceWith(bar);
    else this.stage.after(bar);
    this.tabBar = bar;
  }

  private mark(tab: Tab | null): void {
    for (const link of this.tabBar?.querySelectorAll<HTMLElement>("a") ?? []) {
      if (link.dataset["tab"] === tab) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }

  private setOnline(isOnline: boolean): void {
    if (this.isOnline === isOnline) return;
    this.isOnline = isOnline;
    document.documentElement.toggleAttribute("data-offline", !isOnline);
    this.changes.dispatchEvent(new Event("online"));
  }

  /** An answer's Date has no parts of a second: it is good for a first guess, and to notice that the phone's clock was set. */
  private learnTime(date: string | null, sent: number): void {
    const told = date === null ? Number.NaN : Date.parse(date) + 500;
    if (!Number.isFinite(told)) return;
    if (!this.clock.isMeasured || Math.abs(told - this.clock.now()) > 2_000) this.clock.measure(told, sent);
  }

  private lostSession(): void {
    delete this.kept.session;
    this.changes.dispatchEvent(new Event("online"));
    this.notice(this.t("sessionOver"), "amber");
  }
}
