/** Pairing codes as a back office shows them: eight characters, or an address that ends in them. Pure. */

import { normalise } from "./card.ts";

// After the hash, which no browser sends anywhere.
const ADDRESS = /^https?:\/\/[^/?#\s]+\/tablet\/?#pair=([0-9a-z-]+)$/i;
const CODE = /^[0-9A-HJKMNP-TV-Z]{8}$/;

/** The pairing code in what was scanned, typed or stands in this page's address; null for anything else. An address is
 * only read, never opened. */
export function pairingCode(text: string): string | null {
  const plain = text.trim().replace(/^\]Q[0-9]/i, "");
  const code = normalise(ADDRESS.exec(plain)?.[1] ?? plain);
  return CODE.test(code) ? code : null;
}
