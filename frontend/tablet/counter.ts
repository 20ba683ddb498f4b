/** The tablet at the counter: what it is paired with, which screen is shown, and how a scan becomes a booking. */

import { PosApi, Problem, type Account, type Pairing, type RedemptionRequest, type Scan, type VisitRequest } from "../shared/api.ts";
import { read } from "../shared/card.ts";
import { newKey } from "../shared/keys.ts";
import { choose, fill, type Language, localeFor, type Values } from "../shared/locale.ts";
import { type MoneyStyle, moneyStyle } from "../shared/money.ts";
import { Camera, type CameraState, OnceInView } from "./camera.ts";
import type { ShopLook } from "./pieces/stampcard.ts";
import type { Screen } from "./screen.ts";
import { play, type Sound } from "./sound.ts";
import { forget, recall, remember } from "./store.ts";
import { type TextKey, TEXTS } from "./texts/index.ts";
import { listen } from "./wedge.ts";

/** A booking that can still be undone from the waiting screen. */
export interface Booked {
  readonly transactionId: string;
  readonly words: string;
}

/** Makes the screens; given from outside, so that screens can know the counter without a circle of imports. */
export interface Screens {
  pair(counter: Counter, message?: string): Screen;
  waiting(counter: Counter): Screen;
  purchase(counter: Counter, scan: Scan): Screen;
  voucher(counter: Counter, code: string): Screen;
  refused(counter: Counter, problem: Problem, what: Attempt): Screen;
  unanswered(counter: Counter, problem: Problem, what: Attempt): Screen;
}

/** Something that was tried and may be tried again under the same key. */
export interface Attempt {
  readonly kind: "lookup" | "visit" | "redemption" | "reversal";
  readonly again: () => void;
  readonly scan: Scan | null;
}

const NOTICE_FOR = 5000;

export class Counter {
  readonly api: PosApi;
  readonly camera: Camera;
  language: Language = "en";
  locale = "en-GB";
  sound = true;
  pairing: Pairing | null = null;
  lastBooked: Booked | null = null;
  offlineSince: Date | null = null;
  isBusy = false;
  onCameraState: ((state: CameraState) => void) | null = null;
  onBusy: ((isBusy: boolean) => void) | null = null;
  onNetwork: (() => void) | null = null;

  private screen: Screen | null = null;
  private readonly inView = new OnceInView();
  private noticeTimer: number | undefined;

  constructor(
    readonly screens: Screens,
    private readonly stage: HTMLElement,
    private readonly noticeBoard: HTMLElement,
    private readonly hosts: readonly string[],
    apiBase: string,
  ) {
    this.api = new PosApi({ base: apiBase, token: () => this.pairing?.device_token ?? null, language: () => this.language });
    this.camera = new Camera(
      (text) => this.seen(text),
      (state) => this.onCameraState?.(state),
    );
  }

  /** Reads what is remembered and shows the first screen. */
  async begin(): Promise<void> {
    const [pairing, language, sound] = await Promise.all([recall("pairing"), recall("language"), recall("sound")]);
    this.sound = sound ?? true;
    this.speak(language ?? choose(navigator.languages));
    listen(window, { scanned: (text) => this.scanned(text), typed: (key) => this.screen?.key?.(key) });
    window.addEventListener("offline", () => this.network(false));
    window.addEventListener("online", () => this.network(true));
    if (!navigator.onLine) this.network(false);
    if (pairing) this.paired(pairing);
    else this.show(this.screens.pair(this));
  }

  /** The text for a key in the chosen language. */
  t(key: TextKey, values: Values = {}): string {
    return fill(TEXTS[this.language][key], this.locale, values);
  }

  /** Changes the language of everything that is shown from now on. */
  speak(language: Language): void {
    this.language = language;
    this.locale = localeFor(language, navigator.languages);
    document.documentElement.lang = language;
  }

  /** Changes the language and remembers it. */
  async chooseLanguage(language: Language): Promise<void> {
    this.speak(language);
    await remember("language", language);
  }

  async chooseSound(isOn: boolean): Promise<void> {
    this.sound = isOn;
    await remember("sound", isOn);
  }

  play(sound: Sound): void {
    if (this.sound) play(sound);
  }

  get shop(): ShopLook {
    return { name: this.pairing?.merchant.name ?? "Zegel", logo: this.pairing?.merchant.logo_svg ?? null };
  }

  get currency(): string {
    return this.pairing?.merchant.currency ?? "EUR";
  }

  get money(): MoneyStyle {
    return moneyStyle(this.locale, this.currency);
  }

  /** A number of a programme's units in words: “3 stamps”, “412 points”, or the shop's own word. */
  unitsOf(account: Pick<Account, "kind" | "unit"> | undefined, n: number): string {
    const own = account?.unit?.trim() ?? "";
    if (own && !/^(stamps?|points?)$/i.test(own)) return this.t("units", { n, unit: own });
    return this.t(account?.kind === "stamps" ? "stamps" : "points", { n });
  }

  /** A time of day as the locale writes it. */
  time(date: Date): string {
    return new Intl.DateTimeFormat(this.locale, { hour: "numeric", minute: "2-digit" }).format(date);
  }

  /** A date as the locale writes it, or nothing for what is no date. */
  date(text: string): string {
    const date = new Date(text);
    return Number.isNaN(date.getTime()) ? "" : new Intl.DateTimeFormat(this.locale, { day: "numeric", month: "long" }).format(date);
  }

