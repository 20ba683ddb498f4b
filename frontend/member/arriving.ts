/** Somebody has proven who she is: her session, her card, and what becomes of what was on this phone. */

import type { App } from "./app.ts";
import { type Began, forgetAnswers } from "./kept.ts";
import type { Me, Moved, TokenAnswer } from "./types.ts";

/** Goes on as whoever `answer` is for. The service has merged who was here without a login; what is kept of another
 * member's is forgotten, and a card and code of this one's are fetched. Returns what came along. Throws a `Problem`. */
export async function arrive(app: App, answer: TokenAnswer & { readonly recovery_code?: string }, began: Began): Promise<Moved | null> {
  const before = app.kept.member_id ?? (app.session.isOpen ? (await app.api.get<Me>("/me")).member_id : null);
  await app.session.take(answer, began);
  app.kept.session = { refresh_token: answer.refresh_token, began };
  const me = await app.api.get<Me>("/me");
  if (before !== me.member_id) {
    await forgetAnswers();
    await app.forget("name", "later", ...(answer.recovery_code ? [] : (["recovery_code"] as const)));
  }
  if (answer.recovery_code) await app.keep({ recovery_code: answer.recovery_code });
  await remember(app, me);
  await app.holder.settle();
  app.pulse.reset();
  app.pulse.stir();
  return answer.moved ?? null;
}

/** Keeps what the app greets her by, and whether shops have to ask her. */
export async function remember(app: App, me: Me): Promise<void> {
  await app.keep({ member_id: me.member_id, asks: (me.ask_above ?? null) !== null, ...(me.name ? { name: me.name } : {}) });
  if (!me.name) await app.forget("name");
}

/** Whether anything came along at all. */
export function isAnything(moved: Moved | null): moved is Moved {
  return moved !== null && (moved.accounts.some((account) => account.units !== 0) || moved.vouchers > 0);
}
