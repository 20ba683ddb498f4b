/** Choosing one of a merchant's shops. */

import { h } from "../../shared/dom.ts";
import type { App } from "../app.ts";
import { ask } from "./sheet.ts";

export interface PlaceToChoose {
  readonly location_id: string;
  readonly name: string;
  readonly address: string;
}

/** Asks which shop; where there is one, only whether. Null for none. */
export async function choosePlace(app: App, places: readonly PlaceToChoose[], question: { readonly title: string; readonly text: string; readonly yes: string }): Promise<PlaceToChoose | null> {
  if (!places.length) {
    app.notice(app.t("voucherNoPlace"), "amber");
    return null;
  }
  const [only] = places;
  if (places.length === 1 && only) {
    const more = h("p", {}, h("b", {}, only.name), only.address ? h("span", {}, ` · ${only.address}`) : null);
    return (await ask(app, { ...question, more })) ? only : null;
  }
  const choices = places.map((place, index) =>
    h(
      "label",
      { class: "choice" },
      h("input", { type: "radio", name: "place", value: place.location_id, checked: index === 0 }),
      h("span", {}, place.name, place.address ? h("small", {}, place.address) : null),
    ),
  );
  const more = h("fieldset", { class: "choices" }, h("legend", {}, app.t("voucherWhere")), ...choices);
  if (!(await ask(app, { ...question, more }))) return null;
  const chosen = more.querySelector<HTMLInputElement>("input:checked")?.value;
  return places.find((place) => place.location_id === chosen) ?? null;
}
