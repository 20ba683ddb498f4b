/** What this tablet remembers, in IndexedDB. No names, no balances; card codes only of visits that wait. */

import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB } from "idb";
import type { Pairing } from "../shared/api.ts";
import type { Language } from "../shared/locale.ts";
import type { KnownError } from "../shared/clock.ts";
import type { KeptPin, PinTries } from "./pins.ts";
import type { KeptPlace } from "./place.ts";
import type { Changes, Kept, Mirror, Mirrored, QueueStorage, StoreName } from "./queue/storage.ts";
import type { RecentStore } from "./recent.ts";

/** Settings, each forgotten by itself. */
export interface Remembered {
  pairing: Pairing;
  language: Language;
  sound: boolean;
  /** How the tablet stands on its counter. */
  mode: "counter" | "kiosk";
  /** Which way its camera looks. */
  camera: "user" | "environment";
  place: KeptPlace;
  /** Checks reservations; can't be taken out of the browser. */
  reservation_key: CryptoKey;
  clock: KnownError;
  pins: readonly KeptPin[];
  pin_tries: PinTries;
  /** Makes the hashes of recent cards this tablet's own. */
  recent_salt: Uint8Array<ArrayBuffer>;
}

/** When a card was last booked here, in milliseconds of the service's time. */
export interface RecentCard {
  readonly at: number;
  readonly kiosk?: number;
}

interface Schema extends DBSchema {
  settings: { key: string; value: unknown };
  trying: { key: string; value: Kept["trying"]["value"] };
  queue: { key: number; value: Kept["queue"]["value"] };
  spent: { key: string; value: Kept["spent"]["value"] };
  dead: { key: string; value: Kept["dead"]["value"] };
  marks: { key: string; value: Kept["marks"]["value"] };
  told: { key: string; value: Kept["told"]["value"] };
  recent: { key: string; value: RecentCard };
}

const NAME = "zegel-tablet";
const VERSION = 2;
const QUEUE_STORES = ["settings", "trying", "queue", "spent", "dead", "marks", "told"] as const;
const MIRROR = "zegel-tablet";

let opened: Promise<IDBPDatabase<Schema>> | null = null;

/** The open database, version 1's pairing, language and sound kept. Opened anew after the browser closed it. */
export function database(): Promise<IDBPDatabase<Schema>> {
  opened ??= openDB<Schema>(NAME, VERSION, {
    upgrade(db) {
      for (const store of [...QUEUE_STORES, "recent"] as const) {
        if (!db.objectStoreNames.contains(store)) db.createObjectStore(store);
      }
    },
    // A newer version of this page, elsewhere, waits for this one to let go.
    blocking: () => void close(),
    terminated: () => void (opened = null),
  }).catch((error: unknown) => {
    opened = null;
    throw error;
  });
  return opened;
}

/** Lets the database go; the next use opens it again. */
export async function close(): Promise<void> {
  const closing = opened;
  opened = null;
  (await closing)?.close();
}

/** The remembered value, or undefined. */
export async function recall<K extends keyof Remembered>(key: K): Promise<Remembered[K] | undefined> {
  return (await (await database()).get("settings", key)) as Remembered[K] | undefined;
}

/** Remembers a value until `forget`. */
export async function remember<K extends keyof Remembered>(key: K, value: Remembered[K]): Promise<void> {
  await (await database()).put("settings", value, key);
}

/** Forgets a value; nothing happens if there is none. */
export async function forget(key: keyof Remembered): Promise<void> {
  await (await database()).delete("settings", key);
}

/** The queue's storage. Written through to the disk before a change resolves: a green light outlives a power cut as far
 * as the browser keeps its word. */
export const queueStorage: QueueStorage = {
  async change<T>(work: (changes: Changes) => Promise<T>): Promise<T> {
    const transaction = (await database()).transaction(QUEUE_STORES, "readwrite", { durability: "strict" });
    // Whoever awaits `done` late must not make its rejection one that nobody handled.
    transaction.done.catch(() => undefined);
    let result: T;
    try {
      result = await work(changesOf(transaction));
    } catch (error) {
      abort(transaction);
      throw error;
    }
    await transaction.done;
    return result;
  },
};

type Open = IDBPTransaction<Schema, typeof QUEUE_STORES, "readwrite">;

function abort(transaction: Open): void {
  try {
    transaction.abort();
  } catch {
    // It had ended by itself.
  }
}

function changesOf(transaction: Open): Changes {
  const open = (store: StoreName) => transaction.objectStore(store as "queue");
  return {
    get: (store, key) => open(store).get(key as number) as Promise<never>,
    put: async (store, key, value) => void (await open(store).put(value as never, key as number)),
    delete: (store, key) => open(store).delete(key as number),
    list: (store, most) => open(store).getAll(undefined, most) as Promise<never>,
    count: (store) => open(store).count(),
  };
}

/** The queue's mark outside IndexedDB. Where a browser refuses localStorage, a loss is noticed a little later: by the
 * length of the queue that the service was told last. */
export const queueMirror: Mirror = {
  read(): Mirrored | null {
    try {
      const kept: unknown = JSON.parse(localStorage.getItem(MIRROR) ?? "null");
      return isMirrored(kept) ? kept : null;
    } catch {
      return null;
    }
  },
  write(mirrored: Mirrored): void {
    try {
      localStorage.setItem(MIRROR, JSON.stringify(mirrored));
    } catch {
      // See above.
    }
  },
  clear(): void {
    try {
      localStorage.removeItem(MIRROR);
    } catch {
      // See above.
    }
  },
};

function isMirrored(kept: unknown): kept is Mirrored {
  if (typeof kept !== "object" || kept === null) return false;
  const { pairing, sequence } = kept as Partial<Mirrored>;
  return Number.isSafeInteger(sequence) && typeof pairing?.device_token === "string" && typeof pairing.device_id === "string";
}

/** Asks the browser to keep what is stored here when it runs out of room; true if it promises. Safe to repeat. */
export async function askToKeep(): Promise<boolean> {
  try {
    return (await navigator.storage.persisted()) || (await navigator.storage.persist());
  } catch {
    return false;
  }
}

/** Whether the browser has promised so; null where it can't tell. */
export async function isKept(): Promise<boolean | null> {
  try {
    return await navigator.storage.persisted();
  } catch {
    return null;
  }
}

/** Where recent cards are kept. */
export const recentStore: RecentStore = {
  async salt() {
    const kept = await recall("recent_salt");
    if (kept) return kept;
    const salt = crypto.getRandomValues(new Uint8Array(16));
    await remember("recent_salt", salt);
    return salt;
  },
  get: async (hash) => (await database()).get("recent", hash),
  put: async (hash, card) => void (await (await database()).put("recent", card, hash)),
  async prune(at) {
    const transaction = (await database()).transaction("recent", "readwrite");
    for (let cursor = await transaction.store.openCursor(); cursor; cursor = await cursor.continue()) {
      if (cursor.value.at < at) await cursor.delete();
    }
    await transaction.done;
  },
};
