/** Her whole record, to be read: everything the export holds, section by section, in words where there are some. */

import { h } from "../../../shared/dom.ts";
import { decimalsOf } from "../../../shared/money.ts";
import type { App } from "../../app.ts";
import { living } from "../../pieces/living.ts";
import type { Screen } from "../../registry.ts";
import type { Account, Page } from "../../types.ts";
import { frame } from "./frame.ts";
import { FIELDS, SECTIONS } from "./recordwords.ts";

type Json = null | string | number | boolean | readonly Json[] | Facts;
type Facts = { readonly [name: string]: Json };

interface Known {
  readonly record: Facts;
  /** Shops and programmes by their ids. */
  readonly names: ReadonlyMap<string, string>;
}

/** So many rows of a list are drawn at once. */
const AT_ONCE = 50;
/** A birthday without its year. */
const DAY = /^--\d\d-\d\d$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

export function recordScreen(app: App): Screen {
  const title = app.t("recordTitle");
  const record = living<Known>(app, {
    path: "/me/export",
    keep: null,
    follows: false,
    load: async () => {
      const [made, accounts] = await Promise.all([app.api.get<Facts>("/me/export"), app.api.get<Page<Account>>("/me/accounts?limit=100")]);
      const names = accounts.items.flatMap((one) => [[one.merchant.merchant_id, one.merchant.name] as const, [one.programme_id, one.name] as const]);
      return { record: made, names: new Map(names) };
    },
    draw: (known) => h("div", { class: "record" }, ...Object.entries(known.record).map(([name, content]) => section(app, known, name, content))),
  });
  return { element: frame(app, title, "me/data", h("p", { class: "lead" }, app.t("recordLead")), record.element), title, onShow: record.show, onHide: record.hide };
}

function section(app: App, known: Known, name: string, content: Json): HTMLElement {
  const key = SECTIONS[name];
  const words = key ? app.t(key) : raw(name);
  if (isFacts(content)) return h("details", { open: name === "profile" }, h("summary", {}, words), facts(app, known, content));
  if (!Array.isArray(content)) return facts(app, known, { [name]: content });
  const rows = content as readonly Json[];
  const place = h("div", { class: "record-rows" });
  const box = h("details", {}, h("summary", {}, words, h("span", { class: "n soft" }, app.words.number(rows.length))), place);
  // Drawn when they are looked at: a record may be long.
  box.addEventListener("toggle", () => {
    if (box.open && !place.hasChildNodes()) more(app, known, place, rows, 0);
  });
  return box;
}

function more(app: App, known: Known, place: HTMLElement, rows: readonly Json[], from: number): void {
  place.append(...rows.slice(from, from + AT_ONCE).map((row) => (isFacts(row) ? facts(app, known, row) : h("p", {}, written(app, known, row)))));
  if (rows.length <= from + AT_ONCE) return;
  const next = h("button", { type: "button", class: "b" }, app.t("recordMore"));
  next.addEventListener("click", () => {
    next.remove();
    more(app, known, place, rows, from + AT_ONCE);
  });
  place.append(next);
}

/** First what a person reads, in the order of the words; the rest behind a touch. */
function facts(app: App, known: Known, content: Facts): HTMLElement {
  const said = Object.entries(FIELDS).filter(([name]) => !isNothing(content[name]));
  const rest = Object.entries(content).filter(([name, value]) => !(name in FIELDS) && !isNothing(value));
  return h(
    "div",
    { class: "record-row" },
    h("dl", {}, ...said.flatMap(([name, key]) => [h("dt", {}, app.t(key)), h("dd", {}, field(app, known, content, name))])),
    rest.length
      ? h("details", {}, h("summary", { class: "soft" }, app.t("recordMachine")), h("dl", {}, ...rest.flatMap(([name, value]) => [h("dt", {}, raw(name)), h("dd", {}, written(app, known, value))])))
      : null,
  );
}

function field(app: App, known: Known, content: Facts, name: string): string {
  const value = content[name] ?? null;
  const { currency } = content;
  if (name.endsWith("_minor") && typeof value === "number" && typeof currency === "string") {
    return app.words.money(String(value / 10 ** decimalsOf(currency)), currency);
  }
  return written(app, known, value);
}

function written(app: App, known: Known, value: Json): string {
  if (isNothing(value) || value === null || value === undefined) return "–";
  if (typeof value === "boolean") return app.t(value ? "recordYes" : "recordNo");
  if (typeof value === "number") return app.words.number(value);
  if (typeof value === "string" && DAY.test(value)) return new Intl.DateTimeFormat(app.words.locale, { day: "numeric", month: "long" }).format(new Date(`2000${value.slice(1)}T12:00`));
  if (typeof value === "string") return known.names.get(value) ?? (TIME.test(value) ? app.words.moment(value, app.clock.now()) : value);
  if (Array.isArray(value)) return value.map((one: Json) => written(app, known, one)).join(", ");
  return Object.entries(value)
    .map(([name, one]) => `${raw(name)}: ${written(app, known, one)}`)
    .join(", ");
}

function isFacts(value: Json): value is Facts {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isNothing(value: Json | undefined): boolean {
  if (value === null || value === undefined || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

/** The service's own name of a field, as in the file that she can take away. */
function raw(name: string): string {
  return name.replaceAll("_", " ");
}
