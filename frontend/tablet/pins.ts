/** Unlocking without a network: whoever signed in here during the last hours is known by a hash of the PIN. No names. */

import { Problem } from "../shared/api.ts";
import type { StaffSession } from "../shared/pos.ts";
import type { Clock } from "../shared/clock.ts";

/** How long a PIN is known after an online sign-in, in milliseconds. */
export const KNOWN_FOR = 12 * 3600_000;
const ITERATIONS = 310_000;
const MOST_TRIES = 5;
const LOCKED_FOR = 60_000;

export interface KeptPin {
  readonly staff_id: string;
  readonly role: StaffSession["role"];
  readonly salt: Uint8Array<ArrayBuffer>;
  readonly verifier: Uint8Array<ArrayBuffer>;
  /** The service's time until which it counts, in milliseconds. */
  readonly until: number;
}

export interface PinTries {
  readonly wrong: number;
  readonly lockedUntil: number;
}

/** Where they are kept: `../store.ts`. */
export interface PinStore {
  recall(key: "pins"): Promise<readonly KeptPin[] | undefined>;
  recall(key: "pin_tries"): Promise<PinTries | undefined>;
  remember(key: "pins", value: readonly KeptPin[]): Promise<void>;
  remember(key: "pin_tries", value: PinTries): Promise<void>;
}

export class Pins {
  constructor(
    private readonly store: PinStore,
    private readonly clock: Clock,
    private readonly crypto: SubtleCrypto | undefined = globalThis.crypto?.subtle,
  ) {}

  /** Keeps a PIN that the service took. Nothing is kept where the page is not secure. */
  async learn(pin: string, who: Pick<StaffSession, "staff_id" | "role">): Promise<void> {
    if (!this.crypto) return;
    const salt = globalThis.crypto.getRandomValues(new Uint8Array(16));
    const verifier = await derive(this.crypto, pin, salt);
    const until = this.clock.now() + KNOWN_FOR;
    const others = (await this.known()).filter((kept) => kept.staff_id !== who.staff_id);
    await this.store.remember("pins", [...others, { staff_id: who.staff_id, role: who.role, salt, verifier, until }]);
    await this.store.remember("pin_tries", { wrong: 0, lockedUntil: 0 });
  }

  /** Who has this PIN, as far as this tablet knows; their name it doesn't. Throws a `Problem` 429 `pin-locked` for a
   * minute after five wrong ones. */
  async find(pin: string): Promise<{ staff_id: string; name: string; role: StaffSession["role"] } | null> {
    const tries = (await this.store.recall("pin_tries")) ?? { wrong: 0, lockedUntil: 0 };
    const now = this.clock.now();
    const left = tries.lockedUntil - now;
    // A clock that was set back must not lock for longer than it ever does.
    if (left > 0 && left <= LOCKED_FOR) throw new Problem(429, "pin-locked", "", "", Math.ceil(left / 1000));
    // Counted before it is checked: closing the page in between gains nothing.
    const wrong = tries.wrong + 1;
    const isLast = wrong >= MOST_TRIES;
    await this.store.remember("pin_tries", { wrong: isLast ? 0 : wrong, lockedUntil: isLast ? now + LOCKED_FOR : 0 });
    if (!this.crypto) return null;
    for (const kept of await this.known()) {
      if (!isSame(await derive(this.crypto, pin, kept.salt), kept.verifier)) continue;
      await this.store.remember("pin_tries", { wrong: 0, lockedUntil: 0 });
      return { staff_id: kept.staff_id, name: "", role: kept.role };
    }
    return null;
  }

  /** Forgets all PINs, as when the tablet is unpaired or somebody's PIN was withdrawn. */
  async forgetAll(): Promise<void> {
    await this.store.remember("pins", []);
  }

  private async known(): Promise<readonly KeptPin[]> {
    const now = this.clock.now();
    return ((await this.store.recall("pins")) ?? []).filter((kept) => kept.until > now && kept.until <= now + KNOWN_FOR);
  }
}

async function derive(crypto: SubtleCrypto, pin: string, salt: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const key = await crypto.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, ["deriveBits"]);
  return new Uint8Array(await crypto.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations: ITERATIONS }, key, 256));
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let at = 0; at < a.length; at++) difference |= (a[at] ?? 0) ^ (b[at] ?? 0);
  return difference === 0;
}
