/** The card's eight digits of this moment (RFC 6238, SHA-1), computed on the phone with a key that can't be read. */

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** The bytes of a base32 text without padding. Throws RangeError for a strange character. */
export function fromBase32(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const character of text) {
    const value = BASE32.indexOf(character);
    if (value < 0) throw new RangeError(`not base32: ${character}`);
    held = (held << 5) | value;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = (held >> bits) & 0xff;
    }
  }
  return bytes;
}

/** The secret as a key that signs and can never be taken out of the browser. Needs a secure page. */
export async function importSecret(secret: string): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", fromBase32(secret), { name: "HMAC", hash: "SHA-1" }, false, ["sign"]);
}

/** Whether this page can compute codes at all. */
export function canCompute(): boolean {
  return globalThis.crypto?.subtle !== undefined;
}

/** The number of whole periods (seconds) since 1970. */
export function stepAt(now: number, period: number): number {
  return Math.floor(now / 1000 / period);
}

/** Milliseconds until the next step. */
export function left(now: number, period: number): number {
  return period * 1000 - (now % (period * 1000));
}

/** The digits of a step. */
export async function digitsOf(key: CryptoKey, step: number, digits: number): Promise<string> {
  const counter = new DataView(new ArrayBuffer(8));
  counter.setBigUint64(0, BigInt(step));
  const hash = new DataView(await crypto.subtle.sign("HMAC", key, counter.buffer));
  const offset = hash.getUint8(hash.byteLength - 1) & 0x0f;
  const truncated = hash.getUint32(offset) & 0x7fff_ffff;
  return String(truncated % 10 ** digits).padStart(digits, "0");
}
