/** Closer looks at the part of a picture that seems to hold a code: where it is, and the same part smoother or sharper.
 *
 * Plain numbers in and out, without a canvas, so that they can be tried anywhere. */

/** A part of a picture, in its pixels. */
export interface Region {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A grey picture, row by row, 0 for black to 255 for white. */
export interface Grey {
  readonly width: number;
  readonly height: number;
  readonly pixels: Float32Array;
}

/** Pixels of a block in which edges are counted. */
const BLOCK = 8;
/** A block belongs to a code when it has this share of the edges of the busiest one. */
const SHARE = 0.4;
/** Edges weaker than this share of the picture's range are its noise, and at least so many of 255. */
const EDGE = 0.08;
const FAINTEST = 5;
/** The least deviation that is levelled, and what it becomes: of 255. */
const FLAT = 4;
const SPREAD = 60;
/** A code has edges in every block; walls, faces and hands have few. Mean strength of a pixel, as a share of the range. */
const DENSE = 0.05;

/** Takes the brightness of canvas pixels (red, green, blue, opacity). */
export function grey(rgba: Uint8ClampedArray, width: number, height: number): Grey {
  const pixels = new Float32Array(width * height);
  for (let at = 0, from = 0; at < pixels.length; at++, from += 4) {
    pixels[at] = 0.299 * rgba[from]! + 0.587 * rgba[from + 1]! + 0.114 * rgba[from + 2]!;
  }
  return { width, height, pixels };
}

/** Writes a grey picture into canvas pixels. */
export function paint(picture: Grey, rgba: Uint8ClampedArray): void {
  for (let at = 0, to = 0; at < picture.pixels.length; at++, to += 4) {
    rgba[to] = rgba[to + 1] = rgba[to + 2] = picture.pixels[at]!;
    rgba[to + 3] = 255;
  }
}

/** The darkest and the brightest that matter: without the outermost hundredth on either side. */
function range({ pixels }: Grey): [number, number] {
  const counts = new Uint32Array(256);
  let all = 0;
  for (let at = 0; at < pixels.length; at += 7, all++) counts[Math.min(255, Math.max(0, pixels[at]! | 0))]!++;
  const edge = all / 100;
  let low = 0;
  let high = 255;
  for (let sum = counts[0]!; sum < edge && low < 255; sum += counts[++low]!);
  for (let sum = counts[255]!; sum < edge && high > 0; sum += counts[--high]!);
  return [low, Math.max(high, low + 1)];
}

/** Finds up to `most` parts that are as full of edges as a code is, the busiest first. */
export function busiest(picture: Grey, most: number): Region[] {
  const { width, pixels } = picture;
  const [low, high] = range(picture);
  const faintest = Math.max(FAINTEST, EDGE * (high - low));
  const columns = Math.floor(width / BLOCK);
  const rows = Math.floor(picture.height / BLOCK);
  const counted = new Float32Array(columns * rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      for (let y = row * BLOCK; y < row * BLOCK + BLOCK - 1; y++) {
        let at = y * width + column * BLOCK;
        for (let x = 0; x < BLOCK - 1; x++, at++) {
          const across = Math.abs(pixels[at + 1]! - pixels[at]!);
          const down = Math.abs(pixels[at + width]! - pixels[at]!);
          if (across > faintest) sum += across;
          if (down > faintest) sum += down;
        }
      }
      counted[row * columns + column] = sum / (BLOCK * BLOCK);
    }
  }
  const busy = spread(counted, columns, rows);
  const least = DENSE * (high - low);
  const found: Region[] = [];
  while (found.length < most) {
    let top = 0;
    for (let at = 1; at < busy.length; at++) if (busy[at]! > busy[top]!) top = at;
    if (busy[top]! < least) break;
    const region = around(busy, columns, rows, top);
    if (region) found.push(region);
  }
  return found;
}

/** Each block's mean with its neighbours': a code has quiet spots. */
function spread(counted: Float32Array, columns: number, rows: number): Float32Array {
  const means = new Float32Array(counted.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      for (let y = Math.max(0, row - 1); y <= Math.min(rows - 1, row + 1); y++) {
        for (let x = Math.max(0, column - 1); x <= Math.min(columns - 1, column + 1); x++) sum += counted[y * columns + x]!;
      }
      means[row * columns + column] = sum / 9;
    }
  }
  return means;
}

