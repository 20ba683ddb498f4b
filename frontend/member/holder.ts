/** Her card on this phone, and the code that proves at a counter that it is here and now. */

import type { App } from "./app.ts";
import { canCompute, digitsOf, importSecret, left, stepAt } from "./code.ts";
import { askToKeep, type KeptCard, type KeptCode, recallAll } from "./kept.ts";
import { inTurn } from "./session.ts";
import type { Installation, MemberCard, Page } from "./types.ts";

const TURN = "zegel-member-card";

/** A code of a moment. */
export interface Moment {
  /** What the QR holds. */
  readonly text: string;
  readonly step: number;
  /** Seconds that a code holds. */
  readonly period: number;
}

export class Holder {
  /** Whether another phone shows this card now, so that this one's codes are dead. */
  isElsewhere = false;
  /** Whether this card was blocked or replaced. */
  isOver = false;

  private working: Promise<void> | null = null;

  constructor(private readonly app: App) {}

  get card(): KeptCard | null {
    return this.app.kept.card ?? null;
  }

  /** What computes this card's codes; null where this phone has none, and the card only earns. */
  get code(): KeptCode | null {
    const { code } = this.app.kept;
    return code && code.card_id === this.card?.card_id ? code : null;
  }

  /** Makes sure that there is a card and its code: a new member's where nobody is signed in, otherwise hers. Needs no
   * network when both are kept already. Safe to repeat. Throws a `Problem`. */
  async ensure(): Promise<void> {
    if (this.card && (this.code || !canCompute())) return;
    this.working ??= inTurn(TURN, () => this.fetch()).finally(() => (this.working = null));
    await this.working;
  }

  /** The code of this moment; the number's own address where this phone computes none. */
  async now(): Promise<Moment | null> {
    const { card, code } = this;
    // While a code is on its way, the number alone would only be mistaken for it.
    if (!card || (!code && this.working)) return null;
    if (!code) return { text: card.url, step: 0, period: 0 };
    const step = stepAt(this.app.clock.now(), code.period);
    return { text: `${code.url}/${await digitsOf(code.key, step, code.digits)}`, step, period: code.period };
  }

  /** Milliseconds until the next code. */
  left(): number {
    return this.code ? left(this.app.clock.now(), this.code.period) : Number.POSITIVE_INFINITY;
  }

  /** Lets this phone show the card from now on; codes of the phone that did before are dead. Throws a `Problem`. */
  async install(card: KeptCard): Promise<void> {
    const made = await this.app.api.post<Installation>(`/me/cards/${card.card_id}/installations`);
    const { secret, period, digits } = made.totp;
    const key = await importSecret(secret);
    this.isElsewhere = false;
    const code = { card_id: card.card_id, installation_id: made.installation_id, url: made.url, key, period, digits };
    await this.app.keep({ card, code });
  }

  /** Asks whether this phone's card and code still hold. A card that was blocked or replaced, or is not hers any more,
   * gives way to another of hers only where `mayTake`, after an act of hers on this very phone: one that was stolen must
   * not help itself to the next card. Returns whether anything is other than it was. Throws a `Problem`. */
  async check(mayTake = false): Promise<boolean> {
    if (!this.app.session.isOpen || !this.card) return false;
    const { items } = await this.app.api.get<Page<MemberCard>>("/me/cards");
    const own = items.find((card) => card.card_id === this.card?.card_id);
    const was = [this.isElsewhere, this.isOver];
    this.isOver = own?.status !== "active";
    if (own && this.code && own.installation_id !== this.code.installation_id) await this.reread();
    this.isElsewhere = !this.isOver && this.code !== null && own?.installation_id !== this.code.installation_id;
    if (!this.isOver || !mayTake) return this.isElsewhere !== was[0] || this.isOver !== was[1];
    const successor = items.find((card) => card.number === own?.replaced_by && card.kind === "digital" && card.status === "active");
    await this.take(successor ?? (await this.choose(items)));
    return true;
  }

  /** Whoever is signed in now has come from elsewhere: her card, and a code for it. Throws a `Problem`. */
  async settle(): Promise<void> {
    if (this.card) await this.check(true);
    await this.ensure();
  }

  /** This phone shows a card from now on. Throws a `Problem`. */
  private async take(card: MemberCard): Promise<void> {
    this.isOver = false;
    this.isElsewhere = false;
    const kept = keptOf(card);
    if (canCompute()) await this.install(kept);
    else await this.app.keep({ card: kept });
  }

  /** Whoever was signed in is not any more. */
  reset(): void {
    this.working = null;
    this.isElsewhere = false;
    this.isOver = false;
  }

  private async fetch(): Promise<void> {
    const { app } = this;
    // Another page of this browser may have begun meanwhile.
    await this.reread();
    if (!app.session.isOpen && !this.card) {
      await app.session.beginAnonymously(app.language);
      app.kept = await recallAll();
      void askToKeep();
    }
    if (!this.card) {
      const { items } = await app.api.get<Page<MemberCard>>("/me/cards");
      await this.take(await this.choose(items));
    } else if (canCompute() && !this.code && app.session.isOpen) await this.install(this.card);
  }

  /** Takes up what another page of this browser has kept. */
  private async reread(): Promise<void> {
    Object.assign(this.app.kept, await recallAll());
    if (this.app.kept.session) this.app.session.restore(true);
  }

  /** Which of her cards this phone shows: on a phone that takes another's place the same one, so that its number stays;
   * beside another phone one of its own, so that both go on. */
  private async choose(items: readonly MemberCard[]): Promise<MemberCard> {
    const mine = items.filter((card) => card.kind === "digital" && card.status === "active");
    const takesOver = ["transfer", "recovery"].includes(this.app.kept.session?.began ?? "");
    const chosen = takesOver ? mine[0] : mine.find((card) => !card.has_installation);
    return chosen ?? this.app.api.post<MemberCard>("/me/cards");
  }
}

function keptOf({ card_id, number, url }: MemberCard): KeptCard {
  return { card_id, number, url };
}
