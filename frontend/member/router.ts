/** Addresses within the app: `/#/path?query`. What stands after the hash is never sent anywhere. */

export interface Place {
  /** Without slashes at its ends, such as `wallet/0198…`. */
  readonly path: string;
  readonly query: URLSearchParams;
}

export const HOME = "card";

/** The place that an address's hash names; the card for none. */
export function placeOf(hash: string): Place {
  const [path = "", query = ""] = hash.replace(/^#/, "").split("?", 2);
  return { path: path.replace(/^\/+|\/+$/g, "") || HOME, query: new URLSearchParams(query) };
}

/** The values of `:names` in a pattern that fits the path; null where it doesn't. */
export function match(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split("/");
  const given = path.split("/");
  if (wanted.length !== given.length) return null;
  const found: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? "";
    if (part.startsWith(":")) {
      try {
        found[part.slice(1)] = decodeURIComponent(value);
      } catch {
        return null;
      }
    } else if (part !== value) return null;
  }
  return found;
}

/** Where the app begins: a card's or an invitation's own address, a transfer code behind a hash, or the hash itself. The
 * code is taken out of the address, so that it stays in no history. */
export function opening(location: Pick<Location, "pathname" | "hash">): { readonly hash: string; readonly move: string | null } {
  const move = /^#move=([0-9A-Za-z-]+)$/.exec(location.hash)?.[1] ?? null;
  if (move) return { hash: "#/begin/transfer", move };
  const own = /^\/(c|i)\/([0-9A-Za-z-]+)/i.exec(location.pathname);
  if (!own) return { hash: location.hash, move: null };
  return { hash: `#/${own[1]?.toLowerCase() === "c" ? "claim" : "invitation"}/${own[2]}`, move: null };
}
