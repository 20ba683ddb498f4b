/** Answers of the members' API that the core works with. What one area alone uses is typed in that area. */

export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

export interface TokenAnswer {
  readonly access_token: string;
  readonly refresh_token: string;
  /** Seconds. */
  readonly expires_in: number;
  /** What came along where two members became one. */
  readonly moved?: Moved | null;
}

export interface Moved {
  readonly accounts: readonly {
    readonly programme_id: string;
    readonly name: string;
    readonly merchant_name: string;
    readonly unit: string;
    readonly units: number;
  }[];
  readonly vouchers: number;
  readonly cards: number;
}

export interface MemberCard {
  readonly card_id: string;
  readonly number: string;
  readonly url: string;
  readonly kind: "printed" | "digital";
  readonly status: "active" | "blocked" | "replaced";
  readonly replaced_by: string | null;
  readonly has_pin: boolean;
  readonly has_installation: boolean;
  /** Of the app that computes its digits now. */
  readonly installation_id: string | null;
  readonly issued_at: string;
  readonly claimed_at: string | null;
  readonly blocked_at: string | null;
  readonly moved?: Moved | null;
}

export interface AnonymousAnswer extends TokenAnswer {
  readonly card: MemberCard;
  readonly recovery_code: string;
}

export interface Installation {
  readonly installation_id: string;
  readonly number: string;
  readonly url: string;
  readonly totp: { readonly secret: string; readonly algorithm: string; readonly period: number; readonly digits: number };
}

/** A shop as the member's lists name it. */
export interface Merchant {
  readonly merchant_id: string;
  readonly name: string;
  readonly slug?: string;
  readonly category?: string;
  /** The shop's colour, a hue of OKLCH in degrees. */
  readonly hue?: number | null;
  readonly logo_svg?: string | null;
  readonly currency?: string;
}

export interface Account {
  readonly programme_id: string;
  readonly name: string;
  readonly merchant: Merchant;
  readonly kind: "stamps" | "points";
  readonly unit: string;
  readonly balance: number;
  readonly owed: number;
  readonly goal: number | null;
  readonly to_next_reward: number | null;
  readonly tier: string | null;
  readonly visits: number;
  readonly last_visit_at: string | null;
  readonly expiring: readonly { readonly units: number; readonly at: string }[];
  /** Of a shop that stops or is paused: from then on nothing is earned there, and nothing redeemed. What an older answer kept lacks them. */
  readonly earns_until?: string | null;
  readonly redeems_until?: string | null;
}

export interface Me {
  readonly member_id: string;
  readonly status: "anonymous" | "claimed";
  readonly name: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  readonly birthday: string | null;
  readonly shows_name: boolean;
  readonly locale: string;
  readonly is_spending_locked: boolean;
  readonly is_secured?: boolean;
  readonly has_passkey?: boolean;
  readonly ask_above?: string | null;
  readonly daily_cap?: string | null;
  readonly brakes_currency?: string;
  /** When this session may spend, if it has to wait. */
  readonly spending_waits_until?: string | null;
  readonly created_at: string;
}

/** What this service offers, told to anybody. */
export interface Offered {
  readonly hosts: readonly string[];
  readonly tile_url: string | null;
  readonly tile_attribution: string | null;
  readonly push_public_key: string | null;
  readonly passkeys: boolean;
  readonly passes: { readonly apple: boolean; readonly google: boolean };
  readonly now: string;
  readonly terms_url: string | null;
  readonly privacy_url?: string | null;
  readonly brand?: { readonly name: string; readonly hue: number; readonly logo_url: string; readonly support_address: string | null };
}

export interface Beat {
  readonly state: string;
  readonly unread: number;
  readonly spending_requests: number;
}
