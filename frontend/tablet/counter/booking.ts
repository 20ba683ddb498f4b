/** Booking a visit and handing out what was reserved: with an answer of the service, or safely kept until there is one. */

import { Problem, type Reversal, type Scan, type Visit } from "../../shared/api.ts";
import { newKey } from "../../shared/keys.ts";
import type { Counter } from "../counter.ts";
import { earnedWords } from "../pieces/account.ts";
import type { Contents } from "../pieces/entry.ts";
import type { Attempt, Reserved, UnseenCard } from "./face.ts";
import { foretell } from "./foretell.ts";

/** Books a visit of a card that was looked up and shows what it brought. While somebody practises nothing is kept: then
 * the same `key` is sent again. */
export function book(counter: Counter, contents: Contents, scan: Scan, key = newKey()): void {
  const booked = (visit: Visit) => {
    const words = earnedWords(counter, scan, visit.earned);
    const card = { card: scan.card.number_masked, number: counter.codeOf(scan) };
    counter.lastBooked = visit.transaction_id ? { transactionId: visit.transaction_id, words, ...card } : null;
    counter.show(counter.screens.earned(counter, scan, visit));
  };
  const attempt: Attempt = { kind: "visit", again: () => book(counter, contents, scan, key), scan };
  if (counter.isTraining) {
    return void counter.attempt(attempt, () => counter.api.visit({ scan_id: scan.scan_id, ...contents }, key), booked);
  }
  const card = counter.scannedBy.get(scan);
  const draft = { scan_id: scan.scan_id, ...contents, ...(card ? { code: card.code } : {}), ...counter.claim };
  void counter.attempt(attempt, () => (counter.isOffline ? checkEarning(counter) : Promise.resolve()).then(() => counter.queue.attempt(draft, !counter.isOffline)), (outcome) => {
    counter.again.note(card?.number ?? null, false, counter.kioskWait);
    if (outcome.outcome === "booked") booked(outcome.answer);
    else saved(counter, contents);
  });
}

/** Keeps a visit of a card that could not be looked up. */
export function bookUnseen(counter: Counter, contents: Contents, card: UnseenCard): void {
  const attempt: Attempt = { kind: "visit", again: () => bookUnseen(counter, contents, card), scan: null };
  void counter.attempt(attempt, () => checkEarning(counter).then(() => counter.queue.add({ code: card.code, ...contents, ...counter.claim })), () => {
    counter.again.note(card.number, false, counter.kioskWait);
    saved(counter, contents);
  });
}

/** Without a network the tablet itself keeps to the moment from which nothing is earned: nobody sees a green light for
 * what can't be booked. Rejects with the `Problem` that the service would answer. */
export async function checkEarning(counter: Counter): Promise<void> {
  const until = counter.place?.earns_until;
  if (until && counter.kept.clock.now() >= Date.parse(until)) throw new Problem(409, "earning-paused", "", counter.t("earningPaused"));
}

/** Whether the queue has it, since nobody answered. */
export function isQueued(answer: unknown): boolean {
  return typeof answer === "object" && answer !== null && "outcome" in answer && answer.outcome === "queued";
}

function saved(counter: Counter, contents: Contents): void {
  counter.lastBooked = null;
  counter.show(counter.screens.saved(counter, { contents, foretold: foretell(counter.place?.programmes ?? [], contents) }));
}

/** Hands out a voucher that a phone reserved for this tablet, once. */
export function redeemReserved(counter: Counter, reserved: Reserved): void {
  const { reservation, name } = reserved;
  const attempt: Attempt = { kind: "redemption", again: () => redeemReserved(counter, reserved), scan: null };
  const options = { reservation, online: !counter.isOffline, ...counter.claim };
  void counter.attempt(attempt, () => counter.queue.redeem(reservation.code, options), (outcome) => {
    const answer = outcome.outcome === "booked" ? outcome.answer : null;
    const reward = answer?.reward ?? { name: name ?? counter.t("voucher") };
    counter.lastBooked = answer ? { transactionId: answer.transaction_id, words: reward.name } : null;
    counter.show(counter.screens.redeemed(counter, reward, null));
  });
}

/** Takes a transaction back, whole or by a refunded amount. A voucher's redemption that was undone may be repeated here. */
export async function undo(counter: Counter, transactionId: string, reason: string, key: string, amount?: string): Promise<Reversal> {
  const reversal = await counter.api.reverse(transactionId, reason, key, amount);
  if (!counter.isTraining) await counter.queue.undone(transactionId);
  return reversal;
}
