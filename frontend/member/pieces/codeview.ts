/** The code of this moment with its ring of dots, of which one goes out at a time, and the number below for typing. */

import { inFours } from "../../shared/card.ts";
import { h, s } from "../../shared/dom.ts";
import type { App } from "../app.ts";
import { qr } from "../qr.ts";

const DOTS = 60;
const SIDE = 292;
const CORNER = 24;
/** How wide the code is drawn in the 300 × 300 picture. */
const CODE = 232;

/** The moment of the first code, for whoever measures the start. */
const SEEN = "zegel:code";

/** Where the ring's dots lie, clockwise from the top's middle, evenly along a square with round corners. */
function ring(): [number, number][] {
  const straight = SIDE - 2 * CORNER;
  const bend = (Math.PI / 2) * CORNER;
  const length = 4 * (straight + bend);
  const half = SIDE / 2;
  return Array.from({ length: DOTS }, (_, index) => {
    // Each side begins in the middle of the one before it; the picture is turned for each.
    let along = ((index + 0.5) * length) / DOTS;
    const side = Math.floor(along / (straight + bend));
    along -= side * (straight + bend);
    let x: number;
    let y = -half;
    if (along < straight / 2) x = along;
    else if (along < straight / 2 + bend) {
      const angle = (along - straight / 2) / CORNER;
      x = straight / 2 + CORNER * Math.sin(angle);
      y = -half + CORNER * (1 - Math.cos(angle));
    } else {
      x = half;
      y = -half + CORNER + (along - straight / 2 - bend);
    }
    const turns: [number, number][] = [
      [x, y],
      [-y, x],
      [-x, -y],
      [y, -x],
    ];
    return turns[side % 4] ?? [x, y];
  });
}

export interface CodeView {
  readonly element: HTMLElement;
  /** The touch target around the picture. */
  readonly picture: HTMLButtonElement;
  /** Counts while it is seen. */
  start(): void;
  stop(): void;
  /** Draws anew: another card, or a code of its own. */
  refresh(): void;
}

/** Draws what `app.holder` has. Without a card there is the frame alone. A touch of the picture is `touched`, whose words
 * follow its name. */
export function codeView(app: App, touch: string, touched: () => void): CodeView {
  const dots = ring().map(([x, y]) => s("circle", { cx: x.toFixed(1), cy: y.toFixed(1), r: 2.7 }));
  const modules = s("path", { class: "modules", "shape-rendering": "crispEdges" });
  const drawing = s("svg", { viewBox: "-150 -150 300 300", "aria-hidden": "true" }, s("g", { class: "ring" }, ...dots), modules);
  const picture = h("button", { type: "button", class: "code-picture", "aria-label": `${app.t("cardPicture")}. ${touch}`, onclick: touched }, drawing);
  const number = h("p", { class: "number n" });
  const rest = h("small", { class: "n" });
  const element = h("div", { class: "code perf" }, picture, h("p", { class: "vh" }, app.t("cardNumber")), number, rest);
  let timer = 0;
  let drawn = "";
  let lit = -1;
  let told = -1;
  let isRunning = false;

  async function tick(): Promise<void> {
    window.clearTimeout(timer);
    const { holder } = app;
    const moment = await holder.now();
    if (!isRunning) return;
    if (moment && moment.text !== drawn) draw(moment.text);
    element.toggleAttribute("data-static", moment !== null && moment.period === 0);
    element.toggleAttribute("data-dead", holder.isElsewhere || holder.isOver);
    element.toggleAttribute("data-ready", moment !== null);
    if (moment && moment.period > 0) {
      const left = holder.left();
      count(left, moment.period);
      // To the next dot, which is also the next code when it is the last.
      const each = (moment.period * 1000) / DOTS;
      timer = window.setTimeout(() => void tick(), Math.max(20, (left % each) + 1));
    }
  }

  function draw(text: string): void {
    if (!performance.getEntriesByName(SEEN).length) performance.mark(SEEN);
    drawn = text;
    const { size, path } = qr(text);
    modules.setAttribute("d", path);
    modules.setAttribute("transform", `translate(${-CODE / 2} ${-CODE / 2}) scale(${CODE / size})`);
    element.dataset["code"] = text;
    const card = app.holder.card;
    number.textContent = card ? inFours(card.number) : "";
  }

  function count(left: number, period: number): void {
    const now = Math.ceil((left / (period * 1000)) * DOTS);
    if (now !== lit) {
      lit = now;
      dots.forEach((dot, index) => dot.classList.toggle("gone", index < DOTS - now));
    }
    const seconds = Math.ceil(left / 1000);
    if (seconds !== told) {
      told = seconds;
      rest.textContent = app.t("cardNext", { n: seconds });
    }
  }

  return {
    element,
    picture,
    start() {
      isRunning = true;
      void tick();
    },
    stop() {
      isRunning = false;
      window.clearTimeout(timer);
    },
    refresh() {
      drawn = "";
      if (isRunning) void tick();
    },
  };
}
