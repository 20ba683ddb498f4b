import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type PosApi, Problem } from "../shared/api.ts";
import type { CounterSettings, StaffSession } from "../shared/pos.ts";
import { type KnownPins, StaffDesk } from "../tablet/counter/staff.ts";
import { isDecision } from "../tablet/queue/problems.ts";

const AN: StaffSession = { staff_token: "token", staff_id: "an", name: "An", role: "cashier", expires_at: "2026-11-25T20:00:00Z" };
const SETTINGS = { sign_in: true, lock_after: 60 } as CounterSettings;

let known: Map<string, string>;
let answer: () => StaffSession;
const api = { signIn: async () => answer() } as unknown as PosApi;
const pins: KnownPins = {
  learn: async (pin, who) => void known.set(pin, who.staff_id),
  find: async (pin) => (known.has(pin) ? { staff_id: known.get(pin) ?? "", name: "", role: "cashier" } : null),
};
const refuse = (status: number, code: string) => () => {
  throw new Problem(status, code, "", "");
};
const desk = (changed: (why: string) => void = () => undefined, settings: CounterSettings = SETTINGS) => new StaffDesk(() => api, pins, () => settings, changed);

beforeEach(() => {
  vi.useFakeTimers({ now: new Date("2026-11-25T12:00:00Z") });
  vi.stubGlobal("window", { setTimeout: (act: () => void, after: number) => setTimeout(act, after), clearTimeout: (timer: number) => clearTimeout(timer) });
  known = new Map();
  answer = () => AN;
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("signing in", () => {
  it("locks after a while without a touch", async () => {
    const changed = vi.fn();
    const staff = desk(changed);
    expect(staff.isLocked).toBe(true);
    await staff.signIn("2580");
    expect([staff.isLocked, staff.token, staff.who?.name]).toEqual([false, "token", "An"]);
    vi.advanceTimersByTime(59_000);
    staff.touched();
    vi.advanceTimersByTime(59_000);
    expect(staff.who).not.toBeNull();
    vi.advanceTimersByTime(1_000);
    expect([staff.who, staff.isLocked]).toEqual([null, true]);
    expect(changed.mock.calls).toEqual([["in"], ["locked"]]);
  });

  it("ends when the service's word is over, however often somebody touches the tablet", async () => {
    const staff = desk(undefined, { ...SETTINGS, lock_after: 86_400 });
    await staff.signIn("2580");
    for (let hour = 0; hour < 7; hour++) {
      vi.advanceTimersByTime(3600_000);
      staff.touched();
    }
    expect(staff.who).not.toBeNull();
    vi.advanceTimersByTime(3600_000);
    expect(staff.who).toBeNull();
  });

  it("knows without a network whoever signed in before, by name only in the same page life", async () => {
    const staff = desk();
    answer = refuse(0, "no-answer");
    await expect(staff.signIn("2580")).rejects.toMatchObject({ code: "pin-unknown-here" });
    answer = () => AN;
    await staff.signIn("2580");
    staff.end("out");
    answer = refuse(503, "");
    expect(await staff.signIn("2580")).toMatchObject({ staff_id: "an", name: "An", staff_token: null });
    const afterReload = desk();
    expect(await afterReload.signIn("2580")).toMatchObject({ staff_id: "an", name: "" });
  });

  it("takes the service's no for a no", async () => {
    const staff = desk();
    await staff.signIn("2580");
    staff.end("out");
    answer = refuse(403, "staff-pin-wrong");
    await expect(staff.signIn("2580")).rejects.toMatchObject({ code: "staff-pin-wrong" });
    expect(staff.who).toBeNull();
  });

  it("is not asked for where the shop doesn't want it", () => {
    expect(desk(undefined, { ...SETTINGS, sign_in: false }).isLocked).toBe(false);
  });
});

it("tells a session that is over from a tablet that is unknown", () => {
  expect(isDecision(new Problem(401, "staff-token-invalid", "", ""))).toBe(true);
  expect(isDecision(new Problem(401, "unauthenticated", "", ""))).toBe(false);
});
