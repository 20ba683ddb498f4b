import type { Language } from "../../shared/locale.ts";
import { de } from "./de.ts";
import { de as deskDe } from "./desk/de.ts";
import { type DeskTexts, en as deskEn } from "./desk/en.ts";
import { fr as deskFr } from "./desk/fr.ts";
import { nl as deskNl } from "./desk/nl.ts";
import { en, type TabletTexts as CounterTexts } from "./en.ts";
import { fr } from "./fr.ts";
import { nl } from "./nl.ts";

export type TabletTexts = CounterTexts & DeskTexts;
export type TextKey = keyof TabletTexts;

/** The tablet's texts by language: the counter's own, and what the desk does beside scanning. */
export const TEXTS: Readonly<Record<Language, TabletTexts>> = {
  nl: { ...nl, ...deskNl },
  fr: { ...fr, ...deskFr },
  en: { ...en, ...deskEn },
  de: { ...de, ...deskDe },
};
