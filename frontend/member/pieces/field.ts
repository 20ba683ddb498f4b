/** A labelled field with its hint and its mistake. */

import { h } from "../../shared/dom.ts";

export interface Field {
  readonly element: HTMLElement;
  readonly input: HTMLInputElement;
  /** What was typed, without spaces at its ends. */
  value(): string;
  /** Says what is wrong with it and puts the focus there; null takes it back. */
  wrong(words: string | null): void;
}

export function field(
  id: string,
  label: string,
  attributes: Readonly<Record<string, string | number | boolean | null>> = {},
  hint: string | null = null,
): Field {
  const input = h("input", { id, name: id, "aria-describedby": `${id}-hint ${id}-wrong`, ...attributes });
  const mistake = h("p", { id: `${id}-wrong`, class: "wrong", role: "alert" });
  const element = h(
    "div",
    { class: "field" },
    h("label", { for: id }, label),
    hint ? h("p", { id: `${id}-hint`, class: "hint" }, hint) : null,
    input,
    mistake,
  );
  input.addEventListener("input", () => say(null));
  function say(words: string | null): void {
    mistake.textContent = words ?? "";
    if (words) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  }
  return {
    element,
    input,
    value: () => input.value.trim(),
    wrong(words) {
      say(words);
      if (words) input.focus();
    },
  };
}
