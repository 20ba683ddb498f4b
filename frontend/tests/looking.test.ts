import { describe, expect, it } from "vitest";
import { busiest, type Grey, grey, levelled, paint, sharpened, smoothed } from "../tablet/looking.ts";

function plain(width: number, height: number, level: number): Grey {
  return { width, height, pixels: new Float32Array(width * height).fill(level) };
}

/** A board of small squares, as full of edges as a code. */
function board(picture: Grey, left: number, top: number, side: number, dark: number, light: number): Grey {
  const pixels = picture.pixels.slice();
  for (let y = top; y < top + side; y++) {
    for (let x = left; x < left + side; x++) pixels[y * picture.width + x] = ((x >> 2) + (y >> 2)) % 2 ? dark : light;
  }
  return { ...picture, pixels };
}

describe("where a code may be", () => {
  it("is nowhere on a plain wall, and not at its shadow's edge", () => {
    const wall = plain(640, 360, 120);
    expect(busiest(wall, 2)).toEqual([]);
    const shade = { ...wall, pixels: wall.pixels.map((_, at) => (at % 640 < 300 ? 60 : 160)) };
    expect(busiest(shade, 2)).toEqual([]);
  });

  it.each([
    ["in bright light", 20, 230],
    ["in the dark", 12, 42],
  ])("is found whole %s, with some room around it", (_, dark, light) => {
    const [region] = busiest(board(plain(640, 360, light), 400, 100, 120, dark, light), 1);
    expect(region!.x).toBeLessThanOrEqual(400);
    expect(region!.y).toBeLessThanOrEqual(100);
    expect(region!.x + region!.width).toBeGreaterThanOrEqual(520);
    expect(region!.y + region!.height).toBeGreaterThanOrEqual(220);
    expect(region!.width * region!.height).toBeLessThan(4 * 120 * 120);
  });

  it("is told for each of two, and stays in the picture at its edge", () => {
    const two = board(board(plain(640, 360, 200), 0, 0, 80, 20, 200), 520, 240, 120, 60, 200);
    const regions = busiest(two, 5);
    expect(regions).toHaveLength(2);
    for (const { x, y, width, height } of regions) {
      expect(x).toBeGreaterThanOrEqual(0);
      expect(y).toBeGreaterThanOrEqual(0);
      expect(x + width).toBeLessThanOrEqual(640);
      expect(y + height).toBeLessThanOrEqual(360);
    }
  });
});

describe("the same picture smoother and sharper", () => {
  it("keeps an even picture as it is, also at its edges", () => {
    for (const level of smoothed(plain(31, 17, 90), 4).pixels) expect(level).toBeCloseTo(90, 3);
  });

  it("keeps the sides apart, and spreads a point evenly in both directions", () => {
    const point = plain(21, 11, 0);
    point.pixels[5 * 21 + 10] = 225;
    const smooth = smoothed(point, 1, 1);
    expect([smooth.width, smooth.height]).toEqual([21, 11]);
    expect(smooth.pixels[5 * 21 + 11]).toBeCloseTo(25, 3);
    expect(smooth.pixels[4 * 21 + 10]).toBeCloseTo(25, 3);
    expect(smooth.pixels[4 * 21 + 8]).toBe(0);
  });

  it("gives a flattened edge its height back", () => {
    const edge = { ...plain(40, 8, 0), pixels: new Float32Array(320).map((_, at) => (at % 40 < 20 ? 50 : 150)) };
    const flat = smoothed(edge, 3);
    const sharp = sharpened(flat, smoothed(edge, 7), 2);
    const step = (picture: Grey) => picture.pixels[4 * 40 + 22]! - picture.pixels[4 * 40 + 17]!;
    expect(step(sharp)).toBeGreaterThan(step(flat) * 1.3);
  });

  it("goes to a canvas and back, and what is too dark or too bright stays black or white", () => {
    const rgba = new Uint8ClampedArray(4 * 3);
    paint({ width: 3, height: 1, pixels: new Float32Array([-40, 128, 300]) }, rgba);
    expect([...grey(rgba, 3, 1).pixels].map(Math.round)).toEqual([0, 128, 255]);
    expect(rgba[3]).toBe(255);
  });
});

describe("the same picture with every part as bright as the others", () => {
  it("takes a lamp's halo out, and keeps what is dark beside what is light", () => {
    const bright = (x: number) => 60 + x; // a slope from left to right, dark stripes on it
    const picture = { ...plain(160, 80, 0), pixels: new Float32Array(160 * 80).map((_, at) => bright(at % 160) - (at % 8 < 4 ? 25 : 0)) };
    const level = levelled(picture, 12);
    for (let x = 24; x < 136; x++) expect(level.pixels[40 * 160 + x]! < 128).toBe(x % 8 < 4);
    expect(picture.pixels[40 * 160 + 26]! < picture.pixels[40 * 160 + 130]!).toBe(true);
  });

  it("leaves an even surface even, and does not blow its grain up", () => {
    const grain = { ...plain(64, 64, 0), pixels: new Float32Array(64 * 64).map((_, at) => 100 + (at % 2)) };
    for (const level of levelled(grain, 8).pixels) expect(Math.abs(level - 128)).toBeLessThan(15);
  });
});
