/** The tablet at the counter: what it is paired with, how it stands there, and how a scan becomes a booking. */

import { PosApi, Problem, type Pairing, type Redemption, type RedemptionRequest, type Scan } from "../shared/api.ts";
import { newKey } from "../shared/keys.ts";
import type { Place, PracticeCard, Training } from "../shared/pos.ts";
import { townName } from "../shared/town.ts";
import { Camera, type CameraState, type Facing, OnceInView } from "./camera.ts";
import { Again } from "./counter/again.ts";
import { book, bookUnseen, isQueued, redeemReserved, undo } from "./counter/booking.ts";
import type { Attempt, Booked, Mode, Reserved, Screens, UnseenCard } from "./counter/face.ts";
import { identify, type Known, practised } from "./counter/identify.ts";
import { atKiosk } from "./counter/kiosk.ts";
import { Network } from "./counter/network.ts";
import { type Page, Shell } from "./counter/shell.ts";
import { StaffDesk } from "./counter/staff.ts";
import type { Contents } from "./pieces/entry.ts";
import type { ShopLook } from "../shared/stampcard.ts";
import { type CounterStore, openCounterStore, type Queue, QueueError } from "./queue/index.ts";
import { recall, remember } from "./store.ts";
import { listen } from "./wedge.ts";

export type { Attempt, Booked, Screens } from "./counter/face.ts";

/** Where the counter runs. */
export interface Around extends Page {
  /** Stands over every screen while somebody practises. */
  readonly band: HTMLElement;
  /** The hosts of which an address is one of our cards. */
  readonly hosts: readonly string[];
  readonly apiBase: string;
  readonly version: string;
}

/** How long a customer waits for a card to be looked up, in milliseconds. */
const PATIENCE = 4000;

export class Counter extends Shell {
  /** Speaks for this tablet and whoever is signed in; while training, for the sandbox. */
  readonly api: PosApi;
  /** The same, but a customer stands there: it gives up soon. */
  readonly quick: PosApi;
  readonly camera: Camera;
  readonly staff: StaffDesk;
  readonly kept: CounterStore;
  readonly network: Network;
  readonly again: Again;
  pairing: Pairing | null = null;
  mode: Mode = "counter";
  lastBooked: Booked | null = null;
  onCameraState: ((state: CameraState) => void) | null = null;

  private training: { readonly training: Training; readonly place: Place } | null = null;
  /** By which code a card was looked up. */
  readonly scannedBy = new WeakMap<Scan, Known>();
  private readonly inView = new OnceInView();

  constructor(
    readonly screens: Screens,
    readonly around: Around,
  ) {
    super(around);
    const speaks = { base: around.apiBase, language: () => this.language, staffToken: () => (this.training ? null : this.staff.token) };
    const token = () => this.training?.training.device_token ?? this.pairing?.device_token ?? null;
    this.api = new PosApi({ ...speaks, token });
    this.quick = new PosApi({ ...speaks, token, timeoutMs: PATIENCE });
    this.kept = openCounterStore({ ...speaks, appVersion: around.version });
    this.kept.onPlace = () => this.placeChanged();
    this.again = new Again(this.kept.recent, this.kept.clock);
    this.network = new Network(this.kept.queue, () => this.onChange?.());
    this.staff = new StaffDesk(() => this.api, this.kept.pins, () => this.place?.settings ?? null, (why) => this.staffChanged(why));
    this.camera = new Camera(
      (texts) => this.seen(texts),
      (state) => this.onCameraState?.(state),
    );
  }

  /** The shop that the tablet stands in, as it was last told; while training, the sandbox's. */
  get place(): Place | null {
    return this.training?.place ?? this.kept.place.place;
  }

  get queue(): Queue {
    return this.kept.queue;
  }

  /** How many visits and redemptions wait for the network. */
  get waiting(): number {
    return this.queue.waiting;
  }

  /** When the service last answered, if it did since this page was loaded. */
  get lastSent(): Date | null {
    return this.network.lastHeard;
  }

  get offlineSince(): Date | null {
    return this.network.offlineSince;
  }

  get isOffline(): boolean {
    return this.offlineSince !== null && !this.isTraining;
  }

