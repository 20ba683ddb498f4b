import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here("."),
  base: "/bench/",
  publicDir: false,
  build: {
    outDir: here("dist"),
    emptyOutDir: true,
    target: "chrome125",
    chunkSizeWarningLimit: 4000,
    lib: { entry: here("libraries.js"), formats: ["es"], fileName: "libraries" },
  },
});
