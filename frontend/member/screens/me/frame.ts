import { h } from "../../../shared/dom.ts";
import type { App } from "../../app.ts";
import { bar } from "../../pieces/parts.ts";
import "../../styles/begin.css";
import "../../styles/me.css";

/** A page below Me, with its way back. */
export function frame(app: App, title: string, up: string, ...children: (HTMLElement | null)[]): HTMLElement {
  return h("section", { class: "page me-page" }, bar(app, title, up), ...children);
}

/** A part of a page under a heading of its own. */
export function part(title: string, ...children: (Node | null)[]): HTMLElement {
  return h("section", { class: "me-part" }, h("h2", {}, title), ...children);
}
