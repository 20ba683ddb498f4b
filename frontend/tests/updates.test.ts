import { describe, expect, it } from "vitest";
import { Driver, type Surroundings } from "../tablet/queue/driver.ts";
import type { Queue } from "../tablet/queue/queue.ts";
import { Updates } from "../tablet/updates.ts";

/** A browser whose service worker a test moves along. */
function browser(hasController: boolean) {
  const said: unknown[] = [];
  const reloads: number[] = [];
  let changed: () => void = () => undefined;
  const registration = { waiting: null as { postMessage(what: unknown): void } | null, update: () => Promise.resolve() };
  const serviceWorker = {
    controller: hasController ? {} : null,
    addEventListener: (_: string, listener: () => void) => void (changed = listener),
    register: () => Promise.resolve(registration),
  } as unknown as ServiceWorkerContainer;
  return {
    said,
    reloads,
    wait: () => void (registration.waiting = { postMessage: (what) => void said.push(what) }),
    take: () => changed(),
    here: { serviceWorker, reload: () => void reloads.push(1), every: () => undefined },
  };
}

describe("a new version of the counter", () => {
  it("takes over when the tablet waits and nothing is under way, and at no other time", async () => {
    const { said, reloads, wait, take, here } = browser(true);
    let isIdle = false;
    const updates = new Updates(() => isIdle, here);
    await updates.begin();
    expect(updates.offer()).toBe(false);
    wait();
    expect([updates.isWaiting, updates.offer(), said]).toEqual([true, false, []]);
    isIdle = true;
    expect([updates.offer(), updates.offer(), said]).toEqual([true, false, ["take over"]]);
    expect(reloads).toEqual([]);
    take();
    expect(reloads).toEqual([1]);
  });

  it("that another page took is loaded at this page's own moment", async () => {
    const { reloads, take, here } = browser(true);
    const updates = new Updates(() => true, here);
    await updates.begin();
    take();
    expect(reloads).toEqual([]);
    expect(updates.offer()).toBe(true);
    expect(reloads).toEqual([1]);
  });

  it("is not what the first one is", async () => {
    const { reloads, take, here } = browser(false);
    const updates = new Updates(() => true, here);
    await updates.begin();
    take();
    expect([updates.offer(), reloads]).toEqual([false, []]);
  });

  it("is no concern of a browser without service workers", async () => {
    const updates = new Updates(() => true, { serviceWorker: undefined, reload: () => undefined, every: () => undefined });
    await updates.begin();
    expect(updates.offer()).toBe(false);
  });
});

describe("the driver", () => {
  const rest = () => new Promise((resolve) => setTimeout(resolve));

  function driven(states: string[]) {
    const waits: number[] = [];
    let next: () => void = () => undefined;
    let wake: () => void = () => undefined;
    let isVisible = true;
    const queue = {
      waiting: 1,
      isUnpaired: false,
      pairing: {},
      flushes: 0,
      flush() {
        this.flushes += 1;
        return Promise.resolve({ state: states.length > 1 ? states.shift() : states[0], retryAfter: null });
      },
    };
    const surroundings: Surroundings = {
      isVisible: () => isVisible,
      onWake: (listener) => {
        wake = listener;
        return () => undefined;
      },
      after: (milliseconds, act) => {
        waits.push(milliseconds);
        next = act;
        return () => undefined;
      },
      random: () => 0.5,
    };
    const driver = new Driver(queue as unknown as Queue, surroundings);
    return { driver, queue, waits, go: async () => (next(), await rest()), wake: async () => (wake(), await rest()), see: (is: boolean) => void (isVisible = is) };
  }

  it("begins at once, waits longer after each failure, and starts anew when there is hope", async () => {
    const { driver, waits, go, wake } = driven(["unreachable"]);
    driver.start();
    await rest();
    for (let round = 0; round < 6; round++) await go();
    expect(waits).toEqual([2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
    await wake();
    expect(waits.at(-1)).toBe(2000);
  });

  it("asks for news every minute while somebody can see it", async () => {
    const { driver, queue, waits, go, see } = driven(["done"]);
    queue.waiting = 0;
    driver.start();
    await rest();
    await go();
    expect([waits, queue.flushes]).toEqual([[60_000, 60_000], 2]);
    see(false);
    await go();
    expect(queue.flushes).toBe(2);
    queue.waiting = 1;
    await go();
    expect(queue.flushes).toBe(3);
  });

  it("asks a service that doesn't know it only now and then", async () => {
    const { driver, waits } = driven(["unpaired"]);
    driver.start();
    await rest();
    driver.nudge();
    expect(waits[0]).toBe(300_000);
  });
});