  /** What waits in the shop's inbox, and answers that nobody has seen. */
  get reviews(): number {
    return this.isTraining ? 0 : this.queue.reviews + this.queue.told.filter((one) => one.status === "rejected").length;
  }

  get isTraining(): boolean {
    return this.training !== null;
  }

  get practiceCards(): readonly PracticeCard[] {
    return this.training?.training.cards ?? [];
  }

  get hosts(): readonly string[] {
    return this.around.hosts;
  }

  override get currency(): string {
    return this.place?.merchant.currency ?? this.pairing?.merchant.currency ?? "EUR";
  }

  get shop(): ShopLook {
    const merchant = this.place?.merchant ?? this.pairing?.merchant;
    return { name: merchant?.name ?? townName(), logo: merchant?.logo_svg ?? null };
  }

  /** The number of the card behind a scan, or what another system's card says; null where it was looked up otherwise. */
  codeOf(scan: Scan): string | null {
    return this.scannedBy.get(scan)?.number ?? null;
  }

  /** Reads what is remembered and shows the first screen. Needs no network. */
  async begin(): Promise<void> {
    await Promise.all([this.recallLanguage(), this.recallSound()]).catch(() => this.speak(this.language));
    listen(window, { scanned: (text) => this.scanned(text), typed: (key) => this.screen?.key?.(key) });
    for (const name of ["pointerdown", "keydown"]) window.addEventListener(name, () => this.staff.touched(), { capture: true });
    this.queue.onChange(() => this.queueChanged());
    // Where nothing can be stored the counter works too, as long as it is neither loaded again nor without a network.
    const nothing = () => undefined;
    const [pairing, mode, facing] = await Promise.all([this.queue.begin().catch(() => null), recall("mode").catch(nothing), recall("camera").catch(nothing)]);
    if (facing) await this.camera.face(facing);
    this.mode = mode ?? "counter";
    if (!pairing) return this.show(this.screens.pair(this));
    await this.kept.started();
    this.paired(pairing);
  }

  /** Back to where the tablet waits for a card: the next customer. */
  wait(): void {
    if (!this.pairing) return this.unknown();
    if (this.isTraining) return this.show(this.screens.waiting(this));
    if (this.mode === "kiosk") return this.show(this.screens.kiosk(this));
    if (this.staff.isLocked) return this.show(this.screens.signIn(this, { then: () => this.wait() }));
    this.show(this.screens.waiting(this));
  }

  /** Stands on the counter the other way from now on, over restarts too. */
  async choose(mode: Mode): Promise<void> {
    this.mode = mode;
    if (mode === "kiosk") this.staff.end("out");
    await remember("mode", mode);
    this.lastBooked = null;
    this.wait();
  }

  /** Looks through the other camera, over restarts too. */
  async chooseCamera(facing: Facing): Promise<void> {
    await remember("camera", facing);
    await this.camera.face(facing);
  }

  /** Sends what waits, now. Never throws. */
  async sendNow(): Promise<void> {
    await this.network.send();
  }

  /** Practises in a sandbox until `endTraining`: the same screens, nothing is booked. Shows the waiting screen; throws
   * the `Problem` of no answer, and then nothing has changed. */
  async startTraining(training: Training): Promise<void> {
    const sandbox = new PosApi({ base: this.around.apiBase, token: () => training.device_token, language: () => this.language });
    this.training = { training, place: await sandbox.place() };
    this.lastBooked = null;
    this.around.band.replaceChildren(this.screens.practiceBand(this));
    this.wait();
  }

  /** Back to the real counter. */
  endTraining(): void {
    this.training = null;
    this.lastBooked = null;
    this.around.band.replaceChildren();
    this.wait();
  }

  /** Has a staff PIN typed, to prove something with; null when nobody does. Whoever asked shows the next screen. */
  askStaffPin(): Promise<string | null> {
    return new Promise((resolve) => this.show(this.screens.staffPin(this, resolve)));
  }

  /** Pairs this tablet. Throws the `Problem` of a refusal, and `QueueError` while visits of another shop wait. */
  async pair(code: string, name: string): Promise<void> {
    const pairing = await this.api.pair(code, name);
    await this.queue.pair(pairing);
    await this.kept.started();
    this.paired(pairing);
  }

  /** Shows the shop and starts to look for cards. */
  private paired(pairing: Pairing): void {
    this.pairing = pairing;
    this.placeChanged();
    void this.camera.start();
    if (this.queue.isUnpaired) return this.unknown();
    this.wait();
  }

