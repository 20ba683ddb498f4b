import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ZXING_WASM_SHA256 } from "zxing-wasm/reader";
import { build, defineConfig, type Plugin } from "vite";

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
        throw new Error(`zxing_reader.wasm has SHA-256 ${found}, but its JavaScript was made for ${ZXING_WASM_SHA256}.`);
      }
    },
  };
}

interface Built {
  readonly fileName: string;
  readonly name?: string | undefined;
  readonly imports?: readonly string[];
  readonly dynamicImports?: readonly string[];
  readonly viteMetadata?: { readonly importedCss: Set<string>; readonly importedAssets: Set<string> };
}

/** All files that an entry leads to. */
function reach(bundle: Readonly<Record<string, Built>>, entry: string): Set<string> {
  const found = new Set<string>();
  const follow = (fileName: string) => {
    if (found.has(fileName)) return;
    found.add(fileName);
    const { imports = [], dynamicImports = [], viteMetadata } = bundle[fileName] ?? { fileName };
    for (const next of [...imports, ...dynamicImports]) follow(next);
    for (const asset of [...(viteMetadata?.importedCss ?? []), ...(viteMetadata?.importedAssets ?? [])]) found.add(asset);
  };
  const root = Object.values(bundle).find((file) => file.name === entry && file.imports !== undefined);
  if (root) follow(root.fileName);
  return found;
}

/** One of the two installable clients. */
interface Client {
  readonly entry: string;
  /** All other entries. */
  readonly others: readonly string[];
  readonly source: string;
  readonly script: string;
  /** Whether the built file is kept for a time without a network; `own` are those that the entry leads to. */
  keeps(file: string, own: ReadonlySet<string>, others: ReadonlySet<string>): boolean;
  /** Stops the build when what must be there is not. */
  has(precached: readonly string[]): boolean;
}

const CLIENTS: readonly Client[] = [
  {
    // Everything but what other entries alone lead to: workers and WebAssembly are led to by no import, so they are found
    // by what is left.
    entry: "tablet",
    others: ["api-docs", "pages", "member", "office", "admin"],
    source: here("tablet/sw.ts"),
    script: "tablet.sw.js",
    keeps: (file, own, others) => own.has(file) || (!others.has(file) && !/[/](?:pages|api-docs|member|office|admin|htmx)-[^/]*$/.test(file)),
    has: (precached) => precached.some((file) => file.endsWith(".wasm")),
  },
  {
    // The map is for when there is a network, and larger than all the rest.
    entry: "member",
    others: [],
    source: here("member/sw.ts"),
    script: "member.sw.js",
    keeps: (file, own) => own.has(file) && !/[/](?:map|leaflet|decoder|layers|marker)[^/]*$/.test(file),
    has: (precached) => precached.some((file) => file.endsWith(".woff2")),
  },
];

/** Builds a client's service worker, with the list of what the client needs. */
function serviceWorker(client: Client): Plugin {
  let precached: string[] = [];
  let base = "/";
  let outDir = "";
  return {
    name: `zegel:${client.entry}-service-worker`,
    apply: "build",
    configResolved(config) {
      ({ base } = config);
      outDir = resolve(config.root, config.build.outDir);
    },
    writeBundle(_, written) {
      const bundle = written as unknown as Readonly<Record<string, Built>>;
      const own = reach(bundle, client.entry);
      const others = new Set(client.others.flatMap((entry) => [...reach(bundle, entry)]));
      precached = Object.keys(bundle)
        .filter((file) => file.startsWith("assets/") && client.keeps(file, own, others))
        .map((file) => base + file)
        .sort();
      if (!own.size || !client.has(precached)) throw new Error(`The files of ${client.entry} were not found in the build.`);
    },
    async closeBundle() {
      if (!precached.length) return;
      await build({
        configFile: false,
        logLevel: "warn",
        define: { __PRECACHED__: JSON.stringify(precached), "process.env.NODE_ENV": '"production"' },
        build: {
          outDir,
          emptyOutDir: false,
          copyPublicDir: false,
          modulePreload: false,
          target: ["chrome125", "firefox125", "safari17.5"],
          rolldownOptions: { input: client.source, output: { format: "iife", entryFileNames: client.script } },
        },
      } as Parameters<typeof build>[0]);
    },
  };
}

export default defineConfig({
  root: here("."),
  base: "/assets/dist/",
  publicDir: false,
  plugins: [scannerWasmIsTheRightOne(), ...CLIENTS.map(serviceWorker)],
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
      // htmx can evaluate what pages say; ours forbid it (office/htmx.ts, and their policy).
      checks: { eval: false },
      input: {
        tablet: here("tablet/main.ts"),
        member: here("member/main.ts"),
        "api-docs": here("docs/main.ts"),
        office: here("office/main.ts"),
        admin: here("admin/main.ts"),
        pages: here("../app/web/styles/pages.css"),
      },
    },
  },
  worker: { format: "es" },
  test: { include: ["tests/**/*.test.ts"], environment: "node" },
} as Parameters<typeof defineConfig>[0]);
