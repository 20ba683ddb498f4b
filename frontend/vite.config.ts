import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { ZXING_WASM_SHA256 } from "barcode-detector/ponyfill";
import { defineConfig, type Plugin } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Stops the build when the scanner's WebAssembly is not the very file that its JavaScript was made for:
 * another version loads without an error and then fails on every picture. */
function scannerWasmIsTheRightOne(): Plugin {
  return {
    name: "zegel:scanner-wasm",
    buildStart() {
      const file = createRequire(import.meta.url).resolve("zxing-wasm/reader/zxing_reader.wasm");
      const found = createHash("sha256").update(readFileSync(file)).digest("hex");
      if (found !== ZXING_WASM_SHA256) {
        throw new Error(`zxing_reader.wasm has SHA-256 ${found}, but barcode-detector was made for ${ZXING_WASM_SHA256}.`);
      }
    },
  };
}

export default defineConfig({
  root: here("."),
  base: "/assets/dist/",
  publicDir: false,
  plugins: [scannerWasmIsTheRightOne()],
  build: {
    outDir: here("../app/web/static/dist"),
    emptyOutDir: true,
    manifest: "manifest.json",
    assetsInlineLimit: 0,
    // The oldest browsers with light-dark(), so that tokens.css is served as it is written.
    target: ["chrome125", "firefox125", "safari17.5"],
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 2000,
    rolldownOptions: {
      input: {
        tablet: here("tablet/main.ts"),
        "api-docs": here("docs/main.ts"),
        pages: here("../app/web/styles/pages.css"),
      },
    },
  },
  worker: { format: "es" },
  test: { include: ["tests/**/*.test.ts"], environment: "node" },
} as Parameters<typeof defineConfig>[0]);
