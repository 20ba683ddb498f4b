/** The camera: always awake, looking for a code a few times a second, whatever screen is shown. */

export type CameraState = "off" | "starting" | "on" | "denied" | "none" | "insecure" | "broken";

/** Milliseconds between two looks; a code is seen within a third of a second without heating the tablet. */
const LOOK_EVERY = 110;
/** A code that stays in view counts once; it counts again after it was out of view for this long (milliseconds). */
export const FORGET_AFTER = 4000;

/** Lets a code through once, until it has been out of view for a while. */
export class OnceInView {
  private seen = new Map<string, number>();

  /** Tells whether `key`, in view at `now` (milliseconds), has just come into view. */
  isNew(key: string, now: number): boolean {
    for (const [known, at] of this.seen) if (now - at > FORGET_AFTER) this.seen.delete(known);
    const isNew = !this.seen.has(key);
    this.seen.set(key, now);
    return isNew;
  }
}

export class Camera {
  readonly video: HTMLVideoElement;
  state: CameraState = "off";
  private stream: MediaStream | null = null;
  private worker: Worker | null = null;
  private timer: number | undefined;
  private lock: WakeLockSentinel | null = null;

  constructor(
    private readonly onCode: (text: string) => void,
    private readonly onState: (state: CameraState) => void,
  ) {
    this.video = document.createElement("video");
    this.video.muted = true;
    this.video.playsInline = true;
    this.video.setAttribute("aria-hidden", "true");
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState !== "visible" || this.state === "off") return;
      void this.start();
      // The browser lets go of the screen whenever the page is out of sight.
      if (this.state === "on") void this.stayAwake();
    });
  }

  /** Starts the camera, or does nothing if it runs. Never throws: what went wrong is in `state`. */
  async start(): Promise<void> {
    if (this.state === "starting" || (this.state === "on" && this.stream?.active)) return;
    if (!navigator.mediaDevices?.getUserMedia) return this.become("insecure");
    this.become("starting");
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({
        audio: false,
        video: {
          // A tablet stands on the counter and looks at the customer; a phone is held towards the card.
          facingMode: window.matchMedia("(max-width: 40em)").matches ? "environment" : "user",
          width: { ideal: 1280 },
          height: { ideal: 720 },
        },
      });
      const facing = this.stream.getVideoTracks()[0]?.getSettings().facingMode;
      this.video.classList.toggle("mirror", facing === "user");
      for (const track of this.stream.getVideoTracks()) {
        track.addEventListener("ended", () => this.become("broken"));
      }
      this.video.srcObject = this.stream;
      await this.video.play();
      this.become("on");
      this.look();
      await this.stayAwake();
    } catch (error) {
      const name = error instanceof DOMException ? error.name : "";
      if (name === "NotAllowedError" || name === "SecurityError") this.become("denied");
      else if (name === "NotFoundError" || name === "OverconstrainedError") this.become("none");
      else this.become("broken");
    }
  }

  /** Stops the camera and lets the screen sleep again. */
  stop(): void {
    window.clearTimeout(this.timer);
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
    this.video.srcObject = null;
    void this.lock?.release().catch(() => undefined);
    this.lock = null;
    this.become("off");
  }

  private async stayAwake(): Promise<void> {
    this.lock = (await navigator.wakeLock?.request("screen").catch(() => null)) ?? null;
  }

  private become(state: CameraState): void {
    this.state = state;
    this.onState(state);
  }

  private look(): void {
    this.worker ??= this.makeWorker();
    const worker = this.worker;
    window.clearTimeout(this.timer);
    const again = () => {
      this.timer = window.setTimeout(() => this.look(), LOOK_EVERY);
    };
    if (this.state !== "on") return;
    if (this.video.readyState < 2 || document.visibilityState === "hidden") return again();
    createImageBitmap(this.video).then(
      (picture) => worker.postMessage(picture, [picture]),
      () => again(),
    );
  }

  private makeWorker(): Worker {
    const worker = new Worker(new URL("./scan.worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<{ texts: string[] }>) => {
      const [text] = data.texts;
      if (text) this.onCode(text);
      this.timer = window.setTimeout(() => this.look(), LOOK_EVERY);
    };
    worker.onerror = () => this.become("broken");
    return worker;
  }
}
