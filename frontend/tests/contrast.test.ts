import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const css = readFileSync(new URL("../../app/web/styles/tokens.css", import.meta.url), "utf8").replace(/\/\*.*?\*\//gs, "");
const tokens = new Map([...css.matchAll(/--([\w-]+):\s*([^;]+);/g)].map((match) => [match[1] ?? "", (match[2] ?? "").trim()]));
type Theme = "light" | "dark";
type Rgb = [number, number, number];

/** Linear-light RGB of a token in a theme, at a shop's hue. */
function colour(value: string, theme: Theme, hue: number): Rgb {
  const text = value.trim();
  const reference = /^var\(--([\w-]+)\)$/.exec(text);
  if (reference) return colour(tokens.get(reference[1] ?? "") ?? "", theme, hue);
  if (text.startsWith("light-dark(")) {
    const [light = "", dark = ""] = split(text.slice("light-dark(".length, -1));
    return colour(theme === "light" ? light : dark, theme, hue);
  }
  if (text.startsWith("oklch(")) {
    const [l = 0, c = 0, h = 0] = text.slice(6, -1).replace("var(--hue)", String(hue)).split(/\s+/).map(Number);
    return fromOklch(l, c, h);
  }
  const hex = /^#([0-9a-f]{6})$/i.exec(text);
  if (!hex) throw new Error(`no colour: ${text}`);
  return [0, 2, 4].map((at) => linear(Number.parseInt((hex[1] ?? "").slice(at, at + 2), 16) / 255)) as Rgb;
}

function split(list: string): string[] {
  let depth = 0;
  const parts = [""];
  for (const character of list) {
    if (character === "(") depth++;
    if (character === ")") depth--;
    if (character === "," && depth === 0) parts.push("");
    else parts[parts.length - 1] += character;
  }
  return parts;
}

const linear = (value: number) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);

function fromOklch(l: number, c: number, h: number): Rgb {
  const a = c * Math.cos((h * Math.PI) / 180);
  const b = c * Math.sin((h * Math.PI) / 180);
  const [x, y, z] = [l + 0.3963377774 * a + 0.2158037573 * b, l - 0.1055613458 * a - 0.0638541728 * b, l - 0.0894841775 * a - 1.291485548 * b].map(
    (value) => value ** 3,
  ) as Rgb;
  return [4.0767416621 * x - 3.3077115913 * y + 0.2309699292 * z, -1.2684380046 * x + 2.6097574011 * y - 0.3413193965 * z, -0.0041960863 * x - 0.7034186147 * y + 1.707614701 * z].map(
    (value) => Math.min(1, Math.max(0, value)),
  ) as Rgb;
}

function contrast(one: string, other: string, theme: Theme, hue: number): number {
  const light = (name: string) => {
    const [r, g, b] = colour(`var(--${name})`, theme, hue);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [low = 0, high = 0] = [light(one), light(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

const HUES = Array.from({ length: 72 }, (_, step) => step * 5);
const TEXT: [string, string][] = [
  ["ink", "paper"], ["ink", "sheet"], ["ink", "wash"], ["ink", "shop-soft"],
  ["ink-soft", "paper"], ["ink-soft", "sheet"], ["ink-soft", "wash"], ["paper", "ink"],
  ["seal", "paper"], ["leaf", "paper"], ["amber", "paper"], ["seal", "sheet"], ["leaf", "sheet"], ["amber", "sheet"],
  ["on-seal", "seal"], ["on-leaf", "leaf"], ["on-amber", "amber"], ["on-wax", "wax"],
  ["on-shop", "shop"], ["shop-ink", "paper"], ["shop-ink", "sheet"], ["shop-ink", "shop-soft"], ["shop-ink", "wash"],
  ["print-ink", "print"], ["print-ink", "stamp"],
];
const MARKS: [string, string][] = [
  ["mark", "paper"], ["mark", "sheet"], ["shop-mark", "paper"], ["shop-mark", "sheet"],
  ["focus", "paper"], ["focus", "sheet"], ["focus", "wash"], ["amber", "wash"], ["leaf", "wash"], ["stamp", "shop"],
];

describe.each(["light", "dark"] as const)("in the %s", (theme) => {
  it.each(TEXT)("text %s on %s has 4.5 : 1 whatever hue the shop picks", (one, other) => {
    for (const hue of HUES) expect(contrast(one, other, theme, hue), `hue ${hue}`).toBeGreaterThanOrEqual(4.5);
  });
  it.each(MARKS)("the mark %s on %s has 3 : 1 whatever hue the shop picks", (one, other) => {
    for (const hue of HUES) expect(contrast(one, other, theme, hue), `hue ${hue}`).toBeGreaterThanOrEqual(3);
  });
});

it("measures as the standard does", () => {
  expect(contrast("on-seal", "ink", "light", 0)).toBeCloseTo(15.9, 0);
});
