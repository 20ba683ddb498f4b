/** The relationship map's numbers: where things stand, who lies in which group, and how a great many dots are drawn.
 *
 * The shares are those of the picture that the server draws (`app/backoffice/views/relations/scales.py`): visits lie on a
 * square root, profit on a square root to either side of nothing. */

export const GROUPS = ["friend", "butterfly", "barnacle", "stranger"] as const;
export type Group = (typeof GROUPS)[number];

const SIDE = 0.02;
const TOP = 0.1;
const BOTTOM = 0.1;

const bent = (value: number): number => (value >= 0 ? Math.sqrt(value) : -Math.sqrt(-value));
const straight = (value: number): number => (value >= 0 ? value * value : -value * value);
const within = (value: number, least: number, most: number): number => Math.min(Math.max(value, least), most);

/** Shares of width and height, and back. Money is in minor units. */
export class Scales {
  constructor(
    readonly most: number,
    readonly low: number,
    readonly high: number,
  ) {}

  across(visits: number): number {
    return SIDE + (1 - 2 * SIDE) * Math.sqrt(within(visits, 0, this.most) / this.most);
  }

  down(profit: number): number {
    const low = bent(this.low);
    return TOP + (1 - TOP - BOTTOM) * (1 - (bent(within(profit, this.low, this.high)) - low) / (bent(this.high) - low));
  }

  visitsAt(share: number): number {
    const bentShare = within((share - SIDE) / (1 - 2 * SIDE), 0, 1);
    return bentShare * bentShare * this.most;
  }

  profitAt(share: number): number {
    const low = bent(this.low);
    return straight(low + within(1 - (share - TOP) / (1 - TOP - BOTTOM), 0, 1) * (bent(this.high) - low));
  }
}

/** The step to the next line that a person would draw: finer where numbers are small. */
export function visitStep(visits: number): number {
  return visits < 10 ? 0.5 : 1;
}

export function profitStep(profit: number, unit: number): number {
  const size = Math.abs(profit) / unit;
  return unit * (size < 50 ? 1 : size < 200 ? 5 : size < 1000 ? 10 : 50);
}

export function snapVisits(visits: number, most: number): number {
  const step = visitStep(visits);
  return within(Math.round(visits / step) * step, 0.5, most);
}

export function snapProfit(profit: number, unit: number, low: number, high: number): number {
  const step = profitStep(profit, unit);
  return within(Math.round(profit / step) * step, low, high);
}

/** All members of the map: expected visits, and profit in minor units. */
export interface Dots {
  readonly visits: Float64Array;
  readonly profits: Float64Array;
}

/** Who lies where by the two lines: an index into GROUPS for each member, how many, and with what profit. */
export interface Count {
  readonly groups: Uint8Array;
  readonly members: number[];
  readonly profits: number[];
}

/** Count the groups anew. A line belongs to what lies above it. `into` is used again, so that dragging makes no rubbish. */
export function count(dots: Dots, visits: number, profit: number, into?: Uint8Array): Count {
  const groups = into ?? new Uint8Array(dots.visits.length);
  const members = [0, 0, 0, 0];
  const profits = [0, 0, 0, 0];
  for (let at = 0; at < groups.length; at += 1) {
    const money = dots.profits[at] as number;
    const often = (dots.visits[at] as number) >= visits;
    const group = money >= profit ? (often ? 0 : 1) : often ? 2 : 3;
    groups[at] = group;
    members[group] = (members[group] as number) + 1;
    profits[group] = (profits[group] as number) + money;
  }
  return { groups, members, profits };
}

/** The member who lies nearest, within so many pixels, or -1. */
export function nearest(xs: Float32Array, ys: Float32Array, x: number, y: number, reach: number): number {
  let best = -1;
  let least = reach * reach;
  for (let at = 0; at < xs.length; at += 1) {
    const dx = (xs[at] as number) - x;
    if (dx > reach || dx < -reach) continue;
    const dy = (ys[at] as number) - y;
    const far = dx * dx + dy * dy;
    if (far <= least) {
      least = far;
      best = at;
    }
  }
  return best;
}

/** The next member in a direction: the nearest within a wedge to that side; -1 where nobody is. */
export function neighbour(xs: Float32Array, ys: Float32Array, from: number, dx: number, dy: number): number {
  let best = -1;
  let least = Infinity;
  for (let at = 0; at < xs.length; at += 1) {
    if (at === from) continue;
    const alongX = (xs[at] as number) - (xs[from] as number);
    const alongY = (ys[at] as number) - (ys[from] as number);
    const along = alongX * dx + alongY * dy;
    const aside = Math.abs(alongX * dy) + Math.abs(alongY * dx);
    // Those at the very same place follow one another by their number, so that nobody is skipped.
    const isTwin = along === 0 && aside === 0 && (dx + dy > 0 ? at > from : at < from);
    if (!isTwin && (along <= 0 || aside > along * 1.5)) continue;
    const far = isTwin ? Math.abs(at - from) * 1e-9 : along + aside * 2;
    if (far < least) {
      least = far;
      best = at;
    }
  }
  return best;
}

