/** Counter without a network: the one place to import it from. `openCounterStore` makes the real thing.
 *
 * ```ts
 * const kept = openCounterStore({ base: apiBase, language: () => language, staffToken: () => staff.token, appVersion });
 * const { queue, driver, clock, place, recent, pins } = kept;
 * const pairing = await queue.begin();            // first; null: show the pairing screen
 * if (pairing) await kept.started();              // reads the kept place, starts the driver, asks for news in the background
 *
 * // Booking. Resolves when the visit is safe, either way; throws the Problem of a refusal.
 * const booked = await queue.attempt({ scan_id, code, amount, currency, staff_id }, queue.isReachable);
 * booked.outcome === "booked" ? showEarned(booked.answer) : showQueued(booked.event);
 * // Kiosk, or a card scanned while there is no network: the code is all there is.
 * await queue.attempt({ code, kiosk: true }, false);   // or queue.add({ code })
 *
 * // A voucher. `read(text, hosts)` gives kind "reservation" with `code` and `proof`.
 * const verdict = await verify(reading.code, reading.proof, place.reservationKey, clock.now());
 * if (verdict.verdict === "good") await queue.redeem(verdict.code, { reservation: verdict, online: queue.isReachable });
 * else await queue.redeem(reading.code);          // "unknown": the service decides, a Problem without an answer
 * // Typed voucher codes go the same way, never by api.redeem: so the same voucher is refused the second time offline too.
 * // It throws QueueError: "spent" (handed out here already), "dead" (its member took it back), "unsure" (storage was lost).
 *
 * queue.onChange(() => redraw(queue.waiting, queue.oldest, queue.isUnpaired, queue.told, queue.reviews));
 * queue.told         // events that were rejected or wait for a decision; queue.dismiss(id) once seen
 * queue.isUnpaired   // the service doesn't know this tablet any more: nothing is lost, show pairing and how many wait
 * await queue.pair(await api.pair(code, name));   // QueueError "waiting" if something of another location waits
 * await kept.started();                           // after pairing too; asks the browser to keep the storage
 * if (queue.canLeave) await queue.unpair();       // throws QueueError "waiting" otherwise; then kept.left()
 *
 * await recent.bookedAt(number)                   // "again?" within two minutes; recent.note(number, isKiosk, wait) after
 * await recent.kioskUntil(number, settings.kiosk_wait)
 * new StaffDesk(() => api, pins, …)               // `Pins` has `learn` and `find`
 * place.place                                     // the shop's facts (Place without its key), also offline
 * kept.isStorageKept                              // true, false, or null where the browser can't tell
 * ```
 */

import type { Settings } from "../../shared/api.ts";
import { PosApi } from "../../shared/api.ts";
import { newKey } from "../../shared/keys.ts";
import { Clock } from "../../shared/clock.ts";
import { Pins } from "../pins.ts";
import { PlaceCache } from "../place.ts";
import { Recent } from "../recent.ts";
import * as store from "../store.ts";
import { Driver, PAGE } from "./driver.ts";
import { bestLocks } from "./locks.ts";
import { Queue } from "./queue.ts";
import { PosTransport } from "./transport.ts";

export type { KeptPlace } from "../place.ts";
export { verify, type Reserved, type Verdict } from "../reservation.ts";
export { Driver } from "./driver.ts";
export type { Told, VisitDraft, Waiting } from "./events.ts";
export { QueueError } from "./problems.ts";
export { Queue, type Booked, type Queued, type Reservation } from "./queue.ts";

interface Options extends Omit<Settings, "token" | "timeoutMs"> {
  readonly appVersion: string;
}

/** Everything that the counter keeps on this tablet, joined. */
export class CounterStore {
  readonly clock: Clock;
  readonly queue: Queue;
  readonly driver: Driver;
  readonly place: PlaceCache;
  readonly recent: Recent;
  readonly pins: Pins;
  /** Whether the browser promised not to clear this storage by itself; null where it can't tell. */
  isStorageKept: boolean | null = null;

  private readonly api: PosApi;

  constructor(options: Options) {
    const clocks = { wall: () => Date.now(), steady: () => performance.now() };
    this.clock = new Clock(clocks, newKey(), (error) => void store.remember("clock", error).catch(() => undefined));
    this.queue = new Queue({
      storage: store.queueStorage,
      mirror: store.queueMirror,
      transport: new PosTransport(options),
      clock: this.clock,
      locks: bestLocks(),
      newId: newKey,
      facts: () => ({
        app_version: options.appVersion,
        ...(this.isStorageKept === null ? {} : { is_storage_kept: this.isStorageKept }),
      }),
    });
    this.driver = new Driver(this.queue, PAGE);
    this.place = new PlaceCache(store, this.clock);
    this.recent = new Recent(store.recentStore, this.clock);
    this.pins = new Pins(store, this.clock);
    this.api = new PosApi({ ...options, token: () => this.queue.pairing?.device_token ?? null });
    this.queue.onChange(() => void (this.queue.waiting > 0 && this.driver.nudge()));
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") this.clock.hide();
      else this.clock.show();
    });
  }

  /** After `queue.begin` found a pairing, and after `queue.pair`: reads what is kept of the shop, starts sending, and asks
   * for news in the background. Needs no network and doesn't wait for it. */
  async started(): Promise<void> {
    this.clock.restore(await store.recall("clock").catch(() => undefined));
    const deviceId = this.queue.pairing?.device_id;
    if (deviceId) await this.place.begin(deviceId).catch(() => null);
    this.driver.start();
    this.driver.wake();
    void this.learn();
    void store.askToKeep().then(async (isKept) => {
      this.isStorageKept = isKept || (await store.isKept());
    });
  }

  /** Asks for the shop's facts if they are due; null if nobody answered. Called at the start and hourly. */
  async learn(): Promise<PlaceCache["place"]> {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.learn(), LEARN_AGAIN);
    if (!this.queue.pairing) return null;
    try {
      const place = await this.place.refresh(this.api);
      this.onPlace?.();
      return place;
    } catch {
      return null;
    }
  }

  /** Called when the shop's facts may have changed. */
  onPlace: (() => void) | null = null;
  private timer: number | undefined;

  /** After `queue.unpair`: forgets the shop and its people. */
  async left(): Promise<void> {
    this.driver.stop();
    window.clearTimeout(this.timer);
    await this.place.forget();
    await this.pins.forgetAll();
  }
}

/** How often the shop's facts are asked for, in milliseconds. */
const LEARN_AGAIN = 3600_000;

/** The tablet's own storage, clock and network. Make one for each page. */
export function openCounterStore(options: Options): CounterStore {
  return new CounterStore(options);
}
