/** A lamp that is mirrored in one of a code's three corner marks: the mark is painted where the other two say it must be.
 *
 * A reader finds nothing without all three, though the rest of the code would be read. Only a mark that lies under a bright
 * spot is painted, and what is read afterwards has to pass the code's own error correction as ever. Plain numbers in and
 * out, as in `looking.ts`. */

import type { Grey } from "./looking.ts";

/** The middle of a corner mark, and the pixels of a module. */
export interface Mark {
  readonly x: number;
  readonly y: number;
  readonly module: number;
}

/** Where a mark must be: its middle, the direction of the code's rows, and the pixels from one mark to the next. */
interface Place {
  readonly x: number;
  readonly y: number;
  readonly rowX: number;
  readonly rowY: number;
  readonly side: number;
}

/** Modules on a side of what members show: versions 3 and 4. Others are near enough: only the marks are painted. */
const SIZES = [29, 33] as const;
/** Modules from the middle of one mark to that of the next are at least and at most so many, however it is turned. */
const [NEAREST, FARTHEST] = [10, 40] as const;
/** What a lamp leaves white, of 255, and the least part of a mark that it must hide. */
const BRIGHT = 225;
const HIDDEN = 0.1;
/** Places that are tried, the brightest first. */
const MOST = 3;
const [DARK, LIGHT] = [40, 215] as const;

/** The picture with a hidden mark painted, in the ways that are worth a try; none where no lamp hides one.
 *
 * @param picture as it was seen, which tells where a lamp is.
 * @param level the same with every part as bright as the others (128 between dark and light): marks are found in it, and
 *   the missing one is painted into it.
 */
export function* unlit(picture: Grey, level: Grey): Generator<Grey> {
  const places = placesOfThird(marks(level), level)
    .map((place) => ({ place, hidden: hiddenPart(picture, place) }))
    .filter(({ hidden }) => hidden > HIDDEN)
    .sort((one, other) => other.hidden - one.hidden);
  for (const { place } of places.slice(0, MOST)) for (const size of SIZES) yield painted(level, place, place.side / (size - 7));
}

/** Finds corner marks: dark, light, three times dark, light, dark, across and down. */
export function marks(level: Grey): Mark[] {
  const { width, height, pixels } = level;
  const isDark = (x: number, y: number) => pixels[y * width + x]! < 128;
  const found: { x: number; y: number; module: number; lines: number }[] = [];
  for (let y = 0; y < height; y += 2) {
    const ends: number[] = [];
    for (let x = 1; x < width; x++) if (isDark(x, y) !== isDark(x - 1, y)) ends.push(x);
    // Runs lie between two ends; the picture's own edges end no mark.
    for (let at = 0; at + 5 < ends.length; at++) {
      if (!isDark(ends[at]!, y)) continue;
      const module = moduleOf([0, 1, 2, 3, 4].map((run) => ends[at + run + 1]! - ends[at + run]!));
      if (module === 0) continue;
      const down = through(level, Math.round((ends[at + 2]! + ends[at + 3]!) / 2), y, 0, 1);
      if (!down || down.module > 2 * module || module > 2 * down.module) continue;
      const across = through(level, down.x, Math.round(down.y), 1, 0);
      if (!across) continue;
      const mark = { x: across.x, y: down.y, module: (down.module + across.module) / 2 };
      const same = found.find((other) => Math.hypot(other.x - mark.x, other.y - mark.y) < 3 * mark.module);
      if (!same) found.push({ ...mark, lines: 1 });
      else {
        same.lines++;
        for (const name of ["x", "y", "module"] as const) same[name] += (mark[name] - same[name]) / same.lines;
      }
    }
  }
  return found.filter(({ lines }) => lines > 1).map(({ x, y, module }) => ({ x, y, module }));
}

/** The pixels of a module, if these five runs are those of a mark; else 0. */
function moduleOf(runs: readonly number[]): number {
  const module = runs.reduce((sum, run) => sum + run, 0) / 7;
  if (module < 1.5) return 0;
  const off = (run: number, modules: number) => Math.abs(runs[run]! - modules * module);
  const thin = [0, 1, 3, 4].every((run) => off(run, 1) < 0.6 * module);
  return thin && off(2, 3) < 1.3 * module ? module : 0;
}

