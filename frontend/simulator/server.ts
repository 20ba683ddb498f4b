/** The service as the tablets' protocol knows it: a model in memory, without any rule of earning. */

import { Problem } from "../shared/api.ts";
import type { Queued, SyncAnswer, SyncRequest, SyncResult } from "../shared/pos.ts";

export interface Held {
  readonly hold_id: string;
  readonly device_id: string;
  readonly location_id: string;
  isReleaseWanted: boolean;
}

export interface ModelVoucher {
  readonly code: string;
  /** The ids of the events or tries that redeemed it: never more than one. */
  readonly redeemedBy: string[];
  hold: Held | null;
  /** Redemptions of it that somebody must decide: until then its reservation stands, since it was handed out. */
  readonly reviewed: string[];
}

export interface ModelDevice {
  readonly device_id: string;
  readonly device_token: string;
  readonly location_id: string;
  isRevoked: boolean;
  isWrittenOff: boolean;
  synced: number;
  /** Numbers that were skipped and never came. */
  readonly missing: Set<number>;
  queueLength: number;
}

/** What was decided under a key: booked, refused, or put before somebody. */
export type Decision =
  | { readonly is: "booked"; readonly of: string; readonly at: number }
  | { readonly is: "rejected" | "review"; readonly code: string };

const OLDEST = 72 * 3600_000;
const AHEAD = 5 * 60_000;
/** One card is blocked, so that some events are refused. */
export const BLOCKED = "BLOCKED";

/** Hears what the service was asked and what it answered. */
export interface Recorder {
  reserved(code: string, device: ModelDevice, holdId: string): void;
  released(code: string): void;
  wroteOff(device: ModelDevice): void;
  tried(op: "visit" | "redeem", device: ModelDevice, id: string, of: string, decision: Decision, isReplay: boolean): void;
  synced(device: ModelDevice, request: SyncRequest, answer: SyncAnswer, codes: readonly (string | undefined)[]): void;
  /** A call of a tablet that was given up. */
  withdrew(device: ModelDevice): void;
}

export class Server {
  recorder: Recorder | null = null;
  readonly devices = new Map<string, ModelDevice>();
  readonly vouchers = new Map<string, ModelVoucher>();
  /** By location and key. */
  readonly decisions = new Map<string, Decision>();
  /** How often a visit was booked, by what the card was shown for. */
  readonly booked = new Map<string, number>();
  private made = 0;

  constructor(
    private readonly now: () => number,
    /** A weaker service, to show that the simulator sees it. */
    private readonly twin: string | null = null,
  ) {}

  pair(location_id: string): ModelDevice {
    const number = ++this.made;
    const device: ModelDevice = {
      device_id: `device-${number}`,
      device_token: `token-${number}`,
      location_id,
      isRevoked: false,
      isWrittenOff: false,
      synced: 0,
      missing: new Set(),
      queueLength: 0,
    };
    this.devices.set(device.device_token, device);
    return device;
  }

  issue(code: string): void {
    this.vouchers.set(code, { code, redeemedBy: [], hold: null, reviewed: [] });
  }

  /** A phone reserves a voucher for one tablet. Returns the reservation's id, or null where it can't. */
  hold(code: string, device: ModelDevice): string | null {
    const voucher = this.vouchers.get(code);
    if (!voucher || voucher.redeemedBy.length || voucher.hold || device.isRevoked) return null;
    const hold_id = this.idOfNow();
    voucher.hold = { hold_id, device_id: device.device_id, location_id: device.location_id, isReleaseWanted: false };
    this.recorder?.reserved(code, device, hold_id);
    return hold_id;
  }

  /** The phone wants it back; only the tablet ends it. */
  release(code: string): void {
    const voucher = this.vouchers.get(code);
    if (!voucher?.hold) return;
    voucher.hold.isReleaseWanted = true;
    this.recorder?.released(code);
    if (this.twin === "holds end by a clock") voucher.hold = null;
  }

  /** The operator gives a lost tablet up: audited, and the only other end of a reservation. */
  writeOff(device: ModelDevice): string[] {
    device.isRevoked = true;
    device.isWrittenOff = true;
    const freed = [...this.vouchers.values()].filter((voucher) => voucher.hold?.device_id === device.device_id);
    for (const voucher of freed) voucher.hold = null;
    this.recorder?.wroteOff(device);
    return freed.map((voucher) => voucher.code);
  }

  visit(token: string, code: string, id: string): { transaction_id: string } {
    const device = this.device(token);
    const isReplay = this.decisions.has(keyOf(device, id));
    const decision = this.book(device, id, code, this.now());
    this.recorder?.tried("visit", device, id, code, decision, isReplay);
    return this.answer(decision, id);
  }

  redeem(token: string, code: string, id: string): { transaction_id: string } {
    const device = this.device(token);
    const isReplay = this.decisions.has(keyOf(device, id));
    const decision = this.spend(device, id, code, undefined);
    this.recorder?.tried("redeem", device, id, code, decision, isReplay);
    return this.answer(decision, id);
  }

