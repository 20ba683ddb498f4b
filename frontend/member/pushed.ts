/** The service worker's ear: shows what was pushed, and opens the app where it leads. Part of `sw.ts`. */

interface Late {
  waitUntil(work: Promise<unknown>): void;
}

interface PushEvent extends Late {
  readonly data: { json(): unknown } | null;
}

interface ClickEvent extends Late {
  readonly notification: { readonly data: unknown; close(): void };
}

interface Window {
  readonly url: string;
  focus(): Promise<unknown>;
  postMessage(message: unknown): void;
}

interface Ears {
  /** How the card is called here, put before the script by the service. */
  readonly ZEGEL_TOWN?: string;
  addEventListener(type: "push", listener: (event: PushEvent) => void): void;
  addEventListener(type: "notificationclick", listener: (event: ClickEvent) => void): void;
  readonly registration: { showNotification(title: string, options: NotificationOptions): Promise<void> };
  readonly clients: {
    matchAll(options: { type: "window"; includeUncontrolled: boolean }): Promise<readonly Window[]>;
    openWindow(url: string): Promise<unknown>;
  };
}

/** A place in the app, and nothing else. */
const PLACE = /^#\/[\w/-]*$/;
/** The app's own pages; the counter and the shops' pages are somebody else's. */
const OWN = /^\/(?:$|[ci]\/)/i;

/** What the app hears from here. */
export interface OpenPlace {
  readonly open: string;
}

/** Listens to the push service, and to touches of what was shown. */
export function listenToPushes(worker: Ears): void {
  worker.addEventListener("push", (event) => event.waitUntil(show(worker, read(event))));
  worker.addEventListener("notificationclick", (event) => {
    event.notification.close();
    event.waitUntil(open(worker, placeOf(event.notification.data)));
  });
}

function read(event: PushEvent): Record<string, unknown> {
  try {
    const told = event.data?.json();
    return typeof told === "object" && told !== null ? (told as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** Browsers take the leave away from who is pushed to and shows nothing: also what can't be read is shown. */
async function show(worker: Ears, told: Record<string, unknown>): Promise<void> {
  const text = (name: string) => (typeof told[name] === "string" ? (told[name] as string) : "");
  await worker.registration.showNotification(text("title") || worker.ZEGEL_TOWN || "Zegel", {
    body: text("body"),
    tag: text("message_id") || "zegel",
    icon: "/assets/icons/seal-192.png",
    data: { link: text("link") },
    // A shop waits for the answer.
    requireInteraction: text("kind") === "spending_asked",
  });
}

function placeOf(data: unknown): string {
  const link = (data as { link?: unknown } | null)?.link;
  return typeof link === "string" && PLACE.test(link) ? link : "#/me/messages";
}

async function open(worker: Ears, place: string): Promise<void> {
  const windows = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  const own = windows.find((one) => OWN.test(new URL(one.url).pathname));
  if (!own) return void (await worker.clients.openWindow(`/${place}`));
  own.postMessage({ open: place } satisfies OpenPlace);
  // A browser may keep the window where it is: the place is open in it all the same.
  await own.focus().catch(() => undefined);
}
