/** The counter's part of the HTTP API (`/api/v1/pos`), typed by hand. Every call answers or throws a `Problem`. */

import { parse, Problem, problemOf } from "./problem.ts";
import type { BookedLine, OpeningBalance, Page, Place, Review, StaffSession, SwappedCard, SyncAnswer, SyncRequest, Training, VisitClaim } from "./pos.ts";

export { Problem };

export interface Merchant {
  readonly merchant_id: string;
  readonly name: string;
  readonly currency?: string;
  /** The shop's own colour, a hue of OKLCH in degrees. */
  readonly hue?: number | null;
  /** Its drawn logo; only ever shown as a picture. */
  readonly logo_svg?: string | null;
}

export interface Location {
  readonly location_id: string;
  readonly name: string;
}

export interface Pairing {
  readonly device_id: string;
  readonly device_token: string;
  readonly location: Location;
  readonly merchant: Merchant;
}

/** A product as a programme's rules name it. */
export type Product = { readonly category: string } | { readonly sku: string };

export interface Account {
  readonly programme_id: string;
  readonly name: string;
  readonly kind: "stamps" | "points";
  readonly unit: string;
  readonly balance: number;
  readonly owed: number;
  readonly goal: number | null;
  /** What a visit needs to earn anything; an older service doesn't tell. */
  readonly asks?: "amount" | "items" | "visit";
  /** The products that count by the piece. */
  readonly counted?: readonly Product[];
  readonly to_next_reward: number | null;
  readonly tier: string | { readonly name: string } | null;
}

/** What a till can apply; `amount` and `percent` as decimal strings or numbers. */
export type RewardValue = Readonly<Record<string, unknown>> | string | number | null;

export interface Reward {
  readonly reward_id: string;
  readonly name: string;
  readonly kind: "item" | "amount_off" | "percent_off";
  readonly cost: number;
  readonly value: RewardValue;
  readonly programme_id?: string;
  readonly redeemable: boolean;
  /** What is still missing, such as `balance`, `member_pin`, `staff_pin` or `rotating_code`. */
  readonly needs: string | readonly string[] | null;
}

export interface Voucher {
  readonly voucher_id: string;
  /** Null where `needs` must be met first: then the voucher is redeemed by its id, with the card. */
  readonly voucher_code: string | null;
  readonly reward_id: string;
  readonly name: string;
  readonly expires_at?: string | null;
  readonly redeemable?: boolean;
  readonly needs?: string | readonly string[] | null;
}

export interface Scan {
  readonly scan_id: string;
  readonly expires_at: string;
  /** `kind` is `printed`, `digital` or `foreign`; `has_pin` only for a printed card. */
  readonly card: { readonly number_masked: string; readonly status: string; readonly kind?: string; readonly has_pin?: boolean };
  /** How the card was shown: `rotating`, `static` or `lookup`. */
  readonly proof?: string;
  readonly member: {
    readonly display_name: string | null;
    readonly is_new: boolean;
    /** `first_visit`, `birthday`, `welcome_back`, or null. */
    readonly greeting: string | null;
  };
  readonly accounts: readonly Account[];
  readonly rewards: readonly Reward[];
  readonly vouchers: readonly Voucher[];
  readonly promotions: readonly { readonly promotion_id?: string; readonly name?: string }[];
}

export interface Balance {
  readonly programme_id: string;
  readonly balance: number;
  readonly owed?: number;
}

export interface Unlocked {
  readonly voucher_id: string;
  readonly voucher_code: string;
  readonly reward_id: string;
  readonly name: string;
}

export interface Earned {
  readonly programme_id: string;
  readonly units: number;
  /** The first rule that gave units, or why there are none. */
  readonly reason: string;
  readonly parts?: readonly { readonly rule?: string }[];
  readonly limited?: readonly { readonly code?: string }[];
}

/** What a visit would earn; the ids are there once it is booked. */
export interface Preview {
  readonly earned: readonly Earned[];
  readonly accounts: readonly Balance[];
  readonly unlocked: readonly Unlocked[];
}

export interface Visit extends Preview {
  readonly visit_id: string;
  readonly transaction_id: string | null;
}

export interface VisitRequest {
  readonly scan_id: string;
  readonly amount?: string;
  readonly currency?: string;
  readonly units?: number;
  readonly programme_id?: string;
  readonly items?: readonly (Product & { readonly quantity: number })[];
  /** Nobody stood by: one visit, at most one within the shop's time for each card. */
  readonly kiosk?: boolean;
}

export type RedemptionRequest =
  | { readonly scan_id: string; readonly reward_id: string; readonly member_pin?: string; readonly staff_pin?: string }
  | { readonly scan_id: string; readonly voucher_id: string; readonly member_pin?: string; readonly staff_pin?: string }
  | { readonly voucher_code: string };

export interface Redemption {
  readonly redemption_id: string;
  readonly transaction_id: string;
  readonly reward: { readonly reward_id: string; readonly name: string; readonly kind: string; readonly value: RewardValue };
  readonly accounts: readonly Balance[];
}

export interface Reversal {
  readonly transaction_id: string;
  readonly reverses: string;
  readonly accounts: readonly Balance[];
}

export interface Settings {
  readonly base: string;
  readonly token: () => string | null;
  /** Of whoever signed in at this device. */
  readonly staffToken?: () => string | null;
  readonly language: () => string;
  readonly timeoutMs?: number;
  readonly fetch?: typeof fetch;
}

/** Calls the counter's API. Holds no state besides its settings. */
export class PosApi {
  constructor(private readonly settings: Settings) {}

