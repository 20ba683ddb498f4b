/** A short code to take the card along: to another phone, or from a browser into the app on its home screen. */

import { h, s } from "../../shared/dom.ts";
import type { App } from "../app.ts";
import { living } from "../pieces/living.ts";
import { bar, button, note } from "../pieces/parts.ts";
import { qr } from "../qr.ts";
import type { Screen } from "../registry.ts";
import "../styles/begin.css";

interface Move {
  readonly code: string;
  readonly url: string;
  readonly expires_at: string;
}

export function moveScreen(app: App): Screen {
  const title = app.t("moveTitle");
  const made = living<Move>(app, {
    path: "/me/transfers",
    keep: null,
    follows: false,
    load: () => app.api.post<Move>("/me/transfers"),
    draw: (move) => drawn(app, move, () => void made.refresh()),
  });
  const element = h("section", { class: "page" }, bar(app, title, "me"), h("p", { class: "lead" }, app.t("moveLead")), made.element);
  return { element, title, onShow: made.show, onHide: made.hide };
}

/** Minutes and seconds that the code is still good for; `over` is called once, when there are none. */
function countdown(app: App, until: string, over: () => void): HTMLElement {
  const words = h("p", { class: "move-left n" });
  const count = () => {
    const left = Math.ceil((Date.parse(until) - app.clock.now()) / 1000);
    if (left > 0 && words.isConnected) words.textContent = app.t("moveLeft", { time: `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}` });
    else window.clearInterval(timer);
    if (left <= 0 && words.isConnected) over();
  };
  const timer = window.setInterval(count, 1000);
  queueMicrotask(count);
  return words;
}

function drawn(app: App, move: Move, again: () => void): HTMLElement {
  const { size, path } = qr(move.url);
  const renew = button(app.t("moveAgain"), again, { icon: "again" });
  const place = h("div", { class: "move" });
  place.append(
    h("p", { class: "secret large n" }, h("span", { class: "vh" }, app.t("moveCode")), " ", h("b", {}, move.code)),
    h("p", {}, app.t("moveUntil", { time: app.words.time(move.expires_at) })),
    countdown(app, move.expires_at, () => place.replaceChildren(note("amber", "clock", app.t("moveOver")), renew)),
    h("p", {}, app.t("moveOr")),
    h(
      "div",
      { class: "move-picture" },
      s("svg", { viewBox: `-4 -4 ${size + 8} ${size + 8}`, role: "img", "aria-label": app.t("movePicture") }, s("path", { d: path, "shape-rendering": "crispEdges" })),
    ),
    h("p", { class: "soft" }, app.t("moveAfter")),
    renew,
  );
  return place;
}
