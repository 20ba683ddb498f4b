/** What the model of the service was asked and what it answered, so that the real service can be asked the same. The
 * format is that of `tests/vectors/queue_traces.README.md`. */

import type { SyncAnswer, SyncRequest } from "../shared/pos.ts";
import { type Decision, type ModelDevice, type Recorder, Server } from "./server.ts";
import { Simulation } from "./simulation.ts";

export interface Trace {
  readonly seed: number;
  readonly devices: readonly number[];
  readonly members: number;
  readonly start_units: number;
  readonly cost: number;
  readonly voucher_days: null;
  readonly steps: readonly object[];
}

const MEMBERS = 3;
const START_UNITS = 100;
const COST = 5;
const MOST_STEPS = 60;
/** Two of these decide between applied and review; a trace keeps away from both by some seconds. */
const LIMITS = [72 * 3600, -300];
const NEAR = 5;

class Tracer implements Recorder {
  readonly steps: object[] = [];
  private readonly holds = new Map<string, string>();
  /** The highest number that a told step has made known, by device. */
  private readonly highest = new Map<string, number>();
  private ended: object | null = null;
  /** Something happened too near to a limit for whole seconds. */
  isDoubtful = false;

  constructor(
    private readonly server: Server,
    private readonly now: () => number,
    private readonly start: number,
  ) {}

  begin(): void {
    for (const code of this.server.vouchers.keys()) this.step({ op: "take", member: owner(code), voucher: code, expect: { ok: true } });
  }

  reserved(code: string, device: ModelDevice, holdId: string): void {
    const hold = `h${this.holds.size}`;
    this.holds.set(holdId, hold);
    this.step({ op: "reserve", voucher: code, device: this.name(device), hold, expect: { ok: true } });
  }

  released(code: string): void {
    this.step({ op: "release", voucher: code, expect: { ok: true } });
  }

  wroteOff(device: ModelDevice): void {
    if ([...this.server.vouchers.values()].some((voucher) => voucher.reviewed.length)) this.isDoubtful = true;
    this.step({ op: "write_off", device: this.name(device), expect: { ok: true } });
  }

  tried(op: "visit" | "redeem", device: ModelDevice, id: string, of: string, decision: Decision, isReplay: boolean): void {
    const what = op === "visit" ? { member: memberOf(of), units: 1 } : { voucher: of };
    const told = decision.is === "booked" ? { ok: true } : { ok: false, code: decision.code };
    // What was put before somebody first: the format has no word for an online try of it.
    if (decision.is === "review") this.isDoubtful = true;
    this.step({ op, device: this.name(device), id, ...what, expect: { ...told, replay: isReplay } });
  }

  synced(device: ModelDevice, request: SyncRequest, answer: SyncAnswer, codes: readonly (string | undefined)[]): void {
    const { events } = request;
    const isMissed = (request.last_sequence ?? 0) > this.heard(device);
    if (!events.length && !request.acks?.length && !answer.releases.length && !isMissed) return;
    this.highest.set(device.device_id, Math.max(this.heard(device), device.synced));
    const at = Math.round((this.now() - this.start) / 1000);
    this.step({
      op: "sync",
      device: this.name(device),
      events: events.map((event) => {
        const occurred_at = Math.round((Date.parse(event.occurred_at) - this.start) / 1000);
        if (LIMITS.some((limit) => Math.abs(at - occurred_at - limit) < NEAR)) this.isDoubtful = true;
        const { id, sequence, type } = event;
        return event.type === "visit"
          ? { id, sequence, type, member: memberOf(event.code ?? ""), units: 1, occurred_at }
          : { id, sequence, type, voucher: event.voucher_code, occurred_at };
      }),
      acks: (request.acks ?? []).map((id) => this.holds.get(id) ?? id),
      queue_length: request.queue_length ?? 0,
      ...(request.last_sequence === undefined ? {} : { last_sequence: request.last_sequence }),
      expect: {
        results: answer.results.map(({ id, status }, at) => (codes[at] === undefined ? { id, status } : { id, status, code: codes[at] })),
        releases: answer.releases.map((id) => this.holds.get(id) ?? id).sort(),
        missing: answer.missing,
        reviews: answer.reviews,
      },
    });
  }

  withdrew(device: ModelDevice): void {
    // What exactly a tablet that was given up asked for makes no difference.
    this.step({ op: "sync", device: this.name(device), events: [], acks: [], queue_length: 0, expect: { error: "device_revoked" } });
  }

  /** The account at the moment at which the trace ends. */
  end(): object {
    return this.ended ?? this.account();
  }

  private account(): object {
    const balances = Object.fromEntries(Array.from({ length: MEMBERS }, (_, at) => [`m${at}`, START_UNITS]));
    for (const [of, times] of this.server.booked) balances[memberOf(of)] = (balances[memberOf(of)] ?? 0) + times;
    const vouchers: Record<string, string> = {};
    for (const { code, redeemedBy } of this.server.vouchers.values()) {
      balances[owner(code)] = (balances[owner(code)] ?? 0) - COST;
      vouchers[code] = redeemedBy.length ? "redeemed" : "issued";
    }
    return { op: "end", at: Math.round((this.now() - this.start) / 1000), expect: { balances, vouchers } };
  }

  private step(step: { readonly op: string } & Readonly<Record<string, unknown>>): void {
    if (this.ended) return;
    const { op, ...rest } = step;
    this.steps.push({ op, at: Math.round((this.now() - this.start) / 1000), ...rest });
    // A step is told once it is done: what happens after the last one is none of this trace's business.
    if (this.steps.length >= MOST_STEPS) this.ended = this.account();
  }

  private heard(device: ModelDevice): number {
    return this.highest.get(device.device_id) ?? 0;
  }

  private name(device: ModelDevice): string {
    return `d${[...this.server.devices.keys()].indexOf(device.device_token)}`;
  }
}

function memberOf(occasion: string): string {
  return `m${Number(/^card-(\d+)/.exec(occasion)?.[1] ?? 0) % MEMBERS}`;
}

/** Whose voucher it is: each phone is a member's. */
function owner(code: string): string {
  return `m${Number(code[1]) - 1}`;
}

/** The trace of a seed; null where whole seconds can't tell it, or too little happens. */
async function trace(seed: number): Promise<Trace | null> {
  const simulation = new Simulation(seed, { isTraced: true });
  const { server, world } = simulation.kept;
  const tracer = new Tracer(server, () => world.now, world.now);
  server.recorder = tracer;
  tracer.begin();
  const failures = await simulation.run();
  if (failures.length || tracer.isDoubtful || tracer.steps.length < 12) return null;
  const devices = [...server.devices.values()].map((device) => (device.location_id === "here" ? 0 : 1));
  const steps = [...tracer.steps, tracer.end()];
  return { seed, devices, members: MEMBERS, start_units: START_UNITS, cost: COST, voucher_days: null, steps };
}

/** The file's text: the first so many seeds that make a trace. One trace a line, so that a change can be read. */
export async function traces(many: number): Promise<string> {
  const lines: string[] = [];
  for (let seed = 1; lines.length < many; seed++) {
    const made = await trace(seed);
    if (made) lines.push(JSON.stringify(made));
  }
  return `{"format": 1, "traces": [\n${lines.join(",\n")}\n]}\n`;
}
