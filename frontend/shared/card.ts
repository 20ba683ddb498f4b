/** A card's number and what a scanner may read from a card. Pure; the server checks everything again. */

/** Crockford's base 32: digits and capitals without I, L, O and U. */
export const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
export const NUMBER_LENGTH = 16;
const VOUCHER_LENGTH = 14;
const VOUCHER_PREFIX = "V";

const LOOKALIKES: Readonly<Record<string, string>> = { I: "1", L: "1", O: "0" };
const CODE_URL = /^HTTPS?:\/\/([^/?#@\s]+)\/C\/([0-9A-Z]+)(?:\/([0-9]{8}))?\/?$/;

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
  | { readonly kind: "damaged" }
  | { readonly kind: "foreign" };

/** Reads what a camera or a hand scanner saw. Only a bare card number, a voucher's code or an address
 * `/C/<number>[/<digits>]` on one of `hosts` is ours; everything else is foreign. Nothing that was scanned is ever
 * opened. */
export function read(scanned: string, hosts: readonly string[]): Reading {
  // Hand scanners may name the kind of code first (ISO/IEC 15424).
  const text = scanned.trim().toUpperCase().replace(/^\]Q[0-9]/, "");
  const address = CODE_URL.exec(text);
  if (address) {
    const [, host = "", path = "", digits] = address;
    if (!hosts.some((ours) => ours.toUpperCase() === host)) return { kind: "foreign" };
    const number = normalise(path);
    if (judge(number) !== "right") return { kind: "damaged" };
    return { kind: "card", number, code: text, rotating: digits !== undefined };
  }
  const number = normalise(text);
  const verdict = judge(number);
  if (verdict === "right") return { kind: "card", number, code: number, rotating: false };
  if (number.length === VOUCHER_LENGTH && number.startsWith(VOUCHER_PREFIX) && verdict === "incomplete") {
    return checkCharacter(number.slice(0, -1)) === number.slice(-1) ? { kind: "voucher", code: number } : { kind: "damaged" };
  }
  return { kind: number.length === NUMBER_LENGTH && verdict === "wrong" ? "damaged" : "foreign" };
}
