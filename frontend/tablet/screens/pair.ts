import { Problem } from "../../shared/api.ts";
import { h } from "../../shared/dom.ts";
import { LANGUAGE_NAMES, LANGUAGES } from "../../shared/locale.ts";
import type { Counter } from "../counter.ts";
import { brandMark } from "../pieces/icons.ts";
import { button, type Screen } from "../screen.ts";

/** Pairing: a code from the back office turns this browser into a device of one shop. */
export function pairScreen(counter: Counter, message = "", typed = ""): Screen {
  const t = counter.t.bind(counter);
  const code = h("input", {
    id: "pair-code",
    name: "pairing_code",
    required: true,
    autocomplete: "off",
    autocapitalize: "characters",
    spellcheck: "false",
    maxlength: 40,
    "aria-describedby": "pair-told",
    value: typed,
  });
  const name = h("input", { id: "pair-name", name: "name", autocomplete: "off", maxlength: 60, value: t("pairNameDefault") });
  const told = h("p", { id: "pair-told", class: "told-wrong", role: "alert" }, message);
  const go = button(t("pairGo"), () => undefined, { kind: "go", icon: "plug", wide: true });
  go.type = "submit";

  const submit = async (event: Event) => {
    event.preventDefault();
    if (!code.value.trim()) {
      told.textContent = t("pairEmpty");
      code.focus();
      return;
    }
    go.disabled = true;
    told.textContent = t("pairBusy");
    try {
      await counter.pair(code.value.trim(), name.value.trim() || t("pairNameDefault"));
    } catch (error) {
      const problem = error instanceof Problem ? error : null;
      go.disabled = false;
      counter.play("refused");
      told.textContent =
        problem && !problem.isUnanswered ? problem.detail || problem.title : `${t("noNetworkTitle")}. ${t("checkWifi")}.`;
      code.focus();
    }
  };

  const element = h(
    "div",
    { class: "pairing" },
    h(
      "div",
      { class: "slip perf" },
      h(
        "form",
        { class: "sliplet", novalidate: true, onsubmit: (event: Event) => void submit(event) },
        h("p", { class: "brand" }, brandMark(), "Zegel"),
        h("h1", {}, t("pairTitle")),
        h("p", { class: "lead" }, t("pairLead")),
        h("label", { for: "pair-code" }, t("pairCode")),
        code,
        h("label", { for: "pair-name" }, t("pairName")),
        name,
        told,
        go,
      ),
    ),
    languageChoice(counter, () => counter.show(pairScreen(counter, "", code.value))),
  );
  return { name: "pair", element, focus: code, looks: false };
}

/** The four languages as buttons; the chosen one is pressed. */
export function languageChoice(counter: Counter, changed: () => void): HTMLElement {
  return h(
    "div",
    { class: "languages", role: "group", "aria-label": counter.t("language") },
    ...LANGUAGES.map((language) =>
      h(
        "button",
        {
          type: "button",
          class: "chip",
          lang: language,
          "aria-pressed": String(language === counter.language),
          onclick: () => void counter.chooseLanguage(language).then(changed),
        },
        LANGUAGE_NAMES[language],
      ),
    ),
  );
}
