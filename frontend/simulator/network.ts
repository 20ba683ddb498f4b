/** What lies between a tablet and the service: it loses, repeats, delays and turns the order round. */

import { Problem } from "../shared/api.ts";
import type { Chance } from "./random.ts";
import type { World } from "./world.ts";

export interface Weather {
  /** Shares of requests that are lost, of answers that are lost, of requests that come twice, of failing servers. */
  readonly lost: number;
  readonly unanswered: number;
  readonly twice: number;
  readonly failing: number;
  /** Share of requests that take long, possibly for longer than anybody waits. */
  readonly slow: number;
}

export const FINE: Weather = { lost: 0, unanswered: 0, twice: 0, failing: 0, slow: 0 };

/** Statuses of a service, or of something before it, that decide nothing. */
const FAILURES = [500, 502, 503, 504, 404, 403, 429] as const;
const LONGEST_DELAY = 15 * 60_000;

export class Network {
  isUp = true;
  /** Whether the tablet sees that the network is gone. */
  isNoticed = true;
  weather: Weather = FINE;

  constructor(
    private readonly world: World,
    private readonly chance: Chance,
  ) {}

  /** Sends a request. `serve` is what the service does with it, each time that it arrives; `resume` wraps what may only
   * happen while the page still lives. Rejects with a `Problem` after `patience` milliseconds without an answer. */
  send<T>(serve: (crashes: boolean) => T, patience: number, resume: (act: () => void) => () => unknown): Promise<T> {
    const { world, chance } = this;
    return new Promise<T>((resolve, reject) => {
      const none = () => reject(new Problem(0, "no-answer", "", ""));
      const callOff = world.after(patience, resume(none));
      if (!this.isUp) {
        // Some networks tell at once that they are gone, others let one wait.
        if (chance.happens(0.7)) world.after(chance.between(1, 40), resume(none));
        return;
      }
      const { lost, unanswered, twice, failing, slow } = this.weather;
      const delay = () => (chance.happens(slow) ? chance.between(500, chance.happens(0.2) ? LONGEST_DELAY : 6000) : chance.between(3, 120));
      const isAnswered = !chance.happens(unanswered);
      if (chance.happens(failing)) {
        const status = chance.pick(FAILURES);
        world.after(
          delay(),
          resume(() => {
            callOff();
            reject(new Problem(status, "", "", ""));
          }),
        );
        return;
      }
      if (chance.happens(twice)) world.after(delay() + chance.between(0, LONGEST_DELAY), () => attempt(serve, false));
      if (chance.happens(lost)) return;
      const crashes = chance.happens(failing);
      const back = delay();
      world.after(delay(), () => {
        const answer = attempt(serve, crashes);
        if (!isAnswered || !this.isUp) return;
        world.after(
          back,
          resume(() => {
            callOff();
            if ("value" in answer) resolve(answer.value);
            else reject(answer.problem);
          }),
        );
      });
    });
  }
}

function attempt<T>(serve: (crashes: boolean) => T, crashes: boolean): { value: T } | { problem: unknown } {
  try {
    return { value: serve(crashes) };
  } catch (problem) {
    return { problem };
  }
}
