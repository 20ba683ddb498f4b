/** What happened, the newest first: every unit with its reason, and a bracket from a correction to what it undoes. */

import { margin, segments } from "../../shared/brackets.ts";
import { h } from "../../shared/dom.ts";
import type { App } from "../app.ts";
import { amountOf, signed, told, unitsOf } from "../phrases.ts";
import type { Activity, Entry } from "../wallet.ts";

interface Row {
  readonly activity: Activity;
  readonly entry: Entry | null;
  readonly isFirst: boolean;
}

interface Options {
  /** Only what changed in this programme. */
  readonly programme?: string;
  readonly showsShop?: boolean;
  /** The level of the days' headings; the third unless said. */
  readonly heading?: "h2" | "h3";
}

/** The list, with a heading for each day. */
export function happened(app: App, activities: readonly Activity[], options: Options = {}): HTMLElement {
  const rows = activities.flatMap((activity) => rowsOf(activity, options));
  const parts = segments(rows.map(({ activity, isFirst }) => ({ id: isFirst ? activity.transaction_id : null, undoes: isFirst ? activity.reverses : null })));
  const known = new Map(activities.map((activity) => [activity.transaction_id, activity]));
  const hasBrackets = parts.some((part) => part.length > 0);
  const days: HTMLElement[] = [];
  let list = h("ol", { class: "happened" });
  let day = "";
  rows.forEach((row, index) => {
    const own = app.words.day(row.activity.occurred_at, app.clock.now());
    if (own !== day) {
      day = own;
      list = h("ol", { class: "happened" });
      // A bracket goes on over the heading of a day.
      const through = (parts[index] ?? []).filter((part) => part.part === "through" || part.part === "to").map((part) => ({ ...part, part: "through" as const }));
      days.push(h(options.heading ?? "h3", { class: "day" }, hasBrackets && through.length ? margin(through) : null, h("span", {}, own)), list);
    }
    list.append(line(app, row, parts[index] ?? [], known, options));
  });
  return h("div", { class: hasBrackets ? "happening bracketed" : "happening" }, ...days);
}

function rowsOf(activity: Activity, { programme }: Options): Row[] {
  const entries = activity.entries.filter((entry) => programme === undefined || entry.programme_id === programme);
  // What changed nothing and has no reason for it, such as a voucher's use, is told where all is told.
  if (!entries.length) return programme === undefined ? [{ activity, entry: null, isFirst: true }] : [];
  return entries.map((entry, index) => ({ activity, entry, isFirst: index === 0 }));
}

function line(app: App, { activity, entry }: Row, parts: ReturnType<typeof segments>[number], known: ReadonlyMap<string, Activity>, { showsShop = true }: Options): HTMLElement {
  const words = entry ? told(app, activity, entry) : { title: activity.reward_name ?? app.t("whyVisit"), parts: [], limits: [] };
  const time = h("time", { datetime: activity.occurred_at }, app.words.time(activity.occurred_at));
  const own = activity.location_name === activity.merchant_name ? null : activity.location_name;
  const where = showsShop ? (activity.location_name ?? activity.merchant_name) : own;
  const hasSeveral = activity.entries.length > 1 && entry !== null;
  const amount = activity.kind === "earn" ? amountOf(app, activity) : "";
  const about = [where, hasSeveral || showsShop ? entry?.name : null, amount || null].filter((one, index, all) => Boolean(one) && all.indexOf(one) === index).join(" · ");
  const undone = activity.reverses ? known.get(activity.reverses) : undefined;
  return h(
    "li",
    { class: ["happening-row", activity.is_reversed && activity.kind === "earn" ? "undone" : ""].join(" ").trim() },
    margin(parts),
    h(
      "div",
      { class: "happening-words" },
      h("b", {}, words.title),
      h("small", {}, time, about ? ` · ${about}` : null),
      activity.reverses ? h("small", {}, undone ? app.t("whyUndoes", { what: titleOf(app, undone, entry?.programme_id), when: app.words.moment(undone.occurred_at, app.clock.now()) }) : app.t("whyUndoesOlder")) : null,
      activity.is_reversed && activity.kind === "earn" ? h("small", { class: "taken" }, app.t("whyTakenBack")) : null,
      words.parts.length ? h("ul", { class: "parts" }, ...words.parts.map((part) => h("li", {}, h("span", { class: "n" }, signed(app, part.units)), h("span", {}, part.words)))) : null,
      ...words.limits.map((limit) => h("small", { class: "limit" }, limit)),
    ),
    entry
      ? h("span", { class: entry.units > 0 ? "units n" : "units less n" }, h("span", { "aria-hidden": "true" }, signed(app, entry.units)), h("span", { class: "vh" }, spoken(app, entry)))
      : h("span", {}),
  );
}

/** What a screen reader says instead of a sign: "3 stamps more". */
function spoken(app: App, entry: Entry): string {
  if (entry.units === 0) return app.t("whyNone");
  return app.t(entry.units > 0 ? "whyMore" : "whyLess", { what: unitsOf(app, entry.unit, Math.abs(entry.units)) });
}

function titleOf(app: App, activity: Activity, programme: string | undefined): string {
  const entry = activity.entries.find((one) => one.programme_id === programme) ?? activity.entries[0];
  return entry ? told(app, activity, entry).title : app.t("whyVisit");
}
