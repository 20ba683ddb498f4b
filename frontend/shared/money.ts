/** Amounts as they are typed at the counter. Held as text, never as a binary fraction. */

/** The most that one purchase may be, in whole units of the currency. */
const LARGEST = 1_000_000;

/** How many decimals a currency has (EUR 2, JPY 0). */
export function decimalsOf(currency: string): number {
  return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
}

/** An amount being typed: whole units and, once the separator was pressed, decimals. */
export interface Typed {
  readonly whole: string;
  readonly fraction: string | null;
}

export const NOTHING: Typed = { whole: "", fraction: null };

/** The amount after one more key: a digit, `,` or `.` for the separator, `back` for the last key, `clear` for all.
 * A key that can't be used (a third decimal, a second separator, more than the largest amount) changes nothing. */
export function press(typed: Typed, key: string, decimals: number): Typed {
  if (key === "clear") return NOTHING;
  if (key === "back") {
    if (typed.fraction === null) return { whole: typed.whole.slice(0, -1), fraction: null };
    return { whole: typed.whole, fraction: typed.fraction === "" ? null : typed.fraction.slice(0, -1) };
  }
  if (key === "," || key === ".") {
    if (typed.fraction !== null || decimals === 0) return typed;
    return { whole: typed.whole || "0", fraction: "" };
  }
  if (!/^[0-9]$/.test(key)) return typed;
  if (typed.fraction !== null) {
    const next = { whole: typed.whole, fraction: typed.fraction + key };
    return next.fraction.length > decimals || isTooMuch(next) ? typed : next;
  }
  const next = { whole: typed.whole === "0" ? key : typed.whole + key, fraction: null };
  return isTooMuch(next) ? typed : next;
}

function isTooMuch(typed: Typed): boolean {
  const whole = Number(typed.whole || "0");
  return whole > LARGEST || (whole === LARGEST && /[1-9]/.test(typed.fraction ?? ""));
}

/** The amount as the API wants it (`"34.50"`), or null as long as it is nothing. */
export function toDecimal(typed: Typed, decimals: number): string | null {
  if (!/[1-9]/.test(typed.whole + (typed.fraction ?? ""))) return null;
  const whole = typed.whole || "0";
  return decimals === 0 ? whole : `${whole}.${(typed.fraction ?? "").padEnd(decimals, "0")}`;
}

/** How a locale writes money in a currency: the sign, whether it comes first, the separators. */
export interface MoneyStyle {
  readonly sign: string;
  readonly signFirst: boolean;
  readonly separator: string;
  readonly group: string;
  readonly decimals: number;
}

/** The way in which `locale` writes amounts in `currency`. */
export function moneyStyle(locale: string, currency: string): MoneyStyle {
  const format = new Intl.NumberFormat(locale, { style: "currency", currency, currencyDisplay: "narrowSymbol" });
  const parts = format.formatToParts(1234567.89);
  const at = (type: string) => parts.findIndex((part) => part.type === type);
  return {
    sign: parts[at("currency")]?.value ?? currency,
    signFirst: at("currency") < at("integer"),
    separator: parts[at("decimal")]?.value ?? (new Intl.NumberFormat(locale).formatToParts(0.5)[1]?.value ?? "."),
    group: parts[at("group")]?.value ?? "",
    decimals: format.resolvedOptions().maximumFractionDigits ?? 2,
  };
}

/** The digits to show for an amount being typed, with the locale's separators. */
export function shown(typed: Typed, style: MoneyStyle): string {
  const whole = (typed.whole || "0").replace(/\B(?=(\d{3})+$)/g, style.group);
  return typed.fraction === null ? whole : whole + style.separator + typed.fraction;
}

/** A decimal string (`"5.00"`) written by the locale, without decimals when they are all zero. */
export function formatAmount(amount: string, currency: string, locale: string): string {
  const whole = /^\d+(\.0*)?$/.test(amount);
  return new Intl.NumberFormat(locale, {
    style: "currency",
    currency,
    currencyDisplay: "narrowSymbol",
    ...(whole ? { maximumFractionDigits: 0, minimumFractionDigits: 0 } : {}),
  }).format(Number(amount));
}
