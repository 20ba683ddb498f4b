/** Time that passes only when everything that it set off has come to rest. */

interface Happening {
  readonly at: number;
  readonly order: number;
  /** Null once it was called off. */
  act: (() => unknown) | null;
}

export class World {
  /** True time in milliseconds. */
  now: number;
  /** What happened, for a failing seed; null to save the effort. */
  readonly history: string[] | null;
  private readonly heap: Happening[] = [];
  private order = 0;
  happened = 0;

  constructor(start: number, isRecorded: boolean) {
    this.now = start;
    this.start = start;
    this.history = isRecorded ? [] : null;
  }

  private readonly start: number;

  /** Notes a line of the history; `text` is only called where it is kept. */
  tell(text: () => string): void {
    this.history?.push(`${((this.now - this.start) / 1000).toFixed(3).padStart(12)}s  ${text()}`);
  }

  /** Has `act` happen after so many milliseconds; what is due at the same time happens in the order of asking. It returns
   * false where it did nothing. Returns what calls it off. */
  after(milliseconds: number, act: () => unknown): () => void {
    const happening: Happening = { at: this.now + Math.max(0, milliseconds), order: this.order++, act };
    const { heap } = this;
    let at = heap.push(happening) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(happening, heap[parent] as Happening)) break;
      heap[at] = heap[parent] as Happening;
      at = parent;
    }
    heap[at] = happening;
    return () => void (happening.act = null);
  }

  /** Lets time pass until `end`, or until `isEnough` says so. */
  async pass(end: number, isEnough: () => boolean = () => false): Promise<void> {
    await rest();
    for (let next = this.heap[0]; next && next.at <= end; next = this.heap[0]) {
      this.take();
      this.now = next.at;
      if (next.act === null || next.act() === false) continue;
      this.happened += 1;
      await rest();
      if (isEnough()) return;
    }
    this.now = Math.max(this.now, end);
  }

  private take(): void {
    const { heap } = this;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Happening, heap[child] as Happening)) child += 1;
      if (!isBefore(heap[child] as Happening, last)) break;
      heap[at] = heap[child] as Happening;
      at = child;
    }
    heap[at] = last;
  }
}

function isBefore(a: Happening, b: Happening): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** Until every promise that can go on has gone on. */
function rest(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
