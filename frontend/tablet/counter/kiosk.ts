/** One visit of the card that a customer holds before the tablet. */

import { Problem, type Scan } from "../../shared/api.ts";
import type { Counter } from "../counter.ts";
import { checkEarning } from "./booking.ts";
import { foretell } from "./foretell.ts";
import type { Known } from "./identify.ts";

/** Books it and shows the answer; `card` is null for what was scanned and is no card. Never throws. */
export async function atKiosk(counter: Counter, card: Known | null): Promise<void> {
  const refuse = (problem: Problem) => counter.show(counter.screens.kioskRefused(counter, problem));
  if (card === null) return refuse(new Problem(409, "kiosk-voucher", "", ""));
  counter.setBusy(true);
  try {
    const until = await counter.kept.recent.kioskUntil(card.number, counter.kioskWait).catch(() => null);
    if (until !== null) throw new Problem(409, "kiosk-wait", "", `${counter.t("kioskAlready")}. ${counter.t("kioskFrom", { time: counter.moment(until) })}`);
    const scan = counter.isOffline ? null : await lookedUp(counter, card);
    if (scan === null) await checkEarning(counter);
    const draft = { code: card.code, kiosk: true, ...(scan ? { scan_id: scan.scan_id } : {}) };
    const outcome = await counter.queue.attempt(draft, scan !== null);
    counter.again.note(card.number, true, counter.kioskWait);
    counter.setBusy(false);
    if (outcome.outcome === "booked" && scan) counter.show(counter.screens.kioskEarned(counter, scan, outcome.answer));
    else counter.show(counter.screens.kioskSaved(counter, { contents: {}, foretold: foretell(counter.place?.programmes ?? [], {}) }));
  } catch (error) {
    counter.setBusy(false);
    const problem = error instanceof Problem ? error : new Problem(0, "no-answer", "", "");
    // Whether the tablet is still known here, the queue finds out.
    if (problem.status === 401) return void counter.queue.flush();
    refuse(problem);
  }
}

/** The scan, or null when nobody answered. Throws the `Problem` of a refusal. */
async function lookedUp(counter: Counter, card: Known): Promise<Scan | null> {
  try {
    return await counter.quick.scan(card.code);
  } catch (error) {
    if (!(error instanceof Problem) || !error.isUnanswered) throw error;
    counter.network.lost();
    return null;
  }
}