  /** Pairs this device; the token in the answer is shown this once. */
  pair(pairingCode: string, name: string): Promise<Pairing> {
    return this.post("/devices/pair", { pairing_code: pairingCode, name });
  }

  /** Who a card belongs to. Books nothing, but uses up a rotating code. */
  scan(code: string): Promise<Scan> {
    return this.post("/scans", { code });
  }

  /** What a visit would earn. Books nothing. */
  preview(request: VisitRequest): Promise<Preview> {
    return this.post("/visits/preview", request);
  }

  /** Books a visit; the same key again gives the first answer again. */
  visit(request: VisitRequest, key: string): Promise<Visit> {
    return this.post("/visits", request, key);
  }

  /** Redeems a reward or a voucher; the same key again gives the first answer again. */
  redeem(request: RedemptionRequest, key: string): Promise<Redemption> {
    return this.post("/redemptions", request, key);
  }

  /** Undoes a transaction, whole or by a refunded amount; the same key again gives the first answer again. */
  reverse(transactionId: string, reason: string, key: string, amount?: string): Promise<Reversal> {
    const body = amount === undefined ? { reason } : { reason, amount };
    return this.post(`/transactions/${encodeURIComponent(transactionId)}/reverse`, body, key);
  }

  /** The shop that this device stands in. */
  place(): Promise<Place> {
    return this.get("/location");
  }

  /** Applies a part of the queue. */
  sync(request: SyncRequest): Promise<SyncAnswer> {
    return this.post("/sync", request);
  }

  /** Signs in whoever has this PIN. */
  signIn(staffPin: string): Promise<StaffSession> {
    return this.post("/staff-session", { staff_pin: staffPin });
  }

  /** This location's latest transactions, the newest first. */
  transactions(cursor: string | null = null, limit = 30): Promise<Page<BookedLine>> {
    return this.get(`/transactions?limit=${limit}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
  }

  /** What the queue sent and a person must decide. */
  reviews(cursor: string | null = null): Promise<Page<Review>> {
    return this.get(`/reviews?limit=30${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
  }

  /** Books a reviewed event, or leaves it for good. */
  decide(id: string, decision: "approve" | "refuse", key: string): Promise<{ status: string; transaction_id: string | null }> {
    return this.post(`/reviews/${encodeURIComponent(id)}`, { decision }, key);
  }

  /** A member who allowed this shop to find her so; such a scan earns and never redeems. */
  find(by: { email: string } | { phone: string }): Promise<Scan> {
    return this.post("/members/lookup", by);
  }

  /** Gives a printed card its first PIN, typed by the customer. */
  setPin(scanId: string, pin: string, staffPin?: string): Promise<{ has_pin: boolean }> {
    return this.post("/cards/pin", { scan_id: scanId, pin, ...(staffPin ? { staff_pin: staffPin } : {}) });
  }

  /** Puts a new printed card in the place of a lost or a foreign one. */
  swap(code: string, newCode: string, proof: { pin: string } | { staff_pin: string } | object = {}): Promise<SwappedCard> {
    return this.post("/cards/swap", { code, new_code: newCode, ...proof });
  }

  /** Enters the stamps of an old paper card, once for each member and programme. */
  openingBalance(
    request: { scan_id: string; programme_id: string; units: number; staff_pin?: string },
    key: string,
  ): Promise<OpeningBalance> {
    return this.post("/opening-balances", request, key);
  }

  /** Books a visit of somebody without a card, to be claimed by phone. */
  visitClaim(request: Omit<VisitRequest, "scan_id" | "kiosk">, key: string): Promise<VisitClaim> {
    return this.post("/visit-claims", request, key);
  }

  /** Lets the phone of whoever stands here claim this printed card, for five minutes. */
  approveClaim(code: string, staffPin?: string): Promise<{ approved_until: string }> {
    return this.post("/claim-approvals", { code, ...(staffPin ? { staff_pin: staffPin } : {}) });
  }

  /** A sandbox of this shop for training, with cards to practise on. */
  training(): Promise<Training> {
    return this.post("/training", {});
  }

  private get<T>(path: string): Promise<T> {
    return this.call("GET", path);
  }

  private post<T>(path: string, body: unknown, key?: string): Promise<T> {
    return this.call("POST", path, body, key);
  }

  private async call<T>(method: "GET" | "POST", path: string, body?: unknown, key?: string): Promise<T> {
    const token = this.settings.token();
    const staffToken = this.settings.staffToken?.() ?? null;
    const send = this.settings.fetch ?? fetch;
    let response: Response;
    let text: string;
    try {
      response = await send(`${this.settings.base}${path}`, {
        method,
        headers: {
          ...(method === "POST" ? { "Content-Type": "application/json" } : {}),
          Accept: "application/json, application/problem+json",
          "Accept-Language": this.settings.language(),
          ...(token ? { Authorization: `Bearer ${token}` } : {}),
          ...(staffToken ? { "X-Staff-Token": staffToken } : {}),
          ...(key ? { "Idempotency-Key": key } : {}),
        },
        ...(method === "POST" ? { body: JSON.stringify(body) } : {}),
        cache: "no-store",
        credentials: "omit",
        redirect: "error",
        signal: AbortSignal.timeout(this.settings.timeoutMs ?? 10_000),
      });
      text = await response.text();
    } catch {
      throw new Problem(0, "no-answer", "", "");
    }
    const answer = parse(text);
    if (response.ok && answer !== null) return answer as T;
    throw problemOf(response, answer);
  }
}
