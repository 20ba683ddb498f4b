/** Whether the service answers, since when it does not, and finding out when it does again. */

import type { Queue } from "../queue/index.ts";

/** How often a tablet without an answer asks again, at first and at most (milliseconds). */
const FIRST_WAIT = 3000;
const LONGEST_WAIT = 20_000;
/** How often, and how long each time, somebody who pressed “Send now” waits for another flush to end. */
const MOST_WAITS = 40;
const SHORT_WAIT = 250;

export class Network {
  offlineSince: Date | null = null;
  /** When the service last answered in this page life. */
  lastHeard: Date | null = null;
  private wasReachable = true;
  private wait = FIRST_WAIT;
  private timer: number | undefined;

  constructor(
    private readonly queue: Queue,
    private readonly changed: () => void,
  ) {
    window.addEventListener("offline", () => this.become(false));
    window.addEventListener("online", () => void this.probe());
    if (!navigator.onLine) this.become(false);
    queue.onChange(() => this.reflect());
  }

  /** An answer came. */
  heard(): void {
    if (!navigator.onLine) return;
    this.lastHeard = new Date();
    this.become(true);
  }

  /** Somebody asked and nobody answered. */
  lost(): void {
    this.become(false);
  }

  /** Finds out whether the service answers, and sends what waits. Never throws. False where another page, or this one, is
   * at it already. */
  async probe(): Promise<boolean> {
    window.clearTimeout(this.timer);
    const { state } = await this.queue.flush();
    if (state === "unreachable") this.become(false);
    else if (state !== "busy") this.heard();
    if (this.offlineSince) this.again();
    return state !== "busy";
  }

  /** Sends what waits, now, also where somebody was at it already. Never throws. */
  async send(): Promise<void> {
    for (let attempt = 0; attempt < MOST_WAITS && !(await this.probe()); attempt++) {
      await new Promise((done) => window.setTimeout(done, SHORT_WAIT));
    }
  }

  /** What the queue learnt by itself. */
  private reflect(): void {
    const { isReachable } = this.queue;
    if (isReachable === this.wasReachable) return;
    this.wasReachable = isReachable;
    if (isReachable) this.heard();
    else this.become(false);
  }

  private again(): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.probe(), this.wait);
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
  }

  private become(isThere: boolean): void {
    if (isThere === (this.offlineSince === null)) return;
    this.offlineSince = isThere ? null : new Date();
    if (isThere) window.clearTimeout(this.timer);
    this.wait = FIRST_WAIT;
    if (!isThere) this.again();
    this.changed();
  }
}