  /** Forgets the pairing; the token is gone from this tablet. Throws `QueueError` while something waits. */
  async unpair(): Promise<void> {
    await this.queue.unpair();
    await this.kept.left();
    this.staff.end("out");
    this.mode = "counter";
    await remember("mode", "counter");
    this.unknown();
  }

  /** The service knows this tablet no more, or it was unpaired here: what waits stays until it is paired again. */
  private unknown(): void {
    const message = this.queue.pairing === null ? "" : this.waiting > 0 ? this.t("pairGoneWaiting", { n: this.waiting }) : this.t("pairGone");
    this.training = null;
    this.around.band.replaceChildren();
    this.pairing = null;
    this.lastBooked = null;
    this.camera.stop();
    this.show(this.screens.pair(this, message));
  }

  private placeChanged(): void {
    const hue = (this.place?.merchant ?? this.pairing?.merchant)?.hue;
    if (typeof hue === "number" && Number.isFinite(hue)) document.documentElement.style.setProperty("--hue", String(hue));
    // A tablet that nobody touches shows what is new at once; nobody is interrupted.
    if (/^(waiting|kiosk)$/.test(this.screen?.name ?? "") && this.pairing && !this.isBusy) this.wait();
  }

  private queueChanged(): void {
    if (this.queue.isUnpaired && this.pairing) return this.unknown();
    this.onChange?.();
  }

  private staffChanged(why: "in" | "out" | "locked"): void {
    if (why === "in") return this.onChange?.();
    this.lastBooked = null;
    // Nothing of a member stays on a tablet that nobody stands at.
    if (this.pairing && this.mode === "counter" && !this.isTraining) this.wait();
  }

  /** Asks the PIN of whoever stands here, then goes on with `then`. */
  signInFirst(then: () => void, hasCard = false): void {
    this.show(this.screens.signIn(this, { then, hasCard }));
  }

  /** What the camera sees, several times a second. A card beside a poster is the card. */
  private seen(texts: readonly string[]): void {
    const fresh = texts
      .map((text) => ({ text, reading: identify(text, this) }))
      .filter(({ text, reading }) => this.inView.isNew(reading.kind === "card" ? reading.card.number : text, performance.now()));
    const first = fresh.find(({ reading }) => reading.kind !== "strange") ?? fresh[0];
    if (first && this.screen?.looks) this.scanned(first.text);
  }

  /** A scan, by camera or hand scanner, or a number that was typed. */
  scanned(text: string): void {
    if (this.isBusy || this.screen?.scanned?.(text) || !this.pairing) return;
    this.staff.touched();
    const reading = practised(identify(text, this), this);
    if (reading.kind === "strange") {
      this.play("refused");
      return this.notice(this.t(reading.isDamaged ? "damaged" : "foreign"));
    }
    if (this.mode === "kiosk" && !this.isTraining) return void atKiosk(this, reading.kind === "card" ? reading.card : null);
    if (this.staff.isLocked && !this.isTraining) return this.signInFirst(() => this.scanned(text), true);
    if (reading.kind === "card") this.lookUp(reading.card.code);
    // Nothing real is handed out while somebody practises.
    else if (reading.kind === "voucher" || this.isTraining) this.show(this.screens.voucher(this, reading.code));
    else
      void reading.judge().then((reserved) => {
        if (reserved === null) this.show(this.screens.voucher(this, reading.code));
        else if (typeof reserved === "string") this.show(this.screens.notReserved(this, reserved));
        else this.show(this.screens.reserved(this, reserved));
      });
  }

  /** Asks the service whose card it is, and shows what can be booked; without an answer what was bought is asked straight
   * away. The same card within two minutes asks “again?” first. */
  lookUp(code: string, then?: (scan: Scan) => void): void {
    const reading = identify(code, this);
    const card = reading.kind === "card" ? reading.card : { code, number: code };
    const recently = this.isTraining ? Promise.resolve(null) : this.again.bookedAt(card.number);
    const unseen = () => void this.unlessAgain(null, recently, () => this.show(this.screens.offlinePurchase(this, card)));
    if (this.isOffline && !then) return unseen();
    const attempt: Attempt = { kind: "lookup", again: () => this.lookUp(code, then), scan: null };
    const show = (scan: Scan) => {
      this.scannedBy.set(scan, card);
      this.play("key");
      if (then) return then(scan);
      void this.unlessAgain(scan, recently, () => this.show(this.screens.purchase(this, scan)));
    };
    void this.attempt(attempt, () => this.quick.scan(code), show, () => {
      this.network.lost();
      if (this.isTraining || then) return false;
      unseen();
      return true;
    });
  }

