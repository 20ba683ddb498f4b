import { h } from "../../shared/dom.ts";
import type { Counter } from "../counter.ts";
import type { Saved, UnseenCard } from "../counter/face.ts";
import { Entry } from "../pieces/entry.ts";
import { foretell } from "../counter/foretell.ts";
import { icon } from "../pieces/icons.ts";
import { waitingRoll } from "../pieces/waitingroll.ts";
import { answer, button, type Screen, signal } from "../screen.ts";
import { EARNED_FOR } from "./earned.ts";

const IDLE = 120_000;

/** A calm line: there is no network, since when. */
export function calm(counter: Counter): HTMLElement {
  const since = counter.offlineSince;
  return h("p", { class: "calm" }, icon("wifiOff"), since ? counter.t("offlineSince", { time: counter.time(since) }) : counter.t("offlineNow"));
}

/** A card that can't be looked up: what was bought is asked straight away, without a name and without a balance. */
export function offlinePurchaseScreen(counter: Counter, card: UnseenCard): Screen {
  const t = counter.t.bind(counter);
  const programmes = counter.place?.programmes ?? [];
  const gain = h("div", { class: "gain", role: "status" });
  let timer: number | undefined;
  const stayAwake = () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => counter.wait(), IDLE);
  };
  const book = () => {
    const { contents } = entry;
    if (contents) counter.bookUnseen(contents, card);
  };
  const draw = () => {
    const { contents } = entry;
    const words = contents ? foretold(counter, programmes.length ? foretell(programmes, contents) : []) : "";
    gain.replaceChildren(h("p", { class: "head" }, words ? t("foretold", { what: words }) : "\u00a0"), h("p", {}, t("offlineNoBalance")));
    entry.offer(words ? t("saveWhat", { what: words }) : t("saveVisit"));
  };
  const entry = new Entry(counter, programmes, {
    changed: () => {
      stayAwake();
      draw();
    },
    book,
  });
  draw();
  stayAwake();
  const element = h(
    "div",
    { class: "purchase unseen", onpointerdown: stayAwake },
    h(
      "div",
      { class: "left" },
      calm(counter),
      h("h1", {}, t("anonymous", { number: card.code.slice(-4) })),
      entry.asking,
      entry.choice(),
      gain,
      h("div", { class: "act" }, button(t("otherCard"), () => counter.wait(), { icon: "back" })),
    ),
    entry.right,
  );
  return {
    name: "offline",
    element,
    looks: false,
    key: (key) => {
      stayAwake();
      if (key === "Escape") counter.wait();
      else entry.key(key);
    },
    leave: () => window.clearTimeout(timer),
  };
}

/** What was foretold, as one phrase: “2 stamps + 1 stamp”. */
export function foretold(counter: Counter, units: ReturnType<typeof foretell>): string {
  return units.map(({ programme, units: n }) => counter.unitsOf(programme, n)).join(" + ");
}

/** A visit stands safely on this tablet and counts as soon as there is a network: green, for a moment. */
export function savedScreen(counter: Counter, saved: Saved): Screen {
  counter.play("good");
  const t = counter.t.bind(counter);
  const words = foretold(counter, saved.foretold);
  const amount = saved.contents.amount ? counter.amount(saved.contents.amount) : "";
  const next = button(t("nextCustomer"), () => counter.wait(), { kind: "ink", wide: true });
  const element = answer(
    signal({
      tone: "leaf",
      word: t("saved"),
      lines: [words ? t("savedEarns", { what: words }) : amount ? t("savedAmount", { amount }) : t("savedCounts")],
      next: t("nextCard"),
    }),
    [
      calm(counter),
      h("h2", { class: "goes-on" }, t("goesOn")),
      h("p", { class: "safe" }, t("goesOnLead")),
      waitingRoll(counter, { count: counter.waiting, isFresh: true }),
      h("p", { class: "note" }, t("offlineRedeem")),
    ],
    [next],
  );
  const timer = window.setTimeout(() => counter.wait(), EARNED_FOR * 1.6);
  element.addEventListener("focusin", () => window.clearTimeout(timer));
  element.addEventListener("pointerdown", (event) => {
    if (!(event.target as Element).closest("button")) counter.wait();
  });
  return {
    name: "saved",
    element,
    focus: null,
    looks: true,
    key: (key) => {
      if (key === "Escape" || key === "Enter") counter.wait();
    },
    leave: () => window.clearTimeout(timer),
  };
}
