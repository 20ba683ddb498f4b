/** The queue: whatever was granted at this counter reaches the service once, whatever happens to network and tablet. */

import type { Pairing, Redemption, Visit } from "../../shared/api.ts";
import type { Clock } from "../../shared/clock.ts";
import type { Entry, Told, VisitDraft, VisitEntry, Waiting } from "./events.ts";
import { forOtherDevice } from "./events.ts";
import type { Locks } from "./locks.ts";
import { asProblem, isDecision, QueueError } from "./problems.ts";
import { type RedeemOptions, Redeeming, type Reservation } from "./redeeming.ts";
import { byTime, mark, type Changes, type Device, type Mirror, type QueueStorage } from "./storage.ts";
import { Sync, type Flushed } from "./sync.ts";
import type { Transport } from "./transport.ts";

/** What the queue stands on. */
export interface Parts {
  readonly storage: QueueStorage;
  readonly mirror: Mirror;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly locks: Locks;
  readonly newId: () => string;
  /** Told to the service with each sync. */
  readonly facts: () => { readonly app_version?: string; readonly is_storage_kept?: boolean };
  /** Events in one request; 100 unless a test says otherwise. */
  readonly batch?: number;
}

export type { RedeemOptions, Reservation } from "./redeeming.ts";

export type Booked<T> = { readonly outcome: "booked"; readonly answer: T; readonly id: string };
export type Queued = { readonly outcome: "queued"; readonly event: Waiting };

export class Queue {
  /** What this tablet is paired with; kept after `isUnpaired`, so that a new pairing can be compared with it. */
  pairing: Pairing | null = null;
  /** How many events wait for the service, those included whose online try isn't answered. */
  waiting = 0;
  /** When the oldest of them happened. */
  oldest: Date | null = null;
  /** The service said that it doesn't know this tablet: nothing is lost, it must be paired again. */
  isUnpaired = false;
  /** Whether the service answered last time. */
  isReachable = true;
  /** Refused events and those before somebody, the newest last, until `dismiss`. */
  told: readonly Told[] = [];
  /** Events in the shop's inbox, as the service told last. */
  reviews = 0;
  /** Whether the storage was found empty under a pairing: whatever waited is gone, and the service will notice. */
  wasStorageLost = false;

  private highest = 0;
  private readonly inHand = new Set<string>();
  private readonly redeeming: Redeeming;
  private readonly listeners = new Set<() => void>();
  private readonly sync: Sync;

  constructor(private readonly parts: Parts) {
    this.redeeming = new Redeeming(parts, {
      paired: () => this.paired(),
      mayAsk: () => this.mayAsk(),
      answered: () => void (this.isReachable = true),
      missed: (status) => this.missed(status),
      number: (changes, entry) => this.number(changes, entry),
      safe: (event, device) => this.safe(event, device),
    });
    this.sync = new Sync(parts, {
      answered: (reviews) => {
        this.isReachable = true;
        this.isUnpaired = false;
        this.reviews = reviews;
      },
      sending: (deviceId, sequence) => this.reflect(deviceId, sequence),
      unanswered: () => void (this.isReachable = false),
      unpaired: () => void (this.isUnpaired = true),
    });
  }

  /** Reads what is kept, and puts into the queue what an earlier page life left in the middle. Call once, first.
   * Returns the pairing, or null. Rejects where the storage can't be used. */
  async begin(): Promise<Pairing | null> {
    const { storage, mirror } = this.parts;
    const mirrored = mirror.read();
    const found = await storage.change(async (changes) => {
      const stored = await changes.get("settings", "pairing");
      const pairing = stored ?? mirrored?.pairing;
      if (pairing && !stored) await changes.put("settings", "pairing", pairing);
      if (pairing && !(await mark(changes, "device"))) await changes.put("marks", "device", deviceOf(pairing));
      const stood = (await mark(changes, "sequence")) ?? 0;
      let highest = stood;
      if (mirrored && pairing?.device_id === mirrored.pairing.device_id) highest = Math.max(highest, mirrored.sequence);
      if (highest > stood) await changes.put("marks", "sequence", highest);
      for (const entry of (await changes.list("trying")).sort(byTime)) {
        await changes.delete("trying", entry.id);
        highest = (await this.number(changes, entry, highest)).sequence;
      }
      const wasLost = mirrored !== null && !stored;
      if (wasLost) await changes.put("marks", "lost", true);
      return { pairing, highest, wasLost, isUnpaired: (await mark(changes, "unpaired")) === true };
    });
    this.pairing = found.pairing ?? null;
    this.isUnpaired = found.isUnpaired;
    this.wasStorageLost = found.wasLost;
    if (found.pairing) this.reflect(found.pairing.device_id, found.highest);
    await this.refresh();
    return this.pairing;
  }

