/** Whether anything of hers has changed: a cheap question, asked often while the card is shown and she is there, and less
 * and less often when nothing happens. */

import { Problem } from "../shared/problem.ts";
import type { MemberApi } from "./api.ts";
import type { Beat } from "./types.ts";

/** Milliseconds between two questions, at first: what was scanned, and what a shop waits for, is to be on the screen
 * within two seconds. */
const QUICK = 1_000;
/** The same, by how long nothing has happened. */
const PACES: readonly (readonly [after: number, every: number])[] = [
  [30_000, QUICK],
  [120_000, 1_500],
  [600_000, 5_000],
  [Number.POSITIVE_INFINITY, 30_000],
];
/** On other screens than the card. */
const CALM = 10_000;

export class Pulse extends EventTarget {
  /** What was told last; null before the first answer. */
  beat: Beat | null = null;

  private etag: string | null = null;
  private isNews = false;
  private timer = 0;
  private isQuick = false;
  private isRunning = false;
  private isAsking = false;
  private stirred = performance.now();
  private asked = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly api: MemberApi,
    private readonly mayAsk: () => boolean,
    /** Whether somebody may be waiting for her word: then it is never calm. */
    private readonly isAwaited: () => boolean = () => false,
  ) {
    super();
  }

  /** Calls `act` when a balance, voucher, card or message of hers has changed; returns what ends it. */
  onChange(act: () => void): () => void {
    this.addEventListener("change", act);
    return () => this.removeEventListener("change", act);
  }

  /** Calls `act` whenever something was told, changed or not; returns what ends it. */
  onBeat(act: () => void): () => void {
    this.addEventListener("beat", act);
    return () => this.removeEventListener("beat", act);
  }

  /** Begins to ask, or goes on. */
  start(): void {
    if (this.isRunning) return;
    this.isRunning = true;
    this.stir();
  }

  /** Stops asking while nobody looks. */
  stop(): void {
    this.isRunning = false;
    window.clearTimeout(this.timer);
  }

  /** Asks often (while the card is shown) or calmly. */
  hurry(isQuick: boolean): void {
    this.isQuick = isQuick;
    this.stir();
  }

  /** Somebody is there: ask at once, unless that was a moment ago, and often again. */
  stir(): void {
    this.stirred = performance.now();
    if (!this.isRunning) return;
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.ask(), Math.max(0, Math.min(QUICK, this.pace()) - (this.stirred - this.asked)));
  }

  /** She did something: what is told next is news, also when it is what was told before. What she did may have been
   * undone elsewhere since (a tablet that lets go of a voucher), and the screens know of the time between. */
  acted(): void {
    this.isNews = true;
  }

  /** Forgets what was told, as for another member. */
  reset(): void {
    this.beat = null;
    this.etag = null;
    this.dispatchEvent(new Event("beat"));
  }

  private async ask(): Promise<void> {
    if (this.isAsking) return;
    this.isAsking = true;
    let wait = 0;
    try {
      if (this.mayAsk()) {
        this.asked = performance.now();
        await this.look();
      }
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      wait = (error.retryAfter ?? 0) * 1000 || CALM;
    } finally {
      this.isAsking = false;
      // Somebody may have stirred meanwhile: of two timers each would go on for ever.
      window.clearTimeout(this.timer);
      if (this.isRunning) this.timer = window.setTimeout(() => void this.ask(), Math.max(wait, this.pace()));
    }
  }

  private async look(): Promise<void> {
    const isNews = this.isNews;
    this.isNews = false;
    const answer = await this.api.getChanged<Beat>("/me/pulse", isNews ? null : this.etag).catch((error: unknown) => {
      this.isNews ||= isNews;
      throw error;
    });
    if (!answer) return;
    const before = this.beat;
    this.beat = answer.value;
    this.etag = answer.etag;
    this.dispatchEvent(new Event("beat"));
    // The first one may be newer than what the screens have read by now.
    if (before?.state === answer.value.state && !isNews) return;
    if (before) this.stirred = performance.now();
    this.dispatchEvent(new Event("change"));
  }

  private pace(): number {
    if (this.isAwaited()) return QUICK;
    if (!this.isQuick) return CALM;
    const idle = performance.now() - this.stirred;
    return PACES.find(([after]) => idle < after)?.[1] ?? QUICK;
  }
}
