import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** One file for Node, with the tablet's own core in it. */
export default defineConfig({
  root: here("."),
  publicDir: false,
  build: {
    ssr: here("main.ts"),
    outDir: here("../../dist/simulator"),
    emptyOutDir: true,
    target: "node20",
    rolldownOptions: { output: { entryFileNames: "simulator.js" } },
  },
} as Parameters<typeof defineConfig>[0]);
