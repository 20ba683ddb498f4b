/** The last step of the build: `name.br` and `name.gz` beside every file that gets much smaller by it, for the service
 * to send as they are (app/web/assets.py). Pictures and fonts are compressed already. */

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const built = fileURLToPath(new URL("../app/web/static/dist", import.meta.url));
const WORTH = /\.(js|css|wasm|svg|webmanifest)$/;
/** Below this many bytes the answer fits in one packet anyway. */
const SMALLEST = 1024;

for (const entry of readdirSync(built, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !WORTH.test(entry.name)) continue;
  const path = join(entry.parentPath, entry.name);
  const content = readFileSync(path);
  if (content.length < SMALLEST) continue;
  const params = { [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
  for (const [ending, small] of [
    [".br", brotliCompressSync(content, { params })],
    [".gz", gzipSync(content, { level: 9 })],
  ]) {
    if (small.length < 0.9 * content.length) writeFileSync(path + ending, small);
  }
}
