/** What this phone keeps of its member, in IndexedDB: the session, the card, the code's key, and the last answers, so that
 * the app opens without a network. */

import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { KnownError } from "../shared/clock.ts";
import type { Language } from "../shared/locale.ts";

/** A session: the token that gets the next one. */
export interface KeptSession {
  readonly refresh_token: string;
  /** How it began, as the service calls it. */
  readonly began: Began;
}

export type Began = "anonymous" | "code" | "passkey" | "recovery" | "transfer";

/** The member's card on this phone. */
export interface KeptCard {
  readonly card_id: string;
  readonly number: string;
  /** What its QR holds without the digits of the moment. */
  readonly url: string;
}

/** What computes the code's digits. The key can be used here and never be read. */
export interface KeptCode {
  readonly card_id: string;
  readonly installation_id: string;
  readonly url: string;
  readonly key: CryptoKey;
  /** Seconds that a code holds. */
  readonly period: number;
  readonly digits: number;
}

/** An answer of the service, and when it was given (milliseconds of the service's time). */
export interface KeptAnswer<T = unknown> {
  readonly value: T;
  readonly at: number;
}

/** What is kept, each forgotten by itself. */
export interface Remembered {
  session: KeptSession;
  card: KeptCard;
  code: KeptCode;
  /** Told once by the service; kept so that Me can show it until it was written down. */
  recovery_code: string;
  clock: KnownError;
  language: Language;
  /** Who she is to the service, and the name she is greeted by. */
  member_id: string;
  name: string;
  /** Where a code was mailed to, and when in milliseconds: whoever leaves to read it finds the place for it again. */
  mailed: { readonly email: string; readonly at: number };
  /** When she last said “later” to securing the card, in milliseconds. */
  later: number;
  /** The recovery code that she printed, copied or wrote down from this phone. */
  paper: string;
  /** Whether a shop has to ask her before it spends much. */
  asks: boolean;
}

/** Belongs to the phone rather than to whoever is signed in. */
const OF_THE_PHONE: readonly (keyof Remembered)[] = ["clock", "language"];

interface Schema extends DBSchema {
  settings: { key: string; value: unknown };
  answers: { key: string; value: KeptAnswer };
}

let opened: Promise<IDBPDatabase<Schema>> | null = null;

/** The open database, opened anew after the browser closed it. */
function database(): Promise<IDBPDatabase<Schema>> {
  opened ??= openDB<Schema>("zegel-member", 1, {
    upgrade(db) {
      db.createObjectStore("settings");
      db.createObjectStore("answers");
    },
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

/** Everything that is remembered, read at once: what a cold start needs. */
export async function recallAll(): Promise<Partial<Remembered>> {
  const store = (await database()).transaction("settings").store;
  const [keys, values] = await Promise.all([store.getAllKeys(), store.getAll()]);
  return Object.fromEntries(keys.map((key, index) => [key, values[index]])) as Partial<Remembered>;
}

/** Remembers values until they are forgotten; all of them or none. Written through to the disk where the browser can. */
export async function remember(values: Partial<Remembered>): Promise<void> {
  const transaction = (await database()).transaction("settings", "readwrite", { durability: "strict" });
  for (const [key, value] of Object.entries(values)) {
    if (value !== undefined) void transaction.store.put(value, key);
  }
  await transaction.done;
}

/** Forgets values; nothing happens to those that there are none of. */
export async function forget(...keys: (keyof Remembered)[]): Promise<void> {
  const transaction = (await database()).transaction("settings", "readwrite");
  for (const key of keys) void transaction.store.delete(key);
  await transaction.done;
}

/** Forgets the member: session, card, key, answers. What is the phone's own stays. */
export async function forgetMember(): Promise<void> {
  const transaction = (await database()).transaction(["settings", "answers"], "readwrite", { durability: "strict" });
  const settings = transaction.objectStore("settings");
  for (const key of await settings.getAllKeys()) {
    if (!OF_THE_PHONE.includes(key as keyof Remembered)) void settings.delete(key);
  }
  void transaction.objectStore("answers").clear();
  await transaction.done;
}

/** Forgets all answers: they were another member's. */
export async function forgetAnswers(): Promise<void> {
  await (await database()).clear("answers");
}

/** The last answer kept under a name, or undefined. */
export async function keptAnswer<T>(name: string): Promise<KeptAnswer<T> | undefined> {
  return (await (await database()).get("answers", name)) as KeptAnswer<T> | undefined;
}

/** Keeps an answer in the place of the last one of that name. */
export async function keepAnswer(name: string, answer: KeptAnswer): Promise<void> {
  await (await database()).put("answers", answer, name);
}

/** Asks the browser to keep what is stored here when it runs out of room; true if it promises. Safe to repeat. */
export async function askToKeep(): Promise<boolean> {
  try {
    return (await navigator.storage.persisted()) || (await navigator.storage.persist());
  } catch {
    return false;
  }
}
