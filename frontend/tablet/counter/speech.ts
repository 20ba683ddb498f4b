/** How the counter speaks: the chosen language, and what is written by its rules. */

import { choose, fill, type Language, localeFor, type Values } from "../../shared/locale.ts";
import { formatAmount, type MoneyStyle, moneyStyle } from "../../shared/money.ts";
import { named, townName } from "../../shared/town.ts";
import { recall, remember } from "../store.ts";
import { type TextKey, TEXTS } from "../texts/index.ts";

export class Speech {
  language: Language = "en";
  locale = "en-GB";

  /** The currency of the shop; whoever knows the shop says which. */
  get currency(): string {
    return "EUR";
  }

  get money(): MoneyStyle {
    return moneyStyle(this.locale, this.currency);
  }

  /** The text for a key in the chosen language. */
  t(key: TextKey, values: Values = {}): string {
    const text = TEXTS[this.language][key];
    // The version is the software's, whatever the town calls its card.
    return fill(typeof text === "string" && key !== "version" ? named(text, townName()) : text, this.locale, values);
  }

  /** Changes the language of everything that is shown from now on. */
  speak(language: Language): void {
    this.language = language;
    this.locale = localeFor(language, navigator.languages);
    document.documentElement.lang = language;
  }

  /** Changes the language and remembers it. */
  async chooseLanguage(language: Language): Promise<void> {
    this.speak(language);
    await remember("language", language);
  }

  /** Takes up the language that was chosen before, or the browser's. */
  protected async recallLanguage(): Promise<void> {
    this.speak((await recall("language")) ?? choose(navigator.languages));
  }

  /** A number of a programme's units in words: “3 stamps”, “412 points”, or the shop's own word. */
  unitsOf(account: { readonly kind: string; readonly unit: string } | undefined, n: number): string {
    const own = account?.unit?.trim() ?? "";
    if (own && !/^(stamps?|points?)$/i.test(own)) return this.t("units", { n, unit: own });
    return this.t(account?.kind === "stamps" ? "stamps" : "points", { n });
  }

  /** An amount of the shop's money as the locale writes it; nothing for what is no amount. */
  amount(decimal: string): string {
    return Number.isFinite(Number(decimal)) ? formatAmount(decimal, this.currency, this.locale) : "";
  }

  /** A time of day as the locale writes it. */
  time(date: Date): string {
    return new Intl.DateTimeFormat(this.locale, { hour: "numeric", minute: "2-digit" }).format(date);
  }

  /** A moment ahead: the time of day, with the day where it is another one. */
  moment(date: Date): string {
    const isToday = date.toDateString() === new Date().toDateString();
    const day = isToday ? {} : ({ weekday: "long", day: "numeric", month: "long" } as const);
    return new Intl.DateTimeFormat(this.locale, { ...day, hour: "numeric", minute: "2-digit" }).format(date);
  }

  /** A date as the locale writes it, or nothing for what is no date. */
  date(text: string): string {
    const date = new Date(text);
    return Number.isNaN(date.getTime()) ? "" : new Intl.DateTimeFormat(this.locale, { day: "numeric", month: "long" }).format(date);
  }
}
