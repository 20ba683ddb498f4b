/** Numbers, dates and money as the chosen language writes them. */

import { localeFor, type Language } from "../shared/locale.ts";

/** Made anew when the language changes. */
export class Words {
  readonly locale: string;

  constructor(language: Language, wishes: readonly string[] = navigator.languages) {
    this.locale = localeFor(language, wishes);
  }

  number(value: number): string {
    return new Intl.NumberFormat(this.locale).format(value);
  }

  /** A decimal string of the API as money. */
  money(amount: string, currency: string): string {
    return new Intl.NumberFormat(this.locale, { style: "currency", currency, trailingZeroDisplay: "stripIfInteger" }).format(Number(amount));
  }

  /** "Saturday 14 March", with the year where it is another one. */
  day(at: string | number | Date, now: number = Date.now()): string {
    const date = new Date(at);
    const isThisYear = date.getFullYear() === new Date(now).getFullYear();
    return new Intl.DateTimeFormat(this.locale, {
      ...(isThisYear ? { weekday: "long" } : { year: "numeric" }),
      day: "numeric",
      month: "long",
    }).format(date);
  }

  /** "14 March 2026". */
  date(at: string | number | Date): string {
    return new Intl.DateTimeFormat(this.locale, { dateStyle: "long" }).format(new Date(at));
  }

  /** "08:11". */
  time(at: string | number | Date): string {
    return new Intl.DateTimeFormat(this.locale, { timeStyle: "short" }).format(new Date(at));
  }

  /** "today at 08:11", "yesterday at 19:40", "Saturday 14 March at 08:11". */
  moment(at: string | number | Date, now: number = Date.now()): string {
    const date = new Date(at);
    const midnight = (of: Date) => new Date(of.getFullYear(), of.getMonth(), of.getDate()).getTime();
    const days = Math.round((midnight(new Date(now)) - midnight(date)) / 86_400_000);
    const day = days === 0 || days === 1 ? new Intl.RelativeTimeFormat(this.locale, { numeric: "auto" }).format(-days, "day") : this.day(date, now);
    return `${day}, ${this.time(date)}`;
  }

  /** "350 m", "1.2 km". */
  distance(metres: number): string {
    const [value, unit, digits] = metres < 995 ? [Math.round(metres / 10) * 10, "meter", 0] : [metres / 1000, "kilometer", metres < 9950 ? 1 : 0];
    return new Intl.NumberFormat(this.locale, { style: "unit", unit: String(unit), maximumFractionDigits: Number(digits) }).format(Number(value));
  }

  /** "a, b and c". */
  list(items: readonly string[]): string {
    return new Intl.ListFormat(this.locale).format(items);
  }
}
