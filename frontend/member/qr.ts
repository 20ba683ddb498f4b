/** A QR code as one path: what is drawn once is drawn sharp at any size. */

import { correction, generate } from "lean-qr";

export interface Drawn {
  /** Modules on each side, without the quiet zone. */
  readonly size: number;
  /** The dark modules, one unit each. */
  readonly path: string;
}

/** The code of a text at level M. Capitals, digits and `$%*+-./:` stay in the dense alphanumeric mode. */
export function qr(text: string): Drawn {
  const code = generate(text, { minCorrectionLevel: correction.M, maxCorrectionLevel: correction.M });
  let path = "";
  for (let y = 0; y < code.size; y++) {
    for (let x = 0; x < code.size; x++) {
      if (!code.get(x, y)) continue;
      const from = x;
      while (code.get(x + 1, y)) x++;
      const width = x + 1 - from;
      path += `M${from} ${y}h${width}v1h-${width}z`;
    }
  }
  return { size: code.size, path };
}
