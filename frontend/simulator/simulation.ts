/** One run: a shop's tablets and its customers' phones through some hours of everything that can go wrong, then a quiet
 * time, then the account. All of it follows from the seed. */

import { Problem } from "../shared/api.ts";
import { QueueError } from "../tablet/queue/problems.ts";
import { account, type Failure } from "./account.ts";
import { FINE, type Weather } from "./network.ts";
import { Chance } from "./random.ts";
import { BLOCKED, type ModelDevice, Server } from "./server.ts";
import { type Page, pairingOf, Tablet, type Twin } from "./tablet.ts";
import { World } from "./world.ts";

/** Something that a customer was told is done. */
export interface Granted {
  readonly what: "visit" | "voucher";
  /** The visit's card and occasion, or the voucher's code. */
  readonly of: string;
  readonly id: string;
  /** Whether the service said so itself. */
  readonly isBooked: boolean;
  readonly location_id: string;
  readonly tablet: Tablet;
}

/** A number that went down with a storage. */
export interface Lost {
  readonly tablet: Tablet;
  readonly device_id: string;
  readonly id: string;
  readonly sequence: number | null;
  /** Whether localStorage went as well: then nothing on the tablet remembers. */
  readonly isWhole: boolean;
}

/** All that the account is drawn up from. */
export interface Run {
  readonly world: World;
  readonly server: Server;
  readonly tablets: readonly Tablet[];
  readonly granted: Granted[];
  readonly lost: Lost[];
  /** Ids of visits that were safely kept before their online try, with the place. */
  readonly tried: Map<string, string>;
  /** Vouchers whose reservation was ended by a write-off. */
  readonly writtenOff: Set<string>;
  /** What contradicted the core's own promises on the way. */
  readonly broken: string[];
}

export interface Outcome {
  readonly seed: number;
  readonly failures: readonly Failure[];
  readonly history: readonly string[];
  readonly granted: number;
  readonly lost: number;
  readonly happened: number;
}

interface Shown {
  readonly code: string;
  readonly hold_id: string;
  readonly device_id: string;
}

interface Phone {
  readonly name: string;
  readonly vouchers: readonly string[];
  /** Every QR code that it ever showed: a screenshot outlives the reservation. */
  readonly shown: Shown[];
}

const START = Date.UTC(2026, 10, 2, 7);
const HOUR = 3600_000;
/** Everything must have arrived by then, once nothing goes wrong any more. */
const QUIET = 3 * HOUR;

/** Runs one seed. `isRecorded` keeps the history. */
export async function simulate(seed: number, options: Options = {}): Promise<Outcome> {
  const simulation = new Simulation(seed, options);
  const failures = await simulation.run();
  const { world, granted, lost } = simulation.kept;
  return { seed, failures, history: world.history ?? [], granted: granted.length, lost: lost.length, happened: world.happened };
}

/** What a run is made of. */
export interface Options {
  readonly twin?: Twin;
  readonly serverTwin?: string;
  readonly isRecorded?: boolean;
  /** Only what the format of `queue_traces.json` can tell: no card is blocked, no tablet paired anew, and the service
   * doesn't fail half-way. */
  readonly isTraced?: boolean;
}

export class Simulation {
  readonly kept: Run;
  private readonly chance: Chance;
  private readonly phones: Phone[];
  private made = 0;
  private occasions = 0;
  private isNight = false;

  constructor(
    seed: number,
    private readonly options: Options,
  ) {
    const { twin = {}, serverTwin = null, isRecorded = false } = options;
    this.chance = new Chance(seed);
    const { chance } = this;
    const world = new World(START, isRecorded);
    const server = new Server(() => world.now, serverTwin);
    const surrounded = { world, chance, server, twin, newId: () => `id-${++this.made}` };
    const tablets = Array.from({ length: chance.between(2, 4) }, (_, at) => {
      return new Tablet(`tablet ${at + 1}`, surrounded, at === 3 ? "elsewhere" : "here");
    });
    this.kept = { world, server, tablets, granted: [], lost: [], tried: new Map(), writtenOff: new Set(), broken: [] };
    this.phones = [1, 2].map((number) => {
      const vouchers = Array.from({ length: chance.between(1, 2) }, (_, at) => `V${number}${at}`);
      for (const code of vouchers) server.issue(code);
      return { name: `phone ${number}`, vouchers, shown: [] };
    });
    for (const tablet of tablets) {
      tablet.disk.onWritten = (store, key) => {
        if (store === "trying") this.kept.tried.set(String(key), tablet.location_id);
      };
    }
  }

