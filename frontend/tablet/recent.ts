/** Cards that were booked here a moment ago, known by a salted hash and for no longer than needed. */

import type { Clock } from "../shared/clock.ts";
import type { RecentCard } from "./store.ts";

/** Within this time the same card asks “again?”, in milliseconds. */
export const AGAIN_WITHIN = 120_000;

/** Where they are kept: `store.ts`. */
export interface RecentStore {
  salt(): Promise<Uint8Array<ArrayBuffer>>;
  get(hash: string): Promise<RecentCard | undefined>;
  put(hash: string, card: RecentCard): Promise<void>;
  /** Forgets all cards that were last booked before `at`. */
  prune(at: number): Promise<void>;
}

export class Recent {
  /** Of this page life, for pages where nothing can be hashed and so nothing is kept. */
  private readonly inMemory = new Map<string, RecentCard>();

  constructor(
    private readonly store: RecentStore,
    private readonly clock: Clock,
    private readonly crypto: SubtleCrypto | undefined = globalThis.crypto?.subtle,
  ) {}

  /** When this card was last booked here, if that is less than two minutes ago. `number` as `read` gives it, or a foreign
   * card's reference. */
  async bookedAt(number: string): Promise<Date | null> {
    const card = await this.known(number);
    return card && this.isWithin(card.at, AGAIN_WITHIN) ? new Date(card.at) : null;
  }

  /** Until when this card has to wait at the kiosk, if it has to; `wait` in minutes, as the shop has set. */
  async kioskUntil(number: string, wait: number): Promise<Date | null> {
    const at = (await this.known(number))?.kiosk;
    return at !== undefined && this.isWithin(at, wait * 60_000) ? new Date(at + wait * 60_000) : null;
  }

  /** Notes that this card was booked now. `wait`, in minutes, is how long the shop lets it wait at the kiosk. */
  async note(number: string, isKiosk: boolean, wait: number): Promise<void> {
    const at = this.clock.now();
    const before = await this.known(number);
    const kiosk = isKiosk ? at : before?.kiosk;
    const card: RecentCard = kiosk === undefined ? { at } : { at, kiosk };
    const hash = await this.hash(number);
    if (hash === null) return void this.inMemory.set(number, card);
    await this.store.put(hash, card);
    await this.store.prune(at - Math.max(AGAIN_WITHIN, wait * 60_000));
  }

  private isWithin(at: number, milliseconds: number): boolean {
    const age = this.clock.now() - at;
    return age >= 0 && age < milliseconds;
  }

  private async known(number: string): Promise<RecentCard | undefined> {
    const hash = await this.hash(number);
    return hash === null ? this.inMemory.get(number) : this.store.get(hash);
  }

  private async hash(number: string): Promise<string | null> {
    if (!this.crypto) return null;
    const salt = await this.store.salt();
    const text = new TextEncoder().encode(number);
    const salted = new Uint8Array(salt.length + text.length);
    salted.set(salt);
    salted.set(text, salt.length);
    const digest = new Uint8Array(await this.crypto.digest("SHA-256", salted));
    return [...digest.subarray(0, 16)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }
}
