/** The facts of the shop, kept for a start without a network. Nothing of a member is among them. */

import { type PosApi } from "../shared/api.ts";
import type { Place } from "../shared/pos.ts";
import type { Clock } from "../shared/clock.ts";
import { importKey } from "./reservation.ts";

/** As kept: the key goes into the browser's own keeping and is left out. */
export type KeptPlace = Omit<Place, "reservation_key"> & { readonly reservation_key: null };

/** How old the facts may get while the tablet has a network, in milliseconds. */
const REFRESH_EVERY = 3600_000;

/** Where they are kept: `../store.ts`. */
export interface PlaceStore {
  recall(key: "place"): Promise<KeptPlace | undefined>;
  recall(key: "reservation_key"): Promise<CryptoKey | undefined>;
  remember(key: "place", value: KeptPlace): Promise<void>;
  remember(key: "reservation_key", value: CryptoKey): Promise<void>;
  forget(key: "place" | "reservation_key"): Promise<void>;
}

export class PlaceCache {
  /** What was told last; null before the first time. */
  place: KeptPlace | null = null;
  /** Checks the reservations for this tablet; null where it has none. */
  reservationKey: CryptoKey | null = null;
  private learnt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly store: PlaceStore,
    private readonly clock: Clock,
    private readonly crypto: SubtleCrypto | undefined = globalThis.crypto?.subtle,
  ) {}

  /** Reads what is kept, if it is of this device. */
  async begin(deviceId: string): Promise<KeptPlace | null> {
    const [place, key] = await Promise.all([this.store.recall("place"), this.store.recall("reservation_key")]);
    if (place?.device.device_id !== deviceId) return null;
    this.place = place;
    this.reservationKey = key ?? null;
    return place;
  }

  /** Whether it is time to ask again: never asked in this page life, or an hour ago. */
  get isDue(): boolean {
    return this.clock.steady() - this.learnt >= REFRESH_EVERY;
  }

  /** Asks the service, and keeps what it tells. Throws the `Problem` of no answer; what was kept then stands. */
  async refresh(api: Pick<PosApi, "place">): Promise<KeptPlace> {
    const sent = this.clock.steady();
    const { reservation_key, ...rest } = await api.place();
    this.clock.measure(rest.now, sent);
    const place: KeptPlace = { ...rest, reservation_key: null };
    const key = reservation_key && this.crypto ? await importKey(reservation_key, this.crypto) : null;
    if (key) await this.store.remember("reservation_key", key);
    else await this.store.forget("reservation_key");
    await this.store.remember("place", place);
    this.place = place;
    this.reservationKey = key;
    this.learnt = this.clock.steady();
    return place;
  }

  /** Forgets it all, as when the tablet is unpaired. */
  async forget(): Promise<void> {
    this.place = null;
    this.reservationKey = null;
    this.learnt = Number.NEGATIVE_INFINITY;
    await this.store.forget("place");
    await this.store.forget("reservation_key");
  }
}
