/** What this browser lets the app be: installed, awake, told when it may be. */

/** Chromium's offer to install the page, which may be made later than it comes. */
interface InstallOffer extends Event {
  prompt(): Promise<unknown>;
}

let offer: InstallOffer | null = null;

/** Keeps the browser's offer to install until somebody asks for it. To be called once, early. */
export function awaitInstallOffer(): void {
  window.addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    offer = event as InstallOffer;
  });
  window.addEventListener("appinstalled", () => (offer = null));
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
  const onHomeScreen = (navigator as Navigator & { standalone?: boolean }).standalone === true;
  return onHomeScreen || window.matchMedia("(display-mode: standalone)").matches;
}

/** Whether this is a browser that puts pages on the home screen by hand, in a storage of their own (Safari on a phone). */
export function installsByHand(): boolean {
  return "standalone" in navigator && !isInstalled();
}

/** Keeps the screen lit until it is let go; also after the page was out of sight for a while. */
export class Lit {
  private lock: WakeLockSentinel | null = null;
  private isWanted = false;
  private readonly again = () => void (this.isWanted && !document.hidden && this.ask());

  hold(): void {
    this.isWanted = true;
    document.addEventListener("visibilitychange", this.again);
    void this.ask();
  }

  release(): void {
    this.isWanted = false;
    document.removeEventListener("visibilitychange", this.again);
    void this.lock?.release().catch(() => undefined);
    this.lock = null;
  }

  private async ask(): Promise<void> {
    try {
      const lock = await navigator.wakeLock.request("screen");
      if (this.isWanted) this.lock = lock;
      else await lock.release();
    } catch {
      // Refused, as with a battery that is nearly empty: the code is there all the same.
    }
  }
}

/** Gives a text to the phone's own ways of passing it on, or to the clipboard. Returns which; null if neither. */
export async function passOn(text: string, title: string): Promise<"shared" | "copied" | null> {
  try {
    if (navigator.canShare?.({ text, title })) {
      await navigator.share({ text, title });
      return "shared";
    }
    await navigator.clipboard.writeText(text);
    return "copied";
  } catch {
    return null;
  }
}
