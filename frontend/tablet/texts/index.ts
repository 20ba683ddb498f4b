import type { Language } from "../../shared/locale.ts";
import { de } from "./de.ts";
import { en, type TabletTexts } from "./en.ts";
import { fr } from "./fr.ts";
import { nl } from "./nl.ts";

export type { TabletTexts };
export type TextKey = keyof TabletTexts;

/** The counter page's texts by language. */
export const TEXTS: Readonly<Record<Language, TabletTexts>> = { nl, fr, en, de };
