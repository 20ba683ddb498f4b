import { Problem } from "../../shared/api.ts";
import { h } from "../../shared/dom.ts";
import { LANGUAGE_NAMES, LANGUAGES } from "../../shared/locale.ts";
import { pairingCode } from "../../shared/pairing.ts";
import { townName } from "../../shared/town.ts";
import type { Counter } from "../counter.ts";
import { eye } from "../pieces/desk.ts";
import { brandMark } from "../pieces/icons.ts";
import { QueueError } from "../queue/index.ts";
import { button, type Screen } from "../screen.ts";

/** The code in the address with which this page was opened, once; it doesn't stay there. */
function codeOfAddress(): string {
  const code = pairingCode(location.href);
  if (code !== null) history.replaceState(null, "", location.pathname + location.search);
  return code ?? "";
}

/** Pairing: a code from the back office, typed, seen by the camera or brought by the address, turns this browser into a
 * device of one shop. */
export function pairScreen(counter: Counter, message = "", typed = codeOfAddress()): Screen {
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
      const noAnswer = `${t("noNetworkTitle")}. ${t("checkWifi")}.`;
      if (error instanceof QueueError) told.textContent = t("pairOtherWaits", { n: error.waiting });
      else told.textContent = problem && !problem.isUnanswered ? problem.detail || problem.title : noAnswer;
      code.focus();
    }
  };

  const seen = seeing(counter);
  const element = h(
    "div",
    { class: "pairing" },
    h(
      "div",
      { class: "slip perf" },
      h(
        "form",
        { class: "sliplet", novalidate: true, onsubmit: (event: Event) => void submit(event) },
        h("p", { class: "brand" }, brandMark(), townName()),
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
    seen.element,
    languageChoice(counter, () => counter.show(pairScreen(counter, "", code.value))),
  );
  return {
    name: "pair",
    element,
    focus: typed ? go : code,
    looks: true,
    scanned: (text) => {
      const found = pairingCode(text);
      counter.play(found === null ? "refused" : "key");
      told.textContent = t(found === null ? "pairNotOne" : "pairSeen");
      if (found !== null) {
        code.value = found;
        go.focus();
      }
      return true;
    },
    leave: seen.leave,
  };
}

/** The camera, for a code that is shown as a picture. It starts by itself only where that was allowed before: whoever
 * opens the page for the first time is not asked out of the blue. */
function seeing(counter: Counter): { element: HTMLElement; leave: () => void } {
  const element = h("div", { class: "pair-eye" });
  let leave = () => {};
  let isLeft = false;
  const start = () => {
    if (isLeft) return;
    void counter.camera.start();
    const seen = eye(counter);
    leave = seen.leave;
    element.replaceChildren(seen.element);
  };
  element.append(button(counter.t("pairSee"), start, { icon: "camera" }));
  const isAllowed = navigator.permissions?.query({ name: "camera" as PermissionName }).then(
    (permission) => permission.state === "granted",
    () => false,
  );
  void isAllowed?.then((yes) => yes && start());
  return {
    element,
    leave: () => {
      isLeft = true;
      leave();
    },
  };
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
