import "fake-indexeddb/auto";
import { openDB } from "idb";
import { beforeEach, describe, expect, it } from "vitest";
import { type Pairing, Problem, type Redemption, type Visit } from "../shared/api.ts";
import type { SyncAnswer, SyncRequest, SyncResult } from "../shared/pos.ts";
import { Clock } from "../shared/clock.ts";
import { PageLocks } from "../tablet/queue/locks.ts";
import { Queue } from "../tablet/queue/queue.ts";
import type { Mirrored } from "../tablet/queue/storage.ts";
import type { Transport } from "../tablet/queue/transport.ts";
import * as store from "../tablet/store.ts";

const PAIRING: Pairing = {
  device_id: "device-1",
  device_token: "token-1",
  location: { location_id: "here", name: "Bakery" },
  merchant: { merchant_id: "m", name: "Bakery" },
};
const NONE = new Problem(0, "no-answer", "", "");
const NOW = Date.UTC(2026, 10, 25, 12);
/** A reservation made after the storage was there. */
const HOLD = "019ac01b-5e00-7000-8000-000000000001";
const MADE = Number.parseInt(HOLD.replaceAll("-", "").slice(0, 12), 16);

/** A service that answers as a test says; each answer is used once, the last one for ever. */
class Service implements Transport {
  offline = false;
  readonly sent: SyncRequest[] = [];
  readonly tries: string[] = [];
  visits: (() => Promise<Visit>)[] = [() => Promise.reject(NONE)];
  redemptions: (() => Promise<Redemption>)[] = [() => Promise.reject(NONE)];
  results: ((request: SyncRequest) => Promise<Partial<SyncAnswer>>)[] = [(request) => Promise.resolve({ results: applied(request) })];

  isOffline = () => this.offline;

  visit(_: Pairing, __: unknown, id: string): Promise<Visit> {
    this.tries.push(id);
    return (this.visits.length > 1 ? this.visits.shift() : this.visits[0])?.() as Promise<Visit>;
  }

  redeem(_: Pairing, __: string, id: string): Promise<Redemption> {
    this.tries.push(id);
    return (this.redemptions.length > 1 ? this.redemptions.shift() : this.redemptions[0])?.() as Promise<Redemption>;
  }

  async sync(_: Pairing, request: SyncRequest): Promise<SyncAnswer> {
    this.sent.push(request);
    const next = this.results.length > 1 ? this.results.shift() : this.results[0];
    const answer = await (next as (request: SyncRequest) => Promise<Partial<SyncAnswer>>)(request);
    return { results: [], received_at: new Date(MADE).toISOString(), releases: [], missing: [], reviews: 0, ...answer };
  }
}

const applied = (request: SyncRequest): SyncResult[] => request.events.map(({ id }) => ({ id, status: "applied" }));
const answers = (status: SyncResult["status"], type = "") => (request: SyncRequest) =>
  Promise.resolve({ results: request.events.map(({ id }) => ({ id, status, ...(type ? { problem: { type, detail: "Why." } } : {}) })) });
const refuses = (problem: Problem) => () => Promise.reject(problem);

let service: Service;
let mirrored: Mirrored | null;
let made = 0;

function tablet(batch?: number): Queue {
  const clock = new Clock({ wall: () => NOW, steady: () => 0 }, "life");
  return new Queue({
    storage: store.queueStorage,
    mirror: { read: () => mirrored, write: (kept) => void (mirrored = kept), clear: () => void (mirrored = null) },
    transport: service,
    clock,
    locks: new PageLocks(),
    newId: () => `id-${++made}`,
    facts: () => ({ app_version: "test" }),
    ...(batch === undefined ? {} : { batch }),
  });
}

async function paired(batch?: number): Promise<Queue> {
  const queue = tablet(batch);
  await queue.begin();
  await queue.pair(PAIRING);
  return queue;
}

async function wipe(): Promise<void> {
  await store.close();
  await new Promise<void>((done, fail) => {
    const request = indexedDB.deleteDatabase("zegel-tablet");
    request.onsuccess = () => done();
    request.onerror = () => fail(request.error);
  });
}

beforeEach(async () => {
  await wipe();
  service = new Service();
  mirrored = null;
  made = 0;
});