  async run(): Promise<Failure[]> {
    const { world, tablets, server } = this.kept;
    for (const tablet of tablets) this.boot(tablet);
    await world.pass(world.now + 5000);
    for (const tablet of tablets) this.pair(tablet, server.pair(tablet.location_id));
    await world.pass(world.now + 5000);
    this.weather();
    const acts = this.chance.between(15, 60);
    const pace = this.chance.pick([2000, 10_000, 60_000]);
    for (let act = 0; act < acts; act++) {
      await world.pass(world.now + this.chance.below(pace));
      await this.act();
    }
    await this.quiet();
    return account(this.kept);
  }

  /** One thing that somebody does, or that befalls something. */
  private async act(): Promise<void> {
    const { chance } = this;
    const tablet = chance.pick(this.kept.tablets);
    const isTraced = this.options.isTraced === true;
    const deed = chance.weighted({
      earn: 40,
      show: 16,
      hold: 12,
      release: 8,
      network: 12,
      weather: 4,
      kill: 7,
      clock: 3,
      night: 1,
      destroy: 2,
      revoke: isTraced ? 0 : 1.5,
      pair: isTraced ? 0 : 2,
      writeOff: 1,
      steal: 0.5,
      elsewhere: isTraced ? 0 : 1,
      sight: 2,
      rush: 3,
    });
    if (deed === "night") return this.night();
    if (deed === "weather") return this.weather();
    if (deed === "hold") return this.hold(tablet);
    if (deed === "release") return this.release();
    if (deed === "writeOff") return this.writeOff();
    if (tablet.isStolen) return;
    if (deed === "destroy") return this.destroy(tablet, !isTraced && chance.happens(0.25));
    if (deed === "steal") return this.steal(tablet);
    if (deed === "kill") return this.restart(tablet);
    if (deed === "clock") return void (tablet.skew += chance.between(-12 * HOUR, 12 * HOUR));
    if (deed === "sight") return this.sight(tablet);
    if (deed === "network") return this.network(tablet);
    if (deed === "revoke") return this.revoke(tablet);
    const { page } = tablet;
    if (!page?.isReady) return;
    if (!page.isPaired && isTraced) return;
    if (deed === "pair" || !page.isPaired) return this.pair(tablet, this.kept.server.pair(tablet.location_id));
    if (deed === "elsewhere") return this.moveElsewhere(tablet, page);
    if (deed === "rush") return this.rush(tablet, page);
    if (deed === "show") return this.show(tablet, page, chance.pick(this.phones));
    this.earn(tablet, page);
  }

  private tell(text: () => string): void {
    this.kept.world.tell(text);
  }

  private boot(tablet: Tablet): void {
    this.tell(() => `${tablet.name} starts`);
    void tablet.boot().begin();
  }

  private restart(tablet: Tablet): void {
    this.tell(() => `${tablet.name} is killed`);
    tablet.kill();
    this.kept.world.after(this.chance.between(50, 60_000), () => {
      if (!tablet.page && !tablet.isStolen && !this.isNight) this.boot(tablet);
    });
  }

  private earn(tablet: Tablet, page: Page): void {
    const { chance } = this;
    const occasion = `${chance.happens(0.06) && !this.options.isTraced ? BLOCKED : `card-${chance.below(3)}`}#${++this.occasions}`;
    const online = chance.happens(0.85);
    this.tell(() => `${tablet.name}: ${occasion} is shown${online ? "" : ", nobody is asked"}`);
    const { location_id } = tablet;
    void page.queue.attempt({ code: occasion }, online).then(
      (booked) => {
        const id = booked.outcome === "booked" ? booked.id : booked.event.id;
        this.tell(() => `${tablet.name}: ${occasion} granted, ${booked.outcome}${booked.outcome === "queued" ? ` as ${booked.event.sequence}` : ""} (${id})`);
        this.kept.granted.push({ what: "visit", of: occasion, id, isBooked: booked.outcome === "booked", location_id, tablet });
      },
      (error: unknown) => this.refused(tablet, occasion, error),
    );
  }

  private refused(tablet: Tablet, what: string, error: unknown): void {
    if (!(error instanceof Problem || error instanceof QueueError)) this.kept.broken.push(`${tablet.name}: ${what}: ${String(error)}`);
    this.tell(() => `${tablet.name}: ${what} refused: ${error instanceof Problem ? `${error.status} ${error.code}` : String(error)}`);
  }

