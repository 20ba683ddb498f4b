/** The app's service worker: the page and what the card needs are kept on the phone, so that it opens without a network.
 * It answers for the app's own addresses and for its own files, and never looks at anything else: the API, the counter,
 * the shops' public pages. */

import { addRoute, cleanupOutdatedCaches, createHandlerBoundToURL, precache } from "workbox-precaching";
import { NavigationRoute, registerRoute } from "workbox-routing";
import { listenToPushes } from "./pushed.ts";

/** What this file uses of a service worker's world, which TypeScript can't have beside a page's. */
interface Worker {
  addEventListener(type: "activate", listener: (event: { waitUntil(work: Promise<unknown>): void }) => void): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  skipWaiting(): Promise<void>;
  readonly clients: { claim(): Promise<void> };
  /** The page's version, put before this script by the service: a new template is a new version too. */
  readonly ZEGEL_PAGE: string;
}

/** The built files, whose names change with their content; put in by the build. */
declare const __PRECACHED__: readonly string[];

const worker = globalThis as unknown as Worker;
const PAGE = "/";

precache([...__PRECACHED__.map((url) => ({ url, revision: null })), { url: PAGE, revision: worker.ZEGEL_PAGE }]);
cleanupOutdatedCaches();
// One page behind all of the app's addresses: the start, a printed card's, an invitation's.
registerRoute(new NavigationRoute(createHandlerBoundToURL(PAGE), { allowlist: [/^\/(?:\?|$)/, /^\/[ci]\/[^/]+(?:\/[0-9]*)?\/?$/i] }));
addRoute({ directoryIndex: "", cleanURLs: false });

listenToPushes(globalThis as unknown as Parameters<typeof listenToPushes>[0]);
worker.addEventListener("message", (event) => {
  if (event.data === "take over") void worker.skipWaiting();
});
// The first version serves the page that installed it, so that it may lose the network at once.
worker.addEventListener("activate", (event) => event.waitUntil(worker.clients.claim()));
