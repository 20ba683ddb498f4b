/** What the queue keeps on the tablet, and what it asks of whatever keeps it. Real: IndexedDB (`../store.ts`); in tests
 * and in the simulator: memory. */

import type { Pairing } from "../../shared/api.ts";
import type { Stamp } from "../../shared/clock.ts";
import type { Told, Entry, Waiting } from "./events.ts";

/** The device that the kept numbers belong to. */
export interface Device {
  readonly device_id: string;
  readonly location_id: string;
}

/** A voucher that was handed out here. `id` is the event's id and the key of its online try. */
export interface Spent {
  readonly id: string;
  readonly code: string;
  readonly at: number;
  /** The reservation under which it was tried; null for none. */
  readonly hold_id: string | null;
  /** False while an online try is not answered: then the same id is tried or queued again under the same reservation, and
   * no other. Under another one the service may have refused that id already. */
  readonly isFinal: boolean;
  /** Its redemption, once the service told. */
  readonly transaction_id?: string;
}

/** A reservation that will not be redeemed here any more. */
export interface Dead {
  readonly hold_id: string;
  readonly at: number;
  /** Whether the service got to know. */
  readonly isAcknowledged: boolean;
}

/** Each store by its key and what it holds. */
export interface Kept {
  /** The tablet's settings; of them the queue reads and writes `pairing` alone. */
  settings: { key: "pairing"; value: Pairing };
  /** Visits of which the online try is not answered yet, by id; without a number. */
  trying: { key: string; value: Entry };
  /** What waits for the service, by number. */
  queue: { key: number; value: Waiting };
  /** By voucher code. */
  spent: { key: string; value: Spent };
  /** By the reservation's id. */
  dead: { key: string; value: Dead };
  marks: { key: keyof Marks; value: Marks[keyof Marks] };
  /** Answers that somebody should see, by the event's id. */
  told: { key: string; value: Told };
}

export interface Marks {
  /** The highest number ever given out for `device`. */
  sequence: number;
  device: Device;
  /** The service's time, in milliseconds, at which this storage was already there: it knows everything since. */
  began: number;
  /** True once the service said that it doesn't know this tablet. */
  unpaired: boolean;
  /** True while the service doesn't know yet that this storage was lost with whatever waited in it. */
  lost: boolean;
}

export type StoreName = keyof Kept;

/** What can be done inside one transaction. Only these promises may be awaited in it. */
export interface Changes {
  get<S extends StoreName>(store: S, key: Kept[S]["key"]): Promise<Kept[S]["value"] | undefined>;
  put<S extends StoreName>(store: S, key: Kept[S]["key"], value: Kept[S]["value"]): Promise<void>;
  delete<S extends StoreName>(store: S, key: Kept[S]["key"]): Promise<void>;
  /** The first `most` in the order of their keys; all if it isn't given. */
  list<S extends StoreName>(store: S, most?: number): Promise<Kept[S]["value"][]>;
  count(store: StoreName): Promise<number>;
}

export interface QueueStorage {
  /** Runs `work` as one transaction: when the promise resolves, all of it is safely written; if it rejects, or the page
   * dies before, nothing is. One runs after the other. */
  change<T>(work: (changes: Changes) => Promise<T>): Promise<T>;
}

/** What is also kept outside IndexedDB (localStorage), so that its loss is noticed. */
export interface Mirrored {
  readonly pairing: Pairing;
  readonly sequence: number;
}

export interface Mirror {
  read(): Mirrored | null;
  write(mirrored: Mirrored): void;
  clear(): void;
}

/** The mark of that name, typed. */
export async function mark<M extends keyof Marks>(changes: Changes, name: M): Promise<Marks[M] | undefined> {
  return (await changes.get("marks", name)) as Marks[M] | undefined;
}

/** Milliseconds of a stamp for putting entries in order of time. */
export function byTime(a: { readonly stamp: Stamp }, b: { readonly stamp: Stamp }): number {
  return a.stamp.at - b.stamp.at;
}
