/** Handing out vouchers: once, whatever the network does and whatever this tablet is asked. */

import type { Pairing, Redemption } from "../../shared/api.ts";
import type { Entry, RedemptionEntry, Waiting } from "./events.ts";
import { asProblem, isDecision, QueueError } from "./problems.ts";
import type { Booked, Parts, Queued } from "./queue.ts";
import { mark, type Changes, type Device, type Spent } from "./storage.ts";

/** A voucher that a phone reserved for this tablet, its proof verified (`../reservation.ts`). */
export interface Reservation {
  readonly code: string;
  readonly hold_id: string;
}

export interface RedeemOptions {
  readonly reservation?: Reservation | null;
  /** False: nobody is asked. */
  readonly online?: boolean;
  /** Who is signed in, as a claim. */
  readonly staff_id?: string;
}

/** What the queue does for it. */
export interface Host {
  paired(): Pairing;
  mayAsk(): boolean;
  answered(): void;
  missed(status: number): void;
  number(changes: Changes, entry: Entry): Promise<Waiting>;
  safe(event: Waiting, device: Device | undefined): Promise<Queued>;
}

export class Redeeming {
  private readonly inHand = new Set<string>();

  constructor(
    private readonly parts: Parts,
    private readonly host: Host,
  ) {}

  get isIdle(): boolean {
    return this.inHand.size === 0;
  }

  /** Redeems a voucher by its code, with the `reservation` if a phone reserved it for this tablet: then it is granted
   * without the service as well, once. Without one only the service can grant it.
   *
   * Throws `QueueError` `dead`, `spent` or `unsure` where this tablet knows better, and the `Problem` of a refusal or,
   * without a reservation, of no answer; trying again then sends the same key. */
  async redeem(code: string, options: RedeemOptions): Promise<Booked<Redemption> | Queued> {
    const { reservation = null, online = true, staff_id } = options;
    const mayAsk = online && this.host.mayAsk();
    if (!reservation && !mayAsk) throw asProblem(undefined);
    if (this.inHand.has(code)) throw new QueueError("spent");
    this.inHand.add(code);
    try {
      return await this.redeemOnce(code, reservation, mayAsk, staff_id);
    } finally {
      this.inHand.delete(code);
    }
  }

  /** The redemption with this transaction was undone by the service: its voucher is no longer spent here. */
  async undone(transactionId: string): Promise<void> {
    await this.parts.storage.change(async (changes) => {
      for (const { code, transaction_id } of await changes.list("spent")) {
        if (transaction_id === transactionId) await changes.delete("spent", code);
      }
    });
  }

  private async redeemOnce(
    code: string,
    reservation: Reservation | null,
    mayAsk: boolean,
    staff_id: string | undefined,
  ): Promise<Booked<Redemption> | Queued> {
    const hold_id = reservation?.hold_id ?? null;
    const { id, before, handedOut } = await this.parts.storage.change(async (changes) => {
      const spent = await this.judge(changes, code, reservation, mayAsk);
      const goesOn = spent?.isFinal === false && spent.hold_id === hold_id;
      const kept: Spent = goesOn ? spent : { id: this.parts.newId(), code, at: this.parts.clock.now(), hold_id, isFinal: false };
      if (reservation && !mayAsk) return { id: kept.id, before: null, handedOut: await this.handOut(changes, kept.id, reservation, staff_id) };
      // What was handed out stays so until the service says that it may be once more.
      if (!spent?.isFinal) await changes.put("spent", code, kept);
      return { id: kept.id, before: spent?.isFinal ? spent : null, handedOut: null };
    });
    if (handedOut) return this.host.safe(handedOut.event, handedOut.device);
    try {
      const answer = await this.parts.transport.redeem(this.host.paired(), code, id);
      this.host.answered();
      const spent: Spent = { id, code, at: this.parts.clock.now(), hold_id, isFinal: true, transaction_id: answer.transaction_id };
      await this.parts.storage.change((changes) => changes.put("spent", code, spent));
      return { outcome: "booked", answer, id };
    } catch (error) {
      const problem = asProblem(error);
      if (isDecision(problem)) {
        await this.parts.storage.change(async (changes) => {
          if ((await changes.get("spent", code))?.isFinal === false) await changes.delete("spent", code);
        });
        throw problem;
      }
      this.host.missed(problem.status);
      if (!reservation || before) throw problem;
      const safe = await this.parts.storage.change(async (changes) => {
        await this.judge(changes, code, reservation, false);
        return this.handOut(changes, id, reservation, staff_id);
      });
      return this.host.safe(safe.event, safe.device);
    }
  }

  /** What is known here of a voucher: undefined, the unanswered try to go on with, or, where the service can be asked, an
   * earlier redemption that it knows of and that may have been undone since. */
  private async judge(changes: Changes, code: string, reservation: Reservation | null, mayAsk: boolean): Promise<Spent | undefined> {
    if (reservation && (await changes.get("dead", reservation.hold_id))) throw new QueueError("dead");
    const spent = await changes.get("spent", code);
    // Without a transaction the service has yet to hear of it, or somebody to decide: it would grant it once more.
    if (spent?.isFinal && (!mayAsk || spent.transaction_id === undefined)) throw new QueueError("spent");
    if (reservation && !mayAsk && !covers(await mark(changes, "began"), reservation.hold_id)) throw new QueueError("unsure");
    return spent;
  }

  private async handOut(
    changes: Changes,
    id: string,
    reservation: Reservation,
    staff_id: string | undefined,
  ): Promise<{ event: Waiting; device: Device | undefined }> {
    const { code, hold_id } = reservation;
    const entry: RedemptionEntry = {
      id,
      stamp: this.parts.clock.stamp(),
      type: "redemption",
      voucher_code: code,
      hold_id,
      ...(staff_id === undefined ? {} : { staff_id }),
    };
    await changes.put("spent", code, { id, code, at: this.parts.clock.now(), hold_id, isFinal: true });
    return { event: await this.host.number(changes, entry), device: await mark(changes, "device") };
  }
}

/** Whether this storage knows all that happened on this tablet since the reservation was made. Its id is a UUIDv7 of the
 * service, which begins with the milliseconds of its making by the same clock as `began`. */
export function covers(began: number | undefined, holdId: string): boolean {
  const made = Number.parseInt(holdId.replaceAll("-", "").slice(0, 12), 16);
  return began !== undefined && made >= began;
}
