/** Who stands at this tablet: signed in by PIN, locked after a while without a touch. Kept in memory only. */

import { type PosApi, Problem } from "../../shared/api.ts";
import type { CounterSettings, StaffSession } from "../../shared/pos.ts";

/** Whoever signed in. Without a network the token is missing, and the name unless it was told since the page was loaded:
 * what is queued then carries the id alone. */
export interface SignedIn extends Pick<StaffSession, "staff_id" | "name" | "role"> {
  readonly staff_token: string | null;
  /** Until when the service takes the token. */
  readonly expires_at?: string;
}

/** The PINs that this tablet has seen, so that whoever signed in before can do so without a network. */
export interface KnownPins {
  /** Keeps a PIN that the service took, as a hash. */
  learn(pin: string, who: StaffSession): Promise<void>;
  /** Who has this PIN, as far as this tablet knows; throws a `Problem` after too many tries. */
  find(pin: string): Promise<Omit<SignedIn, "staff_token" | "expires_at"> | null>;
}

export class StaffDesk {
  private session: SignedIn | null = null;
  /** Names of whoever signed in since the page was loaded; they are not kept. */
  private readonly names = new Map<string, string>();
  private timer: number | undefined;

  constructor(
    private readonly api: () => PosApi,
    private readonly pins: KnownPins,
    private readonly settings: () => CounterSettings | null,
    /** Called when somebody signs in, signs out, or the tablet locks. */
    private readonly changed: (why: "in" | "out" | "locked") => void,
  ) {}

  get who(): SignedIn | null {
    return this.session;
  }

  get token(): string | null {
    return this.session?.staff_token ?? null;
  }

  /** Whether nothing may be done before somebody signs in. */
  get isLocked(): boolean {
    return this.session === null && this.settings()?.sign_in === true;
  }

  /** Signs in whoever has this PIN, without a network by the PINs that this tablet knows. Throws the `Problem` of a
   * wrong PIN or of too many tries. */
  async signIn(pin: string): Promise<SignedIn> {
    const found = await this.check(pin);
    this.session = found;
    this.touched();
    this.changed("in");
    return found;
  }

  /** Whose PIN this is, without signing anybody in. Throws as `signIn` does. */
  async check(pin: string): Promise<SignedIn> {
    try {
      const session = await this.api().signIn(pin);
      await this.pins.learn(pin, session).catch(() => undefined);
      this.names.set(session.staff_id, session.name);
      return session;
    } catch (error) {
      if (!(error instanceof Problem) || !error.isUnanswered) throw error;
      const known = await this.pins.find(pin);
      if (known === null) throw new Problem(403, "pin-unknown-here", "", "");
      return { ...known, name: this.names.get(known.staff_id) ?? known.name, staff_token: null };
    }
  }

  /** Somebody touched the tablet: the time until it locks begins again. */
  touched(): void {
    window.clearTimeout(this.timer);
    if (this.session === null) return;
    const seconds = this.settings()?.lock_after ?? 300;
    const left = Date.parse(this.session.expires_at ?? "") - Date.now();
    // A session that the service takes no more would only be told so with the next customer.
    const wait = Math.min(seconds * 1000, left > 0 ? left : Number.POSITIVE_INFINITY);
    this.timer = window.setTimeout(() => this.end("locked"), wait);
  }

  /** Ends the session because the service takes it no more; the screen stays. */
  forget(): void {
    window.clearTimeout(this.timer);
    this.session = null;
  }

  /** Ends the session; the next one begins with a PIN. Nothing happens if nobody is signed in. */
  end(why: "out" | "locked"): void {
    window.clearTimeout(this.timer);
    if (this.session === null) return;
    this.session = null;
    this.changed(why);
  }
}
