/** What answers mean for whatever waits. */

import { Problem } from "../../shared/api.ts";

/** Why something can't be done on this tablet, before anybody is asked. */
export class QueueError extends Error {
  constructor(
    /** `waiting`: events wait for the service, of another location or before unpairing. `dead`: the reservation was taken
     * back. `spent`: this voucher was handed out here. `unsure`: this tablet can't know whether it was, ask the service. */
    readonly code: "waiting" | "dead" | "spent" | "unsure",
    /** How many wait, for `waiting`. */
    readonly waiting = 0,
  ) {
    super(code);
    this.name = "QueueError";
  }
}

/** A `Problem` for whatever was thrown. */
export function asProblem(error: unknown): Problem {
  return error instanceof Problem ? error : new Problem(0, "no-answer", "", "");
}

/** Whether the service has decided. Whatever isn't a decision leaves open whether it was booked: nobody answered, it
 * failed, it wants to be asked later, it doesn't know this tablet, or something before it answered in its place: the
 * service's own refusals have a code. */
export function isDecision(problem: Problem): boolean {
  const isRefusal = problem.status >= 400 && problem.status < 500 && problem.code !== "";
  // A staff token that is over is a 401 as well, but says nothing about the tablet.
  return isRefusal && (problem.code.startsWith("staff-") || !UNDECIDED.has(problem.status));
}

const UNDECIDED = new Set([401, 408, 425, 429]);

/** Whether a whole batch was refused for its shape, so that a smaller one may pass. */
export function isUnreadable(problem: Problem): boolean {
  return problem.status === 400 || problem.status === 413 || problem.status === 422;
}
