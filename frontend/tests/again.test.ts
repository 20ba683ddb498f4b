import { beforeEach, expect, it, vi } from "vitest";
import type { Clock } from "../shared/clock.ts";
import { Again } from "../tablet/counter/again.ts";
import type { Recent } from "../tablet/recent.ts";

let now = 0;
const clock = { now: () => now } as Clock;
/** A storage that is busy: nothing it is told or asked comes to an end. */
const never = () => new Promise<never>(() => undefined);
const busy = { note: never, bookedAt: never } as unknown as Recent;

beforeEach(() => {
  now = 1_000_000;
  vi.stubGlobal("window", { setTimeout: (act: (value: null) => void, _: number, value: null) => setTimeout(() => act(value), 0) });
});

it("knows a card that was booked a moment ago before the storage does", async () => {
  const again = new Again(busy, clock);
  expect(await again.bookedAt("A")).toBeNull();
  again.note("A", false, 240);
  now += 119_000;
  expect(await again.bookedAt("A")).toEqual(new Date(1_000_000));
  now += 2_000;
  expect(await again.bookedAt("A")).toBeNull();
});

it("asks nothing about a booking that was undone", async () => {
  const again = new Again(busy, clock);
  again.note("A", false, 240);
  now += 1000;
  again.takeBack("A");
  expect(await again.bookedAt("A")).toBeNull();
  again.note(null, false, 240);
});
