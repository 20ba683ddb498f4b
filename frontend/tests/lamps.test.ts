import { describe, expect, it } from "vitest";
import { marks, unlit } from "../tablet/lamps.ts";
import type { Grey } from "../tablet/looking.ts";

const MODULE = 8;
const SIDE = 22 * MODULE; // of version 3, from the middle of one mark to that of the next
const CORNERS = [
  [70, 80],
  [70 + SIDE, 80],
  [70, 80 + SIDE],
] as const;

function ring(along: number, across: number): boolean {
  const distance = Math.max(Math.abs(along), Math.abs(across)) / MODULE;
  return distance < 1.5 || (distance > 2.5 && distance < 3.5);
}

/** Paper with marks at these places, each turned with the code by `turn` radians about the picture's middle. */
function code(places: readonly (readonly [number, number])[], turn = 0): Grey {
  const [width, height] = [320, 330];
  const pixels = new Float32Array(width * height).fill(200);
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [right, down] = [x - width / 2, y - height / 2];
      const [u, v] = [cos * right + sin * down + width / 2, cos * down - sin * right + height / 2];
      if (places.some(([left, top]) => ring(u - left, v - top))) pixels[y * width + x] = 40;
    }
  }
  return { width, height, pixels };
}

/** The same with a lamp over the place. */
function lit(picture: Grey, [left, top]: readonly [number, number]): Grey {
  const pixels = picture.pixels.map((level, at) => {
    const away = Math.hypot((at % picture.width) - left, Math.floor(at / picture.width) - top);
    return away < 4.5 * MODULE ? 255 : level;
  });
  return { ...picture, pixels };
}

describe("corner marks", () => {
  it.each([0, 0.2, 0.6, 1.1])("are found where they are, turned by %f", (turn) => {
    const found = marks(code(CORNERS, turn));
    expect(found).toHaveLength(3);
    for (const mark of found) {
      expect(Math.min(...found.filter((other) => other !== mark).map((other) => Math.hypot(other.x - mark.x, other.y - mark.y)))).toBeCloseTo(SIDE, -0.7);
    }
  });

  it("are not found in stripes, nor on plain paper", () => {
    const plain = code([]);
    expect(marks(plain)).toEqual([]);
    expect(marks({ ...plain, pixels: plain.pixels.map((_, at) => ((at % 320) % 16 < 8 ? 40 : 200)) })).toEqual([]);
  });
});

describe("a lamp on a corner mark", () => {
  it.each([0, 1, 2])("is painted over by the mark that must be there (%i)", (hidden) => {
    const whole = code(CORNERS);
    const seen = lit(whole, CORNERS[hidden]!);
    const ways = [...unlit(seen, seen)];
    expect(ways.length).toBeGreaterThan(0);
    const wrongIn = (picture: Grey) => picture.pixels.filter((level, at) => level < 128 !== whole.pixels[at]! < 128).length;
    expect(Math.min(...ways.map(wrongIn))).toBeLessThan(0.2 * wrongIn(seen));
  });

  it("is the only reason to paint one", () => {
    const dark = code(CORNERS.slice(0, 2));
    expect([...unlit(dark, dark)]).toEqual([]);
    expect([...unlit(code([]), code([]))]).toEqual([]);
  });
});
