/** Which card was booked a moment ago, and whether that was undone since. */

import type { Clock } from "../../shared/clock.ts";
import { AGAIN_WITHIN, type Recent } from "../recent.ts";

/** How long the tablet's own storage may take to tell (milliseconds): a customer waits. */
const PATIENCE = 1000;

export class Again {
  /** When a card's booking was undone, in milliseconds of the service's time. */
  private readonly undone = new Map<string, number>();
  /** When a card was booked in this page life, by the same time: known at once, before the storage is. */
  private readonly booked = new Map<string, number>();

  constructor(
    private readonly recent: Recent,
    private readonly clock: Clock,
  ) {}

  /** When this card was booked a moment ago; null if it wasn't, that was undone, or it can't be told at once. */
  async bookedAt(number: string): Promise<Date | null> {
    const here = this.booked.get(number);
    const late = new Promise<null>((done) => window.setTimeout(done, PATIENCE, null));
    const isJustNow = here !== undefined && this.clock.now() - here < AGAIN_WITHIN;
    const at = isJustNow ? new Date(here) : await Promise.race([this.recent.bookedAt(number).catch(() => null), late]);
    return at !== null && (this.undone.get(number) ?? 0) <= at.getTime() ? at : null;
  }

  /** This card was booked now; `wait`, in minutes, is how long the shop lets it wait at a kiosk. */
  note(number: string | null, isKiosk: boolean, wait: number): void {
    if (number === null) return;
    for (const [known, at] of this.booked) if (this.clock.now() - at >= AGAIN_WITHIN) this.booked.delete(known);
    this.booked.set(number, this.clock.now());
    void this.recent.note(number, isKiosk, wait).catch(() => undefined);
  }

  /** The card's latest booking was undone. */
  takeBack(number: string): void {
    this.undone.set(number, this.clock.now());
  }
}
