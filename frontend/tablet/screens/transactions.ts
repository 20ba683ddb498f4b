import { Problem } from "../../shared/api.ts";
import { h } from "../../shared/dom.ts";
import type { BookedLine } from "../../shared/pos.ts";
import type { Counter } from "../counter.ts";
import { margin, type Segment, segments } from "../../shared/brackets.ts";
import { deskScreen } from "../pieces/desk.ts";
import { icon } from "../pieces/icons.ts";
import { stamp } from "../../shared/stampcard.ts";
import type { Waiting } from "../queue/index.ts";
import { button, type Screen } from "../screen.ts";
import { whatWaits } from "./queued.ts";
import { takeBackScreen } from "./takeback.ts";

/** This location's bookings, the latest first, and above them what waits for the network. Corrections stay visible, each
 * joined to the booking that it takes back. */
export function transactionsScreen(counter: Counter): Screen {
  return new Bookings(counter).screen;
}

class Bookings {
  readonly screen: Screen;
  private lines: readonly BookedLine[] = [];
  private waiting: readonly Waiting[] = [];
  private next: string | null = null;
  private trouble = "";
  private isReading = true;
  private isLeft = false;
  private readonly list = h("div", { class: "bookings" });
  private readonly status = h("p", { class: "vh", role: "status" });

  constructor(private readonly counter: Counter) {
    const { t } = this;
    this.screen = deskScreen(counter, {
      name: "transactions",
      title: t("bookings"),
      body: [this.status, this.list],
      back: () => counter.wait(),
      leave: () => {
        this.isLeft = true;
      },
    });
    this.draw();
    void this.read(null);
  }

  private readonly t: Counter["t"] = (key, values) => this.counter.t(key, values);

  private async read(cursor: string | null): Promise<void> {
    this.isReading = true;
    this.trouble = "";
    const { counter } = this;
    const hadFocus = this.list.contains(document.activeElement);
    try {
      const [page, waiting] = await Promise.all([counter.api.transactions(cursor), whatWaits(counter)]);
      this.lines = cursor === null ? page.items : [...this.lines, ...page.items];
      this.next = page.next;
      this.waiting = waiting;
    } catch (error) {
      this.waiting = await whatWaits(counter);
      const problem = error instanceof Problem ? error : null;
      this.trouble = problem && !problem.isUnanswered ? problem.detail || problem.title : this.t("bookingsAway");
    }
    this.isReading = false;
    if (this.isLeft) return;
    const before = this.list.querySelectorAll(".booking").length;
    this.draw();
    if (hadFocus && cursor !== null) this.list.querySelectorAll<HTMLElement>(".booking button")[before]?.focus();
  }

  private draw(): void {
    const { t } = this;
    this.status.textContent = this.isReading ? t("reading") : "";
    const isEmpty = !this.isReading && !this.trouble && this.lines.length + this.waiting.length === 0;
    this.list.replaceChildren(
      ...(this.waiting.length ? [this.queued()] : []),
      ...(this.lines.length ? [this.booked()] : []),
      ...(isEmpty ? [this.empty()] : []),
      ...(this.isReading ? [h("p", { class: "reading" }, h("i", { class: "busy" }), t("reading"))] : []),
      ...(this.trouble ? [this.away()] : []),
      ...(this.next && !this.isReading && !this.trouble ? [button(t("older"), () => void this.read(this.next), { wide: true, icon: "clock" })] : []),
    );
  }

  private empty(): HTMLElement {
    return h(
      "div",
      { class: "nothing-yet" },
      h("span", { class: "lifted logo" }, stamp(this.counter.shop)),
      h("h2", {}, this.t("bookingsNone")),
      h("p", {}, this.t("bookingsNoneMore")),
    );
  }

  private away(): HTMLElement {
    return h(
      "div",
      { class: "unreached", role: "alert" },
      icon("wifiOff"),
      h("p", {}, this.trouble),
      button(this.t("tryAgain"), () => void this.read(this.lines.length ? this.next : null), { icon: "wifi" }),
    );
  }

  /** What no service has confirmed yet. */
  private queued(): HTMLElement {
    const { counter, t } = this;
    const rows = this.waiting.toReversed().map((one) => {
      const visit = one.type === "visit" ? one.visit : null;
      const figure = visit?.amount ? counter.amount(visit.amount) : visit?.units ? `+${visit.units}` : "";
      return h(
        "li",
        { class: "booking waits" },
        margin([]),
        h("time", { class: "n" }, counter.time(new Date(one.stamp.at))),
        h("span", { class: "what" }, h("b", {}, t(one.type === "visit" ? "kindEarn" : "kindRedeem")), h("small", {}, t("waitsMore"))),
        h("span", { class: "money n" }, figure),
        h("span", { class: "units" }, icon("clock"), t("waits")),
        h("span", { class: "undo" }),
      );
    });
    return h("section", {}, h("h2", {}, t("waitingTitle", { n: rows.length })), h("ol", { class: "lines" }, ...rows));
  }

