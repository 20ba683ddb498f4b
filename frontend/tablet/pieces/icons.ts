/** Drawings of the counter page, inline so that they take the text's colour. */

import { h, s } from "../../shared/dom.ts";

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

/** Line drawings, 48 × 48. A leading `!` fills the path instead of stroking it. */
const LINES = {
  check: ["m10 25 9.5 10L38 14"],
  minus: ["M12 24h24"],
  plus: ["M12 24h24M24 12v24"],
  wrong: ["M24 6a18 18 0 1 0 0 36a18 18 0 0 0 0-36zM24 14v12", "!M24 33m-2.4 0a2.4 2.4 0 1 0 4.8 0a2.4 2.4 0 1 0-4.8 0"],
  bang: ["M24 14v13", "!M24 34.500m-2.6 0a2.6 2.6 0 1 0 5.2 0a2.6 2.6 0 1 0-5.2 0"],
  back: ["m29 10-14 14 14 14"],
  undo: ["M17 10 8 19l9 9M9 19h19a11 11 0 0 1 0 22h-8"],
  gift: [
    "M7 17h34v8H7zM10 25h28v15H10zM24 17v23M24 17c-7 0-11-2-11-5.500C13 9 14.5 7.5 17 7.500c4 0 6 5 7 9.5 1-4.5 3-9.5 7-9.5 2.5 0 4 1.5 4 4 0 3.5-4 5.5-11 5.500z",
  ],
  erase: ["M17 10h22a4 4 0 0 1 4 4v20a4 4 0 0 1-4 4H17L4 24zM22 18.500l11 11M33 18.500l-11 11"],
  dots: [12, 24, 36]
    .flatMap((x) => [11, 23].map((y) => [x, y] as const))
    .concat([[24, 35]])
    .map(([x, y]) => `!M${x} ${y}m-3.2 0a3.2 3.2 0 1 0 6.4 0a3.2 3.2 0 1 0-6.4 0`),
  tablet: ["M9 7h30a3 3 0 0 1 3 3v28a3 3 0 0 1-3 3H9a3 3 0 0 1-3-3V10a3 3 0 0 1 3-3zM21 35.500h6"],
  phone: ["M17 5h14a4 4 0 0 1 4 4v30a4 4 0 0 1-4 4H17a4 4 0 0 1-4-4V9a4 4 0 0 1 4-4zM22 37h4"],
  code: ["M10 8h28a4 4 0 0 1 4 4v24a4 4 0 0 1-4 4H10a4 4 0 0 1-4-4V12a4 4 0 0 1 4-4zM14 16h7v7h-7zM27 16h7v7h-7zM14 29h7v4M27 29h2M34 29v4h-4"],
  card: ["M9 11h30a4 4 0 0 1 4 4v18a4 4 0 0 1-4 4H9a4 4 0 0 1-4-4V15a4 4 0 0 1 4-4zM5 19h38M11 29h9"],
  camera: ["M16 13l3-5h10l3 5h7a3 3 0 0 1 3 3v20a3 3 0 0 1-3 3H9a3 3 0 0 1-3-3V16a3 3 0 0 1 3-3zM24 18a7.5 7.5 0 1 0 0 15a7.5 7.5 0 0 0 0-15z"],
  cameraOff: ["M16 13l3-5h10l3 5h7a3 3 0 0 1 3 3v17M6 15v21a3 3 0 0 0 3 3h27M18 21a7.5 7.5 0 0 0 10 11M6 6l36 36"],
  clock: ["M24 6a18 18 0 1 0 0 36a18 18 0 0 0 0-36zM24 14v11l7 5"],
  show: ["M24 6a18 18 0 1 0 0 36a18 18 0 0 0 0-36z", "!M24 18a6 6 0 1 0 0 12a6 6 0 0 0 0-12z"],
  wifiOff: ["M5 19a27 27 0 0 1 9-6M22 10.200A27 27 0 0 1 43 19M12.5 27a16.5 16.5 0 0 1 8-4.300M31 24.200a16.5 16.5 0 0 1 4.5 2.800M20 34.500a6 6 0 0 1 8 0M9 6l31 36"],
  wifi: ["M5 19a27 27 0 0 1 38 0M12 27a17 17 0 0 1 24 0M19 34.500a7 7 0 0 1 10 0", "!M24 38.500m-2.4 0a2.4 2.4 0 1 0 4.8 0a2.4 2.4 0 1 0-4.8 0"],
  note: ["M10 6h20l8 8v26a2 2 0 0 1-2 2H10a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2zM29 6v9h9M15 24h18M15 32h12"],
  lock: ["M12 21h24a3 3 0 0 1 3 3v15a3 3 0 0 1-3 3H12a3 3 0 0 1-3-3V24a3 3 0 0 1 3-3zM15 21v-6a9 9 0 0 1 18 0v6"],
  sound: ["M7 19h8l10-9v28l-10-9H7zM32 18a9 9 0 0 1 0 12M37 12a17 17 0 0 1 0 24"],
  plug: ["M17 6v10M31 6v10M11 16h26v7a13 13 0 0 1-26 0zM24 36v7"],
  globe: ["M24 6a18 18 0 1 0 0 36a18 18 0 0 0 0-36zM6 24h36M24 6c6 5 8 11 8 18s-2 13-8 18c-6-5-8-11-8-18s2-13 8-18z"],
} as const satisfies Record<string, readonly string[]>;

export type IconName = keyof typeof LINES;

/** A line drawing; hidden from screen readers, since words always stand beside it. */
export function icon(name: IconName): SVGSVGElement {
  const paths = LINES[name].map((line) =>
    line.startsWith("!") ? s("path", { class: "f", d: line.slice(1) }) : s("path", { d: line }),
  );
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
