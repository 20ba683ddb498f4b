/** A form with one deed: it waits for the answer, is not sent twice, and says what went wrong. */

import { h } from "../../shared/dom.ts";
import { Problem } from "../../shared/problem.ts";
import type { App } from "../app.ts";

/** `act` may throw a `Problem`; `refused` may say it at a field instead, by returning true. */
export function deed(
  app: App,
  parts: readonly (HTMLElement | null)[],
  act: () => Promise<void>,
  refused: (problem: Problem) => boolean = () => false,
): HTMLFormElement {
  const mistake = h("p", { class: "wrong", role: "alert" });
  const form = h("form", { class: "form", novalidate: true }, ...parts, mistake);
  let isBusy = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (isBusy) return;
    void run();
  });
  async function run(): Promise<void> {
    isBusy = true;
    form.setAttribute("aria-busy", "true");
    mistake.textContent = "";
    try {
      await act();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (!refused(error)) mistake.textContent = app.explain(error);
    } finally {
      isBusy = false;
      form.removeAttribute("aria-busy");
    }
  }
  return form;
}
