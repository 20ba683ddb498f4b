/** Reads QR codes in pictures, away from the page, so that a slow tablet stays responsive.
 *
 * The first look is at the whole picture. Only where it found nothing, and some part is as full of edges as a code is,
 * closer looks at that part follow, which bring its edges back in several ways. They stop when the time of a picture is
 * used up, and go on from there with the next one. */

import { prepareZXingModule, type ReaderOptions, readBarcodes } from "zxing-wasm/reader";
import wasm from "zxing-wasm/reader/zxing_reader.wasm?url";
import { unlit } from "./lamps.ts";
import { busiest, type Grey, grey, levelled, paint, type Region, sharpened, smoothed } from "./looking.ts";

/** One look at what the camera sees. */
export interface Glance {
  readonly picture: ImageBitmap;
  /** All codes in it, which takes longer; else the first that is found. */
  readonly every: boolean;
}

const scope = self as unknown as {
  onmessage: ((event: MessageEvent<Glance>) => void) | null;
  postMessage(message: unknown): void;
};

/** Milliseconds after which no further look at the same picture begins. */
const TIME = 200;
/** Regions that are looked at closely: behind the card there may be a poster. */
const REGIONS = 2;
/** How much larger than life a closer picture may be. */
const LARGEST = 6;

// Without this the library would fetch its WebAssembly from somebody else's server.
prepareZXingModule({
  overrides: { locateFile: (path: string, prefix: string) => (path.endsWith(".wasm") ? wasm : prefix + path) },
  fireImmediately: true,
});
const FIRST: ReaderOptions = { formats: ["QRCode"], textMode: "Plain", maxNumberOfSymbols: 1 };
const EVERY: ReaderOptions = { ...FIRST, maxNumberOfSymbols: 8 };
const CLOSE: ReaderOptions = { ...FIRST, tryDenoise: true };
const whole = canvas();
const close = canvas();
let next = 0;

/** A closer picture: its longer side in pixels, and what is done with it before it is read. */
interface Look {
  readonly size: number;
  readonly change: (picture: Grey) => Iterable<Grey>;
}

/** The first is for what is small, cracked or out of focus, the second for what blur and light have made grey, the third
 * for a lamp on a corner mark. All of them also close thin lines where the picture says nothing without. */
const LOOKS: readonly Look[] = [
  { size: 720, change: (picture) => [sharpened(smoothed(picture, 1), smoothed(picture, 5), 2)] },
  { size: 480, change: (picture) => [levelled(sharpened(smoothed(picture, 2), smoothed(picture, 9), 3), 30)] },
  { size: 480, change: (picture) => unlit(picture, levelled(sharpened(smoothed(picture, 1), smoothed(picture, 7), 1), 30)) },
];

function canvas(): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("no canvas");
  return context;
}

/** Draws a part of a picture at a size of its own and takes its pixels. */
function drawn(on: OffscreenCanvasRenderingContext2D, picture: ImageBitmap, part: Region, width: number, height: number): ImageData {
  if (on.canvas.width !== width || on.canvas.height !== height) {
    on.canvas.width = width;
    on.canvas.height = height;
  }
  on.imageSmoothingEnabled = true;
  on.imageSmoothingQuality = "high";
  on.drawImage(picture, part.x, part.y, part.width, part.height, 0, 0, width, height);
  return on.getImageData(0, 0, width, height);
}

async function texts(picture: ImageData, options = FIRST): Promise<string[]> {
  return (await readBarcodes(picture, options)).map((code) => code.text);
}

async function read({ picture, every }: Glance): Promise<string[]> {
  const started = performance.now();
  const { width, height } = picture;
  const all = { x: 0, y: 0, width, height };
  const found = await texts(drawn(whole, picture, all, width, height), every ? EVERY : FIRST);
  if (found.length) return found;

  const half = drawn(close, picture, all, width >> 1, height >> 1);
  const regions = busiest(grey(half.data, half.width, half.height), REGIONS);
  const tries = regions.length * LOOKS.length;
  for (let count = 0; count < tries && performance.now() - started < TIME; count++) {
    const turn = next++ % tries;
    const region = regions[Math.floor(turn / LOOKS.length)]!;
    const look = LOOKS[turn % LOOKS.length]!;
    for (const closer of closeUps(picture, region, look)) {
      const read = await texts(closer, CLOSE);
      if (read.length) {
        next = 0;
        return read;
      }
      if (performance.now() - started >= TIME) break;
    }
  }
  if (tries) next %= tries;
  return [];
}

/** A region of the halved picture, out of the whole one, as a look wants it. */
function* closeUps(picture: ImageBitmap, { x, y, width, height }: Region, { size, change }: Look): Generator<ImageData> {
  const part = { x: 2 * x, y: 2 * y, width: 2 * width, height: 2 * height };
  const scale = Math.min(size / Math.max(part.width, part.height), LARGEST);
  const made = drawn(close, picture, part, Math.round(part.width * scale), Math.round(part.height * scale));
  for (const changed of change(grey(made.data, made.width, made.height))) {
    paint(changed, made.data);
    yield made;
  }
}

scope.onmessage = async ({ data }) => {
  try {
    scope.postMessage({ texts: await read(data) });
  } catch (error) {
    scope.postMessage({ texts: [], error: String(error) });
  } finally {
    data.picture.close();
  }
};
