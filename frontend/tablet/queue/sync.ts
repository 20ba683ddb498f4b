/** One exchange after the other with the service: what waits goes out, answers come in. */

import type { Pairing } from "../../shared/api.ts";
import type { SyncAnswer, SyncRequest, SyncResult } from "../../shared/pos.ts";
import { toTold, toWire, type Waiting } from "./events.ts";
import { asProblem, isUnreadable } from "./problems.ts";
import { mark, type Changes } from "./storage.ts";
import type { Parts } from "./queue.ts";
import { covers } from "./redeeming.ts";

export interface Flushed {
  /** `done`: nothing is left. `left`: something waits, ask again later. `busy`: another page is at it. */
  readonly state: "done" | "left" | "busy" | "unreachable" | "unpaired";
  /** Seconds that the service wants to be left alone. */
  readonly retryAfter: number | null;
}

/** What the queue wants to know of an exchange. */
interface Listener {
  /** Numbers up to this one are about to be known to the service. */
  sending(deviceId: string, sequence: number): void;
  answered(reviews: number): void;
  unanswered(): void;
  unpaired(): void;
}

const MOST = 100;
/** The service lists what it refused for good; this many of them are kept to be seen. */
const MOST_TOLD = 50;

interface Batch {
  readonly last: number;
  readonly pairing: Pairing;
  readonly events: readonly Waiting[];
  readonly request: SyncRequest;
}

export class Sync {
  /** Ids of events that the service could not read even alone; they are left aside so that the rest goes on. */
  readonly stuck = new Set<string>();
  private size: number;

  constructor(
    private readonly parts: Parts,
    private readonly listener: Listener,
  ) {
    this.size = parts.batch ?? MOST;
  }

  async flush(): Promise<Flushed> {
    const flushed = await this.parts.locks.ifFree("zegel-queue", () => this.all());
    return flushed ?? { state: "busy", retryAfter: null };
  }

  private async all(): Promise<Flushed> {
    try {
      for (;;) {
        const batch = await this.parts.storage.change((changes) => this.batch(changes));
        if (!batch) return { state: "unpaired", retryAfter: null };
        this.listener.sending(batch.pairing.device_id, batch.last);
        const sent = this.parts.clock.steady();
        let answer: SyncAnswer;
        try {
          answer = await this.parts.transport.sync(batch.pairing, batch.request);
        } catch (error) {
          const ended = await this.unanswered(error, batch);
          if (ended) return ended;
          continue;
        }
        this.parts.clock.measure(answer.received_at, sent);
        this.listener.answered(answer.reviews ?? 0);
        const next = await this.parts.storage.change((changes) => this.settle(changes, batch, answer));
        if (next !== "more") return { state: next, retryAfter: null };
      }
    } catch {
      // The storage failed: nothing was removed.
      return { state: "left", retryAfter: null };
    }
  }

  /** What to send now; null without a pairing. */
  private async batch(changes: Changes): Promise<Batch | null> {
    const pairing = await changes.get("settings", "pairing");
    if (!pairing) return null;
    const all = await changes.list("queue", this.size + this.stuck.size);
    const events = all.filter((event) => !this.stuck.has(event.id)).slice(0, this.size);
    const left = (await changes.count("queue")) - events.length;
    const offset = this.parts.clock.offsetNow();
    const request: SyncRequest = {
      sent_at: new Date(this.parts.clock.now()).toISOString(),
      events: events.map((event) => toWire(event, this.parts.clock)),
      ...(offset === undefined ? {} : { clock_offset_ms: offset }),
      ...(await this.acknowledged(changes, left)),
      ...this.parts.facts(),
      queue_length: left + events.length + (await changes.count("trying")),
    };
    return { pairing, events, request, last: (await mark(changes, "sequence")) ?? 0 };
  }

  /** What may only be said when nothing is left behind: then no redemption under these reservations can follow, nor any
   * number that isn't there. */
  private async acknowledged(changes: Changes, left: number): Promise<Pick<SyncRequest, "acks" | "last_sequence">> {
    if (left > 0) return {};
    const last = await mark(changes, "sequence");
    const began = await mark(changes, "began");
    const acks = (await changes.list("dead"))
      .filter((dead) => !dead.isAcknowledged && covers(began, dead.hold_id))
      .map((dead) => dead.hold_id)
      .slice(0, MOST);
    return { ...(last ? { last_sequence: last } : {}), ...(acks.length ? { acks } : {}) };
  }

