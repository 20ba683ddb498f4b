/** What a visit brought, in the words and pictures of its answer; the same to staff and at a kiosk. */

import type { Scan, Visit } from "../../shared/api.ts";
import { h } from "../../shared/dom.ts";
import type { Counter } from "../counter.ts";
import { bigBalance, earnedIn, earnedWords, nextReward, picture, reasons, whoIs } from "./account.ts";

interface Earnings {
  /** For the counterfoil: the outcome, and why it is this much. */
  readonly word: string;
  readonly lines: readonly string[];
  /** Beside it: who it is, the balance, what is missing to the next reward. */
  readonly meaning: readonly (HTMLElement | null)[];
}

/** `before` is the scan, `scan` the same with the balances that `visit` left. */
export function earnings(counter: Counter, before: Scan, scan: Scan, visit: Visit): Earnings {
  const t = counter.t.bind(counter);
  const who = whoIs(counter, scan);
  const account = scan.accounts.find((one) => earnedIn(one, visit.earned) > 0) ?? scan.accounts[0];
  const words = earnedWords(counter, scan, visit.earned);
  const isStamped = words !== "" && scan.accounts.every((one) => one.kind === "stamps");
  const reward = account && nextReward(scan, account);
  const missing = account && reward ? reward.cost - account.balance : (account?.to_next_reward ?? null);
  return {
    word: t(isStamped ? "stamped" : "earned"),
    lines: [words ? t("earnedMore", { what: words }) : t("earnedNothing"), ...reasons(counter, before, visit.earned)],
    meaning: [
      h("div", { class: "who" }, h("h2", {}, who.greeting), who.more ? h("span", {}, who.more) : null),
      account
        ? h(
            "div",
            { class: "sum" },
            bigBalance(counter, account),
            missing !== null && missing > 0
              ? h("p", { class: "to-go" }, t("toNext", { what: counter.unitsOf(account, missing) }), reward ? h("small", {}, reward.name) : null)
              : null,
          )
        : null,
      account ? picture(counter, scan, account, { plus: earnedIn(account, visit.earned), booked: true }) : null,
    ],
  };
}
