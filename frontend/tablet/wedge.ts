/** Hand scanners that type: a burst of keys ending in Enter is a scan, wherever the focus is.
 *
 * Outside a text field every printable key is held back for a moment. If no more come at a scanner's pace it was a
 * person, and the screen gets the keys; so a scan never leaks digits into an amount and its Enter never presses a button.
 */

/** Slower than any scanner, faster than anybody types (milliseconds between keys). */
export const BURST_GAP = 45;
/** Shorter bursts are a person who rolls over the keys. */
export const SHORTEST_SCAN = 10;

export interface Listener {
  /** A whole scan. */
  scanned(text: string): void;
  /** A key that a person typed: one character, `Enter`, `Backspace` or `Escape`. */
  typed(key: string): void;
}

/** Sorts keys into scans and typing. Free of the DOM, so that time can be given. */
export class Sorter {
  private held: string[] = [];
  private last = Number.NEGATIVE_INFINITY;

  constructor(private readonly listener: Listener) {}

  /** How many keys are waiting to be told apart. */
  get waiting(): number {
    return this.held.length;
  }

  /** A printable character at `now` (milliseconds). */
  character(character: string, now: number): void {
    if (now - this.last > BURST_GAP) this.settle();
    this.held.push(character);
    this.last = now;
  }

  /** Enter at `now`: did it end a scan, typing that was held back, or nothing at all? */
  enter(now: number): "scan" | "typing" | "nothing" {
    const text = this.held.join("");
    if (now - this.last <= BURST_GAP && text.length >= SHORTEST_SCAN) {
      this.drop();
      this.listener.scanned(text);
      return "scan";
    }
    if (this.held.length === 0) return "nothing";
    this.settle();
    this.listener.typed("Enter");
    return "typing";
  }

  /** Hands over what was held back as typing. */
  settle(): void {
    const keys = this.held;
    this.held = [];
    for (const key of keys) this.listener.typed(key);
  }

  /** Forgets what was held back. */
  drop(): void {
    this.held = [];
    this.last = Number.NEGATIVE_INFINITY;
  }
}

function isPressed(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("button, a") !== null;
}

/** Listens to the whole page until the returned function is called. In a text field the keys also reach the field; a
 * scan that ends there is taken out of it again. */
export function listen(target: Window, listener: Listener): () => void {
  const outside = new Sorter(listener);
  let fieldBefore: string | null = null;
  const inField = new Sorter({
    scanned: (text) => {
      const field = target.document.activeElement;
      if (field instanceof HTMLInputElement && fieldBefore !== null) {
        field.value = fieldBefore;
        field.dispatchEvent(new Event("input", { bubbles: true }));
      }
      listener.scanned(text);
    },
    typed: () => undefined,
  });
  let timer: number | undefined;

  const onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const field = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement ? event.target : null;
    const sorter = field ? inField : outside;
    const printable = event.key.length === 1;
    if (printable && field && inField.waiting === 0) fieldBefore = field.value;
    if (printable) {
      // A space on a focused button presses it; only a space inside a burst is a scanner's.
      if (!field && event.key === " " && outside.waiting === 0) return;
      sorter.character(event.key, event.timeStamp);
      if (!field) event.preventDefault();
      target.clearTimeout(timer);
      timer = target.setTimeout(() => sorter.settle(), BURST_GAP + 5);
    } else if (event.key === "Enter" || event.key === "Tab") {
      // Some scanners end with Tab.
      if (event.key === "Tab" && sorter.waiting < SHORTEST_SCAN) return;
      const ended = sorter.enter(event.timeStamp);
      if (ended === "scan" || (ended === "typing" && !field)) stop(event);
      // Enter on a button presses it; beside the buttons it means “go on”.
      else if (ended === "nothing" && !field && event.key === "Enter" && !isPressed(event.target)) listener.typed("Enter");
    } else if (!field && (event.key === "Backspace" || event.key === "Escape")) {
      outside.settle();
      listener.typed(event.key);
    } else if (field && event.key === "Escape") {
      listener.typed("Escape");
    }
  };
  const stop = (event: Event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  target.addEventListener("keydown", onKey, { capture: true });
  return () => {
    target.clearTimeout(timer);
    target.removeEventListener("keydown", onKey, { capture: true });
  };
}
