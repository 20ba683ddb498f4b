import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Network } from "../tablet/counter/network.ts";
import type { Queue } from "../tablet/queue/index.ts";

/** A queue whose service answers when told to. */
class FakeService {
  isReachable = true;
  answers = true;
  asked = 0;
  private listener: () => void = () => undefined;

  onChange(listener: () => void): () => void {
    this.listener = listener;
    return () => undefined;
  }

  async flush(): Promise<{ state: string; retryAfter: null }> {
    this.asked += 1;
    this.isReachable = this.answers;
    this.listener();
    return { state: this.answers ? "done" : "unreachable", retryAfter: null };
  }
}

const make = (service: FakeService, changed = () => undefined) => new Network(service as unknown as Queue, changed);

beforeEach(() => {
  vi.useFakeTimers();
  const listeners = new EventTarget();
  vi.stubGlobal("window", {
    addEventListener: listeners.addEventListener.bind(listeners),
    setTimeout: (act: () => void, after: number) => setTimeout(act, after),
    clearTimeout: (timer: ReturnType<typeof setTimeout>) => clearTimeout(timer),
  });
  vi.stubGlobal("navigator", { onLine: true });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("tells since when nobody answers, and finds out by itself when somebody does", async () => {
  const service = new FakeService();
  const changed = vi.fn();
  const network = make(service, changed);
  expect(network.offlineSince).toBeNull();
  service.answers = false;
  network.lost();
  const since = network.offlineSince;
  expect(since).not.toBeNull();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(network.offlineSince).toBe(since);
  expect(service.asked).toBeGreaterThan(2);
  service.answers = true;
  await vi.advanceTimersByTimeAsync(20_000);
  expect(network.offlineSince).toBeNull();
  expect(network.lastHeard).not.toBeNull();
  expect(changed).toHaveBeenCalledTimes(2);
  const asked = service.asked;
  await vi.advanceTimersByTimeAsync(120_000);
  expect(service.asked).toBe(asked);
});

it("does not believe an answer that the browser can't have had", () => {
  const network = make(new FakeService());
  vi.stubGlobal("navigator", { onLine: false });
  network.lost();
  network.heard();
  expect(network.offlineSince).not.toBeNull();
  expect(network.lastHeard).toBeNull();
});
