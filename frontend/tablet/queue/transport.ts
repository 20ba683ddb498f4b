/** How the queue asks the service. */

import { PosApi, type Pairing, type Redemption, type Settings, type Visit, type VisitRequest } from "../../shared/api.ts";
import type { SyncAnswer, SyncRequest } from "../../shared/pos.ts";
import type { VisitDraft } from "./events.ts";

/** Every call answers or throws a `Problem`, and speaks for the pairing that it is given. */
export interface Transport {
  /** Whether the tablet knows that it has no network. */
  isOffline(): boolean;
  visit(pairing: Pairing, draft: VisitDraft, id: string): Promise<Visit>;
  redeem(pairing: Pairing, voucherCode: string, id: string): Promise<Redemption>;
  sync(pairing: Pairing, request: SyncRequest): Promise<SyncAnswer>;
}

/** How long a customer waits for the service before the visit goes to the queue, in milliseconds. */
const PATIENCE = 2500;
const PATIENCE_FOR_SYNC = 20_000;

export class PosTransport implements Transport {
  /** `settings` as for `PosApi`; the token comes with each call. */
  constructor(private readonly settings: Omit<Settings, "token" | "timeoutMs">) {}

  isOffline(): boolean {
    return navigator.onLine === false;
  }

  visit(pairing: Pairing, draft: VisitDraft, id: string): Promise<Visit> {
    const { staff_id: _, code, scan_id, ...rest } = draft;
    const request = { ...rest, ...(scan_id === undefined ? { code } : { scan_id }) };
    return this.api(pairing, PATIENCE).visit(request as VisitRequest, id);
  }

  redeem(pairing: Pairing, voucherCode: string, id: string): Promise<Redemption> {
    return this.api(pairing, PATIENCE).redeem({ voucher_code: voucherCode }, id);
  }

  sync(pairing: Pairing, request: SyncRequest): Promise<SyncAnswer> {
    // Whoever is signed in has no part in it: each event names its own person.
    const { staffToken: _, ...settings } = this.settings;
    return new PosApi({ ...settings, token: () => pairing.device_token, timeoutMs: PATIENCE_FOR_SYNC }).sync(request);
  }

  private api(pairing: Pairing, timeoutMs: number): PosApi {
    return new PosApi({ ...this.settings, token: () => pairing.device_token, timeoutMs });
  }
}
