/** Taking a reward: what it costs is said before it is spent. */

import { h } from "../../shared/dom.ts";
import type { App } from "../app.ts";
import { unitsOf } from "../phrases.ts";
import type { Reward, Voucher } from "../wallet.ts";
import { tap } from "./parts.ts";
import { ask } from "./sheet.ts";

/** Asks, takes it, and opens its voucher. Returns whether it was taken; what went wrong is said. */
export async function takeReward(app: App, reward: Reward): Promise<boolean> {
  const most = reward.is_flexible ? Math.max(1, Math.min(Math.floor(reward.balance / Math.max(1, reward.cost)), reward.limit_left ?? 1000, 1000)) : 1;
  let quantity = 1;
  const told = h("p", { role: "status" });
  const figure = h("b", { class: "n" });
  const stepper =
    most > 1
      ? h(
          "div",
          { class: "stepper", role: "group", "aria-label": app.t("rewardHowMany") },
          tap("minus", app.t("rewardFewer"), () => step(-1)),
          figure,
          tap("plus", app.t("rewardMore"), () => step(1)),
        )
      : null;
  function step(by: number): void {
    quantity = Math.min(most, Math.max(1, quantity + by));
    tell();
  }
  function tell(): void {
    const cost = quantity * reward.cost;
    figure.textContent = app.words.number(quantity);
    told.textContent = app.t("rewardTakeLead", { cost: unitsOf(app, reward.unit, cost), left: unitsOf(app, reward.unit, reward.balance - cost) });
  }
  tell();
  const until = reward.voucher_days === null ? null : h("p", { class: "soft" }, app.t("rewardTakeDays", { n: reward.voucher_days }));
  const more = h("div", { class: "take" }, stepper, told, h("p", { class: "soft" }, app.t(reward.is_online ? "rewardTakeOnline" : "rewardTakeBack")), until);
  if (!(await ask(app, { title: app.t("rewardTakeTitle", { name: reward.name, shop: reward.merchant.name }), more, yes: app.t("rewardTakeYes") }))) return false;
  try {
    const voucher = await app.api.post<Voucher>("/me/vouchers", { reward_id: reward.reward_id, ...(quantity > 1 ? { quantity } : {}) });
    app.pulse.stir();
    app.go(`vouchers/${voucher.voucher_id}`);
    return true;
  } catch (error) {
    app.notice(app.explain(error), "seal");
    return false;
  }
}
