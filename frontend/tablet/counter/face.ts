/** What the counter and its screens ask of each other. */

import type { Problem, Redemption, Scan, Visit } from "../../shared/api.ts";
import type { Counter } from "../counter.ts";
import type { Contents } from "../pieces/entry.ts";
import type { Reservation } from "../queue/queue.ts";
import type { Screen } from "../screen.ts";
import type { NotReserved } from "../screens/voucher.ts";
import type { foretell } from "./foretell.ts";

/** A booking that can still be undone from the waiting screen. */
export interface Booked {
  readonly transactionId: string;
  readonly words: string;
  /** The card's masked number, as the scan told it. */
  readonly card?: string | null;
  /** Its number, if it was scanned or typed. */
  readonly number?: string | null;
}

/** How a tablet stands on its counter. Training lasts until the page is loaded again. */
export type Mode = "counter" | "kiosk";

/** Something that was tried and may be tried again under the same key. */
export interface Attempt {
  readonly kind: "lookup" | "visit" | "redemption" | "reversal" | "desk";
  readonly again: () => void;
  readonly scan: Scan | null;
  /** Where “Back” leads; the scanned card's screen if nothing is said. */
  readonly back?: () => void;
}

/** A card that could not be looked up: only its code is known. */
export interface UnseenCard {
  /** As it was scanned. */
  readonly code: string;
  /** Without a rotating code's digits: tells one card from another. */
  readonly number: string;
}

/** A visit that waits for the network. */
export interface Saved {
  readonly contents: Contents;
  /** What it is likely to bring, by rule of thumb. */
  readonly foretold: ReturnType<typeof foretell>;
}

/** A voucher that a phone reserved for this very tablet; the proof was verified. */
export interface Reserved {
  readonly reservation: Reservation;
  readonly name: string | null;
}

/** Makes the screens; given from outside, so that screens can know the counter without a circle of imports. */
export interface Screens {
  pair(counter: Counter, message?: string): Screen;
  waiting(counter: Counter): Screen;
  /** Asks the PIN, then goes on with `then`. */
  signIn(counter: Counter, options: { readonly then: () => void; readonly hasCard?: boolean }): Screen;
  /** Asks a staff PIN to prove something with; null when nobody types one. */
  staffPin(counter: Counter, done: (pin: string | null) => void): Screen;
  purchase(counter: Counter, scan: Scan): Screen;
  earned(counter: Counter, scan: Scan, visit: Visit): Screen;
  /** The same card within two minutes. */
  again(counter: Counter, seen: { readonly scan: Scan | null; readonly at: Date; readonly go: () => void }): Screen;
  offlinePurchase(counter: Counter, card: UnseenCard): Screen;
  saved(counter: Counter, saved: Saved): Screen;
  voucher(counter: Counter, code: string): Screen;
  reserved(counter: Counter, reserved: Reserved): Screen;
  notReserved(counter: Counter, why: NotReserved): Screen;
  redeemed(counter: Counter, reward: { readonly name: string } & Partial<Redemption["reward"]>, scan: Scan | null): Screen;
  refused(counter: Counter, problem: Problem, what: Attempt): Screen;
  unanswered(counter: Counter, problem: Problem, what: Attempt): Screen;
  /** What stands over every screen while somebody practises. */
  practiceBand(counter: Counter): HTMLElement;
  kiosk(counter: Counter): Screen;
  kioskEarned(counter: Counter, scan: Scan, visit: Visit): Screen;
  kioskSaved(counter: Counter, saved: Saved): Screen;
  kioskRefused(counter: Counter, problem: Problem): Screen;
}
