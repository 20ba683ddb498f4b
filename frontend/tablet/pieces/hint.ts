/** One line for whoever stands at the till, where the shop wants it: the reward that is nearly reached, else what is often
 * taken together here. It says nothing that the screen doesn't show anyway, and nothing of anybody else. */

import type { Account, Scan } from "../../shared/api.ts";
import type { Place } from "../../shared/pos.ts";

/** What may be missing of a reward, as a share of its cost, for it to be nearly reached. */
const NEARLY = 0.3;

export type Hint =
  | { readonly kind: "nearly"; readonly account: Account; readonly missing: number; readonly name: string }
  | { readonly kind: "pair"; readonly one: string; readonly other: string };

export function hintOf(place: Pick<Place, "settings" | "pairs" | "rewards"> | null, scan: Pick<Scan, "accounts" | "rewards">): Hint | null {
  if (!place?.settings.hints) return null;
  const near = scan.rewards
    .flatMap((reward) => {
      const account = scan.accounts.find((one) => one.programme_id === reward.programme_id);
      const isForAll = place.rewards.some((one) => one.reward_id === reward.reward_id && one.is_for_all);
      const missing = account && isForAll ? reward.cost - account.balance : 0;
      return account && missing > 0 && missing <= NEARLY * reward.cost ? [{ account, missing, name: reward.name, share: missing / reward.cost }] : [];
    })
    .sort((one, other) => one.share - other.share)[0];
  if (near) return { kind: "nearly", account: near.account, missing: near.missing, name: near.name };
  const pair = place.pairs?.[0];
  return pair ? { kind: "pair", one: pair[0], other: pair[1] } : null;
}
