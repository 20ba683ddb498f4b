import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it } from "vitest";
import type { Place } from "../shared/pos.ts";
import { Clock } from "../shared/clock.ts";
import { KNOWN_FOR, Pins } from "../tablet/pins.ts";
import { PlaceCache } from "../tablet/place.ts";
import { AGAIN_WITHIN, Recent } from "../tablet/recent.ts";
import * as store from "../tablet/store.ts";

let now = 0;
const clock = () => new Clock({ wall: () => now, steady: () => now }, "life");

async function everything(): Promise<string> {
  const db = await store.database();
  const kept: unknown[] = [];
  for (const name of db.objectStoreNames) kept.push(name, await db.getAll(name), await db.getAllKeys(name));
  return JSON.stringify(kept, (_, value: unknown) => (value instanceof Uint8Array ? [...value] : value));
}

beforeEach(async () => {
  now = 1_800_000_000_000;
  await store.close();
  await new Promise<void>((done) => {
    indexedDB.deleteDatabase("zegel-tablet").onsuccess = () => done();
  });
});

// Hundreds of thousands of rounds each, on a machine that has other work.
describe("a PIN that signed in before", { timeout: 60_000 }, () => {
  it("is known without a network for twelve hours, without a name", async () => {
    const pins = new Pins(store, clock());
    await pins.learn("4711", { staff_id: "anna", role: "cashier" });
    await pins.learn("0815", { staff_id: "ben", role: "manager" });
    expect(await new Pins(store, clock()).find("4711")).toEqual({ staff_id: "anna", name: "", role: "cashier" });
    expect(await pins.find("0815")).toMatchObject({ staff_id: "ben" });
    expect(await pins.find("0000")).toBeNull();
    expect(await everything()).not.toContain("4711");
    now += KNOWN_FOR;
    expect(await pins.find("4711")).toBeNull();
  });

  it("is replaced by a newer one, and forgotten when the tablet is left", async () => {
    const pins = new Pins(store, clock());
    await pins.learn("4711", { staff_id: "anna", role: "cashier" });
    await pins.learn("1147", { staff_id: "anna", role: "manager" });
    expect(await pins.find("4711")).toBeNull();
    expect(await pins.find("1147")).toMatchObject({ role: "manager" });
    await pins.forgetAll();
    expect(await pins.find("1147")).toBeNull();
  });

  it("may be guessed five times a minute", async () => {
    const pins = new Pins(store, clock());
    await pins.learn("4711", { staff_id: "anna", role: "cashier" });
    for (let tries = 0; tries < 5; tries++) expect(await pins.find(`000${tries}`)).toBeNull();
    await expect(pins.find("4711")).rejects.toMatchObject({ status: 429, code: "pin-locked", retryAfter: 60 });
    // A restart doesn't help.
    await expect(new Pins(store, clock()).find("4711")).rejects.toMatchObject({ status: 429 });
    now += 60_000;
    expect(await pins.find("4711")).toMatchObject({ staff_id: "anna" });
  });
});

describe("a card that was booked a moment ago", () => {
  it("asks again within two minutes, after a restart too", async () => {
    const at = new Date(now);
    await new Recent(store.recentStore, clock()).note("7K3M9QX2VB8T4HW0", false, 240);
    now += AGAIN_WITHIN - 1;
    const recent = new Recent(store.recentStore, clock());
    expect(await recent.bookedAt("7K3M9QX2VB8T4HW0")).toEqual(at);
    expect(await recent.bookedAt("another")).toBeNull();
    now += 1;
    expect(await recent.bookedAt("7K3M9QX2VB8T4HW0")).toBeNull();
    expect(await everything()).not.toContain("7K3M9QX2VB8T4HW0");
  });

  it("waits at the kiosk as long as the shop says, and is forgotten then", async () => {
    const recent = new Recent(store.recentStore, clock());
    await recent.note("A", true, 10);
    const until = new Date(now + 600_000);
    now += 300_000;
    await recent.note("A", false, 10);
    expect(await recent.kioskUntil("A", 10)).toEqual(until);
    expect(await recent.kioskUntil("B", 10)).toBeNull();
    now += 300_000;
    expect(await recent.kioskUntil("A", 10)).toBeNull();
    now += 600_001;
    await recent.note("B", false, 10);
    expect(await (await store.database()).count("recent")).toBe(1);
  });

  it("is known in memory alone where nothing can be hashed", async () => {
    const recent = new Recent(store.recentStore, clock(), null as unknown as undefined);
    await recent.note("A", true, 10);
    expect(await recent.bookedAt("A")).not.toBeNull();
    expect(await (await store.database()).count("recent")).toBe(0);
  });
});

describe("the facts of the shop", () => {
  const facts = {
    device: { device_id: "device-1", name: "Till", is_sandbox: false },
    location: { location_id: "here", name: "Bakery" },
    now: "2027-01-15T08:00:00.000Z",
    reservation_key: btoa("k".repeat(32)),
  } as unknown as Place;

  it("are there without a network, but for the key, which nobody can read", async () => {
    await new PlaceCache(store, clock()).refresh({ place: () => Promise.resolve(facts) });
    expect(await everything()).not.toContain(facts.reservation_key);
    const next = new PlaceCache(store, clock());
    expect(await next.begin("device-1")).toMatchObject({ location: { name: "Bakery" }, reservation_key: null });
    expect(await next.begin("device-2")).toBeNull();
  });

  it("tell the time, and when they are due again", async () => {
    const mine = clock();
    const place = new PlaceCache(store, mine);
    expect(place.isDue).toBe(true);
    await place.refresh({ place: () => Promise.resolve(facts) });
    expect(mine.now()).toBe(Date.parse(facts.now));
    expect(place.isDue).toBe(false);
    expect(place.reservationKey?.extractable).toBe(false);
    now += 3600_000;
    expect(place.isDue).toBe(true);
    await place.forget();
    expect(await new PlaceCache(store, clock()).begin("device-1")).toBeNull();
  });
});
