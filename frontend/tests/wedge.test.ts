import { beforeEach, describe, expect, it } from "vitest";
import { BURST_GAP, Sorter } from "../tablet/wedge.ts";

describe("a hand scanner among typing", () => {
  let scans: string[];
  let keys: string[];
  let sorter: Sorter;
  let now: number;
  const burst = (text: string, gap: number) => {
    for (const character of text) {
      now += gap;
      sorter.character(character, now);
    }
    now += gap;
  };

  beforeEach(() => {
    scans = [];
    keys = [];
    now = 1000;
    sorter = new Sorter({ scanned: (text) => scans.push(text), typed: (key) => keys.push(key) });
  });

  it("is known by its pace, and nothing of it is typed", () => {
    burst("HTTPS://CARD.EXAMPLE/C/7K3M9QX2VB8T4HWQ", 8);
    expect(sorter.enter(now)).toBe("scan");
    expect(scans).toEqual(["HTTPS://CARD.EXAMPLE/C/7K3M9QX2VB8T4HWQ"]);
    expect(keys).toEqual([]);
  });

  it("is not a person, who is slower", () => {
    burst("34,50", 180);
    expect(sorter.enter(now)).toBe("typing");
    expect(scans).toEqual([]);
    expect(keys.join("")).toBe("34,50Enter");
  });

  it("is not a short roll over the keys", () => {
    burst("123", 10);
    expect(sorter.enter(now)).toBe("typing");
    expect(keys.join("")).toBe("123Enter");
  });

  it("may follow typing at once", () => {
    burst("34", 200);
    now += BURST_GAP + 1;
    burst("7K3M9QX2VB8T4HWQ", 5);
    expect(sorter.enter(now)).toBe("scan");
    expect(keys.join("")).toBe("34");
    expect(scans).toEqual(["7K3M9QX2VB8T4HWQ"]);
  });

  it("leaves an Enter alone that ends nothing", () => {
    expect(sorter.enter(now)).toBe("nothing");
    expect(keys).toEqual([]);
  });

  it("hands over what no Enter ended", () => {
    burst("7K3M9QX2VB8T4HWQ", 5);
    sorter.settle();
    expect(keys.join("")).toBe("7K3M9QX2VB8T4HWQ");
    expect(sorter.enter(now)).toBe("nothing");
    expect(scans).toEqual([]);
  });
});
