/** What the counter's API answers beside scans and bookings: the shop's settings, people, lists, and the queue. */

import type { Account, Balance, Earned, Location, Merchant, Product, RewardValue, Unlocked, VisitRequest } from "./api.ts";

/** How a shop wants its counters to work. */
export interface CounterSettings {
  /** Nobody books anything before signing in by PIN. */
  readonly sign_in: boolean;
  /** Seconds without a touch after which the tablet locks. */
  readonly lock_after: number;
  /** What redeeming may be approved by. */
  readonly approves: readonly ("rotating_code" | "member_pin" | "staff_approval")[];
  /** Whether a signed-in cashier's tap approves; else only a manager's or owner's. */
  readonly cashier_approves: boolean;
  /** Minutes between two visits of one card at a kiosk. */
  readonly kiosk_wait: number;
  /** The most units of an old paper card that may be entered; null: one fewer than a full card. */
  readonly opening_units_most: number | null;
  /** After a scan, one line for staff of what is nearly reached or taken together. */
  readonly hints?: boolean;
}

export interface ProgrammeFacts {
  readonly programme_id: string;
  readonly name: string;
  readonly kind: "stamps" | "points";
  readonly unit: string;
  readonly goal: number | null;
  readonly asks: "amount" | "items" | "visit";
  readonly counted: readonly Product[];
  /** The most units that may be entered from an old paper card; 0: none. */
  readonly opening_units_most: number;
}

/** `GET /location`: everything that a tablet needs to know about its shop, none of it about a member. */
export interface Place {
  readonly device: { readonly device_id: string; readonly name: string; readonly is_sandbox: boolean };
  readonly location: Location;
  readonly merchant: Merchant;
  readonly settings: CounterSettings;
  readonly programmes: readonly ProgrammeFacts[];
  /** What a reserved voucher may be for, to tell its name without a network. */
  readonly rewards: readonly { readonly reward_id: string; readonly name: string; readonly kind: string; readonly value: RewardValue; readonly is_for_all?: boolean }[];
  /** Whether somebody here has a PIN; a shop of one person may go without. */
  readonly has_staff_pins: boolean;
  /** Whether another system's cards, imported by this shop, are taken. */
  readonly takes_foreign_cards: boolean;
  /** Base64 of the key with which this tablet checks vouchers that a phone reserved for it; null for a till's key. */
  readonly reservation_key: string | null;
  /** The address that makes a phone's own card, and its QR code as SVG. */
  readonly join_url: string;
  readonly join_qr_svg: string;
  /** Events in the shop's inbox that wait for somebody to decide. */
  readonly reviews: number;
  /** Names of products that are often taken in one visit, the closest first; none unless the shop wants hints. */
  readonly pairs?: readonly (readonly [string, string])[];
  /** From then on nothing is earned here; null while no such moment is in sight. */
  readonly earns_until: string | null;
  /** The service's clock. */
  readonly now: string;
}

export interface StaffSession {
  readonly staff_token: string;
  readonly staff_id: string;
  readonly name: string;
  readonly role: "owner" | "manager" | "cashier";
  readonly expires_at: string;
}

/** A line of the location's list. */
export interface BookedLine {
  readonly transaction_id: string;
  readonly kind: "earn" | "redeem" | "reverse" | "adjust" | "expire" | "move";
  readonly number_masked: string | null;
  readonly units: Readonly<Record<string, number>>;
  readonly amount: string | null;
  readonly currency: string | null;
  /** What of the amount has not been refunded. */
  readonly refundable: string | null;
  readonly occurred_at: string;
  readonly recorded_at: string;
  readonly staff_id: string | null;
  readonly staff_name: string | null;
  readonly device_id: string | null;
  readonly reverses: string | null;
  readonly reversed_by: readonly string[];
  readonly is_reversible: boolean;
  readonly reward_name: string | null;
  readonly reason: string | null;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** An event of a queue that could not simply be booked. */
export interface Review {
  readonly id: string;
  readonly type: "visit" | "redemption";
  readonly occurred_at: string;
  readonly received_at: string;
  /** `too_old`, `too_far_ahead`, `code_too_old`, `code_used`, … */
  readonly reason: string;
  /** What happened and what to do, in the tablet's language. */
  readonly detail: string;
  readonly number_masked: string | null;
  readonly amount: string | null;
  readonly units: number | null;
  readonly staff_name: string | null;
  readonly device_name: string;
}

export interface OpeningBalance {
  readonly transaction_id: string;
  readonly accounts: readonly Balance[];
  readonly unlocked: readonly Unlocked[];
}

/** A visit of somebody without a card, and the address and QR code by which a phone claims it. */
export interface VisitClaim {
  readonly visit_id: string;
  readonly transaction_id: string;
  readonly earned: readonly Earned[];
  readonly accounts: readonly Balance[];
  readonly url: string;
  readonly qr_svg: string;
  readonly claim_until: string;
}

export interface SwappedCard {
  readonly number_masked: string;
  readonly accounts: readonly Account[];
}

export interface PracticeCard {
  readonly code: string;
  readonly what: "new" | "half" | "almost_full" | "voucher" | "blocked";
}

/** A sandbox of this shop, for training. Nothing in it is real. */
export interface Training {
  readonly device_token: string;
  readonly location: Location;
  readonly merchant: Merchant;
  readonly cards: readonly PracticeCard[];
}

// --- The queue --------------------------------------------------------------------------------------------------------

interface QueuedEvent {
  readonly id: string;
  readonly sequence: number;
  readonly occurred_at: string;
  readonly staff_id?: string;
}

export interface QueuedVisit extends QueuedEvent, Omit<VisitRequest, "scan_id"> {
  readonly type: "visit";
  readonly code?: string;
  readonly scan_id?: string;
}

export interface QueuedRedemption extends QueuedEvent {
  readonly type: "redemption";
  readonly voucher_code: string;
  /** The reservation under which it was handed out. Whoever knows it was shown the voucher's code for this location, so
   * it is taken from a tablet that was paired anew as well. */
  readonly hold_id?: string;
}

export type Queued = QueuedVisit | QueuedRedemption;

export interface SyncRequest {
  /** By the service's clock, as far as the tablet knows it; so is every `occurred_at`. */
  readonly sent_at: string;
  readonly events: readonly Queued[];
  /** Milliseconds by which the tablet's clock is ahead of the service's, as far as it knows. */
  readonly clock_offset_ms?: number;
  /** Reservations that this tablet will not redeem any more; only sent when nothing older is left in the queue. */
  readonly acks?: readonly string[];
  /** The highest number that this tablet ever gave out; only sent when nothing is left behind the events of this
   * request, so that what it skips can never come any more. */
  readonly last_sequence?: number;
  readonly app_version?: string;
  /** How many events wait on the tablet, those of this request among them. */
  readonly queue_length?: number;
  readonly is_storage_kept?: boolean;
}

export interface SyncResult {
  readonly id: string | null;
  readonly status: "applied" | "duplicate" | "rejected" | "review";
  readonly transaction_id?: string;
  readonly problem?: { readonly type?: string; readonly title?: string; readonly detail?: string; readonly status?: number };
}

export interface SyncAnswer {
  readonly results: readonly SyncResult[];
  readonly received_at: string;
  /** Reservations whose members want them back: to be put out of use here, then acknowledged. */
  readonly releases: readonly string[];
  /** Sequence numbers, from and to, that never arrived. */
  readonly missing: readonly (readonly [number, number])[];
  readonly reviews: number;
}
