import { h } from "../../shared/dom.ts";
import type { Booked, Counter } from "../counter.ts";
import { answer, button, type Screen, signal } from "../screen.ts";
import type { TextKey } from "../texts/index.ts";

const REASONS: readonly TextKey[] = ["reasonWrongCard", "reasonWrongAmount", "reasonTwice", "reasonReturned", "reasonOther"];

/** Undoing a booking: the reason is kept with it. */
export function undoScreen(counter: Counter, booked: Booked): Screen {
  const t = counter.t.bind(counter);
  const undo = (reason: string) =>
    counter.reverse(booked, reason, () => {
      counter.lastBooked = null;
      counter.play("good");
      counter.show(undoneScreen(counter, booked));
    });
  const element = h(
    "div",
    { class: "settings undoing" },
    h("h1", {}, t("undoTitle")),
    h("p", { class: "lead" }, booked.words ? `${booked.words}. ` : "", t("undoLead")),
    h("div", { class: "choices" }, ...REASONS.map((reason) => button(t(reason), () => undo(t(reason)), { icon: "undo" }))),
    h("div", { class: "act" }, button(t("back"), () => counter.wait(), { icon: "back" })),
  );
  return {
    name: "undo",
    element,
    looks: false,
    key: (key) => {
      if (key === "Escape") counter.wait();
    },
  };
}

function undoneScreen(counter: Counter, booked: Booked): Screen {
  const t = counter.t.bind(counter);
  const close = button(t("nextCustomer"), () => counter.wait(), { kind: "ink", wide: true });
  const foil = signal({ tone: "leaf", word: t("undone"), lines: [t("undoneLead")], next: t("nextCard") });
  const element = answer(foil, [h("div", { class: "why" }, h("h2", {}, booked.words || t("undone")))], [close]);
  return {
    name: "undone",
    element,
    focus: close,
    looks: true,
    key: (key) => {
      if (key === "Escape") counter.wait();
    },
  };
}
