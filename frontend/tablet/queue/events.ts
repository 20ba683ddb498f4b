/** A visit or a redemption from the touch to the service's answer. */

import type { VisitRequest } from "../../shared/api.ts";
import type { Queued, SyncResult } from "../../shared/pos.ts";
import type { Clock, Stamp } from "../../shared/clock.ts";

/** A visit as a screen asks for it. Give `scan_id` where a scan was answered, and `code` as it was scanned or typed
 * whenever it is known: the scan's id holds for ten minutes and on this device alone. */
export interface VisitDraft extends Omit<VisitRequest, "scan_id"> {
  readonly scan_id?: string;
  readonly code?: string;
  /** Who is signed in, as a claim. */
  readonly staff_id?: string;
}

interface Common {
  /** Also the idempotency key of the online try. */
  readonly id: string;
  readonly stamp: Stamp;
}

export interface VisitEntry extends Common {
  readonly type: "visit";
  readonly visit: VisitDraft;
}

export interface RedemptionEntry extends Common {
  readonly type: "redemption";
  readonly voucher_code: string;
  readonly hold_id: string;
  readonly staff_id?: string;
}

export type Entry = VisitEntry | RedemptionEntry;

/** An entry with its number: it is in the queue. */
export type Waiting = Entry & { readonly sequence: number };

/** An event that the service refused or put before somebody, kept until it was seen. */
export interface Told {
  readonly id: string;
  readonly type: "visit" | "redemption";
  readonly status: "rejected" | "review";
  /** When it happened, in milliseconds. */
  readonly at: number;
  readonly amount?: string;
  readonly units?: number;
  /** The last part of the problem's `type`, such as `card-blocked`; empty if none was given. */
  readonly code: string;
  readonly title: string;
  /** What happened and what to do, in the language of the request. */
  readonly detail: string;
}

/** What is sent of a waiting entry. */
export function toWire(waiting: Waiting, clock: Clock): Queued {
  const common = { id: waiting.id, sequence: waiting.sequence, occurred_at: new Date(clock.settled(waiting.stamp)).toISOString() };
  if (waiting.type === "redemption") {
    const { voucher_code, hold_id, staff_id } = waiting;
    return { ...common, type: "redemption", voucher_code, hold_id, ...(staff_id === undefined ? {} : { staff_id }) };
  }
  const { code, scan_id, ...visit } = waiting.visit;
  return { ...common, type: "visit", ...visit, ...who(code, scan_id) };
}

/** The card, as it can still be told after hours. The digits of an app's code were used up by its scan, so the scan
 * stands for them; any other code is better told itself, since a scan's id is soon over. */
function who(code: string | undefined, scanId: string | undefined): { code: string } | { scan_id: string } {
  if (code === undefined) return { scan_id: scanId ?? "" };
  return scanId !== undefined && hasDigits(code) ? { scan_id: scanId } : { code };
}

function hasDigits(code: string): boolean {
  return /\/[0-9]{8}\/?$/.test(code);
}

/** The entry for another device than the one that scanned the card: a scan's id is that one's, so the number, which the
 * scan has proven, stands for it. */
export function forOtherDevice(waiting: Waiting): Waiting {
  if (waiting.type !== "visit" || waiting.visit.scan_id === undefined || waiting.visit.code === undefined) return waiting;
  const { scan_id: _, code, ...visit } = waiting.visit;
  return { ...waiting, visit: { ...visit, code: code.replace(/\/[0-9]{8}\/?$/, "") } };
}

/** What is kept of an answer that is no plain yes. */
export function toTold(waiting: Entry, at: number, result: SyncResult & { status: "rejected" | "review" }): Told {
  const { type = "", title = "", detail = "" } = result.problem ?? {};
  const code = (type.replace(/[/#]+$/, "").split(/[/#:]/).pop() ?? "").replaceAll("_", "-");
  const visit = waiting.type === "visit" ? waiting.visit : {};
  return {
    id: waiting.id,
    type: waiting.type,
    status: result.status,
    at,
    ...(visit.amount === undefined ? {} : { amount: visit.amount }),
    ...(visit.units === undefined ? {} : { units: visit.units }),
    code,
    title,
    detail,
  };
}