describe("a visit", () => {
  it("is booked by the service, and leaves nothing behind", async () => {
    service.visits = [() => Promise.resolve({ visit_id: "v" } as Visit)];
    const queue = await paired();
    expect(await queue.attempt({ scan_id: "s" })).toMatchObject({ outcome: "booked", answer: { visit_id: "v" } });
    expect([queue.waiting, queue.canLeave, mirrored?.sequence]).toEqual([0, true, 0]);
  });

  it("is in the queue, numbered, before anybody is told", async () => {
    const queue = await paired();
    const first = await queue.attempt({ code: "A", amount: "3.20", currency: "EUR" });
    const second = await queue.add({ code: "B" });
    expect(first).toMatchObject({ outcome: "queued", event: { sequence: 1, visit: { code: "A" } } });
    expect(second.event.sequence).toBe(2);
    expect(mirrored).toEqual({ pairing: PAIRING, sequence: 2 });
    expect([queue.waiting, queue.canLeave, queue.isReachable]).toEqual([2, false, false]);
    expect(queue.oldest).toEqual(new Date(NOW));
    // The same key as the online try.
    expect(first.outcome === "queued" && first.event.id).toBe(service.tries[0]);
  });

  it("asks nobody where the tablet knows that it has no network", async () => {
    const queue = await paired();
    service.offline = true;
    await queue.attempt({ code: "A" });
    service.offline = false;
    await queue.attempt({ code: "B" }, false);
    expect(service.tries).toEqual([]);
    expect(queue.waiting).toBe(2);
  });

  it.each([0, 401, 408, 429, 500, 503])("waits after %s, which decides nothing", async (status) => {
    service.visits = [refuses(new Problem(status, "some-code", "", ""))];
    const queue = await paired();
    expect(await queue.attempt({ code: "A" })).toMatchObject({ outcome: "queued" });
    expect(queue.isUnpaired).toBe(status === 401);
  });

  it("waits when something before the service answered in its place", async () => {
    service.visits = [refuses(new Problem(404, "", "", ""))];
    const queue = await paired();
    expect(await queue.attempt({ code: "A" })).toMatchObject({ outcome: "queued" });
  });

  it("is refused when the service says so, and does not wait", async () => {
    const blocked = new Problem(409, "card-blocked", "", "");
    service.visits = [refuses(blocked)];
    const queue = await paired();
    await expect(queue.attempt({ code: "A" })).rejects.toBe(blocked);
    expect(queue.waiting).toBe(0);
  });

  it("that a dead page was trying is found at the next start", async () => {
    service.visits = [() => new Promise(() => undefined)];
    const queue = await paired();
    void queue.attempt({ code: "A" });
    await expect.poll(() => queue.waiting).toBe(1);
    const next = tablet();
    expect(await next.begin()).toEqual(PAIRING);
    await next.flush();
    expect(service.sent[0]?.events).toMatchObject([{ id: service.tries[0], sequence: 1, code: "A" }]);
    expect(next.waiting).toBe(0);
  });

  it("tells the card so that it is still known hours later", async () => {
    const queue = await paired();
    await queue.attempt({ scan_id: "s1", code: "HTTPS://CARD.EXAMPLE/C/7K3M9QX2VB8T4HW0/12345678" });
    await queue.attempt({ scan_id: "s2", code: "7K3M9QX2VB8T4HW0" });
    await queue.attempt({ scan_id: "s3", staff_id: "anna", kiosk: true });
    await queue.flush();
    const [rotating, printed, lookup] = service.sent[0]?.events ?? [];
    expect(rotating).toMatchObject({ scan_id: "s1" });
    expect(rotating).not.toHaveProperty("code");
    expect(printed).toMatchObject({ code: "7K3M9QX2VB8T4HW0" });
    expect(printed).not.toHaveProperty("scan_id");
    expect(lookup).toMatchObject({ scan_id: "s3", staff_id: "anna", kiosk: true, occurred_at: new Date(NOW).toISOString() });
  });
});

