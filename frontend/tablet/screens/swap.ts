import { h } from "../../shared/dom.ts";
import { inFours, judge, normalise, NUMBER_LENGTH, read } from "../../shared/card.ts";
import type { SwappedCard } from "../../shared/pos.ts";
import type { Counter } from "../counter.ts";
import { identify } from "../counter/identify.ts";
import { approval, bookOn, deskScreen, eye } from "../pieces/desk.ts";
import { answer, button, type Screen, signal } from "../screen.ts";
import { customerPinScreen } from "./customerpin.ts";

/** Our number as it is printed, or the most that another system's card may say. */
const LONGEST = 74;

interface Old {
  readonly code: string;
  readonly back: () => void;
}

/** A new printed card in the place of one that is lost, worn, or of another system: first which one it was. */
export function swapScreen(counter: Counter, old?: Old, told = "", typed = ""): Screen {
  if (old) return proofOf(counter, old);
  const t = counter.t.bind(counter);
  const takesForeign = counter.place?.takes_foreign_cards ?? false;
  const field = h("input", {
    id: "old-card",
    class: "number n",
    autocomplete: "off",
    autocapitalize: "characters",
    spellcheck: "false",
    maxlength: LONGEST,
    "aria-describedby": "old-told",
    value: typed,
  });
  const said = h("p", { id: "old-told", class: told ? "verdict wrong" : "verdict", role: "status" }, told);
  const go = button(t("goOn"), () => take(field.value), { kind: "go", icon: "check", wide: true });
  const take = (text: string): void => {
    const found = identify(text, counter);
    if (found.kind === "card") {
      return counter.show(swapScreen(counter, { code: found.card.number, back: () => counter.show(swapScreen(counter, undefined, "", text)) }));
    }
    counter.play("refused");
    said.className = "verdict wrong";
    said.textContent = !text.trim() ? t("oldCardEmpty") : (nearly(counter, text, found.kind === "strange" && found.isDamaged) ?? t("oldCardForeign"));
    field.focus();
  };
  field.addEventListener("input", () => {
    const number = normalise(field.value);
    const isAtEnd = field.selectionStart === field.value.length;
    if (!takesForeign && isAtEnd && judge(number) !== "strange") field.value = inFours(number);
    said.textContent = "";
  });
  const seen = eye(counter);
  const screen = deskScreen(counter, {
    name: "swap-old",
    title: t("swapTitle"),
    lead: t(takesForeign ? "swapLeadForeign" : "swapLead"),
    body: [h("form", { class: "entering", onsubmit: submitting(() => take(field.value)) }, h("label", { for: "old-card" }, t("oldCard")), field, said)],
    back: () => counter.wait(),
    actions: [go],
    aside: seen.element,
    scanned: (text) => takeCard(counter, text, take),
    leave: seen.leave,
  });
  return screen;
}

/** What is wrong with a number that is nearly one of ours: an error in it, or not whole yet; null for anything else. */
function nearly(counter: Counter, text: string, isDamaged: boolean): string | null {
  const number = normalise(text);
  if (isDamaged) return counter.t("oldCardWrong");
  return judge(number) === "incomplete" ? counter.t("typeMore", { n: NUMBER_LENGTH - number.length }) : null;
}

/** Takes whatever is scanned here, but a voucher, which is somebody else's business. */
function takeCard(counter: Counter, text: string, take: (text: string) => void): boolean {
  const { kind } = identify(text, counter);
  if (kind === "voucher" || kind === "reserved") return false;
  take(text);
  return true;
}

function submitting(act: () => void): (event: Event) => void {
  return (event) => {
    event.preventDefault();
    act();
  };
}

type Proof = { pin: string } | { staff_pin: string } | object;

