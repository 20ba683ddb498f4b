import { h } from "../../shared/dom.ts";
import type { Counter } from "../counter.ts";
import { drawEye } from "../pieces/eye.ts";
import { icon } from "../pieces/icons.ts";
import { stamp } from "../../shared/stampcard.ts";
import { TROUBLE } from "../pieces/trouble.ts";
import { waitingRoll } from "../pieces/waitingroll.ts";
import { button, type Screen } from "../screen.ts";
import { moreScreen } from "./more.ts";
import { signInScreen, whoScreen } from "./signin.ts";
import { practiceCards } from "./training.ts";
import { typeScreen } from "./typing.ts";
import { undoScreen } from "./undo.ts";

/** Waiting for a card: the words on one side, what the camera sees on the other. */
export function waitingScreen(counter: Counter): Screen {
  const t = counter.t.bind(counter);
  const state = h("p", { class: "state", role: "status" });
  const eye = h("section", { class: "eye", "aria-label": t("cameraPicture") });
  const sign = h("div", { class: "away" });
  const person = h("div", { class: "person" });
  const title = t("waitTitle");

  const drawState = () => {
    const isLooking = counter.camera.state === "on";
    if (counter.isBusy) state.replaceChildren(h("i", { class: "amber busy" }), t("waitBusy"));
    else if (counter.isOffline && counter.offlineSince)
      state.replaceChildren(icon("wifiOff"), `${t("offlineSince", { time: counter.time(counter.offlineSince) })}. ${t("offlineScan")}`);
    else if (isLooking) state.replaceChildren(h("i", {}), t("waitReady"));
    else state.replaceChildren(h("i", { class: "amber" }), t(TROUBLE[counter.camera.state]?.title ?? "cameraStarting"));
    state.classList.toggle("offline", counter.isOffline && !counter.isBusy);
  };
  const more = button(t("more"), () => counter.show(moreScreen(counter)), { icon: "more" });
  let drawn = "";
  const draw = () => {
    drawState();
    // Drawn again only when it says something else, so that nobody loses the button under the finger.
    const now = JSON.stringify([counter.isOffline, counter.waiting, counter.reviews, counter.staff.who?.staff_id, counter.language]);
    if (now === drawn) return;
    drawn = now;
    count(more, counter.reviews);
    person.replaceChildren(...[personChip(counter)].filter((one) => one !== null));
    sign.replaceChildren(...(counter.waiting > 0 && !counter.isTraining ? [waitingRoll(counter, { count: counter.waiting })] : []));
    element.classList.toggle("waits", sign.childElementCount > 0);
  };
  const seeing = () => {
    drawEye(counter, eye, { forStaff: true });
    drawState();
  };
  counter.onCameraState = seeing;
  counter.onChange = draw;

  const last = counter.lastBooked;
  const element = h(
    "div",
    { class: "wait" },
    h(
      "div",
      { class: "say" },
      h("div", { class: "top" }, h("p", { class: "shop" }, h("span", { class: "lifted logo" }, stamp(counter.shop)), counter.shop.name), person),
      h("h1", { class: title.length > 14 ? "long" : null }, title),
      h("p", { class: "lead" }, ...t("waitLead").split("\n").flatMap((line, index) => (index ? [h("br"), line] : [line]))),
      sign,
      practiceCards(counter),
      h(
        "div",
        { class: "tools" },
        button(t("typeNumber"), () => counter.show(typeScreen(counter)), { icon: "dots" }),
        button(t("lastVisit"), () => last && counter.show(undoScreen(counter, last)), {
          icon: "undo",
          disabled: last === null,
          ...(last ? { small: last.words } : {}),
        }),
        more,
      ),
      state,
    ),
    eye,
  );
  drawEye(counter, eye, { forStaff: true });
  draw();
  return {
    name: "waiting",
    element,
    looks: true,
    key: (key) => {
      // Whoever starts to type a number gets the place to type it.
      if (/^[0-9a-z]$/i.test(key)) counter.show(typeScreen(counter, key));
    },
    leave: () => {
      // The next screen may have taken its place already.
      if (counter.onCameraState === seeing) counter.onCameraState = null;
      if (counter.onChange === draw) counter.onChange = null;
    },
  };
}

/** Puts a seal on a button that counts what waits behind it; none where nothing waits. */
function count(on: HTMLButtonElement, waiting: number): void {
  on.querySelector(".count-seal")?.remove();
  if (waiting > 0) on.append(h("b", { class: "count-seal n" }, waiting));
}

/** Who is signed in, or the way to sign in; nothing in a shop where nobody has a PIN. */
function personChip(counter: Counter): HTMLElement | null {
  const { staff, place } = counter;
  if (counter.isTraining) return null;
  const who = staff.who;
  if (who) {
    return h(
      "button",
      { type: "button", class: "chip who-chip", "aria-label": counter.t("whoChip", { name: who.name || counter.t("somebody") }), onclick: () => counter.show(whoScreen(counter)) },
      icon("person"),
      h("span", {}, who.name || counter.t("somebody")),
    );
  }
  if (!place?.has_staff_pins) return null;
  const signIn = () => counter.show(signInScreen(counter, { then: () => counter.wait() }));
  return h("button", { type: "button", class: "chip who-chip", onclick: signIn }, icon("person"), h("span", {}, counter.t("signIn")));
}
