/** A switch with its words: it shows what was asked for at once, and goes back where that was refused. */

import { h } from "../../shared/dom.ts";
import { Problem } from "../../shared/problem.ts";
import type { App } from "../app.ts";

interface ToggleOptions {
  readonly isOn: boolean;
  readonly isFixed?: boolean;
  readonly more?: string | null;
  /** A short word above the switch instead of its words, which screen readers are told. */
  readonly short?: string;
}

/** `act` is told what was asked for, and may throw a `Problem`. */
export function toggle(app: App, words: string, options: ToggleOptions, act: (isOn: boolean) => Promise<unknown>): HTMLElement {
  const input = h("input", { type: "checkbox", role: "switch", checked: options.isOn, disabled: options.isFixed ?? false, "aria-label": options.short ? words : null });
  let isBusy = false;
  input.addEventListener("change", () => {
    if (isBusy) {
      // The word before this one is still on its way.
      input.checked = !input.checked;
      return;
    }
    void run(input.checked);
  });
  async function run(isOn: boolean): Promise<void> {
    isBusy = true;
    input.setAttribute("aria-busy", "true");
    try {
      await act(isOn);
    } catch (error) {
      input.checked = !isOn;
      if (!(error instanceof Problem)) throw error;
      app.notice(app.explain(error), "seal");
    } finally {
      isBusy = false;
      input.removeAttribute("aria-busy");
    }
  }
  if (options.short) return h("label", { class: "switch bare" }, h("span", {}, options.short), input);
  return h("label", { class: "switch" }, h("span", {}, words, options.more ? h("small", {}, options.more) : null), input);
}