/** The customer's PIN proves a card of ours; for another system's card somebody of the shop stands in. */
function proofOf(counter: Counter, old: Old, told = ""): Screen {
  const t = counter.t.bind(counter);
  if (read(old.code, counter.hosts).kind === "card") {
    return customerPinScreen(counter, {
      title: t("oldPin"),
      lead: t("oldPinLead"),
      go: t("goOn"),
      told,
      out: { words: t("back"), act: old.back },
      then: (pin) => counter.show(newCardOf(counter, old, { pin })),
    });
  }
  const go = button(t("goOn"), () => void foreign(), { kind: "go", icon: "check", wide: true });
  const foreign = async () => {
    const proof = await approval(counter);
    counter.show(proof === null ? proofOf(counter, old) : newCardOf(counter, old, proof));
  };
  return deskScreen(counter, {
    name: "swap-foreign",
    title: t("swapForeignTitle"),
    lead: t("swapForeignLead"),
    body: [h("p", { class: "d n wrapped" }, old.code)],
    back: old.back,
    actions: [go],
    focus: go,
    looks: false,
  });
}

/** Then the new card, which nobody has used. */
function newCardOf(counter: Counter, old: Old, proof: Proof): Screen {
  const t = counter.t.bind(counter);
  const field = h("input", {
    id: "new-card",
    class: "number n",
    autocomplete: "off",
    autocapitalize: "characters",
    spellcheck: "false",
    "aria-describedby": "new-told",
    placeholder: "0000 0000 0000 0000",
  });
  const said = h("p", { id: "new-told", class: "verdict", role: "status" });
  const take = (text: string): void => {
    const found = read(text, counter.hosts);
    if (found.kind === "card") return swap(counter, old, proof, found.number);
    counter.play("refused");
    said.className = "verdict wrong";
    said.textContent = !text.trim() ? t("oldCardEmpty") : (nearly(counter, text, found.kind === "damaged") ?? t("newCardForeign"));
    field.focus();
  };
  field.addEventListener("input", () => {
    const number = normalise(field.value);
    if (field.selectionStart === field.value.length && judge(number) !== "strange") field.value = inFours(number);
    said.textContent = "";
  });
  const seen = eye(counter);
  return deskScreen(counter, {
    name: "swap-new",
    title: t("swapNew"),
    lead: t("swapNewLead"),
    body: [h("form", { class: "entering", onsubmit: submitting(() => take(field.value)) }, h("label", { for: "new-card" }, t("newCardNumber")), field, said)],
    back: old.back,
    actions: [button(t("swapGo"), () => take(field.value), { kind: "go", icon: "swap", wide: true })],
    aside: seen.element,
    scanned: (text) => takeCard(counter, text, take),
    leave: seen.leave,
  });
}

function swap(counter: Counter, old: Old, proof: Proof, number: string): void {
  const again = () => swap(counter, old, proof, number);
  const back = () => counter.show(proofOf(counter, old));
  void counter.attempt({ kind: "desk", again, scan: null, back }, () => counter.api.swap(old.code, number, proof), (swapped) => {
    counter.play("good");
    counter.show(swappedScreen(counter, swapped, number));
  });
}

function swappedScreen(counter: Counter, swapped: SwappedCard, number: string): Screen {
  const t = counter.t.bind(counter);
  const next = button(t("nextCustomer"), () => counter.wait(), { kind: "ink", wide: true });
  const balances = swapped.accounts.map((account) => h("li", {}, h("span", {}, account.name), h("b", { class: "n" }, counter.unitsOf(account, account.balance))));
  const element = answer(
    signal({ tone: "leaf", word: t("swapped"), lines: [t("swappedLead")], next: t("nextCard") }),
    [
      h("div", { class: "why" }, h("h2", {}, t("swappedTitle", { number: swapped.number_masked.slice(-4) }))),
      balances.length ? h("ul", { class: "balances" }, ...balances) : null,
      h("p", { class: "lead" }, t("swappedMore")),
    ],
    [button(t("bookNow"), () => bookOn(counter, number), { icon: "card" }), next],
  );
  return { name: "swapped", element, focus: next, looks: true, key: (key) => void (key === "Escape" && counter.wait()) };
}
