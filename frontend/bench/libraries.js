/** The other decoders, each as it reads best, behind one face: a canvas in, the texts that were found out.
 *
 * Built by `tools/frontend bench` for `zegel bench` alone; nothing of it is shipped. */

import { BrowserQRCodeReader } from "@zxing/browser";
import { DecodeHintType } from "@zxing/library";
import { Html5QrcodeSupportedFormats } from "html5-qrcode/esm/core.js";
import { ZXingHtml5QrcodeDecoder } from "html5-qrcode/esm/zxing-html5-qrcode-decoder.js";
import jsQR from "jsqr";
import QrScanner from "qr-scanner";

/** Both this and @zxing/browser tell by an exception that there is nothing to read. */
async function textOf(read) {
  try {
    const { text } = await read();
    return text ? [text] : [];
  } catch {
    return [];
  }
}

function jsqr(canvas) {
  const { data, width, height } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const found = jsQR(data, width, height, { inversionAttempts: "attemptBoth" });
  return found?.data ? [found.data] : [];
}

async function qrScanner() {
  const qrEngine = await QrScanner.createQrEngine();
  qrEngine.postMessage({ type: "inversionMode", data: "both" });
  const own = document.createElement("canvas");
  return async (canvas) => {
    try {
      const { data } = await QrScanner.scanImage(canvas, { qrEngine, canvas: own, returnDetailedScanResult: true });
      return data ? [data] : [];
    } catch {
      return [];
    }
  };
}

function zxingBrowser() {
  const reader = new BrowserQRCodeReader(new Map([[DecodeHintType.TRY_HARDER, true]]));
  return (canvas) => textOf(() => ({ text: reader.decodeFromCanvas(canvas).getText() }));
}

function html5Qrcode() {
  const logger = { log() {}, warn() {}, logError() {}, logErrors() {} };
  const decoder = new ZXingHtml5QrcodeDecoder([Html5QrcodeSupportedFormats.QR_CODE], false, logger);
  return (canvas) => textOf(() => decoder.decodeAsync(canvas));
}

/** Name of each library, and how it reads. */
export async function libraries() {
  return { jsqr, "qr-scanner": await qrScanner(), "@zxing/browser": zxingBrowser(), "html5-qrcode": html5Qrcode() };
}