/** The five runs through a dark point in one direction, if they are those of a mark: their middle and module. */
function through(level: Grey, x: number, y: number, dx: 0 | 1, dy: 0 | 1): Mark | null {
  const { width, height, pixels } = level;
  const kind = (step: number) => {
    const [column, row] = [Math.round(x) + step * dx, Math.round(y) + step * dy];
    return column < 0 || row < 0 || column >= width || row >= height ? -1 : Number(pixels[row * width + column]! < 128);
  };
  if (kind(0) !== 1) return null;
  const ends = [1, -1].map((way) => {
    let step = way;
    return [1, 0, 1].map((wanted) => {
      while (kind(step) === wanted) step += way;
      return step;
    });
  });
  const [[after, lightAfter, lastAfter], [before, lightBefore, lastBefore]] = ends as [number[], number[]] as [
    [number, number, number],
    [number, number, number],
  ];
  const runs = [lightBefore - lastBefore, before - lightBefore, after - before - 1, lightAfter - after, lastAfter - lightAfter];
  const module = moduleOf(runs);
  const middle = (after + before) / 2;
  return module === 0 ? null : { x: Math.round(x) + middle * dx, y: Math.round(y) + middle * dy, module };
}

/** Where the third mark may be, for every two that may belong together: at a right angle to them, or between. */
function placesOfThird(found: readonly Mark[], { width, height }: Grey): Place[] {
  const places: Place[] = [];
  for (const [at, one] of found.entries()) {
    for (const other of found.slice(at + 1)) {
      const module = (one.module + other.module) / 2;
      const [alongX, alongY] = [other.x - one.x, other.y - one.y];
      const distance = Math.hypot(alongX, alongY);
      if (Math.max(one.module, other.module) > 1.6 * Math.min(one.module, other.module)) continue;
      if (distance < NEAREST * module || distance > FARTHEST * module) continue;
      for (const way of [1, -1]) {
        const [acrossX, acrossY] = [-alongY * way, alongX * way];
        const row = { rowX: alongX / distance, rowY: alongY / distance, side: distance };
        places.push({ x: one.x + acrossX, y: one.y + acrossY, ...row }, { x: other.x + acrossX, y: other.y + acrossY, ...row });
        // These two are across from each other: the sides lie at half a right angle to the line between them.
        const side = distance * Math.SQRT1_2;
        const [rowX, rowY] = [(alongX - acrossX) / (2 * side), (alongY - acrossY) / (2 * side)];
        places.push({ x: (one.x + other.x + acrossX) / 2, y: (one.y + other.y + acrossY) / 2, rowX, rowY, side });
      }
    }
  }
  return places.filter(({ x, y }) => x > 0 && y > 0 && x < width && y < height);
}

/** The part of a mark at this place that is as bright as a lamp. */
function hiddenPart({ width, height, pixels }: Grey, { x, y, side }: Place): number {
  const reach = (3.5 * side) / (SIZES[0] - 7);
  let all = 0;
  let bright = 0;
  for (let row = Math.max(0, Math.round(y - reach)); row <= Math.min(height - 1, y + reach); row += 2) {
    for (let column = Math.max(0, Math.round(x - reach)); column <= Math.min(width - 1, x + reach); column += 2, all++) {
      if (pixels[row * width + column]! > BRIGHT) bright++;
    }
  }
  return all ? bright / all : 0;
}

/** The picture with a mark of modules of so many pixels at a place, and the light frame around it. */
function painted(level: Grey, { x, y, rowX, rowY }: Place, module: number): Grey {
  const { width, height } = level;
  const pixels = level.pixels.slice();
  const reach = 4.5 * module * Math.SQRT2;
  for (let row = Math.max(0, Math.floor(y - reach)); row <= Math.min(height - 1, y + reach); row++) {
    for (let column = Math.max(0, Math.floor(x - reach)); column <= Math.min(width - 1, x + reach); column++) {
      const along = Math.abs((column - x) * rowX + (row - y) * rowY) / module;
      const across = Math.abs((row - y) * rowX - (column - x) * rowY) / module;
      const ring = Math.max(along, across);
      if (ring < 4.5) pixels[row * width + column] = ring < 1.5 || (ring > 2.5 && ring < 3.5) ? DARK : LIGHT;
    }
  }
  return { ...level, pixels };
}
