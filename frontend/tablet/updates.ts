/** New versions of the counter: fetched in the background, taken when the tablet waits for a card and at no other time.
 *
 * ```ts
 * const updates = new Updates(() => queue.isIdle);
 * void updates.begin();          // at the start
 * updates.offer();               // whenever the waiting screen is shown: takes a version that waits, and loads it
 * ```
 */

/** How often a tablet that is never closed looks for a new version, in milliseconds. */
const LOOK_EVERY = 3600_000;
const SCRIPT = "/tablet.sw.js";
const SCOPE = "/tablet";

/** What it works with; the browser's own unless a test says otherwise. */
export interface Browser {
  readonly serviceWorker: ServiceWorkerContainer | undefined;
  reload(): void;
  every(milliseconds: number, act: () => void): void;
}

const BROWSER: Browser = {
  serviceWorker: typeof navigator === "undefined" ? undefined : navigator.serviceWorker,
  reload: () => location.reload(),
  every: (milliseconds, act) => void window.setInterval(act, milliseconds),
};

export class Updates {
  private registration: ServiceWorkerRegistration | null = null;
  private wasTaken = false;
  private isReloading = false;

  constructor(
    /** Whether nothing is between a touch and its answer. */
    private readonly mayTakeOver: () => boolean,
    private readonly browser: Browser = BROWSER,
  ) {}

  /** Registers the service worker. Never throws: without one the counter works as long as there is a network. */
  async begin(): Promise<void> {
    const { serviceWorker } = this.browser;
    if (!serviceWorker) return;
    const isFirst = serviceWorker.controller === null;
    let changes = 0;
    serviceWorker.addEventListener("controllerchange", () => {
      // The very first one belongs to the page that runs already.
      if (isFirst && ++changes === 1) return;
      this.wasTaken = true;
      // It was offered a moment ago; a page that another one made change waits for its own moment.
      if (this.isReloading) this.browser.reload();
    });
    try {
      this.registration = await serviceWorker.register(SCRIPT, { scope: SCOPE, updateViaCache: "none" });
    } catch {
      return;
    }
    this.browser.every(LOOK_EVERY, () => void this.registration?.update().catch(() => undefined));
  }

  /** Whether a new version waits. */
  get isWaiting(): boolean {
    return this.wasTaken || Boolean(this.registration?.waiting);
  }

  /** To be called while the tablet waits for a card: takes a version that waits, and loads the page with it. Returns
   * whether it does. */
  offer(): boolean {
    if (this.isReloading || !this.isWaiting || !this.mayTakeOver()) return false;
    this.isReloading = true;
    if (this.wasTaken) this.browser.reload();
    else this.registration?.waiting?.postMessage("take over");
    return true;
  }
}
