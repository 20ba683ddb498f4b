/** A voucher that a member's phone reserved for this tablet, checked without a network.
 *
 * Its QR holds `HTTPS://<HOST>/V/<CODE>/<PROOF>`; the proof is four fields in Crockford's base 32: the reservation's id
 * (26 characters, a UUID as a number), the reward's id (26), the expiry in seconds since 1970 (7; zero: none), and the
 * first 80 bits of HMAC-SHA256 over `hold|<hold_id>|<code>|<reward_id>|<expiry>` with this tablet's key (16). */

import { ALPHABET } from "../shared/card.ts";

const ID = 26;
const EXPIRY = 7;
const MAC = 16;
/** Characters of a proof. */
export const PROOF_LENGTH = ID + ID + EXPIRY + MAC;

/** What a proof says. Ids as UUIDs in lower case. */
export interface Reserved {
  readonly code: string;
  readonly hold_id: string;
  readonly reward_id: string;
  readonly expires_at: Date | null;
}

export type Verdict =
  | ({ readonly verdict: "good" } & Reserved)
  /** Was good, and is over. */
  | ({ readonly verdict: "expired" } & Reserved)
  /** For another tablet, or made up; or this tablet has no key: only the service can tell. */
  | { readonly verdict: "unknown" };

/** Judges a reservation at `now` (milliseconds of the service's time). */
export async function verify(
  code: string,
  proof: string,
  key: CryptoKey | null,
  now: number,
  crypto: SubtleCrypto | undefined = globalThis.crypto?.subtle,
): Promise<Verdict> {
  if (!key || !crypto || proof.length !== PROOF_LENGTH) return { verdict: "unknown" };
  const hold_id = toUuid(proof.slice(0, ID));
  const reward_id = toUuid(proof.slice(ID, 2 * ID));
  const seconds = Number(toNumber(proof.slice(2 * ID, 2 * ID + EXPIRY)) ?? Number.NaN);
  if (hold_id === null || reward_id === null || !Number.isSafeInteger(seconds)) return { verdict: "unknown" };
  const signed = new TextEncoder().encode(`hold|${hold_id}|${code}|${reward_id}|${seconds}`);
  const mac = encode(new Uint8Array(await crypto.sign("HMAC", key, signed)).subarray(0, 10));
  if (mac !== proof.slice(-MAC)) return { verdict: "unknown" };
  const expires_at = seconds === 0 ? null : new Date(seconds * 1000);
  const reserved = { code, hold_id, reward_id, expires_at };
  return expires_at !== null && now >= expires_at.getTime() ? { verdict: "expired", ...reserved } : { verdict: "good", ...reserved };
}

/** The key as the service tells it (base64), to be kept by the browser and never shown again. */
export function importKey(base64: string, crypto: SubtleCrypto = globalThis.crypto.subtle): Promise<CryptoKey> {
  const raw = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return crypto.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
}

/** The number that base-32 characters write; null for a strange character. */
function toNumber(text: string): bigint | null {
  let number = 0n;
  for (const character of text) {
    const value = ALPHABET.indexOf(character);
    if (value < 0) return null;
    number = number * 32n + BigInt(value);
  }
  return number;
}

function toUuid(text: string): string | null {
  const number = toNumber(text);
  if (number === null || number >> 128n) return null;
  const hex = number.toString(16).padStart(32, "0");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** Ten bytes as sixteen characters. */
function encode(bytes: Uint8Array): string {
  let number = 0n;
  for (const byte of bytes) number = number * 256n + BigInt(byte);
  let text = "";
  for (let at = 0; at < MAC; at++) {
    text = (ALPHABET[Number(number & 31n)] ?? "") + text;
    number >>= 5n;
  }
  return text;
}
