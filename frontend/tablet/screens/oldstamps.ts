import type { Account, Scan } from "../../shared/api.ts";
import { h } from "../../shared/dom.ts";
import { newKey } from "../../shared/keys.ts";
import type { OpeningBalance, ProgrammeFacts } from "../../shared/pos.ts";
import type { Counter } from "../counter.ts";
import { bigBalance, picture, withBalances } from "../pieces/account.ts";
import { counting } from "../pieces/counting.ts";
import { approval, bookOn } from "../pieces/desk.ts";
import { answer, button, type Screen, signal } from "../screen.ts";

/** The stamps of a half-full paper card, entered once for each member and programme. */
export function oldStampsScreen(counter: Counter, scan: Scan, chosen?: string): Screen {
  const t = counter.t.bind(counter);
  const programmes = counter.place?.programmes.filter((one) => one.opening_units_most > 0) ?? [];
  const programme = programmes.find((one) => one.programme_id === chosen) ?? programmes[0];
  const back = () => counter.show(counter.screens.purchase(counter, scan));
  let units = 1;
  const account = accountOf(scan, programme);
  const preview = h("div", { class: "gain", role: "status" });
  const go = button("", () => programme && void enter(counter, scan, programme, units, back), { kind: "go", icon: "check", wide: true, disabled: !programme });
  const draw = () => {
    if (!programme) return;
    preview.replaceChildren(
      h("p", { class: "head" }, t("oldStampsGive", { what: counter.unitsOf(programme, units) })),
      picture(counter, scan, account, { plus: units, booked: false }),
    );
    go.querySelector("span")?.replaceChildren(t("oldStampsGo", { what: counter.unitsOf(programme, units) }));
  };
  const count = counting(counter, {
    label: t("howManyOld"),
    most: programme?.opening_units_most ?? 1,
    changed: (now) => {
      units = now;
      draw();
    },
  });
  draw();
  const chips =
    programmes.length > 1
      ? h(
          "div",
          { class: "languages which", role: "group", "aria-label": t("whichCard") },
          ...programmes.map((one) =>
            h(
              "button",
              {
                type: "button",
                class: "chip",
                "aria-pressed": String(one === programme),
                onclick: () => counter.show(oldStampsScreen(counter, scan, one.programme_id)),
              },
              one.name,
            ),
          ),
        )
      : null;
  const element = h(
    "div",
    { class: "purchase" },
    h(
      "div",
      { class: "left" },
      h("h1", {}, t("oldStampsTitle")),
      h("p", { class: "lead" }, t("oldStampsLead", { n: programme?.opening_units_most ?? 0 })),
      chips,
      preview,
      h("div", { class: "act" }, button(t("back"), back, { icon: "back" })),
    ),
    h("section", { class: "right", "aria-label": t("howManyOld") }, count.element, go),
  );
  return {
    name: "old-stamps",
    element,
    looks: false,
    key: (key) => {
      if (key === "Escape") back();
      else if (key === "Enter" && !go.disabled) go.click();
      else if (/^[1-9]$/.test(key)) count.set(Number(key));
    },
  };
}

/** The account of a scan in a programme; an empty one where the card has not earned there yet. */
function accountOf(scan: Scan, programme: ProgrammeFacts | undefined): Account {
  const found = scan.accounts.find((one) => one.programme_id === programme?.programme_id);
  if (found) return found;
  const { programme_id = "", name = "", kind = "stamps", unit = "", goal = null } = programme ?? {};
  return { programme_id, name, kind, unit, goal, balance: 0, owed: 0, to_next_reward: goal, tier: null };
}

async function enter(counter: Counter, scan: Scan, programme: ProgrammeFacts, units: number, back: () => void): Promise<void> {
  const proof = await approval(counter);
  if (proof === null) return counter.show(oldStampsScreen(counter, scan, programme.programme_id));
  const request = { scan_id: scan.scan_id, programme_id: programme.programme_id, units, ...proof };
  const key = newKey();
  const send = () =>
    void counter.attempt({ kind: "desk", again: send, scan, back }, () => counter.api.openingBalance(request, key), (opened) => {
      counter.play(opened.unlocked.length ? "unlocked" : "good");
      counter.lastBooked = { transactionId: opened.transaction_id, words: counter.unitsOf(programme, units) };
      counter.show(enteredScreen(counter, scan, programme, units, opened));
    });
  send();
}

function enteredScreen(counter: Counter, before: Scan, programme: ProgrammeFacts, units: number, opened: OpeningBalance): Screen {
  const t = counter.t.bind(counter);
  const scan = withBalances({ ...before, accounts: [accountOf(before, programme), ...before.accounts.filter((one) => one.programme_id !== programme.programme_id)] }, opened.accounts);
  const account = accountOf(scan, programme);
  const code = counter.codeOf(before);
  const unlocked = opened.unlocked.map((voucher) => voucher.name).join(", ");
  const next = button(t("nextCustomer"), () => counter.wait(), { kind: "ink", wide: true });
  const element = answer(
    signal({
      tone: "leaf",
      word: t("oldStampsDone"),
      lines: [t("earnedMore", { what: counter.unitsOf(programme, units) }), ...(unlocked ? [`${t("unlockedReward")}: ${unlocked}`] : [])],
      next: t("nextCard"),
    }),
    [
      h("div", { class: "who" }, h("h2", {}, t("tearUp")), h("span", {}, t("tearUpMore"))),
      h("div", { class: "sum" }, bigBalance(counter, account)),
      picture(counter, scan, account, { plus: unlocked ? 0 : units, booked: true }),
    ],
    [...(code === null ? [] : [button(t("bookNow"), () => bookOn(counter, code), { icon: "card" })]), next],
  );
  return { name: "old-stamps-entered", element, focus: next, looks: true, key: (key) => void (key === "Escape" && counter.wait()) };
}
