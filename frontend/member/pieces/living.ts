/** A part of a screen that shows an answer of the service, and stays true: drawn from what was kept at once, from the
 * service when it answers, and again whenever something of hers has changed or the network comes back.
 *
 * ```ts
 * const list = living(app, {
 *   path: "/me/accounts",
 *   draw: (page: Page<Account>) => h("ul", {}, …),
 *   isEmpty: (page) => page.items.length === 0,
 *   empty: () => nothing(app, "…", linkButton("…", "shops")),
 * });
 * return { element: h("section", {}, list.element), onShow: list.show, onHide: list.hide, … };
 * ```
 */

import { h } from "../../shared/dom.ts";
import { Problem } from "../../shared/problem.ts";
import type { App } from "../app.ts";
import { keepAnswer, keptAnswer } from "../kept.ts";
import { button, note } from "./parts.ts";

interface Source<T> {
  /** Below `/api/v1`. A function where it depends on the screen's state. */
  readonly path: string | (() => string);
  /** The name under which the answer is kept for a time without a network: the path if not named, null to keep none. */
  readonly keep?: string | null;
  /** Instead of one GET of the path. */
  readonly load?: () => Promise<T>;
  draw(value: T, told: Told): Node;
  isEmpty?(value: T): boolean;
  /** What to do when there is nothing yet; see `nothing`. */
  empty?(): Node;
  /** What stands there until the first answer. */
  skeleton?(): Node;
  /** Hears each answer of the service, with the last one. */
  answered?(value: T, before: T | null): void;
  /** Whether it is asked for again when something of hers has changed; true unless said. */
  readonly follows?: boolean;
  /** Whether something is typed into it. Then what was kept is only shown where nobody answers, and nothing is drawn anew
   * under her hands but by what she does herself. */
  readonly isForm?: boolean;
}

export interface Told {
  /** When the service said so, in milliseconds; and whether it was just now. */
  readonly at: number;
  readonly isFresh: boolean;
}

export interface Living<T> {
  readonly element: HTMLElement;
  /** To be called when the screen is shown and hidden. */
  show(): void;
  hide(): void;
  /** Asks again. */
  refresh(): Promise<void>;
  /** The value that is shown; null before the first. */
  value(): T | null;
}

export function living<T>(app: App, source: Source<T>): Living<T> {
  const element = h("div", { class: "living", "aria-busy": "true" }, source.skeleton?.() ?? skeleton());
  const path = () => (typeof source.path === "string" ? source.path : source.path());
  const name = () => (source.keep === undefined ? path() : source.keep);
  let value: T | null = null;
  let shownAt = 0;
  let turn = 0;
  let written = "";
  let ends: (() => void)[] = [];

  function draw(next: T, told: Told, remark: Node | null = null): void {
    value = next;
    shownAt = told.at;
    const isEmpty = source.isEmpty?.(next) ?? false;
    element.removeAttribute("aria-busy");
    const node = isEmpty && source.empty ? source.empty() : source.draw(next, told);
    // What draws into the same element again keeps its place on the page, and the focus in it.
    if (remark || element.childNodes.length !== 1 || element.firstChild !== node) element.replaceChildren(...(remark ? [remark] : []), node);
  }

  const isTyping = () => source.isForm === true && document.activeElement?.matches("input, textarea, select") === true && element.contains(document.activeElement);

  /** What was kept, where nothing is shown yet. */
  async function recall(mine: number): Promise<void> {
    const key = name();
    if (value !== null || key === null) return;
    const kept = await keptAnswer<T>(key).catch(() => undefined);
    if (kept && mine === turn) draw(kept.value, { at: kept.at, isFresh: false });
  }

  async function refresh(isAsked = true): Promise<void> {
    const mine = ++turn;
    const key = name();
    if (!source.isForm) await recall(mine);
    if (mine !== turn) return;
    try {
      const answer = source.load ? await source.load() : await app.api.get<T>(path());
      if (mine !== turn) return;
      const at = app.clock.now();
      // What has not changed is left as it is: the place on the page, the focus, the screen reader's reading.
      const text = JSON.stringify(answer);
      const before = value;
      const remark = element.querySelector(":scope > .remark");
      if (!isAsked && isTyping()) return;
      if (text !== written || (remark && !source.isForm)) draw(answer, { at, isFresh: true });
      else remark?.remove();
      written = text;
      shownAt = at;
      source.answered?.(answer, before);
      if (key !== null) await keepAnswer(key, { value: answer, at }).catch(() => undefined);
    } catch (error) {
      if (source.isForm) await recall(mine);
      if (mine === turn) fail(error);
    }
  }

  function fail(error: unknown): void {
    if (!(error instanceof Problem)) {
      console.error(error);
    }
    element.removeAttribute("aria-busy");
    if (value !== null && source.isForm) {
      element.querySelector(":scope > .remark")?.remove();
      element.prepend(keptRemark(app, shownAt, error));
      return;
    }
    written = "";
    if (value !== null) draw(value, { at: shownAt, isFresh: false }, keptRemark(app, shownAt, error));
    else element.replaceChildren(trouble(app, error, () => void refresh()));
  }

  return {
    element,
    refresh: () => refresh(),
    value: () => value,
    show() {
      if (ends.length) return;
      ends = [app.onOnline(() => void (app.isOnline && refresh(false)))];
      if (source.follows !== false) ends.push(app.pulse.onChange(() => void refresh(false)));
      void refresh(false);
    },
    hide() {
      for (const end of ends) end();
      ends = [];
      turn++;
    },
  };
}

/** Grey lines that stand for what is still to come. */
export function skeleton(lines = 3): HTMLElement {
  return h("div", { class: "skeleton", "aria-hidden": "true" }, ...Array.from({ length: lines }, () => h("i", {})));
}

/** Why there is nothing to see, and what to do about it. */
export function trouble(app: App, error: unknown, again: () => void): HTMLElement {
  const words = error instanceof Problem ? app.explain(error) : app.t("serviceFails");
  return note("amber", "offline", words, button(app.t("tryAgain"), again, { icon: "again" }));
}

/** That what is shown is from before, and from when. */
function keptRemark(app: App, at: number, error: unknown): HTMLElement {
  const when = app.words.moment(at, app.clock.now());
  const isOffline = error instanceof Problem && error.status === 0;
  return h("p", { class: "remark", role: "status" }, app.t(isOffline ? "keptFrom" : "keptFails", { when }));
}

/** That there is nothing yet, and the next step. */
export function nothing(title: string, words: string, ...acts: (HTMLElement | null)[]): HTMLElement {
  return h("div", { class: "nothing" }, h("h2", {}, title), h("p", {}, words), ...acts);
}
