import { describe, expect, it } from "vitest";
import { segments } from "../shared/brackets.ts";

const row = (id: string, undoes: string | null = null) => ({ id, undoes });

describe("brackets", () => {
  it("join a correction with what it corrects, through the rows between", () => {
    expect(segments([row("c", "a"), row("b"), row("a")])).toEqual([
      [{ lane: 0, part: "from" }],
      [{ lane: 0, part: "through" }],
      [{ lane: 0, part: "to" }],
    ]);
  });

  it("run beside each other, the shorter nearer to the rows", () => {
    const found = segments([row("long", "a"), row("short", "b"), row("b"), row("a")]);
    expect(found[1]).toEqual([{ lane: 0, part: "from" }, { lane: 1, part: "through" }]);
    expect(found[3]).toEqual([{ lane: 1, part: "to" }]);
  });

  it("stay open where the list ends before what was corrected", () => {
    expect(segments([row("c", "gone"), row("b")])).toEqual([[{ lane: 0, part: "open" }], []]);
  });

  it("join two partial refunds with one purchase", () => {
    const found = segments([row("second", "a"), row("first", "a"), row("a")]);
    expect(found[2]?.map((one) => one.part)).toEqual(["to", "to"]);
    expect(new Set(found[2]?.map((one) => one.lane)).size).toBe(2);
  });

  it("never take more room than three lanes", () => {
    const news = Array.from({ length: 9 }, (_, at) => row(`n${at}`, `o${at}`));
    const olds = Array.from({ length: 9 }, (_, at) => row(`o${at}`));
    expect(Math.max(...segments([...news, ...olds]).flat().map((one) => one.lane))).toBe(2);
  });
});
