import { describe, expect, it } from "vitest";
import { pairingCode } from "../shared/pairing.ts";

describe("a pairing code", () => {
  it.each([
    ["7K3M9QX2", "7K3M9QX2"],
    ["7k3m-9qx2", "7K3M9QX2"],
    ["https://card.example/tablet#pair=7K3M9QX2", "7K3M9QX2"],
    ["HTTPS://CARD.EXAMPLE/TABLET#PAIR=7K3M-9QX2", "7K3M9QX2"],
    ["https://192.168.1.7:8443/tablet#pair=7K3M9QX2", "7K3M9QX2"],
    ["]Q17K3M9QX2", "7K3M9QX2"],
    ["7K3M9QXO", "7K3M9QX0"],
  ])("is read from %s", (text, code) => expect(pairingCode(text)).toBe(code));

  it.each([
    "",
    "7K3M9QX",
    "7K3M9QX22",
    "https://card.example/tablet?pair=7K3M9QX2",
    "https://card.example/C/7K3M9QX2VB8T4HWQ",
    "https://card.example/elsewhere#pair=7K3M9QX2",
    "javascript:alert(1)#pair=7K3M9QX2",
    "7K3M9QU2",
  ])("is not read from %s", (text) => expect(pairingCode(text)).toBeNull());
});
