/** Reads QR codes in pictures, away from the page, so that a slow tablet stays responsive. */

import { BarcodeDetector, prepareZXingModule } from "barcode-detector/ponyfill";
import wasm from "zxing-wasm/reader/zxing_reader.wasm?url";

const scope = self as unknown as {
  onmessage: ((event: MessageEvent<ImageBitmap>) => void) | null;
  postMessage(message: unknown): void;
};

// Without this the library would fetch its WebAssembly from somebody else's server.
prepareZXingModule({
  overrides: { locateFile: (path: string, prefix: string) => (path.endsWith(".wasm") ? wasm : prefix + path) },
  fireImmediately: true,
});
const detector = new BarcodeDetector({ formats: ["qr_code"] });

scope.onmessage = async ({ data }) => {
  try {
    const found = await detector.detect(data);
    scope.postMessage({ texts: found.map((code) => code.rawValue) });
  } catch (error) {
    scope.postMessage({ texts: [], error: String(error) });
  } finally {
    data.close();
  }
};
