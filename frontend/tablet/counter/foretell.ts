/** What a visit is likely to earn, by the shop's facts alone. The service decides; this is a rule of thumb. */

import type { ProgrammeFacts } from "../../shared/pos.ts";
import type { Contents } from "../pieces/entry.ts";

/** Units that can be counted without the rules: a stamp for a visit, one for each product that counts. Programmes that
 * count money are left out, since what an amount earns is not known here. */
export function foretell(programmes: readonly ProgrammeFacts[], contents: Contents): readonly { programme: ProgrammeFacts; units: number }[] {
  const chosen = programmes.filter((one) => contents.programme_id === undefined || one.programme_id === contents.programme_id);
  return chosen
    .map((programme) => ({ programme, units: unitsIn(programme, contents) }))
    .filter(({ units }) => units > 0);
}

function unitsIn(programme: ProgrammeFacts, contents: Contents): number {
  if (programme.kind !== "stamps") return 0;
  if (programme.asks === "visit") return contents.items ? 0 : (contents.units ?? 1);
  if (programme.asks !== "items") return 0;
  const counts = (item: object) => programme.counted.some((product) => Object.entries(product).every(([name, value]) => Reflect.get(item, name) === value));
  return (contents.items ?? []).filter(counts).reduce((sum, item) => sum + item.quantity, 0);
}