  /** A phone shows the QR of a reservation, be it an old one, or just the voucher's code. */
  private show(tablet: Tablet, page: Page, phone: Phone, chosen?: Shown | null, plain?: string): void {
    const { chance } = this;
    const shown = chosen !== undefined ? chosen : phone.shown.length && chance.happens(0.75) ? chance.pick(phone.shown) : null;
    const code = shown?.code ?? plain ?? chance.pick(phone.vouchers);
    // The proof holds under one device's key alone.
    const isProven = shown !== null && shown.device_id === page.queue.pairing?.device_id;
    const online = chance.happens(0.6);
    this.tell(() => `${tablet.name}: ${phone.name} shows ${code}${shown ? ` reserved as ${shown.hold_id.slice(0, 18)}` : ""}${isProven ? ", proven" : ""}`);
    const { location_id } = tablet;
    void page.queue.redeem(code, { reservation: isProven ? shown : null, online }).then(
      (booked) => {
        const id = booked.outcome === "booked" ? booked.id : booked.event.id;
        this.tell(() => `${tablet.name}: ${code} handed out, ${booked.outcome} (${id})`);
        this.kept.granted.push({ what: "voucher", of: code, id, isBooked: booked.outcome === "booked", location_id, tablet });
      },
      (error: unknown) => this.refused(tablet, code, error),
    );
  }

  private hold(tablet: Tablet): void {
    const { server } = this.kept;
    const device = this.deviceOf(tablet);
    const phone = this.chance.pick(this.phones);
    const code = this.chance.pick(phone.vouchers);
    const hold_id = device && server.hold(code, device);
    if (!device || !hold_id) return;
    phone.shown.push({ code, hold_id, device_id: device.device_id });
    this.tell(() => `${phone.name} reserves ${code} for ${tablet.name} (${device.device_id}) as ${hold_id.slice(0, 18)}`);
  }

  private release(code = this.chance.pick(this.chance.pick(this.phones).vouchers)): void {
    this.tell(() => `${code} is wanted back`);
    this.kept.server.release(code);
    const tries = this.chance.below(4);
    for (let at = 0; at < tries; at++) this.tryElsewhere(code);
  }

  /** Many customers while the network is gone, one of them with a reservation: the queue grows over several batches. */
  private rush(tablet: Tablet, page: Page): void {
    if (tablet.network.isUp) this.network(tablet);
    const many = this.chance.between(4, 9);
    for (let at = 0; at < many; at++) this.earn(tablet, page);
    const device_id = page.queue.pairing?.device_id;
    const phone = this.phones.find((one) => one.shown.some((shown) => shown.device_id === device_id));
    const shown = phone?.shown.findLast((one) => one.device_id === device_id);
    if (!phone || !shown) return;
    this.show(tablet, page, phone, shown);
    // And she is gone, and wants it back at once, as somebody who shares a screenshot would.
    if (this.chance.happens(0.5)) this.release(shown.code);
    const later = this.chance.between(0, 3);
    for (let at = 0; at < later; at++) this.earn(tablet, page);
  }

  /** Tries to redeem somewhere else what was just wanted back. */
  private tryElsewhere(code: string): void {
    this.kept.world.after(this.chance.between(200, 90_000), () => {
      const { page } = this.chance.pick(this.kept.tablets);
      const phone = this.phones.find((one) => one.vouchers.includes(code));
      if (page?.isPaired && phone) this.show(page.tablet, page, phone, null, code);
    });
  }

  private deviceOf(tablet: Tablet): ModelDevice | undefined {
    const token = tablet.page?.queue.pairing?.device_token ?? tablet.disk.mirrored?.pairing.device_token;
    return token === undefined ? undefined : this.kept.server.devices.get(token);
  }

  private network(tablet: Tablet): void {
    const { network } = tablet;
    network.isUp = !network.isUp;
    network.isNoticed = this.chance.happens(0.5);
    this.tell(() => `${tablet.name}: network ${network.isUp ? "up" : network.isNoticed ? "gone" : "dead"}`);
    if (network.isUp) tablet.page?.wake();
  }

  private weather(): void {
    const { chance } = this;
    const share = () => (chance.happens(0.5) ? 0 : chance.next() * 0.4);
    const weather: Weather = { lost: share(), unanswered: share(), twice: share(), failing: this.options.isTraced ? 0 : share() / 2, slow: share() };
    for (const tablet of this.kept.tablets) tablet.network.weather = weather;
  }

  private sight(tablet: Tablet): void {
    tablet.isVisible = !tablet.isVisible;
    if (tablet.isVisible) tablet.page?.wake();
  }

  /** Everybody goes home. */
  private async night(): Promise<void> {
    const { world, tablets } = this.kept;
    this.tell(() => "the shop closes");
    for (const tablet of tablets) tablet.kill();
    this.isNight = true;
    await world.pass(world.now + this.chance.between(6, 90) * HOUR);
    this.isNight = false;
    for (const tablet of tablets) if (!tablet.isStolen) this.boot(tablet);
  }

