/** A question over the screen, which waits for an answer. */

import { h } from "../../shared/dom.ts";
import type { App } from "../app.ts";
import { button } from "./parts.ts";

interface Question {
  readonly title: string;
  readonly text?: string;
  readonly more?: HTMLElement;
  readonly yes: string;
  /** What leaves everything as it is; "Cancel" if not named. */
  readonly no?: string;
  /** Whether yes can't be undone. */
  readonly danger?: boolean;
}

/** Asks, and resolves to whether it was agreed to. Escape and a touch beside it are a no. */
export function ask(app: App, question: Question): Promise<boolean> {
  return new Promise((resolve) => {
    const sheet = h(
      "dialog",
      { class: "sheet", "aria-labelledby": "sheet-title" },
      h("h2", { id: "sheet-title" }, question.title),
      question.text ? h("p", {}, question.text) : null,
      question.more ?? null,
      h(
        "div",
        { class: "acts" },
        button(question.yes, () => sheet.close("yes"), { kind: question.danger ? "danger" : "go" }),
        button(question.no ?? app.t("cancel"), () => sheet.close("no")),
      ),
    );
    sheet.addEventListener("click", (event) => {
      if (event.target === sheet) sheet.close("no");
    });
    sheet.addEventListener("close", () => {
      sheet.remove();
      resolve(sheet.returnValue === "yes");
    });
    document.body.append(sheet);
    sheet.showModal();
  });
}
