import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { read } from "../shared/card.ts";
import { importKey, PROOF_LENGTH, verify } from "../tablet/reservation.ts";

interface Vector {
  readonly key: string;
  readonly hold_id: string;
  readonly reward_id: string;
  readonly expires_at: string | null;
  readonly code: string;
  readonly proof: string;
  readonly url: string;
}

/** Written by the service's own tests: both sides must agree on them. */
const VECTORS = JSON.parse(readFileSync(new URL("../../tests/vectors/reservations.json", import.meta.url), "utf8")) as Vector[];
const BEFORE = Date.parse("2025-01-01T00:00:00Z");

describe("a voucher that a phone reserved", () => {
  it.each(VECTORS)("is known by its QR: $code", async ({ key, hold_id, reward_id, expires_at, code, proof, url }) => {
    expect(read(url, ["card.example"])).toEqual({ kind: "reservation", code, proof });
    expect(proof).toHaveLength(PROOF_LENGTH);
    const expected = { code, hold_id, reward_id, expires_at: expires_at === null ? null : new Date(expires_at) };
    expect(await verify(code, proof, await importKey(key), BEFORE)).toEqual({ verdict: "good", ...expected });
  });

  it("ends when it says so", async () => {
    const vector = VECTORS.find((one) => one.expires_at !== null) as Vector;
    const end = Date.parse(vector.expires_at as string);
    const key = await importKey(vector.key);
    expect(await verify(vector.code, vector.proof, key, end - 1)).toMatchObject({ verdict: "good" });
    expect(await verify(vector.code, vector.proof, key, end)).toMatchObject({ verdict: "expired" });
  });

  it("is nobody's whose key is another, or whose text was changed", async () => {
    const [one, other] = VECTORS as [Vector, Vector];
    const key = await importKey(one.key);
    const unknown = { verdict: "unknown" };
    expect(await verify(one.code, one.proof, await importKey(other.key), BEFORE)).toEqual(unknown);
    expect(await verify(other.code, one.proof, key, BEFORE)).toEqual(unknown);
    expect(await verify(one.code, one.proof, null, BEFORE)).toEqual(unknown);
    expect(await verify(one.code, one.proof.slice(1), key, BEFORE)).toEqual(unknown);
    for (let at = 0; at < one.proof.length; at++) {
      const changed = `${one.proof.slice(0, at)}${one.proof[at] === "0" ? "1" : "0"}${one.proof.slice(at + 1)}`;
      expect(await verify(one.code, changed, key, BEFORE)).toEqual(unknown);
    }
  });

  it("has a key that can't be taken out again", async () => {
    const key = await importKey(VECTORS[0]?.key as string);
    expect(key.extractable).toBe(false);
    await expect(crypto.subtle.exportKey("raw", key)).rejects.toThrow();
  });

  it("is not taken from another host, nor with a wrong check character", () => {
    const [vector] = VECTORS as [Vector];
    expect(read(vector.url, ["other.example"])).toEqual({ kind: "foreign" });
    const wrong = vector.code.slice(0, -1) + (vector.code.endsWith("0") ? "1" : "0");
    expect(read(vector.url.replace(vector.code, wrong), ["card.example"])).toEqual({ kind: "damaged" });
  });
});
