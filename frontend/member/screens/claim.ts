/** A printed card, or a visit without one, becomes hers: behind the QR on the card, and by typing its number. */

import { inFours, judge, normalise } from "../../shared/card.ts";
import { h } from "../../shared/dom.ts";
import { Problem } from "../../shared/problem.ts";
import type { App } from "../app.ts";
import { deed } from "../pieces/deed.ts";
import { field } from "../pieces/field.ts";
import { movedList } from "../pieces/moved.ts";
import { bar, button, linkButton, note } from "../pieces/parts.ts";
import type { Params, Screen } from "../registry.ts";
import type { MemberCard, Page } from "../types.ts";
import "../styles/begin.css";

export function claimScreen(app: App, params: Params): Screen {
  return params["number"] === undefined ? typedScreen(app) : foundScreen(app, normalise(params["number"]));
}

function typedScreen(app: App): Screen {
  const title = app.t("claimTypeTitle");
  const number = field("number", app.t("claimNumber"), { autocomplete: "off", autocapitalize: "characters", spellcheck: "false", maxlength: 40, class: "code-like" });
  const form = deed(app, [number.element, button(app.t("claimGo"), null, { submit: true, kind: "go" })], async () => {
    const typed = normalise(number.value());
    if (judge(typed) !== "right") return number.wrong(app.t("claimNumberWrong"));
    app.go(`claim/${typed}`);
  });
  return { element: h("section", { class: "page" }, bar(app, title, "me"), h("p", { class: "lead" }, app.t("claimTypeLead")), form), title };
}

/** What a card claims with. */
interface Proof {
  readonly claim_code?: string;
  readonly pin?: string;
}

function foundScreen(app: App, number: string): Screen {
  const title = app.t("claimTitle");
  const place = h("div", { class: "claim" });
  const element = h("section", { class: "page" }, h("h1", { tabindex: -1 }, title), h("p", { class: "number n" }, inFours(number)), place);

  if (judge(number) !== "right") {
    place.append(note("seal", "bang", app.t("claimNumberWrong")), linkButton(app.t("claimTypeTitle"), "claim"));
    return { element, title };
  }
  const own = () => place.replaceChildren(note("leaf", "check", app.t("claimOwn")), linkButton(app.t("movedGo"), "card", { kind: "go" }));
  if (app.holder.card?.number === number) {
    own();
    return { element, title };
  }

  async function claim(proof: Proof): Promise<void> {
    // Whoever has no card yet gets one now, and the printed one beside it.
    await app.holder.ensure();
    const { items } = await app.api.get<Page<MemberCard>>("/me/cards");
    if (items.some((card) => card.number === number)) return own();
    const card = await app.api.post<MemberCard>("/me/cards", { number, ...proof });
    app.pulse.stir();
    const heading = h("h1", { tabindex: -1 }, app.t("claimDone"));
    element.replaceChildren(heading, movedList(app, card.moved ?? null), linkButton(app.t("movedGo"), "card", { kind: "go" }));
    heading.focus();
  }

  /** The first try, by the number alone. */
  function first(): HTMLElement {
    return h(
      "div",
      { class: "claim" },
      h("p", { class: "lead" }, app.t("claimLead")),
      deed(app, [button(app.t("claimGo"), null, { submit: true, kind: "go" })], () => claim({}), (problem) => {
        if (problem.status === 404) return tell(app.t("claimUnknown"));
        if (problem.code !== "claim-refused") return false;
        place.replaceChildren(prove());
        place.querySelector("h2")?.focus();
        return true;
      }),
      about(app),
    );
  }

  /** The card has earned: something that only its bearer has or knows. */
  function prove(): HTMLElement {
    const code = field("claim-code", app.t("claimCode"), { autocomplete: "off", autocapitalize: "characters", spellcheck: "false", maxlength: 64, class: "code-like" });
    const pin = field("claim-pin", app.t("claimPin"), { autocomplete: "off", inputmode: "numeric", maxlength: 16, type: "password" });
    const refused = (problem: Problem) => problem.code === "claim-refused" && tell(app.t("claimRefused"));
    return h(
      "div",
      { class: "claim" },
      h("h2", { tabindex: -1 }, app.t("claimProofTitle")),
      h("p", {}, app.t("claimProofLead")),
      deed(
        app,
        [code.element, pin.element, button(app.t("claimGo"), null, { submit: true, kind: "go" })],
        async () => {
          if (code.value()) await claim({ claim_code: code.value() });
          else if (pin.value()) await claim({ pin: pin.value() });
          else code.wrong(app.t("claimCodeEmpty"));
        },
        refused,
      ),
      deed(app, [h("p", {}, app.t("claimShop")), button(app.t("claimShopGo"), null, { submit: true })], () => claim({}), refused),
    );
  }

  function tell(words: string): true {
    const old = place.querySelector(":scope > .note");
    const said = note("seal", "bang", words);
    said.setAttribute("role", "alert");
    if (old) old.replaceWith(said);
    else place.prepend(said);
    said.scrollIntoView({ block: "nearest" });
    return true;
  }

  place.append(first());
  return { element, title };
}

/** For whoever found a card, or never saw one. */
function about(app: App): HTMLElement {
  return h("div", { class: "claim-about" }, h("p", {}, app.t("claimWhat")), h("h2", {}, app.t("claimFoundTitle")), h("p", {}, app.t("claimFound")));
}