  /** The browser clears a tablet's storage; then it starts anew. */
  private destroy(tablet: Tablet, isWhole: boolean): void {
    this.tell(() => `${tablet.name}: storage destroyed${isWhole ? " wholly" : ""}`);
    this.lose(tablet, isWhole);
    tablet.wasDestroyed = true;
    if (isWhole) tablet.wasWiped = true;
    tablet.kill();
    tablet.disk.destroy(isWhole);
    this.boot(tablet);
  }

  private lose(tablet: Tablet, isWhole: boolean): void {
    const device = tablet.disk.stores.marks.get("device") as { device_id: string } | undefined;
    const device_id = device?.device_id ?? "";
    for (const { id, sequence } of tablet.disk.all("queue")) this.kept.lost.push({ tablet, device_id, id, sequence, isWhole });
    for (const { id } of tablet.disk.all("trying")) this.kept.lost.push({ tablet, device_id, id, sequence: null, isWhole });
  }

  private steal(tablet: Tablet): void {
    if (this.kept.tablets.filter((other) => !other.isStolen).length < 2) return;
    this.tell(() => `${tablet.name} is stolen`);
    this.lose(tablet, true);
    tablet.kill();
    tablet.isStolen = true;
  }

  private revoke(tablet: Tablet): void {
    const device = this.deviceOf(tablet);
    if (!device) return;
    this.tell(() => `${device.device_id} is withdrawn`);
    device.isRevoked = true;
  }

  /** An operator gives up devices that no tablet uses any more. */
  private writeOff(): void {
    const used = new Set(this.kept.tablets.filter((tablet) => !tablet.isStolen).map((tablet) => this.deviceOf(tablet)?.device_id));
    for (const device of this.kept.server.devices.values()) {
      if (used.has(device.device_id) || device.isWrittenOff || !this.chance.happens(0.5)) continue;
      this.tell(() => `${device.device_id} is written off`);
      for (const code of this.kept.server.writeOff(device)) this.kept.writtenOff.add(code);
    }
  }

  private pair(tablet: Tablet, device: ModelDevice): void {
    const { page } = tablet;
    if (!page?.isReady) return;
    this.tell(() => `${tablet.name} is paired as ${device.device_id}`);
    tablet.devices.push(device);
    void page.queue.pair(pairingOf(device)).then(
      () => page.driver.wake(),
      (error: unknown) => this.kept.broken.push(`${tablet.name} could not be paired: ${String(error)}`),
    );
  }

  /** Somebody tries to pair the tablet with another shop: refused as long as something waits. */
  private moveElsewhere(tablet: Tablet, page: Page): void {
    const { stores } = tablet.disk;
    if (tablet.location_id === "elsewhere" || stores.queue.size + stores.trying.size === 0) return;
    const device = this.kept.server.pair("elsewhere");
    const waited = [...tablet.disk.all("queue"), ...tablet.disk.all("trying")].map((entry) => entry.id);
    void page.queue.pair(pairingOf(device)).then(
      () => {
        const left = waited.filter((id) => !this.kept.server.decisions.has(`here ${id}`));
        if (left.length) this.kept.broken.push(`${tablet.name} changed its shop while ${left.join(", ")} waited`);
        tablet.location_id = "elsewhere";
        tablet.devices.push(device);
      },
      (error: unknown) => {
        if (!(error instanceof QueueError)) this.kept.broken.push(String(error));
      },
    );
  }

  /** Nothing goes wrong any more: what can arrive must arrive. */
  private async quiet(): Promise<void> {
    const { world, tablets, server } = this.kept;
    this.tell(() => "all is well from here");
    const here = tablets.filter((tablet) => !tablet.isStolen);
    for (const tablet of here) {
      tablet.network.isUp = true;
      tablet.network.weather = FINE;
      tablet.isVisible = true;
      if (!tablet.page) this.boot(tablet);
      else tablet.page.wake();
    }
    const end = world.now + QUIET;
    for (let round = 0; round < 2; round++) {
      await world.pass(world.now + 90_000);
      for (const tablet of here) if (tablet.page?.isReady && !tablet.page.isPaired) this.pair(tablet, server.pair(tablet.location_id));
    }
    const isEmpty = () => here.every((tablet) => tablet.page?.isReady && tablet.disk.stores.queue.size + tablet.disk.stores.trying.size === 0);
    await world.pass(end, isEmpty);
    // Once more than an idle tablet asks for news, for reservations that are wanted back.
    await world.pass(world.now + 125_000);
  }
}
