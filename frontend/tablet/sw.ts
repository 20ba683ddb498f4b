/** The counter's service worker: the page and all that it needs are kept on the tablet, so that it starts without a
 * network. It never looks at the API, and takes over only when the page says that nothing is under way. */

import { addRoute, cleanupOutdatedCaches, createHandlerBoundToURL, precache } from "workbox-precaching";
import { NavigationRoute, registerRoute } from "workbox-routing";

/** What this file uses of a service worker's world, which TypeScript can't have beside a page's. */
interface Worker {
  addEventListener(type: "activate", listener: (event: { waitUntil(work: Promise<unknown>): void }) => void): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown; waitUntil(work: Promise<unknown>): void }) => void): void;
  skipWaiting(): Promise<void>;
  readonly clients: { claim(): Promise<void> };
  /** The page's version, put before this script by the service: a new template is a new version too. */
  readonly ZEGEL_PAGE: string;
}

/** The built files, whose names change with their content; put in by the build. */
declare const __PRECACHED__: readonly string[];

const worker = globalThis as unknown as Worker;
const PAGE = "/tablet";

precache([...__PRECACHED__.map((url) => ({ url, revision: null })), { url: PAGE, revision: worker.ZEGEL_PAGE }]);
cleanupOutdatedCaches();
// Before the files' own route, which would ask for the headers that the page varies by.
// Whatever stands behind the address (`?lang=`, `#` and a pairing code) is the page's own affair.
registerRoute(new NavigationRoute(createHandlerBoundToURL(PAGE), { allowlist: [/^\/tablet\/?(?:\?|$)/] }));
addRoute();

worker.addEventListener("message", (event) => {
  if (event.data === "take over") event.waitUntil(worker.skipWaiting());
});
// The first version serves the page that installed it, so that it may lose the network at once.
worker.addEventListener("activate", (event) => event.waitUntil(worker.clients.claim()));
