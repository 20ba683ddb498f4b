/** The counter's part of the HTTP API (`/api/v1/pos`), typed by hand. Every call answers or throws a `Problem`. */

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
  readonly card: { readonly number_masked: string; readonly status: string };
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

/** An answer that says no (RFC 9457), or no answer at all (`status` 0). */
export class Problem extends Error {
  constructor(
    readonly status: number,
    /** The last part of the problem's `type`, such as `card-blocked`. */
    readonly code: string,
    readonly title: string,
    readonly detail: string,
    /** Seconds to wait, after a 429. */
    readonly retryAfter: number | null = null,
  ) {
    super(detail || title || `HTTP ${status}`);
    this.name = "Problem";
  }

  /** True when nobody answered, or the server failed: whether it was booked is not known, the same key may be sent again. */
  get isUnanswered(): boolean {
    return this.status === 0 || this.status >= 500;
  }
}

export interface Settings {
  readonly base: string;
  readonly token: () => string | null;
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

  /** Undoes a transaction as a whole; the same key again gives the first answer again. */
  reverse(transactionId: string, reason: string, key: string): Promise<Reversal> {
    return this.post(`/transactions/${encodeURIComponent(transactionId)}/reverse`, { reason }, key);
  }

  private async post<T>(path: string, body: unknown, key?: string): Promise<T> {
    const token = this.settings.token();
    const send = this.settings.fetch ?? fetch;
    let response: Response;
    let text: string;
    try {
      response = await send(`${this.settings.base}${path}`, {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          Accept: "application/json, application/problem+json",
          "Accept-Language": this.settings.language(),
          ...(token ? { Authorization: `Bearer ${token}` } : {}),
          ...(key ? { "Idempotency-Key": key } : {}),
        },
        body: JSON.stringify(body),
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
    throw toProblem(response, answer);
  }
}

function parse(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function toProblem(response: Response, answer: Record<string, unknown> | null): Problem {
  const word = (name: string) => (typeof answer?.[name] === "string" ? (answer[name] as string) : "");
  const wait = Number(response.headers.get("Retry-After") ?? Number.NaN);
  // An answer that can't be read (a proxy's page, a cut-off body) leaves open what happened, like a 500.
  const status = response.ok ? 502 : response.status;
  const code = word("type").replace(/[/#]+$/, "").split(/[/#:]/).pop() ?? "";
  return new Problem(status, code.replaceAll("_", "-"), word("title"), word("detail"), Number.isFinite(wait) ? wait : null);
}