  /** `crashAfter`: the service dies after so many events, and nobody gets an answer. */
  sync(token: string, request: SyncRequest, crashAfter = Number.POSITIVE_INFINITY): SyncAnswer {
    const device = this.device(token);
    const received = this.now();
    const results: SyncResult[] = [];
    for (const [at, event] of request.events.entries()) {
      if (at >= crashAfter) throw new Problem(500, "crashed", "", "");
      results.push(this.apply(device, event));
      this.seen(device, event.sequence);
    }
    if (request.last_sequence !== undefined) this.skipTo(device, request.last_sequence);
    for (const hold_id of request.acks ?? []) this.acknowledge(device, hold_id);
    device.queueLength = request.queue_length ?? 0;
    const held = [...this.vouchers.values()].map((voucher) => voucher.hold).filter((hold) => hold !== null);
    const answer: SyncAnswer = {
      results,
      received_at: new Date(received).toISOString(),
      releases: held.filter((hold) => hold.device_id === device.device_id && hold.isReleaseWanted).map((hold) => hold.hold_id),
      missing: ranges(device.missing),
      reviews: [...this.decisions].filter(([key, one]) => key.startsWith(`${device.location_id} `) && one.is === "review").length,
    };
    if (this.recorder) {
      const decided = request.events.map(({ id }) => this.decisions.get(keyOf(device, id)));
      this.recorder.synced(device, request, answer, decided.map((one) => (one && one.is !== "booked" ? one.code : undefined)));
    }
    return answer;
  }

  private device(token: string): ModelDevice {
    const device = this.devices.get(token);
    if (device?.isWrittenOff) this.recorder?.withdrew(device);
    if (!device || device.isRevoked) throw new Problem(401, "device-revoked", "", "");
    return device;
  }

  private apply(device: ModelDevice, event: Queued): SyncResult {
    const known = this.decisions.get(keyOf(device, event.id));
    const at = Date.parse(event.occurred_at);
    const now = this.now();
    let decision = known;
    if (!decision && now - at > OLDEST) decision = this.decide(device, event.id, { is: "review", code: "too_old" });
    else if (!decision && at - now > AHEAD) decision = this.decide(device, event.id, { is: "review", code: "too_far_ahead" });
    else if (!decision && event.type === "visit") decision = this.book(device, event.id, event.code ?? "", at);
    else if (!decision && event.type === "redemption") decision = this.spend(device, event.id, event.voucher_code, event.hold_id);
    if (event.type === "redemption" && decision?.is === "review") this.vouchers.get(event.voucher_code)?.reviewed.push(event.id);
    if (decision?.is === "booked") return { id: event.id, status: known ? "duplicate" : "applied", transaction_id: `t-${event.id}` };
    return { id: event.id, status: decision?.is ?? "rejected", problem: { type: `/problems/${decision?.code ?? "unknown"}` } };
  }

  private book(device: ModelDevice, id: string, code: string, at: number): Decision {
    const known = this.decisions.get(keyOf(device, id));
    if (known) return known;
    if (code.startsWith(BLOCKED)) return this.decide(device, id, { is: "rejected", code: "card_blocked" });
    this.booked.set(code, (this.booked.get(code) ?? 0) + 1);
    return this.decide(device, id, { is: "booked", of: code, at });
  }

  private spend(device: ModelDevice, id: string, code: string, holdId: string | undefined): Decision {
    const known = this.decisions.get(keyOf(device, id));
    if (known) return known;
    const voucher = this.vouchers.get(code);
    if (!voucher || voucher.redeemedBy.length) return this.decide(device, id, { is: "rejected", code: "voucher_used" });
    const { hold } = voucher;
    const isItsOwn = hold?.device_id === device.device_id;
    const isOfPlace = hold?.hold_id === holdId && hold?.location_id === device.location_id;
    if (hold && !isItsOwn && !isOfPlace) return this.decide(device, id, { is: "rejected", code: "voucher_held" });
    // Its tablet may have forgotten that it handed it out.
    if (voucher.reviewed.length && this.twin !== "frees what is under review") {
      return this.decide(device, id, { is: "rejected", code: "voucher_undecided" });
    }
    voucher.redeemedBy.push(id);
    voucher.hold = null;
    return this.decide(device, id, { is: "booked", of: code, at: this.now() });
  }

  private decide(device: ModelDevice, id: string, decision: Decision): Decision {
    this.decisions.set(keyOf(device, id), decision);
    return decision;
  }

  private answer(decision: Decision, id: string): { transaction_id: string } {
    if (decision.is === "booked") return { transaction_id: `t-${id}` };
    throw new Problem(409, decision.code.replaceAll("_", "-"), "", "");
  }

  private acknowledge(device: ModelDevice, holdId: string): void {
    for (const voucher of this.vouchers.values()) {
      if (voucher.hold?.hold_id !== holdId || voucher.hold.device_id !== device.device_id) continue;
      if (voucher.reviewed.length === 0 || this.twin === "frees what is under review") voucher.hold = null;
    }
  }

  private seen(device: ModelDevice, sequence: number): void {
    this.skipTo(device, sequence - 1);
    device.synced = Math.max(device.synced, sequence);
    device.missing.delete(sequence);
  }

  private skipTo(device: ModelDevice, last: number): void {
    for (let number = device.synced + 1; number <= last; number++) device.missing.add(number);
    device.synced = Math.max(device.synced, last);
  }

  /** A UUIDv7: the milliseconds of now, then a running number. */
  private idOfNow(): string {
    const hex = this.now().toString(16).padStart(12, "0") + (++this.made).toString(16).padStart(20, "0");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }
}

/** Numbers as ranges, first and last. */
function ranges(numbers: ReadonlySet<number>): [number, number][] {
  const found: [number, number][] = [];
  for (const number of [...numbers].sort((a, b) => a - b)) {
    const last = found.at(-1);
    if (last && last[1] === number - 1) last[1] = number;
    else found.push([number, number]);
  }
  return found;
}

export function keyOf(device: { readonly location_id: string }, id: string): string {
  return `${device.location_id} ${id}`;
}
