/** A tablet: a disk, two clocks, a network, and a page with the real core in it, which may die at any moment. */

import type { Pairing, Redemption, Visit } from "../shared/api.ts";
import { Problem } from "../shared/api.ts";
import { Clock, type KnownError } from "../shared/clock.ts";
import { Driver } from "../tablet/queue/driver.ts";
import { PageLocks } from "../tablet/queue/locks.ts";
import { Queue, type Parts } from "../tablet/queue/queue.ts";
import type { Transport } from "../tablet/queue/transport.ts";
import { Disk, DiskMirror, DiskStorage } from "./disk.ts";
import { Network } from "./network.ts";
import type { Chance } from "./random.ts";
import type { ModelDevice, Server } from "./server.ts";
import type { World } from "./world.ts";

/** Makes a core that is weaker than the real one, from the parts of the real one. */
export interface Twin {
  /** Changes what the core stands on. */
  readonly parts?: (parts: Parts, disk: Disk) => Parts;
  /** Makes another core. */
  readonly core?: (parts: Parts) => Queue;
}

export interface Surrounded {
  readonly world: World;
  readonly chance: Chance;
  readonly server: Server;
  readonly twin: Twin;
  readonly newId: () => string;
}

/** Events in one request: few, so that queues need several. */
const BATCHES = [1, 2, 4] as const;
const PATIENCE = 2500;
const PATIENCE_FOR_SYNC = 20_000;

export class Tablet {
  readonly disk = new Disk();
  readonly network: Network;
  page: Page | null = null;
  /** Milliseconds by which its wall clock is off, and how fast it goes. */
  skew: number;
  readonly drift: number;
  readonly batch: number;
  knownError: KnownError | undefined;
  isVisible = true;
  isStolen = false;
  /** What it was ever paired as. */
  readonly devices: ModelDevice[] = [];
  wasDestroyed = false;
  /** Ids of its online tries of vouchers. */
  readonly triedVouchers = new Set<string>();
  /** Whether all that it knew was gone at least once. */
  wasWiped = false;

  constructor(
    readonly name: string,
    readonly with_: Surrounded,
    public location_id: string,
  ) {
    const { world, chance } = with_;
    this.network = new Network(world, chance);
    this.skew = chance.happens(0.5) ? 0 : chance.between(-8 * 3600_000, 8 * 3600_000);
    this.batch = chance.pick(BATCHES);
    this.drift = 1 + (chance.next() - 0.5) * 2e-4;
  }

  wall(): number {
    return this.with_.world.now * this.drift + this.skew;
  }

  /** Switches the tablet on: a new page life, on the same disk. */
  boot(): Page {
    this.page = new Page(this);
    return this.page;
  }

  /** Whatever the page was doing ends here, without a trace. */
  kill(): void {
    if (this.page) this.page.isAlive = false;
    this.page?.driver.stop();
    this.page = null;
  }
}

export class Page {
  isAlive = true;
  isReady = false;
  readonly queue: Queue;
  readonly driver: Driver;
  readonly clock: Clock;
  private readonly born: number;
  private wakes: (() => void) | null = null;

  constructor(readonly tablet: Tablet) {
    const { world, chance, newId, twin } = tablet.with_;
    this.born = world.now;
    const clocks = { wall: () => tablet.wall(), steady: () => world.now - this.born };
    this.clock = new Clock(clocks, newId(), (error) => void (tablet.knownError = error));
    const parts: Parts = {
      storage: new DiskStorage(tablet.disk, () => this.pause()),
      mirror: new DiskMirror(tablet.disk),
      transport: this.transport(),
      clock: this.clock,
      locks: new PageLocks(),
      newId,
      facts: () => ({ app_version: "simulated" }),
      batch: tablet.batch,
    };
    const bent = twin.parts?.(parts, tablet.disk) ?? parts;
    this.queue = twin.core?.(bent) ?? new Queue(bent);
    this.driver = new Driver(this.queue, {
      isVisible: () => tablet.isVisible,
      onWake: (listener) => {
        this.wakes = listener;
        return () => void (this.wakes = null);
      },
      after: (milliseconds, act) => world.after(milliseconds, this.resume(act)),
      random: () => chance.next(),
    });
  }

  /** Reads the disk and begins to send, as the counter does at its start. */
  async begin(): Promise<void> {
    this.clock.restore(this.tablet.knownError);
    await this.queue.begin();
    this.isReady = true;
    this.queue.onChange(() => void (this.queue.waiting > 0 && this.driver.nudge()));
    this.driver.start();
  }

  get isPaired(): boolean {
    return this.isReady && this.queue.pairing !== null && !this.queue.isUnpaired;
  }

  /** The network is back, or somebody looks. */
  wake(): void {
    this.wakes?.();
  }

  /** `act`, unless the page has died by then. */
  resume(act: () => void): () => unknown {
    return () => (this.isAlive ? act() : false);
  }

  private pause(): Promise<void> {
    const { world, chance } = this.tablet.with_;
    if (chance.happens(0.5)) return Promise.resolve();
    return new Promise((resolve) => world.after(chance.below(25), this.resume(resolve)));
  }

  private transport(): Transport {
    const { network, with_ } = this.tablet;
    const { server, chance } = with_;
    const resume = (act: () => void) => this.resume(act);
    const crash = (crashes: boolean) => {
      // The transaction was written, and nobody learns of it.
      if (crashes) throw new Problem(500, "crashed", "", "");
    };
    return {
      isOffline: () => !network.isUp && network.isNoticed,
      visit: (pairing, draft, id) =>
        network.send(
          (crashes) => {
            const answer = server.visit(pairing.device_token, draft.code ?? "", id);
            crash(crashes);
            return answer as Visit;
          },
          PATIENCE,
          resume,
        ),
      redeem: (pairing, code, id) => {
        this.tablet.triedVouchers.add(id);
        return network.send(
          (crashes) => {
            const answer = server.redeem(pairing.device_token, code, id);
            crash(crashes);
            return answer as unknown as Redemption;
          },
          PATIENCE,
          resume,
        );
      },
      sync: (pairing, request) => {
        const after = chance.below(this.tablet.batch + 1);
        return network.send(
          (crashes) => {
            const answer = server.sync(pairing.device_token, request, crashes ? after : undefined);
            crash(crashes);
            return answer;
          },
          PATIENCE_FOR_SYNC,
          resume,
        );
      },
    };
  }
}

/** A pairing as the service answers it. */
export function pairingOf(device: { device_id: string; device_token: string; location_id: string }): Pairing {
  return {
    device_id: device.device_id,
    device_token: device.device_token,
    location: { location_id: device.location_id, name: "" },
    merchant: { merchant_id: "m", name: "" },
  };
}
