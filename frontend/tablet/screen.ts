/** What a screen is, and the pieces that screens share. */

import { h } from "../shared/dom.ts";
import { icon, type IconName, type Shape, shape } from "./pieces/icons.ts";

export interface Screen {
  /** Its name, on the page as `data-screen`. */
  readonly name: string;
  readonly element: HTMLElement;
  /** What gets the focus; the heading if nothing is named. */
  readonly focus?: HTMLElement | null;
  /** Whether a card held before the camera is taken here; hand scanners are heard everywhere. */
  readonly looks: boolean;
  /** A key that a person typed outside a field: one character, `Enter`, `Backspace` or `Escape`. */
  key?(key: string): void;
  /** Takes what was scanned or seen for itself; false leaves it to the counter, which looks the card up. */
  scanned?(text: string): boolean;
  /** Called when another screen takes its place. */
  leave?(): void;
}

/** For keys on the screen: a touch leaves the focus where it is, so that a keyboard's Enter still means “go on” and
 * does not press the last key again. */
export function keepFocus(event: Event): void {
  event.preventDefault();
}

interface ButtonOptions {
  readonly icon?: IconName;
  readonly kind?: "go" | "ink" | "plain";
  readonly small?: string;
  readonly wide?: boolean;
  readonly disabled?: boolean;
  readonly id?: string;
}

/** A touch target with words on it, at least 64 px high. */
export function button(words: string, act: () => void, options: ButtonOptions = {}): HTMLButtonElement {
  const classes = ["b", options.kind && options.kind !== "plain" ? options.kind : "", options.wide ? "wide" : ""];
  const element = h(
    "button",
    { type: "button", class: classes.filter(Boolean).join(" "), id: options.id, disabled: options.disabled, onclick: act },
    options.icon ? icon(options.icon) : null,
    h("span", {}, words, options.small ? h("small", {}, options.small) : null),
  );
  return element;
}

interface SignalOptions {
  readonly tone: "leaf" | "seal" | "amber";
  readonly word: string;
  readonly lines: readonly string[];
  readonly next?: string | null;
}

const SIGNS: Readonly<Record<SignalOptions["tone"], { shape: Shape; icon: IconName }>> = {
  leaf: { shape: "seal", icon: "check" },
  seal: { shape: "octagon", icon: "minus" },
  amber: { shape: "triangle", icon: "bang" },
};

/** The counterfoil: the outcome by colour, shape and word. Red and amber interrupt a screen reader, green waits. */
export function signal(options: SignalOptions): HTMLElement {
  const sign = SIGNS[options.tone];
  return h(
    "section",
    { class: `signal ${options.tone}`, role: options.tone === "leaf" ? "status" : "alert" },
    h("div", { class: "shape" }, shape(sign.shape), icon(sign.icon)),
    h(
      "div",
      { class: "told" },
      h("h1", { class: options.word.length > 11 ? "long" : null }, options.word),
      ...options.lines.map((line) => h("p", {}, line)),
    ),
    options.next ? h("p", { class: "next" }, icon("show"), options.next) : null,
  );
}

/** The answer's layout: the counterfoil, and beside it what it means and what can be done. */
export function answer(foil: HTMLElement, meaning: readonly (HTMLElement | null)[], actions: readonly HTMLElement[]): HTMLElement {
  return h(
    "div",
    { class: "answer" },
    foil,
    h("div", { class: "main" }, ...meaning, actions.length ? h("div", { class: "act" }, ...actions) : null),
  );
}

/** What can be done now, as a list of advice. */
export function advice(items: readonly { icon: IconName; what: string; more: string }[]): HTMLElement {
  return h(
    "ul",
    { class: "todo" },
    ...items.map((item) => h("li", {}, icon(item.icon), h("span", {}, item.what, h("small", {}, item.more)))),
  );
}
