/** The service worker, which keeps the app on the phone. A new version is taken when the app is next opened, or while the
 * card is out of sight: nothing changes under somebody's thumb, and nobody who went to look for a code in her mail finds
 * the form empty. */

import { HOME, placeOf } from "./router.ts";

const SCRIPT = "/member.sw.js";

export async function keepUpdated(): Promise<void> {
  const { serviceWorker } = navigator;
  if (!serviceWorker) return;
  let isFirst = serviceWorker.controller === null;
  let isTaken = false;
  const mayChange = () => document.hidden && placeOf(location.hash).path === HOME;
  serviceWorker.addEventListener("controllerchange", () => {
    // The very first one belongs to the page that runs already.
    isTaken = !isFirst;
    isFirst = false;
    if (isTaken && mayChange()) location.reload();
  });
  const registration = await serviceWorker.register(SCRIPT, { scope: "/", updateViaCache: "none" }).catch(() => null);
  if (!registration) return;
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) void registration.update().catch(() => undefined);
    else if (isTaken && mayChange()) location.reload();
    else if (mayChange()) registration.waiting?.postMessage("take over");
  });
}
