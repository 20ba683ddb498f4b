import { h } from "../../shared/dom.ts";
import type { Reversal } from "../../shared/api.ts";
import { newKey } from "../../shared/keys.ts";
import type { BookedLine } from "../../shared/pos.ts";
import type { Counter } from "../counter.ts";
import { undo } from "../counter/booking.ts";
import { AmountEntry } from "../pieces/amount.ts";
import { deskScreen } from "../pieces/desk.ts";
import { answer, button, type Screen, signal } from "../screen.ts";
import type { TextKey } from "../texts/index.ts";
import { titleOf, unitsOf } from "./transactions.ts";

const REASONS: readonly TextKey[] = ["reasonWrongCard", "reasonWrongAmount", "reasonTwice", "reasonReturned"];
const LONGEST_REASON = 200;

/** Taking back a booking of this location: all of it, or the part of its amount that was refunded, with the reason. */
export function takeBackScreen(counter: Counter, line: BookedLine, back: () => void, part: string | null = null): Screen {
  const t = counter.t.bind(counter);
  const isRefundable = line.kind === "earn" && line.refundable !== null && Number(line.refundable) > 0;
  const take = (reason: string) => takeBack(counter, line, part, reason, back);
  const own = h("input", { id: "own-reason", class: "find", maxlength: LONGEST_REASON, autocomplete: "off" });
  const facts = [
    counter.time(new Date(line.recorded_at)),
    line.number_masked ? t("anonymous", { number: line.number_masked.slice(-4) }) : null,
    line.amount ? counter.amount(line.amount) : null,
    unitsOf(counter, line) || null,
    line.staff_name,
  ].filter((fact) => fact !== null);
  return deskScreen(counter, {
    name: "take-back",
    title: part === null ? t("undoTitle") : t("refundWhy", { amount: counter.amount(part) }),
    lead: t("undoLead"),
    body: [
      h("p", { class: "slip-line" }, h("b", {}, titleOf(counter, line)), h("span", {}, facts.join(" · "))),
      h("div", { class: "choices" }, ...REASONS.map((reason) => button(t(reason), () => take(t(reason)), { icon: "undo" }))),
      h(
        "form",
        {
          class: "finding",
          onsubmit: (event: Event) => {
            event.preventDefault();
            const words = own.value.trim();
            if (words) take(words);
            else own.focus();
          },
        },
        h("label", { for: "own-reason" }, t("ownReason")),
        own,
        submit(t(part === null ? "undo" : "refund")),
      ),
    ],
    back: part === null ? back : () => counter.show(refundScreen(counter, line, back)),
    actions: part === null && isRefundable ? [button(t("refundPart"), () => counter.show(refundScreen(counter, line, back)), { icon: "dots", wide: true })] : [],
    looks: false,
  });
}

function submit(words: string): HTMLButtonElement {
  const element = button(words, () => undefined, { icon: "undo" });
  element.type = "submit";
  return element;
}

/** How much of a purchase was given back; at most what is left of it. */
function refundScreen(counter: Counter, line: BookedLine, back: () => void): Screen {
  const t = counter.t.bind(counter);
  const most = line.refundable ?? "0";
  const told = h("p", { class: "trouble-told", role: "status" });
  const whole = () => counter.show(takeBackScreen(counter, line, back));
  const go = button(t("goOn"), () => on(), { kind: "go", icon: "check", wide: true, disabled: true });
  const entry = new AmountEntry(counter, {
    label: t("refundAmount"),
    note: t("refundMost", { amount: counter.amount(most) }),
    changed: () => {
      const isTooMuch = Number(entry.value ?? 0) > Number(most);
      told.textContent = isTooMuch ? t("refundTooMuch", { amount: counter.amount(most) }) : "";
      go.disabled = entry.value === null || isTooMuch;
    },
  });
  const on = () => {
    if (go.disabled || entry.value === null) return;
    counter.show(takeBackScreen(counter, line, back, entry.value));
  };
  return {
    name: "refund",
    element: h(
      "div",
      { class: "purchase" },
      h(
        "div",
        { class: "left" },
        h("h1", {}, t("refundTitle")),
        h("p", { class: "lead" }, t("refundLead")),
        entry.element,
        told,
        h("div", { class: "act" }, button(t("back"), whole, { icon: "back" })),
      ),
      h("section", { class: "right", "aria-label": t("keys") }, entry.pad, go),
    ),
    looks: false,
    key: (key) => {
      if (key === "Escape") whole();
      else if (key === "Enter") on();
      else entry.press(key);
    },
  };
}

function takeBack(counter: Counter, line: BookedLine, part: string | null, reason: string, back: () => void): void {
  const key = newKey();
  const send = (): void =>
    void counter.attempt(
      { kind: "reversal", again: send, scan: null, back },
      () => undo(counter, line.transaction_id, reason, key, part ?? undefined),
      (reversal) => {
        if (counter.lastBooked?.transactionId === line.transaction_id) counter.lastBooked = null;
        counter.play("good");
        counter.show(takenBackScreen(counter, line, part, reversal, back));
      },
    );
  send();
}

function takenBackScreen(counter: Counter, line: BookedLine, part: string | null, reversal: Reversal, back: () => void): Screen {
  const t = counter.t.bind(counter);
  const close = button(t("nextCustomer"), () => counter.wait(), { kind: "ink", wide: true });
  const programmes = counter.place?.programmes ?? [];
  const balances = reversal.accounts.map((account) => {
    const programme = programmes.find((one) => one.programme_id === account.programme_id);
    const facts = programme ?? { kind: "points", unit: "" };
    const owed = account.owed ? h("small", {}, t("owed", { what: counter.unitsOf(facts, account.owed) })) : null;
    return h("li", {}, h("span", {}, programme?.name ?? "", owed), h("b", { class: "n" }, counter.unitsOf(facts, account.balance)));
  });
  const element = answer(
    signal({ tone: "leaf", word: t(part === null ? "undone" : "refunded"), lines: [t(part === null ? "undoneLead" : "refundedLead")], next: t("nextCard") }),
    [
      h(
        "div",
        { class: "why" },
        h("h2", {}, part === null ? titleOf(counter, line) : t("refundOf", { part: counter.amount(part), amount: counter.amount(line.amount ?? part) })),
        h("p", {}, part === null ? unitsOf(counter, line, true) : titleOf(counter, line)),
      ),
      balances.length ? h("p", { class: "lead" }, t("balanceNow")) : null,
      balances.length ? h("ul", { class: "balances" }, ...balances) : null,
    ],
    [button(t("bookings"), back, { icon: "receipt" }), close],
  );
  return { name: "taken-back", element, focus: close, looks: true, key: (key) => void (key === "Escape" && counter.wait()) };
}
