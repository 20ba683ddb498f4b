import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Problem } from "../shared/problem.ts";
import type { MemberApi } from "../member/api.ts";
import { Pulse } from "../member/pulse.ts";

let asked: number[];
let state: string;
let fails: Problem | null;
/** How long an answer takes, in milliseconds. */
let takes: number;

function pulse(mayAsk = () => true): Pulse {
  const api = {
    getChanged: async (_path: string, etag: string | null) => {
      asked.push(performance.now());
      if (takes) await new Promise((done) => setTimeout(done, takes));
      if (fails) throw fails;
      return etag === state ? null : { value: { state, unread: 0, spending_requests: 0 }, etag: state };
    },
  } as unknown as MemberApi;
  return new Pulse(api, mayAsk);
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("window", { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout });
  asked = [];
  state = "a";
  fails = null;
  takes = 0;
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("the pulse", () => {
  it("is asked for every second while the card is shown, and tells each change once", async () => {
    const one = pulse();
    let changes = 0;
    one.onChange(() => changes++);
    one.start();
    one.hurry(true);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(asked.length).toBeGreaterThanOrEqual(15);
    expect(asked.length).toBeLessThanOrEqual(17);
    expect(changes).toBe(1);
    state = "b";
    await vi.advanceTimersByTimeAsync(1_600);
    expect(changes).toBe(2);
    one.stop();
  });

  it("is asked for less and less often when nothing happens, and at once when somebody is there", async () => {
    const one = pulse();
    one.start();
    one.hurry(true);
    const during = async (milliseconds: number) => {
      const before = asked.length;
      await vi.advanceTimersByTimeAsync(milliseconds);
      return asked.length - before;
    };
    await during(180_000);
    expect(await during(60_000)).toBeLessThanOrEqual(13);
    await during(600_000);
    expect(await during(60_000)).toBeLessThanOrEqual(3);
    one.stir();
    expect(await during(3_100)).toBeGreaterThanOrEqual(2);
    one.stop();
  });

  it("stays one, however often somebody touches the screen", async () => {
    const one = pulse();
    takes = 500;
    one.start();
    one.hurry(true);
    for (let touch = 0; touch < 200; touch++) {
      one.stir();
      await vi.advanceTimersByTimeAsync(touch % 70);
    }
    takes = 0;
    await vi.advanceTimersByTimeAsync(2_000);
    const before = asked.length;
    await vi.advanceTimersByTimeAsync(15_000);
    expect(asked.length - before).toBeLessThanOrEqual(16);
    one.stop();
  });

  it("tells what was so before, too, after she did something that was undone meanwhile", async () => {
    const one = pulse();
    one.start();
    one.hurry(true);
    await vi.advanceTimersByTimeAsync(1_500);
    let changes = 0;
    one.onChange(() => changes++);
    one.acted();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(changes).toBe(1);
    // Also when the service did not answer at first.
    one.acted();
    fails = new Problem(0, "no-answer", "", "");
    await vi.advanceTimersByTimeAsync(5_000);
    fails = null;
    await vi.advanceTimersByTimeAsync(15_000);
    expect(changes).toBe(2);
  });

  it("waits as long as the service says, and stops when nobody looks", async () => {
    const one = pulse();
    fails = new Problem(429, "too-many", "", "", 60);
    one.start();
    one.hurry(true);
    await vi.advanceTimersByTimeAsync(59_000);
    expect(asked).toHaveLength(1);
    fails = null;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(asked).toHaveLength(2);
    one.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toHaveLength(2);
  });

  it("is not asked for by nobody, and at once when somebody is signed in", async () => {
    let isOpen = false;
    const one = pulse(() => isOpen);
    one.start();
    one.hurry(true);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(asked).toHaveLength(0);
    isOpen = true;
    one.stir();
    await vi.advanceTimersByTimeAsync(1);
    expect(asked).toHaveLength(1);
    one.stop();
  });
});