/** One group's look on a canvas: a shape, filled or as a ring. */
export interface Look {
  readonly path: string;
  readonly fill: string;
  readonly edge?: string;
}

/** A shape's pixels beside its middle: where each lies, and how much of it is inked. */
interface Stamp {
  readonly dx: Int16Array;
  readonly dy: Int16Array;
  readonly inks: Float32Array; // red, green, blue (0 to 255), and how much (0 to 1)
}

const stamps = new Map<string, Stamp>();

/** Draw all dots. Each group's shape is drawn once and its pixels are laid over the picture's own, which takes some
 * milliseconds for tens of thousands, also where no graphics card helps. `xs` and `ys` are in CSS pixels; `scale` is the
 * canvas's pixels for one of them. */
export function paint(canvas: HTMLCanvasElement, xs: Float32Array, ys: Float32Array, groups: Uint8Array, looks: readonly Look[], scale: number): void {
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context || !canvas.width || !canvas.height) return;
  const { width, height } = canvas;
  const picture = context.createImageData(width, height);
  // From the last group to the first, so that those that pay most lie on top.
  for (let group = looks.length - 1; group >= 0; group -= 1) {
    const stamp = stampOf(looks[group] as Look, scale);
    for (let at = 0; at < groups.length; at += 1) {
      if (groups[at] === group) press(picture.data, width, height, stamp, Math.round((xs[at] as number) * scale), Math.round((ys[at] as number) * scale));
    }
  }
  context.putImageData(picture, 0, 0);
}

function press(data: Uint8ClampedArray, width: number, height: number, stamp: Stamp, x: number, y: number): void {
  const { dx, dy, inks } = stamp;
  for (let at = 0; at < dx.length; at += 1) {
    const left = x + (dx[at] as number);
    const top = y + (dy[at] as number);
    if (left < 0 || top < 0 || left >= width || top >= height) continue;
    const here = (top * width + left) * 4;
    const ink = inks[at * 4 + 3] as number;
    const below = ((data[here + 3] as number) / 255) * (1 - ink);
    const all = ink + below;
    const over = ink / all;
    const under = below / all;
    data[here] = (inks[at * 4] as number) * over + (data[here] as number) * under;
    data[here + 1] = (inks[at * 4 + 1] as number) * over + (data[here + 1] as number) * under;
    data[here + 2] = (inks[at * 4 + 2] as number) * over + (data[here + 2] as number) * under;
    data[here + 3] = all * 255;
  }
}

function stampOf(look: Look, scale: number): Stamp {
  const key = [look.path, look.fill, look.edge ?? "", scale].join("|");
  const known = stamps.get(key);
  if (known) return known;
  const size = 2 * Math.ceil(5 * scale) + 1;
  const context = Object.assign(document.createElement("canvas"), { width: size, height: size }).getContext("2d");
  const found: { dx: number[]; dy: number[]; inks: number[] } = { dx: [], dy: [], inks: [] };
  if (context) {
    draw(context, look, size, scale);
    const { data } = context.getImageData(0, 0, size, size);
    for (let at = 0; at < size * size; at += 1) {
      const ink = (data[at * 4 + 3] as number) / 255;
      if (ink < 0.02) continue;
      found.dx.push((at % size) - (size - 1) / 2);
      found.dy.push(Math.floor(at / size) - (size - 1) / 2);
      found.inks.push(data[at * 4] as number, data[at * 4 + 1] as number, data[at * 4 + 2] as number, ink);
    }
  }
  const made = { dx: Int16Array.from(found.dx), dy: Int16Array.from(found.dy), inks: Float32Array.from(found.inks) };
  stamps.set(key, made);
  return made;
}

function draw(context: CanvasRenderingContext2D, look: Look, size: number, scale: number): void {
  context.translate(size / 2, size / 2);
  context.scale(scale * 0.72, scale * 0.72);
  const path = new Path2D(look.path);
  context.globalAlpha = 0.5;
  context.fillStyle = look.fill;
  context.fill(path);
  if (look.edge === undefined) return;
  context.globalAlpha = 0.8;
  context.strokeStyle = look.edge;
  context.lineWidth = 1.2;
  context.stroke(path);
}
