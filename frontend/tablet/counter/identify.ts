/** What was scanned, for this shop: one of our cards, another system's that the shop has imported, or a voucher. */

import { read } from "../../shared/card.ts";
import type { Place, PracticeCard } from "../../shared/pos.ts";
import { type CounterStore, verify } from "../queue/index.ts";
import type { NotReserved } from "../screens/voucher.ts";
import type { Reserved } from "./face.ts";

/** A card as it was scanned (`code`), and what tells it from another (`number`). */
export interface Known {
  readonly code: string;
  readonly number: string;
}

export type Identified =
  | { readonly kind: "card"; readonly card: Known }
  | { readonly kind: "voucher"; readonly code: string }
  /** `judge` verifies it on this tablet. */
  | { readonly kind: "reserved"; readonly code: string; readonly judge: () => Promise<Reserved | NotReserved | null> }
  | { readonly kind: "strange"; readonly isDamaged: boolean };

interface Here {
  readonly hosts: readonly string[];
  readonly place: Place | null;
  readonly kept: CounterStore;
  readonly isOffline: boolean;
  /** The sandbox's cards while somebody practises. */
  readonly practiceCards: readonly PracticeCard[];
}

/** Tells what a scan is. Nothing that was scanned is ever opened. */
export function identify(scanned: string, here: Here): Identified {
  const reading = read(scanned, here.hosts, { takesForeign: here.place?.takes_foreign_cards === true });
  switch (reading.kind) {
    case "card":
    case "foreign-card":
      return { kind: "card", card: { code: reading.code, number: reading.number } };
    case "voucher":
      return { kind: "voucher", code: reading.code };
    case "reservation":
      return { kind: "reserved", code: reading.code, judge: () => judge(reading.code, reading.proof, here) };
    default:
      return { kind: "strange", isDamaged: reading.kind === "damaged" };
  }
}

/** While somebody practises, a real card stands for the first practice card, and a voucher that is reserved for this
 * tablet is one that the sandbox doesn't know: nothing real is touched. */
export function practised(found: Identified, here: Here): Identified {
  const [first] = here.practiceCards;
  if (first && found.kind === "reserved") return { kind: "voucher", code: found.code };
  if (found.kind !== "card" || !first) return found;
  const cards = here.practiceCards.map((card) => identify(card.code, here));
  const isTheirs = cards.some((card) => card.kind === "card" && numberOf(card.card.code, here) === numberOf(found.card.code, here));
  return isTheirs ? found : identify(first.code, here);
}

function numberOf(code: string, here: Here): string {
  const reading = read(code, here.hosts);
  return reading.kind === "card" ? reading.number : code;
}

/** What a proof says here: the voucher, why it is not handed out, or null where only the service can tell. */
async function judge(code: string, proof: string, here: Here): Promise<Reserved | NotReserved | null> {
  const { place, clock } = here.kept;
  const verdict = await verify(code, proof, place.reservationKey, clock.now());
  if (verdict.verdict === "expired") return "over";
  if (verdict.verdict === "unknown") return here.isOffline ? "elsewhere" : null;
  const name = here.place?.rewards.find((reward) => reward.reward_id === verdict.reward_id)?.name ?? null;
  return { reservation: verdict, name };
}
