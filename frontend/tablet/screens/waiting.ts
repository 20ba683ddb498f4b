import { h } from "../../shared/dom.ts";
import type { CameraState } from "../camera.ts";
import type { Counter } from "../counter.ts";
import { icon, type IconName } from "../pieces/icons.ts";
import { stamp } from "../pieces/stampcard.ts";
import { button, type Screen } from "../screen.ts";
import type { TextKey } from "../texts/index.ts";
import { settingsScreen } from "./settings.ts";
import { typeScreen } from "./typing.ts";
import { undoScreen } from "./undo.ts";

const TROUBLE: Readonly<Partial<Record<CameraState, { title: TextKey; text: TextKey; icon: IconName }>>> = {
  denied: { title: "cameraDeniedTitle", text: "cameraDenied", icon: "lock" },
  none: { title: "cameraNoneTitle", text: "cameraNone", icon: "cameraOff" },
  insecure: { title: "cameraInsecureTitle", text: "cameraInsecure", icon: "lock" },
  broken: { title: "cameraBrokenTitle", text: "cameraBroken", icon: "cameraOff" },
};

/** Waiting for a card: the words on one side, what the camera sees on the other. */
export function waitingScreen(counter: Counter): Screen {
  const t = counter.t.bind(counter);
  const state = h("p", { class: "state", role: "status" });
  const eye = h("section", { class: "eye", "aria-label": t("cameraPicture") });
  const title = t("waitTitle");

  const drawState = () => {
    const isLooking = counter.camera.state === "on";
    if (counter.isBusy) state.replaceChildren(h("i", { class: "amber busy" }), t("waitBusy"));
    else if (counter.offlineSince) state.replaceChildren(icon("wifiOff"), t("offlineSince", { time: counter.time(counter.offlineSince) }));
    else if (isLooking) state.replaceChildren(h("i", {}), t("waitReady"));
    else state.replaceChildren(h("i", { class: "amber" }), t(TROUBLE[counter.camera.state]?.title ?? "cameraStarting"));
    state.classList.toggle("offline", counter.offlineSince !== null && !counter.isBusy);
  };
  const drawEye = () => {
    const trouble = TROUBLE[counter.camera.state];
    const inside = trouble
      ? h(
          "div",
          { class: "trouble" },
          icon(trouble.icon),
          h("h2", {}, t(trouble.title)),
          h("p", {}, t(trouble.text)),
          button(t("tryAgain"), () => void counter.camera.start(), { icon: "camera" }),
        )
      : h("div", { class: "view" }, counter.camera.video, h("i", { class: "frame" }));
    eye.replaceChildren(h("div", { class: "lifted" }, h("div", { class: trouble ? "cam perf quiet" : "cam perf" }, inside)));
    if (!trouble && counter.camera.state === "on") void counter.camera.video.play().catch(() => undefined);
  };
  counter.onCameraState = () => {
    drawEye();
    drawState();
  };
  counter.onBusy = drawState;
  counter.onNetwork = drawState;
  drawEye();
  drawState();

  const last = counter.lastBooked;
  const element = h(
    "div",
    { class: "wait" },
    h(
      "div",
      { class: "say" },
      h("p", { class: "shop" }, h("span", { class: "lifted logo" }, stamp(counter.shop)), counter.pairing?.merchant.name ?? ""),
      h("h1", { class: title.length > 14 ? "long" : null }, title),
      h("p", { class: "lead" }, ...t("waitLead").split("\n").flatMap((line, index) => (index ? [h("br"), line] : [line]))),
      h(
        "div",
        { class: "tools" },
        button(t("typeNumber"), () => counter.show(typeScreen(counter)), { icon: "dots" }),
        button(t("lastVisit"), () => last && counter.show(undoScreen(counter, last)), {
          icon: "undo",
          disabled: last === null,
          ...(last ? { small: last.words } : {}),
        }),
        button(t("thisTablet"), () => counter.show(settingsScreen(counter)), { icon: "tablet" }),
      ),
      state,
    ),
    eye,
  );
  return {
    name: "waiting",
    element,
    looks: true,
    key: (key) => {
      // Whoever starts to type a number gets the place to type it.
      if (/^[0-9a-z]$/i.test(key)) counter.show(typeScreen(counter, key));
    },
    leave: () => {
      counter.onCameraState = null;
      counter.onBusy = null;
      counter.onNetwork = null;
    },
  };
}
