/** When the queue talks to the service: at every sign that it may answer, and from time to time. */

import type { Queue } from "./queue.ts";

/** What the driver hears and waits with. */
export interface Surroundings {
  isVisible(): boolean;
  /** Calls `listener` when the network came, or the page is seen again. Returns what ends it. */
  onWake(listener: () => void): () => void;
  /** Calls `act` once after so many milliseconds. Returns what prevents it. */
  after(milliseconds: number, act: () => void): () => void;
  /** At least 0, less than 1. */
  random(): number;
}

/** The first wait after a failure, and the longest, in milliseconds. */
const FIRST_WAIT = 2000;
const LONGEST_WAIT = 60_000;
/** How often an idle tablet asks for news: reservations that are wanted back, cases to decide. */
const HEARTBEAT = 60_000;
/** How often a tablet that the service doesn't know asks again: somebody may have mended it over there. */
const WITHDRAWN_CHECK = 300_000;

export class Driver {
  private wait = FIRST_WAIT;
  private cancel: (() => void) | null = null;
  private stopListening: (() => void) | null = null;
  private isFlushing = false;
  private isAskedAgain = false;
  private isStopped = true;

  constructor(
    private readonly queue: Queue,
    private readonly surroundings: Surroundings,
  ) {}

  /** Starts; the first exchange begins at once. */
  start(): void {
    if (!this.isStopped) return;
    this.isStopped = false;
    this.stopListening = this.surroundings.onWake(() => this.wake());
    this.wake();
  }

  stop(): void {
    this.isStopped = true;
    this.cancel?.();
    this.cancel = null;
    this.stopListening?.();
    this.stopListening = null;
  }

  /** There is reason to hope: an answer came, the network is back, the tablet was paired. */
  wake(): void {
    this.wait = FIRST_WAIT;
    void this.flush();
  }

  /** After something went into the queue: it is sent when the next wait is over, and nothing is hurried. */
  nudge(): void {
    if (!this.cancel && !this.isFlushing && !this.queue.isUnpaired) this.plan(this.wait);
  }

  private async flush(): Promise<void> {
    if (this.isStopped) return;
    if (this.isFlushing) {
      this.isAskedAgain = true;
      return;
    }
    this.cancel?.();
    this.cancel = null;
    this.isFlushing = true;
    this.isAskedAgain = false;
    const { state, retryAfter } = await this.queue.flush();
    this.isFlushing = false;
    if (this.isStopped) return;
    if (state === "unpaired") return this.queue.pairing ? this.plan(WITHDRAWN_CHECK) : undefined;
    if (state === "done" && this.isAskedAgain) return void this.flush();
    if (state === "done") {
      this.wait = FIRST_WAIT;
      return this.plan(HEARTBEAT);
    }
    const jitter = 0.75 + this.surroundings.random() / 2;
    this.plan(Math.max(this.wait * jitter, (retryAfter ?? 0) * 1000));
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
  }

  private plan(milliseconds: number): void {
    if (this.isStopped) return;
    this.cancel?.();
    this.cancel = this.surroundings.after(milliseconds, () => {
      this.cancel = null;
      // A page out of sight still empties its queue, but has no need of news.
      if (this.queue.waiting === 0 && !this.surroundings.isVisible()) return this.plan(HEARTBEAT);
      void this.flush();
    });
  }
}

/** The page's own. */
export const PAGE: Surroundings = {
  isVisible: () => document.visibilityState === "visible",
  onWake: (listener) => {
    const seen = () => {
      if (document.visibilityState === "visible") listener();
    };
    window.addEventListener("online", listener);
    document.addEventListener("visibilitychange", seen);
    return () => {
      window.removeEventListener("online", listener);
      document.removeEventListener("visibilitychange", seen);
    };
  },
  after: (milliseconds, act) => {
    const timer = window.setTimeout(act, milliseconds);
    return () => window.clearTimeout(timer);
  },
  random: Math.random,
};