  private booked(): HTMLElement {
    const { counter } = this;
    const found = segments(this.lines.map((line) => ({ id: line.transaction_id, undoes: line.reverses })));
    const days: { name: string; over: readonly Segment[]; rows: HTMLElement[] }[] = [];
    this.lines.forEach((line, index) => {
      const name = dayOf(counter, new Date(line.recorded_at));
      const above = index ? (found[index - 1] ?? []) : [];
      // A bracket that does not end above goes on over the heading.
      const over = above.filter((part) => part.part === "from" || part.part === "through").map((part) => ({ ...part, part: "through" as const }));
      if (days.at(-1)?.name !== name) days.push({ name, over, rows: [] });
      days.at(-1)?.rows.push(this.row(line, found[index] ?? []));
    });
    return h(
      "div",
      {},
      ...days.map((day) => h("section", {}, h("h2", {}, margin(day.over), day.name), h("ol", { class: "lines" }, ...day.rows))),
    );
  }

  private row(line: BookedLine, parts: readonly Segment[]): HTMLElement {
    const { counter, t } = this;
    const isUndone = line.reversed_by.length > 0 && !line.is_reversible;
    const undone = this.lines.find((other) => other.transaction_id === line.reverses);
    const title = titleOf(counter, line, undone);
    const amount = amountOf(line, undone);
    const words = [
      line.number_masked ? t("anonymous", { number: line.number_masked.slice(-4) }) : null,
      line.staff_name,
      line.reverses ? (undone ? t("undoesThat", { time: counter.time(new Date(undone.recorded_at)) }) : t("undoesOlder")) : null,
      // What the service itself writes is no sentence.
      line.reason && line.kind !== "earn" && !/^[a-z_]+$/.test(line.reason) ? `“${line.reason}”` : null,
      isUndone ? t("wasUndone") : line.reversed_by.length ? t("partUndone", { amount: counter.amount(line.refundable ?? "") }) : null,
    ].filter((part) => part !== null && part !== "");
    const act = () => counter.show(takeBackScreen(counter, line, () => counter.show(transactionsScreen(counter))));
    return h(
      "li",
      { class: ["booking", line.kind === "reverse" ? "correction" : "", isUndone ? "gone" : ""].filter(Boolean).join(" ") },
      margin(parts),
      h("time", { class: "n", datetime: line.recorded_at }, counter.time(new Date(line.recorded_at))),
      h("span", { class: "what" }, h("b", {}, title), h("small", {}, words.join(" · "))),
      h("span", { class: "money n" }, amount === null ? "" : counter.amount(amount)),
      h("span", { class: "units n" }, unitsOf(counter, line)),
      line.is_reversible
        ? h(
            "span",
            { class: "undo" },
            h("button", { type: "button", class: "b", onclick: act, "aria-label": `${t("undo")}: ${title}, ${counter.time(new Date(line.recorded_at))}` }, icon("undo")),
          )
        : h("span", { class: "undo" }),
    );
  }
}

/** The amount that stands beside a line. Of a refund the list tells the whole purchase's, so the part is what the purchase
 * lacks by now; of one refund among several it can't be told. */
function amountOf(line: BookedLine, undone: BookedLine | undefined): string | null {
  if (line.kind !== "reverse" || line.amount === null || !undone?.is_reversible) return line.amount;
  if (undone.reversed_by.length !== 1 || undone.amount === null || undone.refundable === null) return null;
  return (Number(undone.amount) - Number(undone.refundable)).toFixed(3);
}

/** What happened, in a word or by the reward's name; a correction of a booking that still stands in part is a refund. */
export function titleOf(counter: Counter, line: BookedLine, undone?: BookedLine): string {
  const t = counter.t.bind(counter);
  switch (line.kind) {
    case "earn":
      return t("kindEarn");
    case "redeem":
      return line.reward_name ? `${t("redeemed")}: ${line.reward_name}` : t("kindRedeem");
    case "reverse":
      return t(undone?.is_reversible ? "kindRefund" : "kindReverse");
    case "adjust":
      return t("kindAdjust");
    case "expire":
      return t("kindExpire");
    case "move":
      return t("kindMove");
  }
}

/** What a booking moved, with its sign: “+2 stamps”, “−10 stamps”; or what taking it back moves. */
export function unitsOf(counter: Counter, line: Pick<BookedLine, "units">, isTakenBack = false): string {
  const programmes = counter.place?.programmes ?? [];
  return Object.entries(line.units)
    .filter(([, units]) => units !== 0)
    .map(([id, moved]) => {
      const units = isTakenBack ? -moved : moved;
      const programme = programmes.find((one) => one.programme_id === id);
      const words = counter.unitsOf(programme ?? { kind: "points", unit: "" }, Math.abs(units));
      return `${units < 0 ? "−" : "+"}${words}`;
    })
    .join(", ");
}

/** “Today”, “Yesterday”, or the date. */
function dayOf(counter: Counter, date: Date): string {
  const midnight = (when: Date) => new Date(when.getFullYear(), when.getMonth(), when.getDate()).getTime();
  const days = Math.round((midnight(new Date()) - midnight(date)) / 86_400_000);
  const format = new Intl.RelativeTimeFormat(counter.locale, { numeric: "auto" });
  if (days === 0 || days === 1) {
    const words = format.format(-days, "day");
    return words.charAt(0).toLocaleUpperCase(counter.locale) + words.slice(1);
  }
  return new Intl.DateTimeFormat(counter.locale, { weekday: "long", day: "numeric", month: "long" }).format(date);
}