describe("sending", () => {
  it("goes in order, in batches, and says what is left", async () => {
    const queue = await paired(2);
    for (const code of ["A", "B", "C", "D", "E"]) await queue.add({ code });
    expect((await queue.flush()).state).toBe("done");
    expect(service.sent.map(({ events }) => events.map(({ sequence }) => sequence))).toEqual([[1, 2], [3, 4], [5]]);
    expect(service.sent.map(({ queue_length }) => queue_length)).toEqual([5, 3, 1]);
    // Only the last leaves nothing behind.
    expect(service.sent.map(({ last_sequence }) => last_sequence)).toEqual([undefined, undefined, 5]);
  });

  it("removes only what was answered", async () => {
    service.results = [
      (request) => Promise.resolve({ results: [{ id: request.events[1]?.id ?? "", status: "applied" }, { id: null, status: "rejected" }] }),
      answers("odd" as "applied"),
      refuses(NONE),
      refuses(new Problem(404, "", "", "")),
      refuses(new Problem(403, "forbidden", "", "")),
      answers("duplicate"),
    ];
    const queue = await paired();
    await queue.add({ code: "A" });
    await queue.add({ code: "B" });
    const states = [];
    for (let round = 0; round < 5; round++) states.push((await queue.flush()).state, queue.waiting);
    expect(states).toEqual(["left", 1, "unreachable", 1, "unreachable", 1, "unreachable", 1, "done", 0]);
    expect(service.sent.at(-1)?.events).toMatchObject([{ sequence: 1, code: "A" }]);
  });

  it("tells what was refused, or is before somebody, until it was seen", async () => {
    service.results = [answers("review", "/problems/too_old"), answers("rejected", "/problems/card_blocked")];
    const queue = await paired();
    await queue.add({ code: "A", amount: "3.20", currency: "EUR" });
    await queue.flush();
    await queue.add({ code: "B" });
    await queue.flush();
    expect(queue.told).toMatchObject([
      { status: "review", code: "too-old", amount: "3.20", detail: "Why." },
      { status: "rejected", code: "card-blocked" },
    ]);
    expect(JSON.stringify(queue.told)).not.toContain('"A"');
    await queue.dismiss(queue.told[0]?.id as string);
    expect(queue.told).toHaveLength(1);
    expect(queue.waiting).toBe(0);
  });

  it("keeps everything when the tablet is not known any more, over a restart too", async () => {
    service.results = [refuses(new Problem(401, "device-revoked", "", ""))];
    const queue = await paired();
    await queue.add({ code: "A" });
    expect((await queue.flush()).state).toBe("unpaired");
    const next = tablet();
    await next.begin();
    expect([next.isUnpaired, next.waiting]).toEqual([true, 1]);
  });

  it("finds the one event that the service can't read, and lets the others by", async () => {
    service.results = [
      (request) =>
        request.events.some((event) => event.type === "visit" && event.code === "C")
          ? Promise.reject(new Problem(422, "invalid", "", ""))
          : Promise.resolve({ results: applied(request) }),
    ];
    const queue = await paired();
    for (const code of ["A", "B", "C", "D", "E"]) await queue.add({ code });
    await queue.flush();
    expect([queue.waiting, queue.stuck]).toEqual([1, 1]);
    // It may be older than what follows: nothing is acknowledged past it.
    expect(service.sent.at(-1)).not.toHaveProperty("last_sequence");
  });

  it("is done by one at a time", async () => {
    let answer: (value: Partial<SyncAnswer>) => void = () => undefined;
    service.results = [() => new Promise((resolve) => (answer = resolve))];
    const queue = await paired();
    const first = queue.flush();
    await expect.poll(() => service.sent.length).toBe(1);
    expect((await queue.flush()).state).toBe("busy");
    answer({});
    expect((await first).state).toBe("done");
  });
});

