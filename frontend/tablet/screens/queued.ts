/** What the desk shows of the queue; nothing while somebody practises, since a sandbox has none. */

import type { Counter } from "../counter.ts";
import type { Told, Waiting } from "../queue/index.ts";

/** What waits for the network, the oldest first. Never throws. */
export async function whatWaits(counter: Counter): Promise<readonly Waiting[]> {
  return counter.isTraining ? [] : counter.queue.list().catch(() => []);
}

/** What the service refused, until somebody has seen it. What it put before somebody stands in the shop's inbox. */
export function whatWasRefused(counter: Counter): readonly Told[] {
  return counter.isTraining ? [] : counter.queue.told.filter((one) => one.status === "rejected");
}