  /** Keeps a new pairing. What waits stays, numbered anew for the new device. Throws `QueueError` `waiting` when something
   * waits that belongs to another location; then nothing has changed. */
  async pair(pairing: Pairing): Promise<void> {
    const highest = await this.parts.storage.change(async (changes) => {
      const device = await mark(changes, "device");
      const waiting = (await changes.count("queue")) + (await changes.count("trying"));
      const isBusy = waiting > 0 || !this.isIdle;
      if (isBusy && device && device.location_id !== pairing.location.location_id) throw new QueueError("waiting", Math.max(waiting, 1));
      const isOther = device?.device_id !== pairing.device_id;
      const last = isOther ? await this.numberAnew(changes) : this.highest;
      await changes.put("settings", "pairing", pairing);
      await changes.put("marks", "device", deviceOf(pairing));
      await changes.delete("marks", "unpaired");
      return last;
    });
    this.pairing = pairing;
    this.isUnpaired = false;
    this.wasStorageLost = false;
    this.highest = 0;
    this.reflect(pairing.device_id, highest);
    await this.refresh();
  }

  /** Returns the last number. */
  private async numberAnew(changes: Changes): Promise<number> {
    const waiting = await changes.list("queue");
    for (const { sequence } of waiting) await changes.delete("queue", sequence);
    // The old device's reservations can't be checked any more: its key is gone with it.
    for (const { hold_id } of await changes.list("dead")) await changes.delete("dead", hold_id);
    await changes.delete("marks", "began");
    // A loss that the old device could not show any more is shown by the new one: by a first number that never comes.
    const first = (await mark(changes, "lost")) ? 1 : 0;
    await changes.put("marks", "sequence", first);
    for (const event of waiting) await this.number(changes, forOtherDevice(event), 0);
    return first + waiting.length;
  }

  /** Forgets the pairing. Throws `QueueError` `waiting` while something waits. */
  async unpair(): Promise<void> {
    const mirrored = this.parts.mirror.read();
    this.parts.mirror.clear();
    try {
      await this.parts.storage.change(async (changes) => {
        const waiting = (await changes.count("queue")) + (await changes.count("trying"));
        if (waiting) throw new QueueError("waiting", waiting);
        await changes.delete("settings", "pairing");
        for (const name of ["device", "sequence", "began", "unpaired", "lost"] as const) await changes.delete("marks", name);
      });
    } catch (error) {
      if (mirrored) this.parts.mirror.write(mirrored);
      throw error;
    }
    this.pairing = null;
    this.isUnpaired = false;
    this.highest = 0;
    await this.refresh();
  }

  /** Whether unpairing and signing out may be offered: nothing waits. */
  get canLeave(): boolean {
    return this.waiting === 0;
  }

  /** Whether a new version of this page may take over: nothing is between the touch and its answer. */
  get isIdle(): boolean {
    return this.inHand.size === 0 && this.redeeming.isIdle;
  }

  /** Books a visit: by the service if it answers soon, else in the queue, where it is safe before this resolves. Throws
   * the `Problem` of a refusal. With `online` false nobody is asked. */
  async attempt(visit: VisitDraft, online = true): Promise<Booked<Visit> | Queued> {
    const entry = this.entryOf(visit);
    const pairing = this.paired();
    this.inHand.add(entry.id);
    try {
      if (!online || !this.mayAsk()) return await this.enqueue(entry);
      const isKept = await this.keepTrying(entry);
      let answer: Visit;
      try {
        answer = await this.parts.transport.visit(pairing, visit, entry.id);
      } catch (error) {
        const problem = asProblem(error);
        if (isDecision(problem)) {
          this.isReachable = true;
          await this.settleTrying(entry.id);
          throw problem;
        }
        this.missed(problem.status);
        if (!isKept) throw problem;
        return await this.enqueue(entry);
      }
      this.isReachable = true;
      await this.settleTrying(entry.id);
      return { outcome: "booked", answer, id: entry.id };
    } finally {
      this.inHand.delete(entry.id);
      this.changed();
    }
  }

  /** Puts a visit into the queue without asking anybody; it is safe there before this resolves. */
  add(visit: VisitDraft): Promise<Queued> {
    return this.attempt(visit, false) as Promise<Queued>;
  }

  /** Redeems a voucher by its code; see `Redeeming.redeem`. */
  async redeem(code: string, options: RedeemOptions = {}): Promise<Booked<Redemption> | Queued> {
    try {
      return await this.redeeming.redeem(code, options);
    } finally {
      this.changed();
    }
  }

