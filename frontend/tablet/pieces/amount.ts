/** An amount being typed, with its keys. */

import { h } from "../../shared/dom.ts";
import { NOTHING, press, shown, toDecimal, type Typed } from "../../shared/money.ts";
import type { Counter } from "../counter.ts";
import { keypad } from "./keypad.ts";

interface Options {
  readonly label: string;
  /** A second line, such as the most that may be typed. */
  readonly note?: string | null;
  readonly changed: () => void;
}

export class AmountEntry {
  readonly element = h("div", { class: "asking" });
  readonly pad: HTMLElement;
  private typed: Typed = NOTHING;
  private readonly money;

  constructor(
    private readonly counter: Counter,
    private readonly options: Options,
  ) {
    this.money = counter.money;
    const { decimals, separator } = this.money;
    this.pad = keypad(
      {
        group: counter.t("keys"),
        erase: counter.t("backspace"),
        separator: decimals ? { sign: separator, label: counter.t("decimalKey") } : null,
      },
      (key) => this.press(key),
    );
    this.draw();
  }

  /** The amount as the API wants it, or null as long as it is nothing. */
  get value(): string | null {
    return toDecimal(this.typed, this.money.decimals);
  }

  /** A key of the pad or of a keyboard; strange ones change nothing. */
  press(key: string): void {
    const next = press(this.typed, key === "Backspace" ? "back" : key, this.money.decimals);
    if (next === this.typed) return;
    this.counter.play("key");
    this.typed = next;
    this.draw();
    this.options.changed();
  }

  private draw(): void {
    const sign = h("small", {}, this.money.sign);
    const figures = shown(this.typed, this.money);
    const value = h("span", { class: this.value === null ? "empty" : null }, figures);
    this.element.replaceChildren(
      h("p", { class: "label" }, this.options.label, this.options.note ? h("span", {}, this.options.note) : null),
      h(
        "output",
        { class: figures.length > 7 ? "sum n long" : "sum n", "aria-label": this.options.label },
        ...(this.money.signFirst ? [sign, value] : [value, sign]),
      ),
    );
  }
}
