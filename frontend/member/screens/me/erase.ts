/** Leaving for good: what is lost, what the shops keep, and a word that must be typed. */

import { h } from "../../../shared/dom.ts";
import type { App } from "../../app.ts";
import { deed } from "../../pieces/deed.ts";
import { field } from "../../pieces/field.ts";
import { living } from "../../pieces/living.ts";
import { button, linkButton } from "../../pieces/parts.ts";
import type { Screen } from "../../registry.ts";
import type { Account, Page } from "../../types.ts";
import { leave } from "./data.ts";
import { frame, part } from "./frame.ts";

interface Had {
  readonly accounts: Page<Account>;
  readonly vouchers: Page<{ readonly voucher_id: string }>;
}

export function eraseScreen(app: App): Screen {
  const title = app.t("eraseTitle");
  const had = living<Had>(app, {
    path: "/me/accounts",
    keep: null,
    load: async () => {
      const [accounts, vouchers] = await Promise.all([
        app.api.get<Page<Account>>("/me/accounts?limit=100"),
        app.api.get<Page<{ readonly voucher_id: string }>>("/me/vouchers?status=issued&limit=100"),
      ]);
      return { accounts, vouchers };
    },
    draw: (value) => lost(app, value),
  });
  const wanted = app.t("eraseWord");
  const word = field("erase-word", app.t("eraseType", { word: wanted }), { autocomplete: "off", autocapitalize: "none", spellcheck: "false", maxlength: 40 });
  const form = deed(app, [word.element, button(app.t("eraseGo"), null, { submit: true, kind: "danger" })], async () => {
    const typed = word.value().toLocaleLowerCase(app.language);
    if (typed !== wanted.toLocaleLowerCase(app.language)) return word.wrong(app.t("eraseWrong", { word: wanted }));
    await app.api.delete("/me");
    await leave(app);
    app.notice(app.t("eraseDone"), "ink");
  });
  const element = frame(
    app,
    title,
    "me/data",
    h("p", { class: "lead" }, app.t("eraseAtOnce")),
    part(app.t("eraseLost"), had.element),
    part(app.t("eraseKept"), h("p", {}, app.t("eraseKeptMore"))),
    part(app.t("eraseFirst"), linkButton(app.t("dataRead"), "me/record", { icon: "paper" })),
    part(app.t("eraseSure"), form),
  );
  return { element, title, onShow: had.show, onHide: had.hide };
}

function lost(app: App, { accounts, vouchers }: Had): HTMLElement {
  const units = (account: Account) => app.t(account.kind === "stamps" ? "stamps" : "points", { n: account.balance });
  const lines = accounts.items.filter((account) => account.balance > 0).map((account) => h("li", {}, h("b", {}, account.merchant.name), h("span", { class: "n" }, units(account))));
  if (vouchers.items.length) lines.push(h("li", {}, h("b", {}, app.t("eraseVouchers")), h("span", { class: "n" }, app.words.number(vouchers.items.length))));
  lines.push(h("li", {}, h("b", {}, app.t("eraseCards"))), h("li", {}, h("b", {}, app.t("erasePerson"))));
  return h("ul", { class: "told-list" }, ...lines);
}
