/** What is said of a shop that stops, or that is paused. */

import type { App } from "../app.ts";
import type { Account } from "../types.ts";
import { lastDay } from "./coupon.ts";

/** Until when one collects and redeems there; null for a shop that goes on. Beside a balance only the end that comes last. */
export function leavingWords(app: App, account: Account, isWhole = false): string | null {
  const { earns_until: earns, redeems_until: redeems } = account;
  if (!earns) return null;
  if (!redeems) return app.t(isWhole ? "shopPaused" : "shopPausedShort");
  const until = (end: string) => app.t("accountUntil", { date: app.words.date(lastDay(end)) });
  if (!isWhole) return app.t("leavingShort", { redeem: until(redeems) });
  if (Date.now() >= Date.parse(earns)) return app.t("leavingNow", { redeem: until(redeems) });
  return app.t("leavingSoon", { earn: until(earns), redeem: until(redeems) });
}
