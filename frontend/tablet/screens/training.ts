import { h } from "../../shared/dom.ts";
import type { PracticeCard } from "../../shared/pos.ts";
import type { Counter } from "../counter.ts";
import { deskScreen } from "../pieces/desk.ts";
import { icon, type IconName } from "../pieces/icons.ts";
import { button, type Screen } from "../screen.ts";
import type { TextKey } from "../texts/index.ts";

const CARDS: Readonly<Record<PracticeCard["what"], TextKey>> = {
  new: "practiceNew",
  half: "practiceHalf",
  almost_full: "practiceAlmost",
  voucher: "practiceVoucher",
  blocked: "practiceBlocked",
};

const POINTS: readonly (readonly [IconName, TextKey])[] = [
  ["check", "practicePoint1"],
  ["card", "practicePoint2"],
  ["practice", "practicePoint3"],
];

/** Starting to practise in a sandbox of this shop, or stopping. */
export function trainingScreen(counter: Counter): Screen {
  const t = counter.t.bind(counter);
  const start = (): void => {
    // A whole shop is copied, which may take a moment.
    go.querySelector("span")?.replaceChildren(t("reading"));
    void counter.attempt(
      { kind: "desk", again: start, scan: null, back: () => counter.wait() },
      async () => {
        const training = await counter.api.training();
        await counter.startTraining(training);
      },
      () => undefined,
    );
  };
  const go: HTMLButtonElement = counter.isTraining
    ? button(t("practiceStop"), () => counter.endTraining(), { kind: "ink", wide: true })
    : button(t("practiceGo"), start, { kind: "go", icon: "practice", wide: true });
  return deskScreen(counter, {
    name: "training",
    title: t(counter.isTraining ? "practiceStopTitle" : "practiceTitle"),
    lead: t(counter.isTraining ? "practiceStopLead" : "practiceLead"),
    body: counter.isTraining
      ? []
      : [h("ul", { class: "points" }, ...POINTS.map(([sign, point]) => h("li", {}, icon(sign), h("span", {}, t(point)))))],
    back: () => counter.wait(),
    actions: [go],
    focus: go,
  });
}

/** The band over every screen while somebody practises. It says so in words, not by its stripes alone; in the language
 * that is chosen at the moment. */
export function practiceBand(counter: Counter): HTMLElement {
  const band = h("aside", { class: "practice-band" });
  const draw = () => {
    band.setAttribute("aria-label", counter.t("practice"));
    band.replaceChildren(
      h("p", {}, icon("practice"), counter.t("practiceBand")),
      h("button", { type: "button", "aria-label": counter.t("practiceStop"), onclick: () => counter.endTraining() }, counter.t("practiceEnd")),
    );
  };
  const language = new MutationObserver(() => (band.isConnected ? draw() : language.disconnect()));
  language.observe(document.documentElement, { attributeFilter: ["lang"] });
  draw();
  return band;
}

/** The practice cards as buttons that act like a scan, for the waiting screen; null while nobody practises. */
export function practiceCards(counter: Counter): HTMLElement | null {
  const order = Object.keys(CARDS);
  const cards = counter.practiceCards.toSorted((one, other) => order.indexOf(one.what) - order.indexOf(other.what));
  if (!cards.length) return null;
  return h(
    "div",
    { class: "practice-cards", role: "group", "aria-label": counter.t("practiceCards") },
    h("p", {}, counter.t("practiceCards")),
    ...cards.map((card) => button(counter.t(CARDS[card.what]), () => counter.scanned(card.code), { icon: "card" })),
  );
}

