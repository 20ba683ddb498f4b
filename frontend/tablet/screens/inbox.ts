import { Problem } from "../../shared/api.ts";
import { h } from "../../shared/dom.ts";
import { newKey } from "../../shared/keys.ts";
import type { Review } from "../../shared/pos.ts";
import type { Counter } from "../counter.ts";
import { deskScreen } from "../pieces/desk.ts";
import { icon, shape } from "../pieces/icons.ts";
import type { Told } from "../queue/index.ts";
import { button, type Screen } from "../screen.ts";
import { whatWasRefused } from "./queued.ts";
import { sentences } from "./refused.ts";

/** What the queue sent and could not simply be booked: what happened, why it waits, and what to do. */
export function inboxScreen(counter: Counter): Screen {
  return new Inbox(counter).screen;
}

class Inbox {
  readonly screen: Screen;
  private reviews: readonly Review[] = [];
  private next: string | null = null;
  private trouble = "";
  private isReading = true;
  private isLeft = false;
  private readonly list = h("div", { class: "inbox" });
  private readonly status = h("p", { class: "vh", role: "status" });

  constructor(private readonly counter: Counter) {
    this.screen = deskScreen(counter, {
      name: "inbox",
      title: this.t("inbox"),
      lead: this.t("inboxLead"),
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

  /** Who may decide here: a manager or an owner who is signed in, or anybody where nobody has a PIN. */
  private get mayDecide(): boolean {
    const { staff, place } = this.counter;
    return place?.has_staff_pins === false || (staff.token !== null && staff.who?.role !== "cashier");
  }

  private async read(cursor: string | null): Promise<void> {
    const { counter } = this;
    this.isReading = true;
    this.trouble = "";
    try {
      const page = await counter.api.reviews(cursor);
      this.reviews = cursor === null ? page.items : [...this.reviews, ...page.items];
      this.next = page.next;
    } catch (error) {
      const problem = error instanceof Problem ? error : null;
      this.trouble = problem && !problem.isUnanswered ? problem.detail || problem.title : this.t("inboxAway");
    }
    this.isReading = false;
    if (!this.isLeft) this.draw();
  }

  private draw(): void {
    const { t } = this;
    const refusals = whatWasRefused(this.counter);
    const isEmpty = !this.isReading && !this.trouble && this.reviews.length + refusals.length === 0;
    this.status.textContent = this.isReading ? t("reading") : isEmpty ? t("inboxEmpty") : "";
    this.list.replaceChildren(
      ...(this.reviews.length && !this.mayDecide ? [this.who()] : []),
      ...this.reviews.map((review) => this.review(review)),
      ...refusals.map((one) => this.refusal(one)),
      ...(isEmpty ? [h("div", { class: "nothing-yet" }, h("span", { class: "empty-seal" }, shape("seal"), icon("check")), h("h2", {}, t("inboxEmpty")), h("p", {}, t("inboxEmptyMore")))] : []),
      ...(this.isReading ? [h("p", { class: "reading" }, h("i", { class: "busy" }), t("reading"))] : []),
      ...(this.trouble ? [h("div", { class: "unreached", role: "alert" }, icon("wifiOff"), h("p", {}, this.trouble), button(t("tryAgain"), () => void this.read(null), { icon: "wifi" }))] : []),
      ...(this.next && !this.isReading ? [button(t("older"), () => void this.read(this.next), { wide: true, icon: "clock" })] : []),
    );
  }

  /** Who can decide, for everybody else. */
  private who(): HTMLElement {
    const { counter, t } = this;
    const signIn = () => counter.show(counter.screens.signIn(counter, { then: () => counter.show(inboxScreen(counter)) }));
    return h("div", { class: "may-not" }, icon("lock"), h("p", {}, t(counter.staff.who ? "inboxNotYou" : "inboxWho")), button(t("signIn"), signIn, { icon: "lock" }));
  }

  private review(review: Review): HTMLElement {
    const { counter, t } = this;
    const when = new Date(review.occurred_at);
    const [why, what] = sentences(review.detail);
    const facts = [
      review.number_masked ? t("anonymous", { number: review.number_masked.slice(-4) }) : null,
      review.amount ? counter.amount(review.amount) : null,
      review.units ? t("times", { n: review.units }) : null,
      review.staff_name,
      review.device_name,
    ].filter((fact) => fact !== null);
    const title = `${t(review.type === "visit" ? "kindEarn" : "kindRedeem")}, ${dayAndTime(counter, when)}`;
    return h(
      "article",
      { class: "case perf-top" },
      h("h2", {}, title),
      h("p", { class: "facts" }, facts.join(" · ")),
      h("p", { class: "because" }, icon("bang"), h("span", {}, h("b", {}, ended(why)), what ? ` ${what}` : "")),
      this.mayDecide
        ? h(
            "div",
            { class: "act" },
            button(t("leaveOut"), () => this.decide(review, "refuse", title), { icon: "minus" }),
            button(t("bookIt"), () => this.decide(review, "approve", title), { kind: "go", icon: "check", wide: true }),
          )
        : null,
    );
  }

  private refusal(told: Told): HTMLElement {
    const { counter, t } = this;
    const [why, what] = sentences(told.detail || told.title);
    return h(
      "article",
      { class: "case refused-case" },
      h("h2", {}, `${t("notBooked")}: ${t(told.type === "visit" ? "kindEarn" : "kindRedeem")}, ${dayAndTime(counter, new Date(told.at))}`),
      h("p", { class: "facts" }, [told.amount ? counter.amount(told.amount) : null, told.units ? t("times", { n: told.units }) : null].filter(Boolean).join(" · ")),
      h("p", { class: "because" }, icon("bang"), h("span", {}, h("b", {}, ended(why)), ` ${what || t("refusalMore")}`)),
      h("div", { class: "act" }, button(t("seen"), () => void this.dismiss(told), { icon: "check" })),
    );
  }

  private async dismiss(told: Told): Promise<void> {
    await this.counter.queue.dismiss(told.id).catch(() => undefined);
    this.draw();
    (this.list.querySelector<HTMLElement>("button") ?? this.screen.element.querySelector<HTMLElement>("h1"))?.focus();
  }

  private decide(review: Review, decision: "approve" | "refuse", title: string): void {
    const { counter, t } = this;
    const key = newKey();
    const back = () => counter.show(inboxScreen(counter));
    const send = (): void =>
      void counter.attempt({ kind: "desk", again: send, scan: null, back }, () => counter.api.decide(review.id, decision, key), () => {
        counter.play("good");
        back();
        counter.notice(`${title}: ${t(decision === "approve" ? "nowBooked" : "leftOut")}`, decision === "approve" ? "leaf" : "amber");
      });
    send();
  }
}

/** A sentence with its full stop, since another one follows on the same line. */
function ended(sentence: string): string {
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}

function dayAndTime(counter: Counter, when: Date): string {
  return new Intl.DateTimeFormat(counter.locale, { weekday: "long", day: "numeric", month: "long", hour: "numeric", minute: "2-digit" }).format(when);
}
