/** The service's time on this tablet, whatever its own clock says. */

/** The tablet's two clocks, in milliseconds: `wall` can be set, `steady` only goes forward while the page lives. */
export interface Clocks {
  wall(): number;
  steady(): number;
}

/** A moment: the best guess of the service's time, and what is needed to guess better later. */
export interface Stamp {
  readonly at: number;
  /** Whether `at` rests on a measurement. */
  readonly isMeasured: boolean;
  readonly steady: number;
  /** The page life whose steady clock it is. */
  readonly life: string;
}

/** The clock's error as it is kept over restarts. */
export interface KnownError {
  /** Milliseconds by which the tablet's clock is ahead of the service's. */
  readonly offset: number;
}

/** A tablet that slept for longer than this was rather set to another time. */
const LONGEST_SLEEP = 24 * 3600_000;
/** Differences below this are the clocks' own grain. */
const GRAIN = 250;

/** Starts without knowing; `restore` brings back what an earlier page life measured. */
export class Clock {
  private anchor: { server: number; steady: number; wall: number } | null = null;
  private offset: number | null = null;
  private hidden: { wall: number; steady: number } | null = null;

  constructor(
    private readonly clocks: Clocks,
    private readonly life: string,
    /** Keeps the error for the next start; must not throw. */
    private readonly keep: (error: KnownError) => void = () => undefined,
  ) {}

  /** Takes what an earlier page life knew. A measurement of this one is better and stays. */
  restore(error: KnownError | undefined): void {
    if (error && Number.isFinite(error.offset) && this.offset === null) this.offset = error.offset;
  }

  /** Whether the clock's error was ever measured. */
  get isKnown(): boolean {
    return this.offset !== null;
  }

  /** Whether this page life has measured it. */
  get isMeasured(): boolean {
    return this.anchor !== null;
  }

  /** The tablet's clocks now: taken before a request, given to `measure` with its answer. */
  steady(): number {
    return this.clocks.steady();
  }

  /** Learns from an answer that tells the service's time, `sent` steady milliseconds being when it was asked for. The
   * service's word is taken to be of the middle of the round trip. Nonsense is left aside. */
  measure(server: number | string, sent: number): void {
    const told = typeof server === "number" ? server : Date.parse(server);
    const steady = this.clocks.steady();
    const trip = steady - sent;
    if (!Number.isFinite(told) || trip < 0) return;
    const now = told + trip / 2;
    const wall = this.clocks.wall();
    this.anchor = { server: now, steady, wall };
    this.offset = Math.round(wall - now);
    this.keep({ offset: this.offset });
  }

  /** The service's time now, in milliseconds, as well as it is known. */
  now(): number {
    if (this.anchor) return this.anchor.server + (this.clocks.steady() - this.anchor.steady);
    return this.clocks.wall() - (this.offset ?? 0);
  }

  /** Milliseconds by which the tablet's own clock is ahead, at this moment; undefined if it was never measured. */
  offsetNow(): number | undefined {
    return this.isKnown ? Math.round(this.clocks.wall() - this.now()) : undefined;
  }

  /** This moment, to be kept with an event. */
  stamp(): Stamp {
    return { at: this.now(), isMeasured: this.isKnown, steady: this.clocks.steady(), life: this.life };
  }

  /** When that moment was, by all that is known now. */
  settled(stamp: Stamp): number {
    if (stamp.isMeasured) return stamp.at;
    if (this.anchor && stamp.life === this.life) return this.anchor.server + (stamp.steady - this.anchor.steady);
    return stamp.at - (this.offset ?? 0);
  }

  /** The page went out of sight: the tablet may fall asleep, and then the steady clock of some browsers stands still. */
  hide(): void {
    this.hidden = { wall: this.clocks.wall(), steady: this.clocks.steady() };
  }

  /** The page is seen again. If the wall clock ran ahead of the steady one meanwhile, the tablet slept. */
  show(): void {
    if (!this.hidden || !this.anchor) return;
    const slept = this.clocks.wall() - this.hidden.wall - (this.clocks.steady() - this.hidden.steady);
    this.hidden = null;
    if (slept > GRAIN && slept < LONGEST_SLEEP) this.anchor = { ...this.anchor, server: this.anchor.server + slept };
  }
}
