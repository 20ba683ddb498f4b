import { describe, expect, it } from "vitest";
import { simulate } from "../simulator/simulation.ts";
import { SERVER_TWINS, TWINS } from "../simulator/twins.ts";

/** A short run; `make prove` runs a hundred thousand seeds. */
const SEEDS = 2000;

describe("the queue's protocol", () => {
  it(`loses, doubles and over-redeems nothing in ${SEEDS} seeds`, { timeout: 300_000 }, async () => {
    let granted = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const outcome = await simulate(seed);
      granted += outcome.granted;
      if (outcome.failures.length) {
        const { history } = await simulate(seed, { isRecorded: true });
        expect.fail(`seed ${seed}: ${outcome.failures.map((one) => `${one.what}: ${one.detail}`).join("; ")}\n${history.join("\n")}`);
      }
    }
    expect(granted).toBeGreaterThan(10 * SEEDS);
  });

  it("repeats a seed to the last detail", async () => {
    const once = await simulate(7, { isRecorded: true });
    const again = await simulate(7, { isRecorded: true });
    expect(again).toEqual(once);
    expect(once.history.length).toBeGreaterThan(10);
  });
});

/** What each weaker core or service does wrong. */
const WRONG: Readonly<Record<string, string>> = {
  "drops on 404": "lost",
  "acknowledges early": "over-redeemed",
  "has no list of spent vouchers": "over-redeemed",
  "has no list of dead reservations": "over-redeemed",
  "numbers after the green light": "lost",
  "forgets what it was trying": "stuck",
  "keeps no mark outside the storage": "unnoticed",
  "trusts a storage that was lost": "over-redeemed",
  "makes a key for each try": "doubled",
  "holds end by a clock": "over-redeemed",
  "frees what is under review": "over-redeemed",
};
const ENOUGH = 600;

describe("without one of the rules", () => {
  it("each is tried", () => {
    expect(Object.keys(WRONG).sort()).toEqual([...Object.keys(TWINS), ...SERVER_TWINS].sort());
  });

  it.each(Object.entries(WRONG))(`the simulator sees it within ${ENOUGH} seeds: %s`, { timeout: 120_000 }, async (name, what) => {
    const twin = TWINS[name];
    for (let seed = 1; seed <= ENOUGH; seed++) {
      const { failures } = await simulate(seed, twin ? { twin } : { serverTwin: name });
      if (failures.some((one) => one.what === what)) return;
    }
    expect.fail(`${name} was not seen to be ${what}`);
  });
});