/** The busy blocks that hang together with `top`, and some more on each side; all of them are taken out of `busy`. */
function around(busy: Float32Array, columns: number, rows: number, top: number): Region | null {
  const least = busy[top]! * SHARE;
  const open = [top];
  let [left, right, upper, lower] = [columns, 0, rows, 0];
  busy[top] = 0;
  while (open.length) {
    const at = open.pop()!;
    const column = at % columns;
    const row = (at - column) / columns;
    left = Math.min(left, column);
    right = Math.max(right, column);
    upper = Math.min(upper, row);
    lower = Math.max(lower, row);
    const beside = [column > 0 ? at - 1 : -1, column < columns - 1 ? at + 1 : -1, at - columns, at + columns];
    for (const next of beside) {
      if (next < 0 || next >= busy.length || busy[next]! < least) continue;
      busy[next] = 0;
      open.push(next);
    }
  }
  const more = Math.ceil(Math.max(right - left, lower - upper) * 0.12) + 1;
  const [x, y] = [Math.max(0, left - more), Math.max(0, upper - more)];
  const width = Math.min(columns, right + more + 1) - x;
  const height = Math.min(rows, lower + more + 1) - y;
  for (let row = y; row < y + height; row++) busy.fill(0, row * columns + x, row * columns + x + width);
  // A line of print is wide and low; a code is a square, however it is held.
  if (Math.max(width, height) > 4 * Math.min(width, height)) return null;
  return { x: x * BLOCK, y: y * BLOCK, width: width * BLOCK, height: height * BLOCK };
}

/** The picture, each pixel the mean of those around it: `passes` times a square of `2 * radius + 1` pixels. */
export function smoothed({ width, height, pixels }: Grey, radius: number, passes = 2): Grey {
  let now = pixels;
  for (let pass = 0; pass < passes; pass++) now = turnedMeans(turnedMeans(now, width, height, radius), height, width, radius);
  return { width, height, pixels: now };
}

/** Means along the rows, written as columns, so that doing it twice does both directions. */
function turnedMeans(pixels: Float32Array, width: number, height: number, radius: number): Float32Array {
  const means = new Float32Array(pixels.length);
  const share = 1 / (2 * radius + 1);
  for (let row = 0; row < height; row++) {
    const start = row * width;
    const last = start + width - 1;
    let sum = pixels[start]! * (radius + 1);
    for (let x = 1; x <= radius; x++) sum += pixels[Math.min(start + x, last)]!;
    for (let x = 0; x < width; x++) {
      means[x * height + row] = sum * share;
      sum += pixels[Math.min(start + x + radius + 1, last)]! - pixels[Math.max(start + x - radius, start)]!;
    }
  }
  return means;
}

/** The picture with what `smooth` lost of it added `strength` times: edges that blur has flattened stand out again. */
export function sharpened(picture: Grey, smooth: Grey, strength: number): Grey {
  const pixels = new Float32Array(picture.pixels.length);
  for (let at = 0; at < pixels.length; at++) {
    const own = picture.pixels[at]!;
    pixels[at] = own + strength * (own - smooth.pixels[at]!);
  }
  return { ...picture, pixels };
}

/** The picture with every part of it as bright and as rich in contrast as the others: a lamp's halo, a shadow's edge and
 * the grey of a blurred code are taken out. What is called a part reaches `radius` pixels; the deviation is at least
 * `FLAT`, so that an even surface stays even. */
export function levelled(picture: Grey, radius: number): Grey {
  const { pixels } = picture;
  const mean = smoothed(picture, radius).pixels;
  const squares = new Float32Array(pixels.length);
  for (let at = 0; at < pixels.length; at++) squares[at] = pixels[at]! ** 2;
  const meanOfSquares = smoothed({ ...picture, pixels: squares }, radius).pixels;
  const level = new Float32Array(pixels.length);
  for (let at = 0; at < pixels.length; at++) {
    const deviation = Math.sqrt(Math.max(meanOfSquares[at]! - mean[at]! ** 2, FLAT ** 2));
    level[at] = 128 + (SPREAD * (pixels[at]! - mean[at]!)) / deviation;
  }
  return { ...picture, pixels: level };
}
