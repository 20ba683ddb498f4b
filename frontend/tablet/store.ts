/** What this tablet remembers: its pairing, language and sound. No names, no balances, no scanned codes. */

import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { Pairing } from "../shared/api.ts";
import type { Language } from "../shared/locale.ts";

interface Remembered {
  pairing: Pairing;
  language: Language;
  sound: boolean;
}

interface Schema extends DBSchema {
  settings: { key: string; value: Remembered[keyof Remembered] };
}

let opened: Promise<IDBPDatabase<Schema>> | null = null;

function database(): Promise<IDBPDatabase<Schema>> {
  opened ??= openDB<Schema>("zegel-tablet", 1, { upgrade: (db) => void db.createObjectStore("settings") });
  return opened;
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
