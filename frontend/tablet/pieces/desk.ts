/** What the desk's screens share: their frame, the camera's picture, a code to be scanned by a phone, an approval. */

import { h } from "../../shared/dom.ts";
import type { Counter } from "../counter.ts";
import { button, type Screen } from "../screen.ts";
import { drawEye } from "./eye.ts";
import { icon, type IconName } from "./icons.ts";

/** Nothing of a customer is left standing on the counter: back to waiting after this long without a touch (milliseconds). */
const IDLE = 180_000;

interface Frame {
  readonly name: string;
  readonly title: string;
  readonly lead?: string | null;
  readonly body: readonly (HTMLElement | null)[];
  readonly back: () => void;
  readonly actions?: readonly HTMLElement[];
  /** Beside the words where there is room, below them where there is not. */
  readonly aside?: HTMLElement | null;
  readonly focus?: HTMLElement | null;
  readonly looks?: boolean;
  readonly key?: (key: string) => void;
  readonly scanned?: (text: string) => boolean;
  readonly leave?: () => void;
}

/** A screen of the desk: heading, what it is about, and at the bottom the way back beside what can be done. */
export function deskScreen(counter: Counter, frame: Frame): Screen {
  const words = h(
    "div",
    { class: "words" },
    h("h1", { class: frame.title.length > 24 ? "long" : null }, frame.title),
    frame.lead ? h("p", { class: "lead" }, frame.lead) : null,
    ...frame.body,
    h("div", { class: "act" }, button(counter.t("back"), frame.back, { icon: "back" }), ...(frame.actions ?? [])),
  );
  const element = h("div", { class: frame.aside ? "desk two" : "desk" }, words, frame.aside ?? null);
  const rest = untouched(element, () => counter.wait());
  return {
    name: frame.name,
    element,
    ...(frame.focus === undefined ? {} : { focus: frame.focus }),
    looks: frame.looks ?? true,
    key: (key) => (key === "Escape" ? frame.back() : frame.key?.(key)),
    ...(frame.scanned ? { scanned: frame.scanned } : {}),
    leave: () => {
      rest();
      frame.leave?.();
    },
  };
}

/** Calls `act` when nobody has touched the screen or a key for a while; until the returned function is called. */
function untouched(element: HTMLElement, act: () => void): () => void {
  let timer: number | undefined;
  const again = () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(act, IDLE);
  };
  for (const name of ["pointerdown", "keydown", "input"]) element.addEventListener(name, again);
  again();
  return () => window.clearTimeout(timer);
}

interface Tile {
  readonly icon: IconName;
  readonly what: string;
  readonly more: string;
  readonly act: () => void;
  /** Shown in a seal: how many wait there. */
  readonly count?: number;
  readonly needsNetwork?: boolean;
}

/** A large choice with a line that says what it is for; or that it needs the network, where there is none. */
export function tile(counter: Counter, options: Tile): HTMLButtonElement {
  const isAway = options.needsNetwork === true && counter.isOffline;
  return h(
    "button",
    { type: "button", class: "b tile", disabled: isAway, onclick: options.act },
    icon(isAway ? "wifiOff" : options.icon),
    h("span", {}, options.what, h("small", {}, isAway ? counter.t("needsNetwork") : options.more)),
    options.count ? h("b", { class: "count-seal n" }, options.count) : null,
  );
}

/** What the camera sees, beside the words. `leave` lets go of the camera's news. */
export function eye(counter: Counter): { element: HTMLElement; leave: () => void } {
  const element = h("section", { class: "eye", "aria-label": counter.t("cameraPicture") });
  const draw = () => drawEye(counter, element, { forStaff: true });
  counter.onCameraState = draw;
  draw();
  return {
    element,
    leave: () => {
      if (counter.onCameraState === draw) counter.onCameraState = null;
    },
  };
}

/** A QR code for somebody's phone, on paper of its own so that it reads by day and by night. */
export function codeSlip(svg: string, label: string, below: string | null = null): HTMLElement {
  return h(
    "section",
    { class: "code-side" },
    h(
      "div",
      { class: "lifted" },
      h(
        "div",
        { class: "code-slip perf" },
        h("img", { src: `data:image/svg+xml,${encodeURIComponent(svg)}`, alt: label }),
        below ? h("p", {}, below) : null,
      ),
    ),
  );
}

/** What proves that somebody of the shop stands behind this: nothing more where that is known already, else a staff PIN;
 * null when nobody types one. */
export async function approval(counter: Counter): Promise<{ staff_pin?: string } | null> {
  const { place, staff } = counter;
  const isEnough = staff.token !== null && (place?.settings.cashier_approves !== false || staff.who?.role !== "cashier");
  if (counter.isTraining || isEnough || place?.has_staff_pins === false) return {};
  const pin = await counter.askStaffPin();
  return pin === null ? null : { staff_pin: pin };
}

/** Numbered steps for somebody who does this for the first time. */
export function steps(lines: readonly string[]): HTMLElement {
  return h("ol", { class: "steps" }, ...lines.map((line) => h("li", {}, h("span", {}, line))));
}

/** Looks a card up anew, with what it has by now, and asks at once what was bought. */
export function bookOn(counter: Counter, code: string): void {
  counter.lookUp(code, (scan) => counter.show(counter.screens.purchase(counter, scan)));
}
