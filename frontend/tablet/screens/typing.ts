import { ALPHABET, inFours, judge, normalise, NUMBER_LENGTH, read } from "../../shared/card.ts";
import { h } from "../../shared/dom.ts";
import type { Counter } from "../counter.ts";
import { icon } from "../pieces/icons.ts";
import { button, keepFocus, type Screen } from "../screen.ts";

/** Shorter numbers of another system are more likely one of ours that is not finished. */
const SHORTEST_FOREIGN = 4;

/** Typing a card's number; its check character is verified with every key. */
export function typeScreen(counter: Counter, begun = ""): Screen {
  const t = counter.t.bind(counter);
  const isNarrow = window.matchMedia("(max-width: 40em)").matches;
  const field = h("input", {
    id: "number",
    class: "number n",
    autocomplete: "off",
    autocapitalize: "characters",
    spellcheck: "false",
    // The keys are on the page, except on a phone, whose own keyboard is better.
    inputmode: isNarrow ? "text" : "none",
    "aria-describedby": "verdict",
    placeholder: "0000 0000 0000 0000",
  });
  const verdict = h("p", { id: "verdict", class: "verdict", role: "status" });
  const go = button(t("typeGo"), () => submit(), { kind: "go", icon: "check", wide: true, disabled: true });

  /** What was typed as another system's number, where the shop takes such cards; null for what may be one of ours. */
  const foreign = () => {
    const text = field.value.replace(/\s/g, "");
    const takesForeign = counter.place?.takes_foreign_cards === true && text.length >= SHORTEST_FOREIGN;
    return takesForeign && read(text, [], { takesForeign }).kind === "foreign-card" ? text : null;
  };
  const draw = () => {
    const number = normalise(field.value);
    const reading = read(field.value, []);
    const result = reading.kind === "voucher" ? "right" : judge(number);
    const isRight = result === "right";
    const isForeign = !isRight && foreign() !== null;
    go.disabled = !isRight && !isForeign;
    field.setAttribute("aria-invalid", String(result === "wrong" || result === "strange"));
    verdict.className = `verdict ${result}`;
    if (isForeign) verdict.replaceChildren(t("typeForeign"));
    else if (isRight) verdict.replaceChildren(icon("check"), t("typeRight"));
    else if (result === "wrong") verdict.replaceChildren(icon("wrong"), t("typeWrong"));
    else if (result === "strange") {
      const character = [...number].find((one) => !ALPHABET.includes(one)) ?? "";
      verdict.replaceChildren(icon("wrong"), t("typeStrange", { character }));
    } else verdict.replaceChildren(t("typeMore", { n: NUMBER_LENGTH - number.length }));
  };
  const rewrite = () => {
    const atEnd = field.selectionStart === field.value.length;
    const number = normalise(field.value);
    // While somebody mends the middle the spaces stay where they are.
    if (atEnd && !field.value.includes("/") && judge(number) !== "strange") field.value = inFours(number.slice(0, NUMBER_LENGTH + 1));
    draw();
  };
  const add = (character: string) => {
    if (normalise(field.value).length >= NUMBER_LENGTH) return;
    field.value += character;
    field.setSelectionRange(field.value.length, field.value.length);
    counter.play("key");
    rewrite();
  };
  const back = () => {
    field.value = inFours(normalise(field.value).slice(0, -1));
    rewrite();
  };
  const submit = () => {
    if (!go.disabled) counter.scanned(foreign() ?? normalise(field.value));
  };
  field.addEventListener("input", rewrite);
  if (begun) field.value = normalise(begun);
  draw();

  const keys = [...ALPHABET].map((character) => h("button", { type: "button", onclick: () => add(character) }, character));
  const erase = h("button", { type: "button", class: "erase", "aria-label": t("backspace"), onclick: back }, icon("erase"));
  const element = h(
    "form",
    {
      class: "typing",
      onsubmit: (event: Event) => {
        event.preventDefault();
        submit();
      },
    },
    h("h1", {}, t("typeTitle")),
    h("p", { class: "lead" }, t("typeLead")),
    h("div", { class: "line" }, h("label", { for: "number", class: "vh" }, t("typeLabel")), field, verdict),
    isNarrow ? null : h("div", { class: "letters", role: "group", "aria-label": t("keys"), onmousedown: keepFocus }, ...keys, erase),
    h("div", { class: "act" }, button(t("back"), () => counter.wait(), { icon: "back" }), go),
  );
  return {
    name: "typing",
    element,
    focus: field,
    looks: true,
    key: (key) => {
      if (key === "Escape") counter.wait();
      else if (key === "Backspace") back();
      else if (key === "Enter") submit();
      else add(key);
    },
  };
}
