/** What the camera sees, in its perforated frame, with its lamp and its other side at hand; or why it sees nothing. */

import { h } from "../../shared/dom.ts";
import type { Counter } from "../counter.ts";
import { button } from "../screen.ts";
import { icon } from "./icons.ts";
import { TROUBLE } from "./trouble.ts";

/** Draws into `eye` by the camera's state; to be called again whenever that changes. */
export function drawEye(counter: Counter, eye: HTMLElement, options: { readonly forStaff: boolean }): void {
  const { camera } = counter;
  const t = counter.t.bind(counter);
  const trouble = TROUBLE[camera.state];
  const tools = options.forStaff && camera.state === "on" ? cameraTools(counter) : [];
  const inside = trouble
    ? h(
        "div",
        { class: "trouble" },
        icon(trouble.icon),
        h("h2", {}, t(options.forStaff ? trouble.title : "kioskNoCamera")),
        options.forStaff ? h("p", {}, t(trouble.text)) : null,
        options.forStaff ? button(t("tryAgain"), () => void camera.start(), { icon: "camera" }) : null,
      )
    : h("div", { class: "view" }, camera.video, h("i", { class: "frame" }), tools.length ? h("div", { class: "eye-tools" }, ...tools) : null);
  eye.replaceChildren(h("div", { class: "lifted" }, h("div", { class: trouble ? "cam perf quiet" : "cam perf" }, inside)));
  // Moved to another place on the page, a picture stands still until it is told to go on.
  if (!trouble && camera.state === "on") void camera.video.play().catch(() => undefined);
}

function cameraTools(counter: Counter): HTMLElement[] {
  const { camera } = counter;
  const t = counter.t.bind(counter);
  const tool = (words: string, sign: "turn" | "torch", act: () => void, isOn: boolean | null = null) =>
    h("button", { type: "button", class: "eye-tool", "aria-label": words, "aria-pressed": isOn === null ? null : String(isOn), onclick: act }, icon(sign));
  return [
    ...(camera.canTurn ? [tool(t("cameraTurn"), "turn", () => void counter.chooseCamera(camera.facing === "user" ? "environment" : "user"))] : []),
    ...(camera.hasTorch ? [tool(t("torch"), "torch", () => void camera.light(!camera.isTorchOn), camera.isTorchOn)] : []),
  ];
}
