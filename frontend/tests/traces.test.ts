import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { traces } from "../simulator/traces.ts";

const FILE = new URL("../../tests/vectors/queue_traces.json", import.meta.url);
const MANY = 200;

it("the traces that the real service is asked are the simulator's", { timeout: 120_000 }, async () => {
  const text = await traces(MANY);
  // `WRITE_TRACES=1 npx vitest run tests/traces.test.ts` writes them anew.
  if (process.env["WRITE_TRACES"] || !existsSync(FILE)) writeFileSync(FILE, text);
  expect(readFileSync(FILE, "utf8") === text, "queue_traces.json is of another simulator: write it anew with WRITE_TRACES=1").toBe(true);
});
