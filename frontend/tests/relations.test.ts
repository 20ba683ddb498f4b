import { describe, expect, it } from "vitest";
import { count, GROUPS, nearest, neighbour, profitStep, Scales, snapProfit, snapVisits } from "../charts/relations.ts";

const scales = new Scales(40, -1000, 20000);

describe("the map's scales", () => {
  // The same numbers as in tests/unit/web/test_relation_scales.py, which holds the server's picture.
  it.each([
    [0, 0.02],
    [10, 0.5],
    [40, 0.98],
    [90, 0.98],
    [-1, 0.02],
  ])("%s visits stand at %s", (visits, share) => {
    expect(scales.across(visits)).toBeCloseTo(share, 6);
  });

  it.each([
    [20000, 0.1],
    [-1000, 0.9],
    [0, 0.753805],
    [5000, 0.426902],
    [99999, 0.1],
  ])("a profit of %s stands at %s", (profit, share) => {
    expect(scales.down(profit)).toBeCloseTo(share, 5);
  });

  it("go back where they came from", () => {
    for (const visits of [0, 0.5, 6, 28, 40]) expect(scales.visitsAt(scales.across(visits))).toBeCloseTo(visits, 6);
    for (const profit of [-1000, -20, 0, 4500, 20000]) expect(scales.profitAt(scales.down(profit))).toBeCloseTo(profit, 4);
    expect([scales.visitsAt(-1), scales.visitsAt(2)]).toEqual([0, 40]);
  });
});

describe("a line that is dragged", () => {
  it("stops where a person would draw it", () => {
    expect([0.1, 6.2, 6.3, 27.6, 99].map((visits) => snapVisits(visits, 40))).toEqual([0.5, 6, 6.5, 28, 40]);
    expect([-3000, 1240, 7290, 23456, 123456].map((profit) => snapProfit(profit, 100, -1000, 200000))).toEqual([-1000, 1200, 7500, 23000, 125000]);
    expect(profitStep(4500, 100)).toBe(100);
    expect(profitStep(4500, 1)).toBe(50);
  });
});

describe("the groups", () => {
  const dots = { visits: Float64Array.of(12, 2, 15, 1, 6), profits: Float64Array.of(9000, 8000, 1000, -300, 4500) };

  it("are counted by the lines, which belong to what lies above", () => {
    const found = count(dots, 6, 4500);
    expect([...found.groups].map((one) => GROUPS[one])).toEqual(["friend", "butterfly", "barnacle", "stranger", "friend"]);
    expect(found.members).toEqual([2, 1, 1, 1]);
    expect(found.profits).toEqual([13500, 8000, 1000, -300]);
  });

  it("are counted anew in the same place, quickly for fifty thousand", () => {
    const many = 50000;
    const crowd = { visits: Float64Array.from({ length: many }, (_, at) => at % 40), profits: Float64Array.from({ length: many }, (_, at) => (at * 37) % 20000) };
    const first = count(crowd, 6, 4500);
    const again = count(crowd, 7, 4500, first.groups);
    expect(again.groups).toBe(first.groups);
    expect(again.members.reduce((sum, one) => sum + one, 0)).toBe(many);
  });
});

describe("pointing and walking", () => {
  const xs = Float32Array.of(10, 50, 52, 90, 50);
  const ys = Float32Array.of(10, 50, 55, 50, 50);

  it("finds whoever is nearest, within reach", () => {
    expect(nearest(xs, ys, 12, 11, 20)).toBe(0);
    expect(nearest(xs, ys, 52, 56, 20)).toBe(2);
    expect(nearest(xs, ys, 200, 200, 20)).toBe(-1);
  });

  it("goes to the next one that way, and past nobody at the same place", () => {
    expect(neighbour(xs, ys, 0, 1, 0)).not.toBe(-1);
    expect(neighbour(xs, ys, 3, 1, 0)).toBe(-1);
    expect(neighbour(xs, ys, 3, -1, 0)).toBeGreaterThan(0);
    expect(neighbour(xs, ys, 1, 1, 0)).toBe(4);
    expect(neighbour(xs, ys, 4, -1, 0)).toBe(1);
  });
});
