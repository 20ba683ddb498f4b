/** One short remark at a time, above the tabs, for a few seconds. */

import { h } from "../../shared/dom.ts";

const STAYS = 5_000;

export class Notices {
  readonly element = h("p", { id: "notice", class: "notice", role: "status" });
  private timer = 0;

  say(words: string, tone: string): void {
    window.clearTimeout(this.timer);
    this.element.textContent = words;
    this.element.className = `notice shown ${tone}`;
    this.timer = window.setTimeout(() => {
      this.element.className = "notice";
      this.element.textContent = "";
    }, STAYS);
  }
}
