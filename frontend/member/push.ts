/** Telling this browser, also while the app is closed: asking for leave, subscribing with the browser's push service, and
 * ending it. */

import { Problem } from "../shared/problem.ts";
import type { App } from "./app.ts";

/** A push service that has not answered by then does not answer here; milliseconds. */
const WAIT = 10_000;

/** `unable`: this browser has no push. `install`: it has one for apps on the home screen alone. `off`: not offered by this
 * service. `denied`: she, or whoever set up the phone, said no to messages. */
export type PushState = "unable" | "install" | "off" | "denied" | "no" | "yes";

/** A browser that could have said yes, and did not. */
export class PushFailed extends Error {
  constructor(readonly why: "denied" | "silent") {
    super(why);
  }
}

/** Whether this browser is told. Throws a `Problem`. */
export async function pushState(app: App): Promise<PushState> {
  if (!("serviceWorker" in navigator) || typeof PushManager !== "function" || typeof Notification !== "function") {
    return "standalone" in navigator ? "install" : "unable";
  }
  if (Notification.permission === "denied") return "denied";
  const { push_public_key: key } = await app.offers();
  if (!key) return "off";
  return (await subscription()) && Notification.permission === "granted" ? "yes" : "no";
}

/** Asks for leave and subscribes. To be called by a touch. Throws `PushFailed` and `Problem`. */
export async function subscribePush(app: App): Promise<void> {
  // First, while the touch still counts.
  if ((await Notification.requestPermission()) !== "granted") throw new PushFailed("denied");
  const { push_public_key: key } = await app.offers();
  const registration = await soon(navigator.serviceWorker.ready);
  const made = await soon(
    registration.pushManager.getSubscription().then((old) => old ?? registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key })),
  );
  try {
    await tell(app, made);
  } catch (error) {
    await made.unsubscribe().catch(() => false);
    throw error;
  }
}

/** Tells the service again, as in another language. Nothing happens where this browser is not subscribed. */
export async function renewPush(app: App): Promise<void> {
  const known = await subscription();
  if (known && app.session.isOpen) await tell(app, known);
}

/** Ends it, also where the service can't be reached: then the push service tells that nobody is there any more. */
export async function endPush(app: App): Promise<void> {
  const known = await subscription();
  if (!known) return;
  const { endpoint } = known;
  await known.unsubscribe();
  await app.api.delete("/me/push-subscription", { endpoint }).catch((error: unknown) => {
    if (!(error instanceof Problem)) throw error;
  });
}

async function subscription(): Promise<PushSubscription | null> {
  const registration = await navigator.serviceWorker?.getRegistration("/");
  return (await registration?.pushManager?.getSubscription()) ?? null;
}

async function tell(app: App, made: PushSubscription): Promise<void> {
  const { endpoint, keys } = made.toJSON();
  await app.api.put("/me/push-subscription", { endpoint, keys: { p256dh: keys?.["p256dh"], auth: keys?.["auth"] }, locale: app.language });
}

/** What a browser promised, or that its push service does not answer. */
async function soon<T>(promised: Promise<T>): Promise<T> {
  let timer = 0;
  const late = new Promise<never>((_, fail) => {
    timer = window.setTimeout(() => fail(new PushFailed("silent")), WAIT);
  });
  try {
    return await Promise.race([promised, late]);
  } catch (error) {
    if (error instanceof DOMException) throw new PushFailed(error.name === "NotAllowedError" ? "denied" : "silent");
    throw error;
  } finally {
    window.clearTimeout(timer);
  }
}
