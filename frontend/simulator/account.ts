/** The account after a run: what was granted against what the service has. */

import type { Granted, Lost, Run } from "./simulation.ts";
import { covers } from "../tablet/queue/redeeming.ts";
import { BLOCKED, keyOf } from "./server.ts";

export interface Failure {
  readonly what: "lost" | "doubled" | "over-redeemed" | "unnoticed" | "false alarm" | "stuck" | "broken";
  readonly detail: string;
}

/** Everything that must not be so. */
export function account(run: Run): Failure[] {
  return [...arrived(run), ...doubled(run), ...redeemed(run), ...noticed(run), ...settled(run)];
}

/** Granted or kept, and not gone with a storage: the service has decided it, and not against what was granted. */
function arrived(run: Run): Failure[] {
  const failures: Failure[] = [];
  const lost = new Map(run.lost.map((one) => [one.id, one]));
  for (const granted of run.granted) {
    const decision = run.server.decisions.get(keyOf(granted, granted.id));
    if (!decision && !lost.has(granted.id)) failures.push({ what: "lost", detail: `${granted.of} (${granted.id}), granted at ${granted.tablet.name}` });
    if (decision?.is === "rejected" && !isRightlyRefused(run, granted)) {
      failures.push({ what: "lost", detail: `${granted.of} (${granted.id}) was granted, then refused: ${decision.code}` });
    }
  }
  for (const [id, location_id] of run.tried) {
    if (!run.server.decisions.has(keyOf({ location_id }, id)) && !lost.has(id)) failures.push({ what: "lost", detail: `${id} was kept, and never sent` });
  }
  return failures;
}

function isRightlyRefused(run: Run, granted: Granted): boolean {
  if (granted.what === "visit") return granted.of.startsWith(BLOCKED);
  if (run.writtenOff.has(granted.of)) return true;
  // An earlier try of the same tablet, which nobody answered, came late and booked it: one voucher, handed out once.
  const [by = ""] = run.server.vouchers.get(granted.of)?.redeemedBy ?? [];
  return granted.tablet.triedVouchers.has(by);
}

function doubled(run: Run): Failure[] {
  return [...run.server.booked].filter(([, times]) => times > 1).map(([of, times]) => ({ what: "doubled", detail: `${of} was booked ${times} times` }) as const);
}

/** Each voucher is handed out at most once, at the counter and in the books. A write-off takes that risk knowingly. And
 * where a storage took the only word of a redemption with it, the service may grant it to that same tablet once more, in
 * its own person and with the gap on record: without a network, or to any other tablet, it is never granted again. */
function redeemed(run: Run): Failure[] {
  const failures: Failure[] = [];
  for (const voucher of run.server.vouchers.values()) {
    const handedOut = run.granted.filter((granted) => granted.what === "voucher" && granted.of === voucher.code);
    if (voucher.redeemedBy.length > 1) failures.push({ what: "over-redeemed", detail: `${voucher.code} was booked ${voucher.redeemedBy.length} times` });
    if (run.writtenOff.has(voucher.code)) continue;
    const [first, second, ...more] = handedOut;
    const isForgotten =
      first !== undefined && second?.isBooked && second.tablet === first.tablet && more.length === 0 && isGone(run, first);
    if (handedOut.length > 1 && !isForgotten) {
      const where = handedOut.map((granted) => `${granted.tablet.name} (${granted.id})`).join(", ");
      failures.push({ what: "over-redeemed", detail: `${voucher.code} was handed out ${handedOut.length} times: ${where}` });
    }
  }
  return failures;
}

/** Whether the event went down with a storage before the service had it. Its online try may still have come by, so late
 * that the voucher was used by then; one that somebody must decide on is known, and keeps its voucher. */
function isGone(run: Run, granted: Granted): boolean {
  const decision = run.server.decisions.get(keyOf(granted, granted.id));
  return run.lost.some((lost) => lost.id === granted.id && !lost.isWhole) && (decision === undefined || decision.is === "rejected");
}

/** What went with a storage leaves a gap where the tablet still knew its number; and there are no other gaps. */
function noticed(run: Run): Failure[] {
  const failures: Failure[] = [];
  const devices = [...run.server.devices.values()];
  const granted = new Set(run.granted.map((one) => one.id));
  for (const lost of run.lost) {
    const device = devices.find((one) => one.device_id === lost.device_id);
    if (!device || lost.sequence === null || lost.isWhole || lost.tablet.isStolen || !granted.has(lost.id)) continue;
    if (run.server.decisions.has(keyOf(device, lost.id)) || device.missing.has(lost.sequence)) continue;
    if (isToldByALaterDevice(run, lost)) continue;
    failures.push({ what: "unnoticed", detail: `number ${lost.sequence} of ${lost.device_id} (${lost.id}) is gone, and nobody knows` });
  }
  for (const device of devices) {
    const gone = new Set(run.lost.filter((lost) => lost.device_id === device.device_id).map((lost) => lost.sequence));
    for (const number of device.missing) {
      // The first number of a new pairing stays out where a loss could not be told before it, whatever was lost.
      const isCarriedOver = number === 1 && run.tablets.some((tablet) => tablet.wasDestroyed && tablet.devices.includes(device));
      if (gone.has(number) || isCarriedOver) continue;
      failures.push({ what: "false alarm", detail: `number ${number} of ${device.device_id} is missed, and was never given out` });
    }
  }
  return failures;
}

/** A tablet that lost its storage and was paired anew before it could say so, or lost it again, even wholly. */
function isToldByALaterDevice(run: Run, lost: Lost): boolean {
  const now = lost.tablet.disk.mirrored?.pairing.device_id;
  if (now === lost.device_id) return false;
  const later = run.lost.some((other) => other.tablet === lost.tablet && other.isWhole) || lost.tablet.wasWiped;
  return later || lost.tablet.devices.some((device) => device.missing.has(1));
}

/** In the end nothing waits, and reservations that were wanted back are free, where the tablet can tell. */
function settled(run: Run): Failure[] {
  const failures: Failure[] = run.broken.map((detail) => ({ what: "broken", detail }));
  for (const tablet of run.tablets) {
    if (tablet.isStolen) continue;
    const waiting = tablet.disk.stores.queue.size + tablet.disk.stores.trying.size;
    if (waiting) failures.push({ what: "stuck", detail: `${waiting} still wait on ${tablet.name}` });
    const device_id = tablet.disk.mirrored?.pairing.device_id;
    const began = tablet.disk.stores.marks.get("began") as number | undefined;
    for (const { code, hold, reviewed } of run.server.vouchers.values()) {
      if (reviewed.length === 0 && hold?.isReleaseWanted && hold.device_id === device_id && covers(began, hold.hold_id)) {
        failures.push({ what: "stuck", detail: `${code} is wanted back from ${tablet.name}, and still held` });
      }
    }
  }
  return failures;
}
