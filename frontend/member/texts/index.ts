/** The app's texts by area and language. The core's come with the start, an area's with its first screen. */

import type { Language, Texts } from "../../shared/locale.ts";
import type { texts as begin } from "./en/begin.ts";
import type { texts as club } from "./en/club.ts";
import type { texts as core } from "./en/core.ts";
import type { texts as me } from "./en/me.ts";
import type { texts as shops } from "./en/shops.ts";
import type { texts as wallet } from "./en/wallet.ts";

export type MemberTexts = typeof core & typeof begin & typeof wallet & typeof shops & typeof me & typeof club;
export type TextKey = keyof MemberTexts;
export type Area = "core" | "begin" | "wallet" | "shops" | "me" | "club";

const FILES = import.meta.glob<{ readonly texts: Texts }>("./*/*.ts");

/** The texts of an area. Throws when they can't be loaded. */
export async function load(language: Language, area: Area): Promise<Texts> {
  const file = FILES[`./${language}/${area}.ts`];
  if (!file) throw new Error(`no texts: ${language}/${area}`);
  return (await file()).texts;
}
