/** `node simulator.js --seeds 100000 --from 1 [--jobs 2] [--twin NAME] [--history SEED]`: runs seeds one after the other,
 * stops at the first that fails, prints it with its history, and exits with 1. */

import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { simulate } from "./simulation.ts";
import { SERVER_TWINS, TWINS } from "./twins.ts";

// Refusals are thrown by the thousand here, and nobody reads where.
Error.stackTraceLimit = 0;

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "2000" },
    from: { type: "string", default: "1" },
    jobs: { type: "string", default: "1" },
    twin: { type: "string" },
    history: { type: "string" },
  },
});

const twin = values.twin === undefined ? {} : TWINS[values.twin];
const serverTwin = values.twin !== undefined && SERVER_TWINS.includes(values.twin) ? values.twin : null;
if (twin === undefined && serverTwin === null) {
  console.error(`No twin of that name; there are: ${[...Object.keys(TWINS), ...SERVER_TWINS].join(", ")}`);
  process.exit(2);
}
const options = { twin: twin ?? {}, ...(serverTwin === null ? {} : { serverTwin }) };

/** Tells whether the seed passes; prints all about it if not. */
async function passes(seed: number): Promise<boolean> {
  const { failures } = await simulate(seed, options);
  if (failures.length === 0) return true;
  const { history } = await simulate(seed, { ...options, isRecorded: true });
  console.log(history.join("\n"));
  for (const { what, detail } of failures) console.log(`${what}: ${detail}`);
  console.log(`FAILED seed=${seed}  (once more: --seeds 1 --from ${seed})`);
  return false;
}

async function range(from: number, seeds: number): Promise<void> {
  const began = performance.now();
  let granted = 0;
  let lost = 0;
  let happened = 0;
  for (let seed = from; seed < from + seeds; seed++) {
    const outcome = await simulate(seed, options);
    granted += outcome.granted;
    lost += outcome.lost;
    happened += outcome.happened;
    if (outcome.failures.length > 0) {
      await passes(seed);
      process.exit(1);
    }
  }
  const seconds = (performance.now() - began) / 1000;
  console.log(JSON.stringify({ from, seeds, granted, destroyed: lost, happened, failed: 0, seconds: Math.round(seconds * 10) / 10 }));
}

if (values.history !== undefined) {
  const outcome = await simulate(Number(values.history), { ...options, isRecorded: true });
  console.log(outcome.history.join("\n"));
  console.log(outcome.failures);
  process.exit(outcome.failures.length ? 1 : 0);
}

const from = Number(values.from);
const seeds = Number(values.seeds);
const jobs = Math.min(Number(values.jobs), seeds);
if (jobs <= 1) await range(from, seeds);
else {
  const share = Math.ceil(seeds / jobs);
  const self = fileURLToPath(import.meta.url);
  const children = Array.from({ length: jobs }, (_, at) => {
    const own = Math.min(share, seeds - at * share);
    return fork(self, ["--seeds", `${own}`, "--from", `${from + at * share}`, ...(values.twin ? ["--twin", values.twin] : [])]);
  });
  const codes = await Promise.all(children.map((child) => new Promise<number>((done) => child.on("exit", (code) => done(code ?? 1)))));
  process.exit(codes.every((code) => code === 0) ? 0 : 1);
}
