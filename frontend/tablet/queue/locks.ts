/** One at a time, among all pages of this tablet. */

export interface Locks {
  /** Runs `work` if nobody holds `name`; else resolves with undefined at once. */
  ifFree<T>(name: string, work: () => Promise<T>): Promise<T | undefined>;
}

/** Within this page only: for pages without `navigator.locks`. */
export class PageLocks implements Locks {
  private readonly held = new Set<string>();

  async ifFree<T>(name: string, work: () => Promise<T>): Promise<T | undefined> {
    if (this.held.has(name)) return undefined;
    this.held.add(name);
    try {
      return await work();
    } finally {
      this.held.delete(name);
    }
  }
}

/** Among all pages and the service worker, by `navigator.locks`; a page that dies lets go. */
export class BrowserLocks implements Locks {
  ifFree<T>(name: string, work: () => Promise<T>): Promise<T | undefined> {
    return navigator.locks.request(name, { ifAvailable: true }, (lock) => (lock ? work() : Promise.resolve(undefined))) as Promise<T | undefined>;
  }
}

/** The best that this browser has. */
export function bestLocks(): Locks {
  return typeof navigator !== "undefined" && "locks" in navigator ? new BrowserLocks() : new PageLocks();
}