  /** Whether to stop; null to go on at once with a smaller batch. */
  private async unanswered(error: unknown, batch: Batch): Promise<Flushed | null> {
    const problem = asProblem(error);
    if (problem.status === 401) {
      const isStill = await this.parts.storage.change(async (changes) => {
        const is = (await mark(changes, "device"))?.device_id === batch.pairing.device_id;
        if (is) await changes.put("marks", "unpaired", true);
        return is;
      });
      if (!isStill) return null;
      this.listener.unpaired();
      return { state: "unpaired", retryAfter: null };
    }
    const [only] = batch.events;
    if (isUnreadable(problem) && only) {
      if (batch.events.length === 1) this.stuck.add(only.id);
      this.size = Math.max(1, Math.floor(batch.events.length / 2));
      return null;
    }
    // A service that takes no empty batch has nothing to say yet.
    if (isUnreadable(problem)) return { state: "done", retryAfter: null };
    this.listener.unanswered();
    return { state: "unreachable", retryAfter: problem.retryAfter };
  }

  /** Takes an answer in, in one transaction: only what it names leaves the queue. */
  private async settle(changes: Changes, batch: Batch, answer: SyncAnswer): Promise<"more" | "done" | "left"> {
    // Paired anew meanwhile: all has other numbers now, which the new device must hear of, so all is sent once more.
    if ((await mark(changes, "device"))?.device_id !== batch.pairing.device_id) return "more";
    const results = new Map(answer.results.map((result) => [result.id, result]));
    let settled = 0;
    for (const event of batch.events) {
      const result = results.get(event.id);
      if (result && isAnswer(result) && (await this.remove(changes, event, result))) settled += 1;
    }
    const released = await this.release(changes, batch, answer);
    if ((await mark(changes, "began")) === undefined) {
      const received = Date.parse(answer.received_at);
      if (Number.isFinite(received)) await changes.put("marks", "began", received);
    }
    if (batch.request.last_sequence !== undefined) await changes.delete("marks", "lost");
    await changes.delete("marks", "unpaired");
    const left = (await changes.count("queue")) - this.stuck.size;
    if (settled > 0) this.size = Math.min(this.parts.batch ?? MOST, this.size * 2);
    if (left > 0) return settled > 0 ? "more" : "left";
    return released > 0 ? "more" : "done";
  }

  private async remove(changes: Changes, event: Waiting, result: SyncResult): Promise<boolean> {
    if ((await changes.get("queue", event.sequence))?.id !== event.id) return false;
    await changes.delete("queue", event.sequence);
    this.stuck.delete(event.id);
    if (event.type === "redemption" && result.transaction_id) {
      const spent = await changes.get("spent", event.voucher_code);
      if (spent?.id === event.id) await changes.put("spent", event.voucher_code, { ...spent, transaction_id: result.transaction_id });
    }
    if (result.status === "rejected" || result.status === "review") {
      const told = toTold(event, this.parts.clock.settled(event.stamp), { ...result, status: result.status });
      await changes.put("told", told.id, told);
      const all = (await changes.list("told")).sort((a, b) => a.at - b.at);
      for (const old of all.slice(0, Math.max(0, all.length - MOST_TOLD))) await changes.delete("told", old.id);
    }
    return true;
  }

  /** Puts reservations out of use that their members want back, and notes which the service knows of. Returns how many
   * are to be acknowledged that were not before. */
  private async release(changes: Changes, batch: Batch, answer: SyncAnswer): Promise<number> {
    for (const hold_id of batch.request.acks ?? []) {
      const dead = await changes.get("dead", hold_id);
      if (dead) await changes.put("dead", hold_id, { ...dead, isAcknowledged: true });
    }
    const began = await mark(changes, "began");
    let fresh = 0;
    for (const hold_id of answer.releases ?? []) {
      const isNew = (await changes.get("dead", hold_id)) === undefined;
      await changes.put("dead", hold_id, { hold_id, at: this.parts.clock.now(), isAcknowledged: false });
      if (isNew && covers(began, hold_id)) fresh += 1;
    }
    return fresh;
  }
}

function isAnswer(result: SyncResult): boolean {
  return result.status === "applied" || result.status === "duplicate" || result.status === "rejected" || result.status === "review";
}
