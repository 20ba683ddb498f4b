import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { digitsOf, fromBase32, importSecret, left, stepAt } from "../member/code.ts";
import { qr } from "../member/qr.ts";

interface Vector {
  readonly secret: string;
  readonly at: number;
  readonly digits: string;
}

const { codes } = JSON.parse(readFileSync(new URL("../../tests/vectors/rotating_codes.json", import.meta.url), "utf8")) as { codes: Vector[] };

describe("the code of this moment", () => {
  it("is what the service expects", async () => {
    expect(codes).toHaveLength(24);
    for (const { secret, at, digits } of codes) {
      expect(await digitsOf(await importSecret(secret), stepAt(at * 1000, 15), 8)).toBe(digits);
    }
  });

  it("is RFC 6238's own", async () => {
    // Appendix B, SHA-1: the secret is the ASCII text 12345678901234567890, a step 30 s.
    const key = await importSecret("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    for (const [at, digits] of [
      [59, "94287082"],
      [1111111109, "07081804"],
      [20000000000, "65353130"],
    ] as const) {
      expect(await digitsOf(key, stepAt(at * 1000, 30), 8)).toBe(digits);
    }
  });

  it("comes from a key that nobody can read", async () => {
    const key = await importSecret("GEZDGNBVGY3TQOJQ");
    expect(key.extractable).toBe(false);
    await expect(crypto.subtle.exportKey("raw", key)).rejects.toThrow();
  });

  it("holds until the step ends", () => {
    expect(left(15_000, 15)).toBe(15_000);
    expect(left(29_999, 15)).toBe(1);
    expect([stepAt(14_999, 15), stepAt(15_000, 15)]).toEqual([0, 1]);
  });

  it("reads base32 without padding, and nothing else", () => {
    expect([...fromBase32("MZXW6")]).toEqual([..."foo"].map((one) => one.charCodeAt(0)));
    expect(() => fromBase32("MZXW1")).toThrow(RangeError);
  });
});

describe("its picture", () => {
  it("stays coarse: capitals and digits take the dense mode", () => {
    // Version 3 in the alphanumeric mode; as bytes the same text needs version 4.
    expect(qr("HTTPS://CARD.EXAMPLE/C/7K3M9QX2VB8T4HWQ/12345678").size).toBe(29);
    expect(qr("https://card.example/c/7k3m9qx2vb8t4hwq/12345678").size).toBe(33);
  });
});
