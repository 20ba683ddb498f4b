/** A tablet's storage: transactions that are wholly written or not at all, and a page that may die around them. */

import type { Changes, Kept, Mirror, Mirrored, QueueStorage, StoreName } from "../tablet/queue/storage.ts";

type Stores = Record<StoreName, Map<string | number, unknown>>;

function empty(): Stores {
  const stores = {} as Stores;
  for (const name of ["settings", "trying", "queue", "spent", "dead", "marks", "told"] as const) stores[name] = new Map();
  return stores;
}

/** What outlives the page: IndexedDB, and localStorage beside it. */
export class Disk {
  stores = empty();
  mirrored: Mirrored | null = null;
  /** Called with whatever a transaction wrote, once it is safe. */
  onWritten: ((store: StoreName, key: string | number, value: unknown) => void) | null = null;
  private turn: Promise<unknown> = Promise.resolve();

  /** The browser clears IndexedDB, and localStorage where `wholly`. */
  destroy(wholly: boolean): void {
    this.stores = empty();
    if (wholly) this.mirrored = null;
  }

  all<S extends StoreName>(store: S): Kept[S]["value"][] {
    return [...this.stores[store].values()] as Kept[S]["value"][];
  }

  /** One after the other; between start and end of a transaction no time passes. */
  async transact<T>(work: (changes: Changes) => Promise<T>): Promise<T> {
    const mine = this.turn.then(() => this.once(work));
    this.turn = mine.catch(() => undefined);
    return mine;
  }

  private async once<T>(work: (changes: Changes) => Promise<T>): Promise<T> {
    const written: [StoreName, string | number, unknown][] = [];
    const { stores } = this;
    const undo: [StoreName, string | number, unknown][] = [];
    const touch = (store: StoreName, key: string | number) => void undo.push([store, key, stores[store].get(key)]);
    const changes: Changes = {
      get: async (store, key) => stores[store].get(key) as never,
      put: async (store, key, value) => {
        touch(store, key);
        stores[store].set(key, value);
        written.push([store, key, value]);
      },
      delete: async (store, key) => {
        touch(store, key);
        stores[store].delete(key);
      },
      list: async (store, most) => inOrder(stores[store], most) as never,
      count: async (store) => stores[store].size,
    };
    try {
      const result = await work(changes);
      for (const [store, key, value] of written) this.onWritten?.(store, key, value);
      return result;
    } catch (error) {
      for (const [store, key, value] of undo.reverse()) {
        if (value === undefined) stores[store].delete(key);
        else stores[store].set(key, value);
      }
      throw error;
    }
  }
}

function inOrder(store: Map<string | number, unknown>, most?: number): unknown[] {
  const keys = [...store.keys()].sort((a, b) => (a < b ? -1 : 1));
  return (most === undefined ? keys : keys.slice(0, most)).map((key) => store.get(key));
}

/** A page's way to the disk. `pause` lets time pass, and never comes back when the page has died meanwhile. */
export class DiskStorage implements QueueStorage {
  constructor(
    readonly disk: Disk,
    private readonly pause: () => Promise<void>,
  ) {}

  async change<T>(work: (changes: Changes) => Promise<T>): Promise<T> {
    await this.pause();
    const result = await this.disk.transact(work);
    await this.pause();
    return result;
  }
}

export class DiskMirror implements Mirror {
  constructor(private readonly disk: Disk) {}

  read(): Mirrored | null {
    return this.disk.mirrored;
  }

  write(mirrored: Mirrored): void {
    this.disk.mirrored = mirrored;
  }

  clear(): void {
    this.disk.mirrored = null;
  }
}
