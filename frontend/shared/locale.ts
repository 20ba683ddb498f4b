/** The four languages, the choice among them, and texts with numbers in them. */

export const LANGUAGES = ["nl", "fr", "en", "de"] as const;
export type Language = (typeof LANGUAGES)[number];

/** Each language by its own name. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = {
  nl: "Nederlands",
  fr: "Français",
  en: "English",
  de: "Deutsch",
};

/** A text that depends on a number; `one` as the language's plural rules mean it. */
export interface Counted {
  readonly one: string;
  readonly other: string;
}

export type Texts = Readonly<Record<string, string | Counted>>;
export type Values = Readonly<Record<string, string | number>>;

/** The first of the wished languages that there is, English otherwise. */
export function choose(wishes: readonly (string | null | undefined)[]): Language {
  for (const wish of wishes) {
    const base = wish?.toLowerCase().split("-")[0];
    const found = LANGUAGES.find((language) => language === base);
    if (found) return found;
  }
  return "en";
}

/** The full locale for dates and numbers: the browser's own where it is of the chosen language (fr-BE, de-AT). */
export function localeFor(language: Language, wishes: readonly string[]): string {
  const home: Record<Language, string> = { nl: "nl-BE", fr: "fr-BE", en: "en-GB", de: "de-BE" };
  return wishes.find((wish) => wish.toLowerCase().startsWith(`${language}-`)) ?? home[language];
}

/** Fills `{name}` in a text. A counted text is chosen by `values.n`; numbers are written by the locale. */
export function fill(text: string | Counted, locale: string, values: Values = {}): string {
  const chosen =
    typeof text === "string"
      ? text
      : text[new Intl.PluralRules(locale).select(Number(values["n"] ?? 0)) === "one" ? "one" : "other"];
  return chosen.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? new Intl.NumberFormat(locale).format(value) : value;
  });
}
