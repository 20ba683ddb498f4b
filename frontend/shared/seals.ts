/** What both clients draw: seals and shapes, a shop's own sign, and line drawings that take the text's colour. */

import { h, s } from "./dom.ts";

/** The scalloped seal, 100 × 100: twenty-two lobes. */
const LOBES = 22;

function sealPath(): string {
  const points = Array.from({ length: LOBES }, (_, index) => {
    const angle = (index / LOBES) * 2 * Math.PI - Math.PI / 2;
    return [50 + 46 * Math.cos(angle), 50 + 46 * Math.sin(angle)].map((value) => value.toFixed(1)).join(" ");
  });
  return `M${points[0]}${[...points.slice(1), points[0]].map((point) => `A8.1 8.1 0 0 1 ${point}`).join("")}z`;
}

const SEAL = sealPath();
const OCTAGON =
  "M30 3h40a6 6 0 0 1 4.3 1.800l20.9 20.900A6 6 0 0 1 97 30v40a6 6 0 0 1-1.8 4.300L74.3 95.200A6 6 0 0 1 70 97H30a6 6 0 0 1-4.3-1.800L4.8 74.300A6 6 0 0 1 3 70V30a6 6 0 0 1 1.8-4.300L25.7 4.800A6 6 0 0 1 30 3z";
const TRIANGLE = "M43 10a8 8 0 0 1 14 0l38 68a8 8 0 0 1-7 12H12a8 8 0 0 1-7-12z";

export const SHAPES = { seal: SEAL, octagon: OCTAGON, triangle: TRIANGLE } as const;
export type Shape = keyof typeof SHAPES;

/** A line drawing, 48 × 48, of paths of which a leading `!` fills one instead of stroking it. Hidden from screen readers,
 * since words always stand beside it. */
export function draw(lines: readonly string[]): SVGSVGElement {
  const paths = lines.map((line) => (line.startsWith("!") ? s("path", { class: "f", d: line.slice(1) }) : s("path", { d: line })));
  return s("svg", { class: "i", viewBox: "0 0 48 48", "aria-hidden": "true" }, ...paths);
}

/** A filled shape, 100 × 100, with whatever is put into it. */
export function shape(name: Shape, attributes: Record<string, string> = {}, ...children: SVGElement[]): SVGSVGElement {
  return s("svg", { viewBox: "0 0 100 100", "aria-hidden": "true", ...attributes }, s("path", { d: SHAPES[name] }), ...children);
}

/** The service's own mark. */
export function brandMark(): SVGSVGElement {
  const letter = s("path", { d: "M34 34h32L35 66h32", class: "z" });
  return shape("seal", { class: "mark" }, letter);
}

/** The small red seal that is struck over the newest stamp, with what was added. */
export function strike(words: string): SVGSVGElement {
  return shape(
    "seal",
    { class: "hit" },
    s("circle", { cx: 50, cy: 50, r: 37 }),
    s("text", { x: 49, y: 62, "font-size": words.length > 3 ? 27 : 38 }, words),
  );
}

/** A logo that the service drew is a stamp itself: ground, frame, sign. */
const DRAWN = /^(<svg [^>]*viewBox=")0 0 96 96("[^>]*>)<path [^>]*\/><rect [^>]*\/>(<g .*<\/g><\/svg>)$/s;

/** The sign alone of a logo that the service drew, or null for any other logo. */
export function signOf(logo: string): string | null {
  const parts = DRAWN.exec(logo.trim());
  return parts ? `${parts[1]}15 15 66 66${parts[2]}${parts[3]}` : null;
}

/** The shop's drawing on a stamp: the sign or the logo as a picture, or the first letter of its name. */
export function emblem(logo: string | null | undefined, name: string): Element {
  const address = (drawing: string) => `data:image/svg+xml,${encodeURIComponent(drawing)}`;
  const sign = logo ? signOf(logo) : null;
  if (sign) {
    // As a mask it takes the ink of the stamp on which it stands.
    const element = h("span", { class: "emblem sign" });
    element.style.maskImage = `url("${address(sign)}")`;
    return element;
  }
  if (logo) return h("img", { src: address(logo), alt: "", class: "emblem" });
  const letter = [...name.replace(/^(de|het|la|le|the|der|die|das)\s+/i, "")][0] ?? "Z";
  return s(
    "svg",
    { viewBox: "0 0 100 100", "aria-hidden": "true", class: "emblem" },
    s("path", { d: SEAL, class: "f" }),
    s("text", { x: 50, y: 68, "text-anchor": "middle", class: "k" }, letter.toUpperCase()),
  );
}
