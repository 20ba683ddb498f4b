/** Who is signed in on this phone. The refresh token is kept, the access token only lives in memory; all pages of this
 * browser take turns at renewing, because a refresh token is good for one use. */

import { Problem } from "../shared/problem.ts";
import { type Began, forgetMember, recall, remember } from "./kept.ts";
import { send, type Wire } from "./transport.ts";
import type { AnonymousAnswer, TokenAnswer } from "./types.ts";

/** An access token is renewed this long before it is over, in milliseconds. */
const EARLY = 30_000;
const TURN = "zegel-member-session";

/** Runs one piece of work of that name at a time among all pages of this browser. */
export async function inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
  const locks = globalThis.navigator?.locks;
  return locks ? ((await locks.request(name, work)) as T) : work();
}

export class Session {
  private access: { readonly token: string; readonly until: number } | null = null;
  private renewing: Promise<string | null> | null = null;
  private has = false;

  constructor(
    private readonly wire: Wire,
    /** Called when the session has ended and can't be taken up again. */
    private readonly over: () => void,
  ) {}

  /** Takes up what was kept. */
  restore(isKept: boolean): void {
    this.has = isKept;
  }

  /** Whether somebody is signed in here, as far as this phone knows. */
  get isOpen(): boolean {
    return this.has;
  }

  /** An access token that should be good for a while; null when nobody is signed in. `stale` is one that was refused.
   * Throws a `Problem` when the service can't be reached. */
  async token(stale: string | null = null): Promise<string | null> {
    if (!this.has) return null;
    if (this.access && this.access.token !== stale && this.access.until > performance.now()) return this.access.token;
    this.renewing ??= inTurn(TURN, () => this.renew()).finally(() => (this.renewing = null));
    return this.renewing;
  }

  /** A member and a card at once, kept on this phone before it is answered. */
  async beginAnonymously(locale: string): Promise<AnonymousAnswer> {
    const answer = await send(this.wire, { method: "POST", path: "/auth/anonymous", body: { locale } });
    const made = answer.value as unknown as AnonymousAnswer;
    const { card_id, number, url } = made.card;
    await this.open(made, "anonymous", { card: { card_id, number, url }, recovery_code: made.recovery_code });
    return made;
  }

  /** Goes on with a session that another way has given. What the last one left behind stays; see `arriving.ts`. */
  async take(answer: TokenAnswer & { readonly recovery_code?: string }, began: Began): Promise<void> {
    await this.open(answer, began, answer.recovery_code ? { recovery_code: answer.recovery_code } : {});
  }

  /** Signs out here: the session ends at the service if it can be reached, and everything of hers is forgotten here. */
  async end(): Promise<void> {
    const kept = await recall("session");
    this.has = false;
    this.access = null;
    await forgetMember();
    if (!kept) return;
    // Without a network the session is over when its token is: nobody holds that any more.
    await send(this.wire, { method: "POST", path: "/auth/logout", body: { refresh_token: kept.refresh_token } }).catch(() => undefined);
  }

  private async open(answer: TokenAnswer, began: Began, more: Parameters<typeof remember>[0]): Promise<void> {
    await remember({ session: { refresh_token: answer.refresh_token, began }, ...more });
    this.has = true;
    this.hold(answer);
  }

  private hold(answer: TokenAnswer): string {
    this.access = { token: answer.access_token, until: performance.now() + answer.expires_in * 1000 - EARLY };
    return answer.access_token;
  }

  private async renew(): Promise<string | null> {
    // Another page may have renewed it meanwhile.
    const kept = await recall("session");
    if (!kept) return this.lose();
    try {
      const { value } = await send(this.wire, { method: "POST", path: "/auth/refresh", body: { refresh_token: kept.refresh_token } });
      const next = value as unknown as TokenAnswer;
      await remember({ session: { ...kept, refresh_token: next.refresh_token } });
      return this.hold(next);
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 401) throw error;
      return this.recover();
    }
  }

  /** An answer that got lost on its way looks like a stolen token, and ends the session: the recovery code that is kept
   * here takes the card up again. */
  private async recover(): Promise<string | null> {
    const code = await recall("recovery_code");
    if (!code) return this.lose();
    try {
      const { value } = await send(this.wire, { method: "POST", path: "/auth/recovery", body: { recovery_code: code } });
      const next = value as unknown as TokenAnswer & { recovery_code: string };
      await remember({ session: { refresh_token: next.refresh_token, began: "recovery" }, recovery_code: next.recovery_code });
      return this.hold(next);
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 401) throw error;
      return this.lose();
    }
  }

  private lose(): null {
    this.has = false;
    this.access = null;
    this.over();
    return null;
  }
}
