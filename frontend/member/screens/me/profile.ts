/** Her name and birthday, and who may see them. */

import { h } from "../../../shared/dom.ts";
import type { App } from "../../app.ts";
import { remember } from "../../arriving.ts";
import { deed } from "../../pieces/deed.ts";
import { field } from "../../pieces/field.ts";
import { living } from "../../pieces/living.ts";
import { button, linkButton } from "../../pieces/parts.ts";
import { toggle } from "../../pieces/toggle.ts";
import type { Screen } from "../../registry.ts";
import type { Me } from "../../types.ts";
import { frame, part } from "./frame.ts";

const LONGEST_NAME = 80;
/** A birthday without its year may be 29 February. */
const LEAP_YEAR = 2000;

export function profileScreen(app: App): Screen {
  const title = app.t("meProfile");
  const me = living<Me>(app, { path: "/me", follows: false, isForm: true, draw: (value) => form(app, value), answered: (value) => void remember(app, value) });
  return { element: frame(app, title, "me", me.element), title, onShow: me.show, onHide: me.hide };
}

function form(app: App, me: Me): HTMLElement {
  const name = field("name", app.t("profileName"), { autocomplete: "name", maxlength: LONGEST_NAME, value: me.name ?? "" }, app.t("profileNameHint"));
  const birthday = birthdayFields(app, me.birthday);
  const element = h("div", { class: "me-page" });
  const save = deed(app, [name.element, birthday.element, button(app.t("meSave"), null, { submit: true, kind: "go" })], async () => {
    const told = birthday.value();
    if (told === undefined) return;
    const changed = await app.api.patch<Me>("/me", { name: name.value() || null, birthday: told });
    await remember(app, changed);
    app.notice(app.t("meSaved"), "leaf");
    seen.replaceChildren(...shopSees(app, changed));
  });
  const seen = h("div", { class: "shop-sees" }, ...shopSees(app, me));
  element.append(
    save,
    part(
      app.t("profileShops"),
      toggle(app, app.t("profileShows"), { isOn: me.shows_name, more: app.t("profileShowsMore") }, async (isOn) => {
        const changed = await app.api.patch<Me>("/me", { shows_name: isOn });
        seen.replaceChildren(...shopSees(app, changed));
      }),
      seen,
      linkButton(app.t("meSharing"), "me/sharing", { icon: "shops" }),
    ),
  );
  return element;
}

/** What stands on a shop's tablet when she shows her card. */
function shopSees(app: App, me: Me): HTMLElement[] {
  const line = (words: string, sees: boolean) => h("li", { class: sees ? "yes" : "no" }, h("span", { class: "vh" }, app.t(sees ? "profileSeen" : "profileUnseen")), words);
  const name = me.shows_name && me.name ? app.t("profileSeesName", { name: me.name }) : app.t("profileSeesNobody");
  return [
    h("h3", {}, app.t("profileSees")),
    h(
      "ul",
      {},
      line(name, true),
      line(app.t("profileSeesVisits"), true),
      me.birthday ? line(app.t("profileSeesWeek"), true) : null,
      line(app.t("profileSeesMail"), false),
      line(app.t("profileSeesOthers"), false),
    ),
  ];
}

interface BirthdayFields {
  readonly element: HTMLElement;
  /** As the service writes it, null for none; undefined where it is no day, which is said. */
  value(): string | null | undefined;
}

function birthdayFields(app: App, known: string | null): BirthdayFields {
  const [, year = "", month = "", day = ""] = /^(\d{4})?-?-?(\d\d)-(\d\d)$/.exec(known ?? "") ?? [];
  const names = Array.from({ length: 12 }, (_, index) => new Intl.DateTimeFormat(app.words.locale, { month: "long" }).format(new Date(LEAP_YEAR, index, 1)));
  const describedBy = { "aria-describedby": "birthday-hint birthday-wrong" };
  const days = h("input", { id: "birth-day", inputmode: "numeric", maxlength: 2, autocomplete: "bday-day", value: day && String(Number(day)), ...describedBy });
  const months = h(
    "select",
    { id: "birth-month", autocomplete: "bday-month", ...describedBy },
    h("option", { value: "" }, "–"),
    ...names.map((name, index) => h("option", { value: index + 1, selected: Number(month) === index + 1 }, name)),
  );
  const years = h("input", { id: "birth-year", inputmode: "numeric", maxlength: 4, autocomplete: "bday-year", value: year, ...describedBy });
  const mistake = h("p", { id: "birthday-wrong", class: "wrong", role: "alert" });
  const labelled = (label: string, input: HTMLElement) => h("div", { class: "field" }, h("label", { for: input.id }, label), input);
  const element = h(
    "fieldset",
    { class: "birthday" },
    h("legend", {}, app.t("profileBirthday")),
    h("p", { id: "birthday-hint", class: "soft" }, app.t("profileBirthdayHint")),
    h("div", { class: "birthday-parts" }, labelled(app.t("profileDay"), days), labelled(app.t("profileMonth"), months), labelled(app.t("profileYear"), years)),
    mistake,
  );
  element.addEventListener("input", () => (mistake.textContent = ""));
  return {
    element,
    value() {
      const typed = { day: days.value.trim(), month: months.value, year: years.value.trim() };
      if (!typed.day && !typed.month && !typed.year) return null;
      const [d, m, y] = [Number(typed.day), Number(typed.month), typed.year ? Number(typed.year) : LEAP_YEAR];
      const date = new Date(Date.UTC(y, m - 1, d));
      const isDay = /^\d{1,2}$/.test(typed.day) && /^(\d{4})?$/.test(typed.year) && date.getUTCMonth() === m - 1 && date.getUTCDate() === d && m > 0;
      if (!isDay || date.getTime() > app.clock.now()) {
        mistake.textContent = app.t("profileNoDay");
        days.focus();
        return undefined;
      }
      const two = (value: number) => String(value).padStart(2, "0");
      return `${typed.year || "-"}-${two(m)}-${two(d)}`;
    },
  };
}