  private async unlessAgain(scan: Scan | null, recently: Promise<Date | null>, go: () => void): Promise<void> {
    const at = await recently;
    if (at === null) go();
    else this.show(this.screens.again(this, { scan, at, go }));
  }

  /** Books a visit of a card that was looked up, and shows what it brought: booked, or safely kept until the network is
   * back. Sent under one key, however often. */
  book(contents: Contents, scan: Scan): void {
    book(this, contents, scan);
  }

  /** Keeps a visit of a card that could not be looked up until the network is back. */
  bookUnseen(contents: Contents, card: UnseenCard): void {
    bookUnseen(this, contents, card);
  }

  /** Hands out a voucher that a phone reserved for this tablet, with or without a network, once. */
  redeemReserved(reserved: Reserved): void {
    redeemReserved(this, reserved);
  }

  /** Whoever is signed in, as what a queued visit claims. */
  get claim(): { staff_id?: string } {
    return this.staff.who ? { staff_id: this.staff.who.staff_id } : {};
  }

  /** Minutes between two visits of one card at a kiosk. */
  get kioskWait(): number {
    return this.place?.settings.kiosk_wait ?? 240;
  }

  /** Redeems a reward or a voucher, under one key, however often. A voucher's code goes through the queue, so that the
   * same one is refused the second time without a network too. */
  redeem(request: RedemptionRequest, scan: Scan | null, show: (redemption: Redemption) => void, key = newKey()): void {
    const attempt: Attempt = { kind: "redemption", again: () => this.redeem(request, scan, show, key), scan };
    if (this.isTraining || !("voucher_code" in request)) return void this.attempt(attempt, () => this.api.redeem(request, key), show);
    void this.attempt(attempt, () => this.queue.redeem(request.voucher_code, { online: !this.isOffline, ...this.claim }), (outcome) => {
      if (outcome.outcome === "booked") show(outcome.answer);
    });
  }

  /** Undoes a booking, under one key, however often. */
  reverse(booked: Booked, reason: string, show: () => void, key = newKey()): void {
    const attempt: Attempt = { kind: "reversal", again: () => this.reverse(booked, reason, show, key), scan: null };
    void this.attempt(attempt, () => undo(this, booked.transactionId, reason, key), () => {
      if (booked.number) this.again.takeBack(booked.number);
      show();
    });
  }

  /** Calls the service while the tablet is busy, then `show`s the answer, or why there is none: refused, unanswered,
   * unpaired, or first to sign in. `attempt.again` is what “Try again” does. Without an answer `unanswered` may do
   * something else and say so with true. Nothing happens while the tablet is busy already. */
  async attempt<T>(attempt: Attempt, act: () => Promise<T>, show: (answer: T) => void, unanswered?: () => boolean): Promise<void> {
    if (this.isBusy) return;
    this.setBusy(true);
    let answer: T;
    try {
      answer = await act();
    } catch (error) {
      this.setBusy(false);
      if (error instanceof QueueError && error.code !== "waiting") return this.show(this.screens.notReserved(this, error.code));
      const problem = error instanceof Problem ? error : new Problem(0, "no-answer", "", "");
      if (!problem.isUnanswered) this.network.heard();
      if (/^staff-(needed|token)/.test(problem.code)) {
        this.staff.forget();
        return this.signInFirst(attempt.again, attempt.kind === "lookup");
      }
      if (problem.status === 401) return this.isTraining ? this.endTraining() : void this.queue.flush();
      if (problem.isUnanswered && unanswered?.()) return;
      this.play("refused");
      if (problem.isUnanswered) return this.show(this.screens.unanswered(this, problem, attempt));
      return this.show(this.screens.refused(this, problem, attempt));
    }
    this.setBusy(false);
    if (!isQueued(answer)) this.network.heard();
    show(answer);
  }
}
