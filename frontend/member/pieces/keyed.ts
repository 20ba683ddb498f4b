/** A long list that is drawn a few items at a time, and of which only what has changed is drawn again: with two hundred
 * shops neither the first look nor a new stamp may hold up a finger that scrolls. */

import { h } from "../../shared/dom.ts";

/** Milliseconds of drawing before the browser gets its turn. */
const SLICE = 8;
/** How many are there at once: more than a screen shows. */
const FIRST = 8;

interface Options<T> {
  readonly class: string;
  readonly label: string;
  key(item: T): string;
  draw(item: T): HTMLElement;
}

interface Drawn {
  readonly written: string;
  readonly element: HTMLElement;
}

export class Keyed<T> {
  readonly element: HTMLElement;
  private drawn = new Map<string, Drawn>();
  private turn = 0;

  constructor(private readonly options: Options<T>) {
    this.element = h("ul", { class: options.class, "aria-label": options.label });
  }

  /** Shows these items in their order. */
  show(items: readonly T[]): void {
    const turn = ++this.turn;
    const wanted = new Set(items.map((item) => this.options.key(item)));
    for (const [key, { element }] of this.drawn) {
      if (wanted.has(key)) continue;
      element.remove();
      this.drawn.delete(key);
    }
    this.go(items, 0, turn, FIRST);
  }

  private go(items: readonly T[], from: number, turn: number, least: number): void {
    if (turn !== this.turn) return;
    const began = performance.now();
    let at = from;
    while (at < items.length && (at - from < least || performance.now() - began < SLICE)) this.place(items[at] as T, at++);
    if (at < items.length) requestAnimationFrame(() => setTimeout(() => this.go(items, at, turn, 1)));
    else this.element.toggleAttribute("data-whole", true);
  }

  private place(item: T, at: number): void {
    const key = this.options.key(item);
    const written = JSON.stringify(item);
    let drawn = this.drawn.get(key);
    if (drawn?.written !== written) {
      const element = this.options.draw(item);
      drawn?.element.replaceWith(element);
      drawn = { written, element };
      this.drawn.set(key, drawn);
    }
    const there = this.element.children[at];
    if (there !== drawn.element) this.element.insertBefore(drawn.element, there ?? null);
  }
}
