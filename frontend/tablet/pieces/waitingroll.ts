/** What waits for the network, drawn as a roll of stamps: touching, whole holes between them, the newest beside it. */

import { h } from "../../shared/dom.ts";
import type { Counter } from "../counter.ts";
import { stamp } from "../../shared/stampcard.ts";

/** As long as the roll gets; the words tell how many there are. */
const MOST_SHOWN = 11;

interface Options {
  /** How many wait, the newest among them. */
  readonly count: number;
  /** Whether the newest was put there just now: it lies beside the roll, in green. */
  readonly isFresh?: boolean;
}

/** The roll with its words: how many wait, and when the service last answered. */
export function waitingRoll(counter: Counter, options: Options): HTMLElement {
  const { count, isFresh = false } = options;
  const t = counter.t.bind(counter);
  const shown = Math.min(isFresh ? count - 1 : count, MOST_SHOWN);
  const heard = counter.lastSent;
  return h(
    "div",
    { class: "queue" },
    h(
      "div",
      { class: "strip lifted", "aria-hidden": "true" },
      shown > 0 ? h("div", { class: "rolled", "--n": shown }, ...Array.from({ length: shown }, () => stamp(counter.shop))) : null,
      isFresh ? h("div", { class: "now" }, stamp(counter.shop)) : null,
    ),
    h("p", {}, h("b", {}, t("queueWaits", { n: count })), heard ? h("span", {}, t("lastSent", { time: counter.time(heard) })) : null),
  );
}
