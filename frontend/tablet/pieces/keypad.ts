import { h } from "../../shared/dom.ts";
import { keepFocus } from "../screen.ts";
import { icon } from "./icons.ts";

interface Labels {
  readonly group: string;
  readonly erase: string;
  /** The separator to show and its spoken name; none for a currency without decimals, or a PIN. */
  readonly separator?: { readonly sign: string; readonly label: string } | null;
}

/** Twelve big keys. `press` gets a digit, `,` or `back`. */
export function keypad(labels: Labels, press: (key: string) => void): HTMLElement {
  const digit = (key: string) => h("button", { type: "button", onclick: () => press(key) }, key);
  const separator = labels.separator
    ? h("button", { type: "button", "aria-label": labels.separator.label, onclick: () => press(",") }, labels.separator.sign)
    : h("span", {});
  return h(
    "div",
    { class: "pad", role: "group", "aria-label": labels.group, onmousedown: keepFocus },
    ...["1", "2", "3", "4", "5", "6", "7", "8", "9"].map(digit),
    separator,
    digit("0"),
    h("button", { type: "button", "aria-label": labels.erase, onclick: () => press("back") }, icon("erase")),
  );
}
