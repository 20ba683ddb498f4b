/** A card's number and what a scanner may read from a card. Pure; the server checks everything again. */

/** Crockford's base 32: digits and capitals without I, L, O and U. */
export const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
export const NUMBER_LENGTH = 16;
const VOUCHER_LENGTH = 14;
const VOUCHER_PREFIX = "V";

const LOOKALIKES: Readonly<Record<string, string>> = { I: "1", L: "1", O: "0" };
const CODE_URL = /^HTTPS?:\/\/([^/?#@\s]+)\/C\/([0-9A-Z]+)(?:\/([0-9]{8}))?\/?$/;
const RESERVATION_URL = /^HTTPS?:\/\/([^/?#@\s]+)\/V\/([0-9A-Z]+)\/([0-9A-Z]{75})\/?$/;
/** A scheme, or an address without one: never a card's reference, whoever's. */
const ADDRESS = /^[a-z][a-z0-9+.-]*:|^www\.|\/\/|^[\w-]+(?:\.[\w-]+)+\//i;
const LONGEST_REFERENCE = 64;
/** Letters, marks, digits, signs and spaces; no control or format characters, nothing unassigned. */
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]+$/u;

/** Writes a typed number as the card shows it: capitals, no spaces or dashes, I and L as 1, O as 0. */
export function normalise(text: string): string {
  return text.toUpperCase().replace(/[\s\-–.]/g, "").replace(/[ILO]/g, (letter) => LOOKALIKES[letter] ?? letter);
}

/** Multiplies by two in GF(32) with the polynomial x⁵ + x² + 1. */
function double(value: number): number {
  const shifted = value << 1;
  return shifted & 32 ? shifted ^ 0b100101 : shifted;
}

/** The check character that belongs to the first fifteen characters of a number; undefined for a strange character. */
export function checkCharacter(body: string): string | undefined {
  let sum = 0;
  for (const character of body) {
    const value = ALPHABET.indexOf(character);
    if (value < 0) return undefined;
    sum = double(sum ^ value);
  }
  return ALPHABET[sum];
}

export type Verdict = "incomplete" | "right" | "wrong" | "strange";

/** Judges a normalised number while it is being typed: `strange` for a character that no card has, `wrong` for a check
 * character that does not fit or a number that is too long. */
export function judge(number: string): Verdict {
  if ([...number].some((character) => !ALPHABET.includes(character))) return "strange";
  if (number.length < NUMBER_LENGTH) return "incomplete";
  if (number.length > NUMBER_LENGTH) return "wrong";
  return checkCharacter(number.slice(0, -1)) === number.slice(-1) ? "right" : "wrong";
}

/** Splits a number into fours, as it is printed. */
export function inFours(number: string): string {
  return number.replace(/(.{4})(?=.)/g, "$1 ");
}

/** What a scan turned out to be. `code` is what the server gets, `number` tells one card from another. */
export type Reading =
  | { readonly kind: "card"; readonly number: string; readonly code: string; readonly rotating: boolean }
  | { readonly kind: "voucher"; readonly code: string }
  /** A voucher that a phone reserved for a tablet; `tablet/reservation.ts` verifies the proof. */
  | { readonly kind: "reservation"; readonly code: string; readonly proof: string }
  /** Another system's card, as its code says it. */
  | { readonly kind: "foreign-card"; readonly number: string; readonly code: string }
  | { readonly kind: "damaged" }
  | { readonly kind: "foreign" };

export interface Taken {
  /** Whether the shop takes cards of another system. */
  readonly takesForeign?: boolean;
}

/** Reads what a camera or a hand scanner saw. A bare card number, a voucher's code or an address `/C/<number>[/<digits>]`
 * or `/V/<code>/<proof>` on one of `hosts` is ours; where the shop takes them, other text may be another system's card;
 * everything else is foreign, every other address above all. Nothing that was scanned is ever opened. */
export function read(scanned: string, hosts: readonly string[], taken: Taken = {}): Reading {
  // Hand scanners may name the kind of code first (ISO/IEC 15424).
  const raw = scanned.trim().replace(/^\][A-Za-z][0-9]/, "");
  const text = raw.toUpperCase();
  const isOurs = (host: string) => hosts.some((ours) => ours.toUpperCase() === host);
  const address = CODE_URL.exec(text);
  if (address) {
    const [, host = "", path = "", digits] = address;
    if (!isOurs(host)) return { kind: "foreign" };
    const number = normalise(path);
    if (judge(number) !== "right") return { kind: "damaged" };
    return { kind: "card", number, code: text, rotating: digits !== undefined };
  }
  const reserved = RESERVATION_URL.exec(text);
  if (reserved) {
    const [, host = "", path = "", proof = ""] = reserved;
    if (!isOurs(host)) return { kind: "foreign" };
    const code = normalise(path);
    return isVoucher(code) && judgeVoucher(code) ? { kind: "reservation", code, proof } : { kind: "damaged" };
  }
  const number = normalise(text);
  const verdict = judge(number);
  if (verdict === "right") return { kind: "card", number, code: number, rotating: false };
  if (isVoucher(number) && verdict === "incomplete") return judgeVoucher(number) ? { kind: "voucher", code: number } : { kind: "damaged" };
  if (number.length === NUMBER_LENGTH && verdict === "wrong") return { kind: "damaged" };
  return taken.takesForeign && isReference(raw) ? { kind: "foreign-card", number: raw, code: raw } : { kind: "foreign" };
}

function isVoucher(code: string): boolean {
  return code.length === VOUCHER_LENGTH && code.startsWith(VOUCHER_PREFIX);
}

function judgeVoucher(code: string): boolean {
  return checkCharacter(code.slice(0, -1)) === code.slice(-1);
}

/** Whether this may be another system's reference: 1 to 64 printable characters, and no address. */
function isReference(text: string): boolean {
  return text.length >= 1 && text.length <= LONGEST_REFERENCE && PRINTABLE.test(text) && !ADDRESS.test(text);
}
