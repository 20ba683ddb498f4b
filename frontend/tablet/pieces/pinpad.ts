import { h } from "../../shared/dom.ts";
import type { Counter } from "../counter.ts";
import { button, type Screen } from "../screen.ts";
import type { IconName } from "./icons.ts";
import { keypad } from "./keypad.ts";

export const SHORTEST_PIN = 4;
export const LONGEST_PIN = 8;

interface PinOptions {
  readonly name: string;
  readonly title: string;
  readonly lead: readonly (string | HTMLElement)[];
  readonly go: { readonly words: string; readonly icon: IconName };
  /** What was wrong with the PIN before, read out when the screen appears. */
  readonly told?: string;
  /** Buttons beside the way back. */
  readonly others?: readonly HTMLElement[];
  readonly back?: { readonly words?: string; readonly act: () => void } | null;
  /** Whether a card held before the camera is taken here. */
  readonly looks?: boolean;
  submit(pin: string): void;
  leave?(): void;
}

/** A PIN typed on big keys, or on a keyboard. Its digits are never shown, and forgotten with the screen. */
export function pinScreen(counter: Counter, options: PinOptions): Screen {
  const t = counter.t.bind(counter);
  let pin = "";
  const dots = h("output", { class: "dots" });
  const told = h("p", { class: "pin-told", role: "alert" }, options.told ?? "");
  const go = button(options.go.words, () => submit(), { kind: "go", icon: options.go.icon, wide: true, disabled: true });
  const draw = () => {
    dots.replaceChildren(
      ...Array.from({ length: Math.max(SHORTEST_PIN, pin.length) }, (_, index) => h("i", { class: index < pin.length ? "on" : null })),
      h("span", { class: "vh" }, t("pinDigits", { n: pin.length })),
    );
    go.disabled = pin.length < SHORTEST_PIN;
  };
  const press = (pressed: string) => {
    if (pressed === "back") pin = pin.slice(0, -1);
    else if (/^[0-9]$/.test(pressed) && pin.length < LONGEST_PIN) pin += pressed;
    else return;
    told.textContent = "";
    counter.play("key");
    draw();
  };
  const submit = () => {
    if (pin.length < SHORTEST_PIN || counter.isBusy) return;
    const typed = pin;
    pin = "";
    draw();
    options.submit(typed);
  };
  draw();
  const { back } = options;
  const element = h(
    "div",
    { class: "purchase pin" },
    h(
      "div",
      { class: "left" },
      h("h1", {}, options.title),
      ...options.lead.map((line) => h("p", { class: "lead" }, line)),
      dots,
      told,
      h("div", { class: "act" }, back ? button(back.words ?? t("back"), back.act, { icon: "back" }) : null, ...(options.others ?? [])),
    ),
    h("section", { class: "right", "aria-label": t("keys") }, keypad({ group: t("keys"), erase: t("backspace") }, press), go),
  );
  return {
    name: options.name,
    element,
    looks: options.looks ?? false,
    key: (typed) => {
      if (typed === "Escape") back?.act();
      else if (typed === "Enter") submit();
      else press(typed === "Backspace" ? "back" : typed);
    },
    leave: () => {
      pin = "";
      options.leave?.();
    },
  };
}
