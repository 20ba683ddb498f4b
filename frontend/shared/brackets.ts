/** Brackets that join what was taken back with what it undoes, in the margin of a list, row by row. */

import { h } from "./dom.ts";

export interface Undoing {
  readonly id: string | null;
  /** The id of the row that this one takes back, whole or in part. */
  readonly undoes: string | null;
}

/** A row's share of one bracket. `from`: here it begins, at the correction; `to`: here it ends, at what was corrected;
 * `open`: it begins here, and what was corrected stands further down than the list goes. */
export interface Segment {
  readonly lane: number;
  readonly part: "from" | "through" | "to" | "open";
}

/** More brackets than this beside each other share the last lane. */
const MOST_LANES = 3;

/** The segments of each row, the newest row first, so that a correction stands above what it corrects. Brackets that
 * run beside each other get lanes of their own, shorter ones nearer to the rows. */
export function segments(rows: readonly Undoing[]): readonly (readonly Segment[])[] {
  const placeOf = new Map(rows.map((row, index) => [row.id, index]));
  const found: Segment[][] = rows.map(() => []);
  const spans = rows
    .map((row, from) => ({ from, to: row.undoes === null ? from : (placeOf.get(row.undoes) ?? null), undoes: row.undoes }))
    .filter((span) => span.undoes !== null)
    .sort((one, other) => (one.to ?? 0) - one.from - ((other.to ?? 0) - other.from));
  const taken: { lane: number; from: number; to: number }[] = [];
  for (const { from, to } of spans) {
    if (to === null || to < from) {
      found[from]?.push({ lane: 0, part: "open" });
      continue;
    }
    const beside = taken.filter((one) => one.from <= to && from <= one.to).map((one) => one.lane);
    const free = Array.from({ length: MOST_LANES }, (_, lane) => lane).find((lane) => !beside.includes(lane)) ?? MOST_LANES - 1;
    taken.push({ lane: free, from, to });
    for (let at = from; at <= to; at++) found[at]?.push({ lane: free, part: at === from ? "from" : at === to ? "to" : "through" });
  }
  return found;
}

/** The margin of one row. Words beside it say the same, so that a screen reader needs no lines. */
export function margin(parts: readonly Segment[]): HTMLElement {
  return h("span", { class: "margin", "aria-hidden": "true" }, ...parts.map((part) => h("i", { class: part.part, "--lane": part.lane })));
}