  /** Redeems a voucher that was reserved for this tablet, straight into the queue. As `redeem` with `online` false. */
  redeemReserved(reservation: Reservation, staff_id?: string): Promise<Queued> {
    return this.redeem(reservation.code, { reservation, online: false, ...(staff_id ? { staff_id } : {}) }) as Promise<Queued>;
  }

  /** A transaction was undone. If it was a voucher's redemption here, that voucher may be handed out once more. */
  undone(transactionId: string): Promise<void> {
    return this.redeeming.undone(transactionId);
  }

  /** What waits with a number, the oldest first, to be shown. */
  async list(): Promise<readonly Waiting[]> {
    return this.parts.storage.change((changes) => changes.list("queue"));
  }

  /** Sends what waits, in order, as far as the service takes it; also learns what it has to say when nothing waits. Only
   * one page does so at a time. Never throws. */
  async flush(): Promise<Flushed> {
    if (!this.pairing) return { state: "unpaired", retryAfter: null };
    const flushed = await this.sync.flush();
    await this.refresh();
    return flushed;
  }

  /** Somebody has seen it. */
  async dismiss(id: string): Promise<void> {
    await this.parts.storage.change((changes) => changes.delete("told", id));
    await this.refresh();
  }

  /** Events that the service can't read at all; they stay and are tried again after a restart. */
  get stuck(): number {
    return this.sync.stuck.size;
  }

  /** Calls `listener` whenever something that this object tells may have changed. Returns what ends it. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  private changed(): void {
    for (const listener of this.listeners) listener();
  }

  private entryOf(visit: VisitDraft): VisitEntry {
    return { id: this.parts.newId(), stamp: this.parts.clock.stamp(), type: "visit", visit };
  }

  private mayAsk(): boolean {
    return !this.isUnpaired && !this.parts.transport.isOffline();
  }

  private paired(): Pairing {
    if (!this.pairing) throw new Error("The tablet is not paired.");
    return this.pairing;
  }

  private missed(status: number): void {
    if (status === 401) this.isUnpaired = true;
    else this.isReachable = false;
  }

  /** Without a storage the service can still be asked, but nothing can be promised in its place. */
  private async keepTrying(entry: VisitEntry): Promise<boolean> {
    try {
      await this.parts.storage.change((changes) => changes.put("trying", entry.id, entry));
      this.waiting += 1;
      return true;
    } catch {
      return false;
    }
  }

  private async settleTrying(id: string): Promise<void> {
    // If it stays, the next start sends it once more, under the same key.
    await this.parts.storage.change((changes) => changes.delete("trying", id)).catch(() => undefined);
    await this.refresh();
  }

  private async enqueue(entry: Entry): Promise<Queued> {
    const safe = await this.parts.storage.change(async (changes) => {
      await changes.delete("trying", entry.id);
      const event = await this.number(changes, entry);
      return { event, device: await mark(changes, "device") };
    });
    return this.safe(safe.event, safe.device);
  }

  private async safe(event: Waiting, device: Device | undefined): Promise<Queued> {
    if (device) this.reflect(device.device_id, event.sequence);
    await this.refresh();
    return { outcome: "queued", event };
  }

  /** Gives an entry the next number. */
  private async number(changes: Changes, entry: Entry, highest?: number): Promise<Waiting> {
    const isSame = (await mark(changes, "device"))?.device_id === this.pairing?.device_id;
    const sequence = Math.max((await mark(changes, "sequence")) ?? 0, highest ?? (isSame ? this.highest : 0)) + 1;
    const event: Waiting = { ...entry, sequence };
    await changes.put("queue", sequence, event);
    await changes.put("marks", "sequence", sequence);
    return event;
  }

  /** Keeps the highest number outside the storage too. After the storage and before anything is granted: a number is
   * never known there that was not given out. */
  private reflect(deviceId: string, sequence: number): void {
    if (this.pairing?.device_id !== deviceId) return;
    this.highest = Math.max(this.highest, sequence);
    const before = this.parts.mirror.read();
    // Another page may have given out a higher one meanwhile.
    const known = before?.pairing.device_id === deviceId ? before.sequence : 0;
    this.parts.mirror.write({ pairing: this.pairing, sequence: Math.max(this.highest, known) });
  }

  private async refresh(): Promise<void> {
    try {
      await this.parts.storage.change(async (changes) => {
        this.waiting = (await changes.count("queue")) + (await changes.count("trying"));
        const [first] = await changes.list("queue", 1);
        this.oldest = first ? new Date(this.parts.clock.settled(first.stamp)) : null;
        this.told = (await changes.list("told")).sort((a, b) => a.at - b.at);
      });
    } catch {
      // The last known figures stand.
    }
    this.changed();
  }
}

function deviceOf(pairing: Pairing): Device {
  return { device_id: pairing.device_id, location_id: pairing.location.location_id };
}
