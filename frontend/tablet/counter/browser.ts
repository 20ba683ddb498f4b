/** What this browser lets a page be: installed, full screen, with a storage that is kept. */

/** Chromium's offer to install the page, which may be made later than it comes. */
interface InstallOffer extends Event {
  prompt(): Promise<unknown>;
}

let offer: InstallOffer | null = null;

/** Keeps the browser's offer to install until somebody asks for it. To be called once, early. */
export function awaitInstallOffer(changed: () => void): void {
  window.addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    offer = event as InstallOffer;
    changed();
  });
  window.addEventListener("appinstalled", () => {
    offer = null;
    changed();
  });
}

/** Whether the browser can install the page when asked. */
export function canInstall(): boolean {
  return offer !== null;
}

/** Shows the browser's own question. Nothing happens where there is no offer. */
export async function install(): Promise<void> {
  const made = offer;
  offer = null;
  await made?.prompt();
}

/** Whether the page runs as an app of its own. */
export function isInstalled(): boolean {
  const modes = ["standalone", "fullscreen", "minimal-ui"];
  const onHomeScreen = (navigator as Navigator & { standalone?: boolean }).standalone === true;
  return onHomeScreen || modes.some((mode) => window.matchMedia(`(display-mode: ${mode})`).matches && !document.fullscreenElement);
}

/** Whether the browser promised to keep what this page stores; false where it does not tell. */
export async function isStorageKept(): Promise<boolean> {
  return (await navigator.storage?.persisted?.().catch(() => false)) ?? false;
}

/** Asks the browser to keep what this page stores. */
export async function askToKeepStorage(): Promise<boolean> {
  return (await navigator.storage?.persist?.().catch(() => false)) ?? false;
}

export function canFillScreen(): boolean {
  return document.fullscreenEnabled === true;
}

export function fillsScreen(): boolean {
  return document.fullscreenElement !== null;
}

/** Fills the screen with the page, or gives it back. */
export async function toggleFullScreen(): Promise<void> {
  if (document.fullscreenElement) await document.exitFullscreen().catch(() => undefined);
  else await document.documentElement.requestFullscreen({ navigationUI: "hide" }).catch(() => undefined);
}