describe("a voucher", () => {
  const reservation = { code: "V7K3M9QX2D4R8A", hold_id: HOLD };

  async function ready(): Promise<Queue> {
    const queue = await paired();
    await queue.flush();
    return queue;
  }

  it("that was reserved here is handed out once, without a network", async () => {
    const queue = await ready();
    expect(await queue.redeemReserved(reservation, "anna")).toMatchObject({ outcome: "queued", event: { sequence: 1 } });
    await expect(queue.redeemReserved(reservation)).rejects.toMatchObject({ code: "spent" });
    await expect(queue.redeem(reservation.code)).rejects.toMatchObject({ code: "spent" });
    await queue.flush();
    expect(service.sent.at(-1)?.events).toMatchObject([{ type: "redemption", voucher_code: reservation.code, hold_id: HOLD, staff_id: "anna" }]);
    await expect(queue.redeemReserved(reservation)).rejects.toMatchObject({ code: "spent" });
  });

  it("is handed out once, however quickly it is shown twice", async () => {
    const queue = await ready();
    const shown = await Promise.allSettled([queue.redeemReserved(reservation), queue.redeemReserved(reservation)]);
    expect(shown.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  });

  it("goes to the queue under the key of its online try", async () => {
    const queue = await ready();
    const queued = await queue.redeem(reservation.code, { reservation });
    expect(queued).toMatchObject({ outcome: "queued", event: { id: service.tries[0] } });
  });

  it("that was redeemed online is refused without a network", async () => {
    service.redemptions = [() => Promise.resolve({ redemption_id: "r" } as Redemption)];
    const queue = await ready();
    expect(await queue.redeem(reservation.code)).toMatchObject({ outcome: "booked" });
    await expect(queue.redeemReserved(reservation)).rejects.toMatchObject({ code: "spent" });
  });

  it("that was undone is the service's to grant again, and with a new reservation this tablet's", async () => {
    service.redemptions = [
      () => Promise.resolve({ redemption_id: "r", transaction_id: "t1" } as Redemption),
      refuses(new Problem(409, "voucher-used", "", "")),
      refuses(NONE),
    ];
    const queue = await ready();
    await queue.redeem(reservation.code);
    // Perhaps somebody undid it elsewhere: the service is asked, under another key; its no and its silence change nothing.
    await expect(queue.redeem(reservation.code)).rejects.toMatchObject({ code: "voucher-used" });
    await expect(queue.redeem(reservation.code, { reservation })).rejects.toMatchObject({ status: 0 });
    expect(new Set(service.tries).size).toBe(3);
    await expect(queue.redeemReserved(reservation)).rejects.toMatchObject({ code: "spent" });
    await queue.undone("another");
    await expect(queue.redeemReserved(reservation)).rejects.toMatchObject({ code: "spent" });
    await queue.undone("t1");
    expect(await queue.redeemReserved(reservation)).toMatchObject({ outcome: "queued" });
  });

  it("that was handed out without a network can be handed out again once that is undone, and not before", async () => {
    service.results = [answers("applied"), (request) => Promise.resolve({ results: applied(request).map((one) => ({ ...one, transaction_id: "t2" })) })];
    const queue = await ready();
    await queue.redeemReserved(reservation);
    // The service has not heard of it yet, so it may not be asked either: it would grant it.
    await expect(queue.redeem(reservation.code)).rejects.toMatchObject({ code: "spent" });
    expect(service.tries).toEqual([]);
    await queue.flush();
    await expect(queue.redeemReserved(reservation)).rejects.toMatchObject({ code: "spent" });
    await queue.undone("t2");
    expect(await queue.redeemReserved(reservation)).toMatchObject({ outcome: "queued" });
  });

  it("of which somebody must still decide is not handed out again, by nobody's word", async () => {
    service.results = [answers("applied"), answers("review", "/problems/too_old")];
    const queue = await ready();
    await queue.redeemReserved(reservation);
    await queue.flush();
    await expect(queue.redeem(reservation.code)).rejects.toMatchObject({ code: "spent" });
    expect(service.tries).toEqual([]);
  });

  it("without a reservation is the service's to grant; the same key goes twice, another after a refusal", async () => {
    service.redemptions = [refuses(NONE), refuses(new Problem(409, "voucher-held", "", "")), refuses(NONE)];
    const queue = await ready();
    for (let tries = 0; tries < 3; tries++) await expect(queue.redeem(reservation.code)).rejects.toBeInstanceOf(Problem);
    await expect(queue.redeem(reservation.code, { online: false })).rejects.toMatchObject({ status: 0 });
    const [first, second, third] = service.tries;
    expect(second).toBe(first);
    expect(third).not.toBe(first);
    expect(queue.waiting).toBe(0);
  });

  it("that its member wants back is out of use before that is acknowledged, and after all that is older", async () => {
    service.results = [answers("applied"), () => Promise.resolve({ releases: [HOLD] }), answers("applied")];
    const queue = await ready();
    await queue.flush();
    expect(service.sent.map(({ acks }) => acks)).toEqual([undefined, undefined, [HOLD]]);
    await expect(queue.redeemReserved(reservation)).rejects.toMatchObject({ code: "dead" });
    await queue.flush();
    expect(service.sent.at(-1)).not.toHaveProperty("acks");
  });

  it("is not acknowledged while something older waits", async () => {
    service.results = [answers("applied"), (request) => Promise.resolve({ releases: [HOLD], results: applied(request).slice(0, 1) }), refuses(NONE)];
    const queue = await paired(2);
    await queue.flush();
    for (const code of ["A", "B", "C", "D"]) await queue.add({ code });
    await queue.flush();
    expect(service.sent.every(({ acks }) => acks === undefined)).toBe(true);
  });

  it("of before the storage was lost is neither handed out nor acknowledged on this tablet's word", async () => {
    service.results = [() => Promise.resolve({ received_at: new Date(MADE + 1).toISOString(), releases: [HOLD] })];
    const queue = await ready();
    await queue.flush();
    expect(service.sent.every(({ acks }) => acks === undefined)).toBe(true);
    const other = { code: "V0000000000000", hold_id: HOLD.replace(/1$/, "2") };
    await expect(queue.redeemReserved(other)).rejects.toMatchObject({ code: "unsure" });
    await expect(queue.redeem(other.code, { reservation: other })).rejects.toMatchObject({ code: "unsure" });
  });
});

describe("pairing", () => {
  const ELSEWHERE: Pairing = { ...PAIRING, device_id: "device-2", device_token: "token-2", location: { location_id: "elsewhere", name: "" } };
  const ANEW: Pairing = { ...PAIRING, device_id: "device-3", device_token: "token-3" };

  it("can't be left while something waits", async () => {
    const queue = await paired();
    await queue.add({ code: "A" });
    await expect(queue.unpair()).rejects.toMatchObject({ code: "waiting", waiting: 1 });
    await expect(queue.pair(ELSEWHERE)).rejects.toMatchObject({ code: "waiting", waiting: 1 });
    expect(mirrored).toMatchObject({ pairing: PAIRING, sequence: 1 });
    await queue.flush();
    await queue.pair(ELSEWHERE);
    await queue.unpair();
    expect([queue.pairing, mirrored, await tablet().begin()]).toEqual([null, null, null]);
  });

  it("anew at the same place keeps what waits, under new numbers", async () => {
    service.results = [refuses(new Problem(401, "device-revoked", "", "")), answers("applied")];
    const queue = await paired();
    await queue.add({ code: "A" });
    await queue.flush();
    await queue.add({ scan_id: "s", code: "HTTPS://CARD.EXAMPLE/C/7K3M9QX2VB8T4HW0/12345678" });
    await queue.pair(ANEW);
    expect([queue.waiting, queue.isUnpaired, mirrored]).toEqual([2, false, { pairing: ANEW, sequence: 2 }]);
    await queue.flush();
    // The scan was the old device's; the number that it proved stands for it.
    expect(service.sent.at(-1)?.events).toMatchObject([
      { sequence: 1, code: "A" },
      { sequence: 2, code: "HTTPS://CARD.EXAMPLE/C/7K3M9QX2VB8T4HW0" },
    ]);
    expect((await queue.add({ code: "B" })).event.sequence).toBe(3);
  });

  it("outlives the storage: the numbers go on, so that the gap is seen", async () => {
    const queue = await paired();
    for (const code of ["A", "B", "C"]) await queue.add({ code });
    await wipe();
    const next = tablet();
    expect(await next.begin()).toEqual(PAIRING);
    expect([next.wasStorageLost, next.waiting]).toEqual([true, 0]);
    await next.flush();
    expect(service.sent.at(-1)).toMatchObject({ events: [], last_sequence: 3 });
    expect((await next.add({ code: "D" })).event.sequence).toBe(4);
  });

  it("anew, before a loss could be told, leaves the first number out", async () => {
    const queue = await paired();
    await queue.add({ code: "A" });
    await wipe();
    const next = tablet();
    await next.begin();
    await next.pair(ANEW);
    expect((await next.add({ code: "B" })).event.sequence).toBe(2);
  });
});

describe("the storage", () => {
  it("keeps the pairing, language and sound of version 1", async () => {
    const before = await openDB("zegel-tablet", 1, { upgrade: (db) => void db.createObjectStore("settings") });
    await before.put("settings", PAIRING, "pairing");
    await before.put("settings", "nl", "language");
    await before.put("settings", false, "sound");
    before.close();
    const queue = tablet();
    expect(await queue.begin()).toEqual(PAIRING);
    expect([await store.recall("language"), await store.recall("sound")]).toEqual(["nl", false]);
    expect((await queue.add({ code: "A" })).event.sequence).toBe(1);
  });

  it("writes all of a change, or nothing", async () => {
    const queue = await paired();
    await expect(
      store.queueStorage.change(async (changes) => {
        await changes.put("spent", "V", { id: "x", code: "V", at: 0, hold_id: null, isFinal: true });
        throw new Error("no");
      }),
    ).rejects.toThrow("no");
    expect(await store.queueStorage.change((changes) => changes.get("spent", "V"))).toBeUndefined();
    expect(queue.waiting).toBe(0);
  });

  it("that fails promises nothing: the service may still answer", async () => {
    const queue = await paired();
    const broken = store.queueStorage.change;
    try {
      store.queueStorage.change = () => Promise.reject(new Error("full"));
      await expect(queue.attempt({ code: "A" })).rejects.toMatchObject({ status: 0 });
      service.visits = [() => Promise.resolve({ visit_id: "v" } as Visit)];
      expect(await queue.attempt({ code: "B" })).toMatchObject({ outcome: "booked" });
      await expect(queue.add({ code: "C" })).rejects.toThrow("full");
    } finally {
      store.queueStorage.change = broken;
    }
  });
});
