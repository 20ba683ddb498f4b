import { Problem } from "../../shared/api.ts";
import { h } from "../../shared/dom.ts";
import { newKey } from "../../shared/keys.ts";
import type { VisitClaim } from "../../shared/pos.ts";
import type { Counter } from "../counter.ts";
import { codeSlip, deskScreen, steps } from "../pieces/desk.ts";
import { type Contents, Entry } from "../pieces/entry.ts";
import { icon } from "../pieces/icons.ts";
import { button, type Screen } from "../screen.ts";

type Way = "email" | "phone";

/** Somebody left the card at home: found by what the member allowed here, or this visit is claimed later by phone. */
export function forgottenScreen(counter: Counter, way: Way = "email", typed = "", told = ""): Screen {
  const t = counter.t.bind(counter);
  const isMail = way === "email";
  const field = h("input", {
    id: "find",
    class: "find",
    // Nothing of a customer is offered to the next one.
    autocomplete: "off",
    autocapitalize: "none",
    spellcheck: "false",
    type: isMail ? "email" : "tel",
    inputmode: isMail ? "email" : "tel",
    maxlength: 254,
    "aria-describedby": "find-told",
    value: typed,
  });
  const said = h("p", { id: "find-told", class: told ? "verdict wrong" : "verdict", role: "status" }, ...(told ? [icon("wrong"), told] : []));
  const find = () => {
    const text = field.value.trim();
    if (!text) {
      said.className = "verdict wrong";
      said.replaceChildren(icon("wrong"), t(isMail ? "findEmptyMail" : "findEmptyPhone"));
      return field.focus();
    }
    look(counter, way, text);
  };
  field.addEventListener("input", () => said.replaceChildren());
  const chip = (which: Way, words: string) =>
    h("button", { type: "button", class: "chip", "aria-pressed": String(which === way), onclick: () => counter.show(forgottenScreen(counter, which)) }, words);
  return deskScreen(counter, {
    name: "forgotten",
    title: t("forgottenTitle"),
    body: [
      h(
        "div",
        { class: "blocks" },
      h(
        "section",
        { class: "block" },
        h("h2", {}, t("findTitle")),
        h("p", {}, t("findLead")),
        h("div", { class: "languages", role: "group", "aria-label": t("findBy") }, chip("email", t("byMail")), chip("phone", t("byPhone"))),
        h(
          "form",
          {
            class: "finding",
            novalidate: true,
            onsubmit: (event: Event) => {
              event.preventDefault();
              find();
            },
          },
          h("label", { for: "find" }, t(isMail ? "mailLabel" : "phoneLabel")),
          field,
          button(t("find"), find, { kind: "go", icon: isMail ? "mail" : "call" }),
        ),
        said,
      ),
      h(
        "section",
        { class: "block" },
        h("h2", {}, t("laterTitle")),
        h("p", {}, t("laterLead")),
        button(t("laterGo"), () => counter.show(claimVisitScreen(counter)), { icon: "code" }),
      ),
      ),
    ],
    back: () => counter.wait(),
    focus: field,
    key: () => undefined,
  });
}

function look(counter: Counter, way: Way, text: string): void {
  const ask = async () => {
    try {
      return { scan: await counter.api.find(way === "email" ? { email: text } : { phone: text }) };
    } catch (error) {
      // Not found, or no address at all: said beside the field, where it can be mended.
      if (error instanceof Problem && (error.status === 404 || error.status === 422)) return { told: error.detail };
      throw error;
    }
  };
  const back = () => counter.show(forgottenScreen(counter, way, text));
  void counter.attempt({ kind: "desk", again: () => look(counter, way, text), scan: null, back }, ask, (found) => {
    if (found.scan) {
      counter.play("key");
      return counter.show(counter.screens.purchase(counter, found.scan));
    }
    counter.play("refused");
    counter.show(forgottenScreen(counter, way, text, found.told));
  });
}

/** What is booked for somebody without a card; the code to claim it follows. */
export function claimVisitScreen(counter: Counter): Screen {
  const t = counter.t.bind(counter);
  const entry = new Entry(counter, counter.place?.programmes ?? [], {
    changed: () => offer(),
    book: () => entry.contents && claim(counter, entry.contents),
  });
  const offer = () => entry.offer(t("laterBook"));
  offer();
  const element = h(
    "div",
    { class: "purchase" },
    h(
      "div",
      { class: "left" },
      h("h1", {}, t("claimVisitTitle")),
      entry.asking,
      entry.choice(),
      steps([t("claimVisitStep1"), t("claimVisitStep2"), t("claimVisitStep3")]),
      h("div", { class: "act" }, button(t("back"), () => counter.show(forgottenScreen(counter)), { icon: "back" })),
    ),
    entry.right,
  );
  return {
    name: "claim-visit",
    element,
    looks: true,
    key: (key) => (key === "Escape" ? counter.show(forgottenScreen(counter)) : entry.key(key)),
  };
}

function claim(counter: Counter, contents: Contents): void {
  // Trying again sends the same key, so that a lost answer books nothing twice.
  const key = newKey();
  const back = () => counter.show(claimVisitScreen(counter));
  const send = (): void =>
    void counter.attempt({ kind: "desk", again: send, scan: null, back }, () => counter.api.visitClaim(contents, key), (claimed) => {
      counter.play("good");
      counter.lastBooked = { transactionId: claimed.transaction_id, words: wordsOf(counter, claimed) };
      counter.show(claimCodeScreen(counter, claimed));
    });
  send();
}

/** What a visit earned, from the shop's facts alone: “2 stamps + 12 points”. */
function wordsOf(counter: Counter, claimed: VisitClaim): string {
  return claimed.earned
    .filter((one) => one.units > 0)
    .map((one) => counter.unitsOf(counter.place?.programmes.find((programme) => programme.programme_id === one.programme_id), one.units))
    .join(" + ");
}

function claimCodeScreen(counter: Counter, claimed: VisitClaim): Screen {
  const t = counter.t.bind(counter);
  const words = wordsOf(counter, claimed);
  const done = button(t("done"), () => counter.wait(), { kind: "ink", wide: true });
  return {
    name: "claim-code",
    element: h(
      "div",
      { class: "desk two code-first" },
      h(
        "div",
        { class: "words" },
        h("h1", {}, t("claimCodeTitle")),
        h("p", { class: "lead" }, words ? t("claimCodeLead", { what: words }) : t("claimCodeNothing")),
        steps([t("claimCodeStep1"), t("claimCodeStep2")]),
        h("p", { class: "until" }, icon("clock"), t("claimCodeUntil", { date: counter.date(claimed.claim_until) })),
        h("div", { class: "act" }, done),
      ),
      codeSlip(claimed.qr_svg, t("claimCode")),
    ),
    focus: done,
    looks: true,
    key: (key) => {
      if (key === "Escape" || key === "Enter") counter.wait();
    },
  };
}
