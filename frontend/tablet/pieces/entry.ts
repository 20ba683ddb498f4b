/** What is being booked: an amount, or a number of visits or products, in all programmes or in one. */

import type { Product, VisitRequest } from "../../shared/api.ts";
import { h } from "../../shared/dom.ts";
import type { Counter } from "../counter.ts";
import { button } from "../screen.ts";
import { AmountEntry } from "./amount.ts";
import { counting } from "./counting.ts";
import { icon } from "./icons.ts";

const MOST_UNITS = 100;

/** What the counter must know of a programme to ask the right thing; an account and a shop's facts both tell it. */
export interface Asking {
  readonly programme_id: string;
  readonly name: string;
  readonly kind: "stamps" | "points";
  readonly asks?: "amount" | "items" | "visit";
  readonly counted?: readonly Product[];
}

/** A visit's contents, without whose it is. */
export type Contents = Omit<VisitRequest, "scan_id" | "kiosk">;

interface Options {
  /** Beside the amount, such as the balance. */
  readonly note?: string | null;
  /** Under a programme's name, such as its balance. */
  readonly about?: (programme: Asking) => string | null;
  readonly changed: () => void;
  readonly book: () => void;
}

export class Entry {
  /** The amount as it is typed; empty where pieces are counted. */
  readonly asking = h("div", { class: "asking" });
  readonly right = h("section", { class: "right" });
  readonly go: HTMLButtonElement;
  mode: "units" | "amount";
  units = 1;
  programmeId: string | null = null;
  private product: Product | null = null;
  private amount: AmountEntry;
  private setUnits: (count: number) => void = () => undefined;
  private readonly goWords = h("span", {});

  constructor(
    private readonly counter: Counter,
    private readonly programmes: readonly Asking[],
    private readonly options: Options,
  ) {
    // Where some programme counts money, "+1" would book a visit that saves nothing.
    const counts = programmes.length > 0 && programmes.every((one) => one.kind === "stamps" && one.asks !== "amount");
    this.mode = counts ? "units" : "amount";
    this.go = h("button", { type: "button", class: "b go", onclick: () => options.book() }, icon("check"), this.goWords);
    this.amount = this.newAmount();
    this.draw();
  }

  /** The contents as they would be booked now, or null as long as an amount is missing. */
  get contents(): Contents | null {
    const base = this.programmeId ? { programme_id: this.programmeId } : {};
    if (this.mode === "units" && this.product) return { ...base, items: [{ ...this.product, quantity: this.units }] };
    if (this.mode === "units") return this.units === 1 ? base : { ...base, units: this.units };
    const amount = this.amount.value;
    return amount === null ? null : { ...base, amount, currency: this.counter.currency };
  }

  /** What the big button says; it can be pressed as soon as there is something to book. */
  offer(words: string): void {
    this.goWords.textContent = words;
    this.go.disabled = this.contents === null;
  }

  /** A key that a person typed. */
  key(key: string): void {
    if (key === "Enter") this.options.book();
    else if (this.mode === "amount") this.amount.press(key);
    else if (/^[1-9]$/.test(key)) this.setUnits(Number(key));
  }

  /** Which of several programmes to book in; all of them unless one is chosen. */
  choice(): HTMLElement | null {
    const { programmes, counter } = this;
    if (programmes.length < 2) return null;
    const group = h("div", { class: "languages which", role: "group", "aria-label": counter.t("whichCard") });
    const chip = (programme: Asking | null) => {
      const about = programme && this.options.about?.(programme);
      const choose = () => {
        this.programmeId = programme?.programme_id ?? null;
        this.product = null;
        draw();
        this.draw();
        this.options.changed();
      };
      return h(
        "button",
        { type: "button", class: "chip", "aria-pressed": String((programme?.programme_id ?? null) === this.programmeId), onclick: choose },
        programme?.name ?? counter.t("allCards"),
        about ? h("small", {}, about) : null,
      );
    };
    const draw = () => group.replaceChildren(...[null, ...programmes].map(chip));
    draw();
    return group;
  }

  /** What is counted by the piece in the chosen programme, or in any. */
  private get products(): readonly Product[] {
    const chosen = this.programmeId ? this.programmes.filter((one) => one.programme_id === this.programmeId) : this.programmes;
    return chosen.flatMap((one) => (one.asks === "items" ? (one.counted ?? []) : []));
  }

  private newAmount(): AmountEntry {
    const { counter, options } = this;
    return new AmountEntry(counter, { label: counter.t("amountLabel"), note: options.note ?? null, changed: () => options.changed() });
  }

  private draw(): void {
    const { counter } = this;
    const isAmount = this.mode === "amount";
    const others = this.otherWay();
    this.right.setAttribute("aria-label", counter.t(isAmount ? "amountLabel" : "howMany"));
    this.right.replaceChildren(isAmount ? this.amount.pad : this.stepper(), ...(others ? [others] : []), this.go);
    this.asking.replaceChildren(...(isAmount ? [this.amount.element] : []));
  }

  /** The button that changes between a count and an amount, where both earn something. */
  private otherWay(): HTMLButtonElement | null {
    const { counter, programmes } = this;
    if (this.mode === "units") {
      if (this.products.length > 0) return null;
      return button(counter.t("typeAmount"), () => this.switchTo("amount"), { icon: "dots" });
    }
    const canCount = programmes.length === 0 || programmes.some((one) => one.kind === "stamps" && one.asks !== "amount");
    return canCount ? button(counter.t("noAmount"), () => this.switchTo("units"), { icon: "card" }) : null;
  }

  private switchTo(mode: "units" | "amount"): void {
    this.mode = mode;
    this.amount = this.newAmount();
    this.draw();
    this.options.changed();
    this.right.querySelector("button")?.focus();
  }

  private stepper(): HTMLElement {
    this.units = 1;
    const stepper = counting(this.counter, {
      label: this.counter.t("howMany"),
      most: MOST_UNITS,
      above: this.what(),
      changed: (count) => {
        this.units = count;
        this.options.changed();
      },
    });
    this.setUnits = stepper.set;
    return stepper.element;
  }

  /** What is counted: the visit, the one product that there is, or one of several. */
  private what(): HTMLElement {
    const { products } = this;
    this.product ??= products[0] ?? null;
    const question = this.counter.t("howMany");
    const [only] = products;
    if (products.length < 2) return h("p", {}, only ? `${nameOf(only)}: ${question}` : question);
    const group = h("div", { class: "languages", role: "group", "aria-label": question });
    const choose = (product: Product) => {
      this.product = product;
      draw();
      this.options.changed();
    };
    const chip = (product: Product) =>
      h("button", { type: "button", class: "chip", "aria-pressed": String(product === this.product), onclick: () => choose(product) }, nameOf(product));
    const draw = () => group.replaceChildren(...products.map(chip));
    draw();
    return group;
  }
}

/** A product as the shop wrote it, at the beginning of a line. */
function nameOf(product: Product): string {
  const text = "category" in product ? product.category : product.sku;
  return text.charAt(0).toUpperCase() + text.slice(1);
}
