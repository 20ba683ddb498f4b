/** A number between bounds with two big keys: one fewer, one more. */

import { h } from "../../shared/dom.ts";
import type { Counter } from "../counter.ts";
import { icon } from "./icons.ts";

interface Options {
  readonly label: string;
  readonly most: number;
  readonly above?: HTMLElement | null;
  readonly changed: (count: number) => void;
}

/** Begins at one. `set` takes a digit that was typed. */
export function counting(counter: Counter, options: Options): { element: HTMLElement; set: (count: number) => void } {
  let count = 1;
  const shown = h("output", { class: "count n", "aria-label": options.label });
  const fewer = h("button", { type: "button", "aria-label": counter.t("fewer"), onclick: () => set(count - 1) }, icon("minus"));
  const more = h("button", { type: "button", "aria-label": counter.t("oneMore"), onclick: () => set(count + 1) }, icon("plus"));
  const draw = () => {
    shown.textContent = `+${count}`;
    fewer.disabled = count <= 1;
    more.disabled = count >= options.most;
  };
  const set = (wanted: number) => {
    const next = Math.min(options.most, Math.max(1, wanted));
    counter.play("key");
    if (next === count) return;
    count = next;
    draw();
    options.changed(count);
  };
  draw();
  return {
    element: h("div", { class: "stepper" }, options.above ?? h("p", {}, options.label), shown, h("div", { class: "pad two" }, fewer, more)),
    set,
  };
}