  /** Shows a screen in place of the one before. */
  show(screen: Screen): void {
    this.screen?.leave?.();
    this.screen = screen;
    this.hush();
    this.stage.dataset["screen"] = screen.name;
    this.stage.replaceChildren(screen.element);
    this.stage.scrollTop = 0;
    const focus = screen.focus === undefined ? screen.element.querySelector<HTMLElement>("h1") : screen.focus;
    if (focus && !focus.hasAttribute("tabindex") && focus.tagName === "H1") focus.tabIndex = -1;
    focus?.focus({ preventScroll: true });
  }

  /** Back to the waiting screen: the next customer. */
  wait(): void {
    this.show(this.screens.waiting(this));
  }

  /** Shows a short message over whatever is shown, and has it read out. */
  notice(text: string, tone: "amber" | "leaf" = "amber"): void {
    window.clearTimeout(this.noticeTimer);
    this.noticeBoard.textContent = text;
    this.noticeBoard.className = `notice shown ${tone}`;
    this.noticeTimer = window.setTimeout(() => this.hush(), NOTICE_FOR);
  }

  private hush(): void {
    window.clearTimeout(this.noticeTimer);
    this.noticeBoard.className = "notice";
    this.noticeBoard.textContent = "";
  }

  /** Keeps a new pairing and starts to look for cards. */
  paired(pairing: Pairing): void {
    this.pairing = pairing;
    const hue = pairing.merchant.hue;
    if (typeof hue === "number" && Number.isFinite(hue)) document.documentElement.style.setProperty("--hue", String(hue));
    void this.camera.start();
    this.wait();
  }

  async pair(code: string, name: string): Promise<void> {
    const pairing = await this.api.pair(code, name);
    await remember("pairing", pairing);
    this.paired(pairing);
  }

  /** Forgets the pairing; the token is gone from this tablet. */
  async unpair(message?: string): Promise<void> {
    await forget("pairing");
    this.pairing = null;
    this.lastBooked = null;
    document.documentElement.style.removeProperty("--hue");
    this.camera.stop();
    this.show(this.screens.pair(this, message));
  }

  /** What the camera sees, several times a second. */
  private seen(text: string): void {
    const reading = read(text, this.hosts);
    const isNew = this.inView.isNew(reading.kind === "card" ? reading.number : text, performance.now());
    if (isNew && this.screen?.looks) this.scanned(text);
  }

  /** A scan, by camera or hand scanner, or a number that was typed. */
  scanned(text: string): void {
    if (!this.pairing || this.isBusy) return;
    const reading = read(text, this.hosts);
    if (reading.kind === "card") return this.lookUp(reading.code);
    if (reading.kind === "voucher") return this.show(this.screens.voucher(this, reading.code));
    this.play("refused");
    this.notice(this.t(reading.kind === "damaged" ? "damaged" : "foreign"));
  }

  /** Asks the server whose card it is, and shows what can be booked. */
  lookUp(code: string): void {
    const attempt: Attempt = { kind: "lookup", again: () => this.lookUp(code), scan: null };
    void this.attempt(attempt, () => this.api.scan(code), (scan) => {
      this.play("key");
      this.show(this.screens.purchase(this, scan));
    });
  }

  /** Books a visit. The key is made here, once; trying again sends the same key. */
  book(request: VisitRequest, scan: Scan, show: (visit: Awaited<ReturnType<PosApi["visit"]>>) => void, key = newKey()): void {
    const attempt: Attempt = { kind: "visit", again: () => this.book(request, scan, show, key), scan };
    void this.attempt(attempt, () => this.api.visit(request, key), show);
  }

  /** Redeems a reward or voucher, by the same rule for the key. */
  redeem(
    request: RedemptionRequest,
    scan: Scan | null,
    show: (redemption: Awaited<ReturnType<PosApi["redeem"]>>) => void,
    key = newKey(),
  ): void {
    const attempt: Attempt = { kind: "redemption", again: () => this.redeem(request, scan, show, key), scan };
    void this.attempt(attempt, () => this.api.redeem(request, key), show);
  }

  /** Undoes a booking, by the same rule for the key. */
  reverse(booked: Booked, reason: string, show: () => void, key = newKey()): void {
    const attempt: Attempt = { kind: "reversal", again: () => this.reverse(booked, reason, show, key), scan: null };
    void this.attempt(attempt, () => this.api.reverse(booked.transactionId, reason, key), show);
  }

  private async attempt<T>(attempt: Attempt, act: () => Promise<T>, show: (answer: T) => void): Promise<void> {
    if (this.isBusy) return;
    this.setBusy(true);
    let answer: T;
    try {
      answer = await act();
    } catch (error) {
      this.setBusy(false);
      const problem = error instanceof Problem ? error : new Problem(0, "no-answer", "", "");
      if (problem.status === 401) return this.unpair(this.t("pairGone"));
      this.play("refused");
      if (problem.isUnanswered) return this.show(this.screens.unanswered(this, problem, attempt));
      return this.show(this.screens.refused(this, problem, attempt));
    }
    this.setBusy(false);
    this.network(true);
    show(answer);
  }

  private setBusy(isBusy: boolean): void {
    this.isBusy = isBusy;
    document.documentElement.toggleAttribute("data-busy", isBusy);
    this.onBusy?.(isBusy);
  }

  private network(isThere: boolean): void {
    if (isThere === (this.offlineSince === null)) return;
    this.offlineSince = isThere ? null : new Date();
    this.onNetwork?.();
  }
}
