/** The small parts that screens are made of. */

import { h } from "../../shared/dom.ts";
import type { App } from "../app.ts";
import { icon, type IconName } from "./icons.ts";

interface ButtonOptions {
  readonly icon?: IconName;
  /** `go` is the screen's one deed, `ink` a strong choice, `plain` the usual, `quiet` only words, `danger` can't be undone. */
  readonly kind?: "go" | "ink" | "plain" | "quiet" | "danger";
  readonly submit?: boolean;
  readonly disabled?: boolean;
  readonly id?: string;
}

function classOf(kind: ButtonOptions["kind"]): string {
  return kind && kind !== "plain" ? `b ${kind}` : "b";
}

/** A touch target with words on it. */
export function button(words: string, act: (() => void) | null, options: ButtonOptions = {}): HTMLButtonElement {
  return h(
    "button",
    { type: options.submit ? "submit" : "button", class: classOf(options.kind), id: options.id, disabled: options.disabled, onclick: act },
    options.icon ? icon(options.icon) : null,
    h("span", {}, words),
  );
}

/** A link that looks like a button. `path` is a place in the app, or an address that begins with a slash or a scheme. */
export function linkButton(words: string, path: string, options: Pick<ButtonOptions, "icon" | "kind"> = {}): HTMLAnchorElement {
  return h("a", { href: hrefOf(path), class: classOf(options.kind) }, options.icon ? icon(options.icon) : null, h("span", {}, words));
}

/** A link within a sentence. */
export function link(words: string, path: string): HTMLAnchorElement {
  return h("a", { href: hrefOf(path) }, words);
}

export function hrefOf(path: string): string {
  return /^(?:[a-z][a-z+.-]*:|\/)/i.test(path) ? path : `#/${path}`;
}

/** A round touch target with only a drawing; `words` are what a screen reader says. */
export function tap(name: IconName, words: string, act: (() => void) | string): HTMLElement {
  const attributes = { class: "tap", "aria-label": words, title: words };
  if (typeof act === "string") return h("a", { ...attributes, href: hrefOf(act) }, icon(name));
  return h("button", { ...attributes, type: "button", onclick: act }, icon(name));
}

/** The top of a screen below a tab's own: back, heading, and what can be done with all of it. */
export function bar(app: App, title: string, up: string, ...actions: (HTMLElement | null)[]): HTMLElement {
  return h(
    "header",
    { class: "bar" },
    tap("back", app.t("back"), () => app.back(up)),
    h("div", { class: "bar-acts" }, ...actions),
    h("h1", { tabindex: -1 }, title),
  );
}

/** A list of places to go to, each with a drawing, a line of words and a second, softer one. */
export function rows(items: readonly { path: string; icon?: IconName; words: string; more?: string | null; mark?: string | null }[]): HTMLElement {
  return h(
    "ul",
    { class: "rows" },
    ...items.map((item) =>
      h(
        "li",
        {},
        h(
          "a",
          { href: hrefOf(item.path) },
          item.icon ? icon(item.icon) : null,
          h("span", {}, item.words, item.more ? h("small", {}, item.more) : null),
          item.mark ? h("b", { class: "mark" }, item.mark) : null,
          icon("next"),
        ),
      ),
    ),
  );
}

/** A remark in a box: what matters now, and what to do about it. */
export function note(tone: "plain" | "leaf" | "amber" | "seal", name: IconName, words: string, ...acts: (HTMLElement | null)[]): HTMLElement {
  return h("div", { class: `note ${tone}` }, icon(name), h("p", {}, words), ...acts);
}
