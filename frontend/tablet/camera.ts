/** The camera: always awake, looking for a code a few times a second, whatever screen is shown. */

import type { Glance } from "./scan.worker.ts";

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

/** Which way the camera looks: at whoever uses the tablet, or away from it. */
export type Facing = "user" | "environment";

/** What lamps and cameras there are, as far as the browser tells; not in every library of types. */
interface Lamp extends MediaTrackCapabilities {
  readonly torch?: boolean;
}

export class Camera {
  readonly video: HTMLVideoElement;
  state: CameraState = "off";
  /** Whether there is a second camera to turn to. */
  canTurn = false;
  hasTorch = false;
  isTorchOn = false;
  // A tablet stands on the counter and looks at the customer; a phone is held towards the card.
  private wanted: Facing = window.matchMedia("(max-width: 40em)").matches ? "environment" : "user";
  private stream: MediaStream | null = null;
  private worker: Worker | null = null;
  private timer: number | undefined;
  /** Whether the last picture held a code: what stays in view must not hide what is held beside it. */
  private sawOne = false;
  private lock: WakeLockSentinel | null = null;

  constructor(
    private readonly onCodes: (texts: readonly string[]) => void,
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
          facingMode: this.wanted,
          width: { ideal: 1280 },
          height: { ideal: 720 },
        },
      });
      const [track] = this.stream.getVideoTracks();
      const facing = track?.getSettings().facingMode;
      this.video.classList.toggle("mirror", facing === "user");
      this.hasTorch = (track?.getCapabilities?.() as Lamp | undefined)?.torch === true;
      this.isTorchOn = false;
      for (const track of this.stream.getVideoTracks()) {
        track.addEventListener("ended", () => this.become("broken"));
      }
      this.video.srcObject = this.stream;
      await this.video.play();
      this.canTurn = await hasTwoCameras();
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

  get facing(): Facing {
    return this.wanted;
  }

  /** Looks the given way from now on; starts again if it looked the other way. */
  async face(facing: Facing): Promise<void> {
    if (facing === this.wanted) return;
    this.wanted = facing;
    if (this.state === "off") return;
    this.stop();
    await this.start();
  }

  /** Lights the lamp beside the camera, or puts it out. Nothing happens where there is none. */
  async light(isOn: boolean): Promise<void> {
    const [track] = this.stream?.getVideoTracks() ?? [];
    if (!track || !this.hasTorch) return;
    const wish: MediaTrackConstraintSet & { torch: boolean } = { torch: isOn };
    await track.applyConstraints({ advanced: [wish] }).catch(() => undefined);
    this.isTorchOn = isOn;
    this.onState(this.state);
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
      (picture) => worker.postMessage({ picture, every: this.sawOne } satisfies Glance, [picture]),
      () => again(),
    );
  }

  private makeWorker(): Worker {
    const worker = new Worker(new URL("./scan.worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<{ texts: string[] }>) => {
      this.sawOne = data.texts.length > 0;
      if (this.sawOne) this.onCodes(data.texts);
      this.timer = window.setTimeout(() => this.look(), LOOK_EVERY);
    };
    worker.onerror = () => this.become("broken");
    return worker;
  }
}

async function hasTwoCameras(): Promise<boolean> {
  const devices = (await navigator.mediaDevices.enumerateDevices?.().catch(() => [])) ?? [];
  return devices.filter((device) => device.kind === "videoinput").length > 1;
}
