import type { Problem, Scan, Visit } from "../../shared/api.ts";
import { h } from "../../shared/dom.ts";
import type { Counter } from "../counter.ts";
import type { Saved } from "../counter/face.ts";
import { earnedIn, whoIs, withBalances } from "../pieces/account.ts";
import { earnings } from "../pieces/earnings.ts";
import { drawEye } from "../pieces/eye.ts";
import { icon, shape } from "../pieces/icons.ts";
import { pinScreen } from "../pieces/pinpad.ts";
import { bigStamp, stamp } from "../../shared/stampcard.ts";
import { TROUBLE } from "../pieces/trouble.ts";
import { advice, answer, type Screen, signal } from "../screen.ts";
import type { TextKey } from "../texts/index.ts";
import { EARNED_FOR } from "./earned.ts";
import { foretold } from "./offline.ts";
import { sentences } from "./refused.ts";
import { pinTrouble } from "./signin.ts";

/** How long each answer stays; nobody touches anything (milliseconds). */
const UNLOCKED_FOR = 9000;
const REFUSED_FOR = 6000;
/** How long the lock is held where nobody has a PIN (milliseconds). */
const HOLD_FOR = 3000;

/** The customer holds the card before the tablet. Nothing on this screen can be misused. */
export function kioskScreen(counter: Counter): Screen {
  const t = counter.t.bind(counter);
  const eye = h("section", { class: "eye", "aria-label": t("cameraPicture") });
  const state = h("p", { class: "state", role: "status" });
  const title = t("kioskTitle");
  const drawState = () => {
    const trouble = TROUBLE[counter.camera.state];
    if (counter.isBusy) state.replaceChildren(h("i", { class: "amber busy" }), t("kioskBusy"));
    else if (trouble) state.replaceChildren(h("i", { class: "amber" }), t("kioskNoCamera"));
    else if (counter.isOffline) state.replaceChildren(icon("wifiOff"), t("kioskOffline"));
    else state.replaceChildren(h("i", {}), t("waitReady"));
  };
  const draw = () => {
    drawEye(counter, eye, { forStaff: false });
    drawState();
  };
  counter.onCameraState = draw;
  counter.onChange = drawState;
  draw();
  const element = h(
    "div",
    { class: "wait kiosk" },
    h(
      "div",
      { class: "say" },
      h("p", { class: "shop" }, h("span", { class: "lifted logo" }, stamp(counter.shop)), counter.shop.name),
      h("h1", { class: title.length > 20 ? "long" : null }, title),
      h("p", { class: "lead" }, t(countsVisits(counter) ? "kioskLead" : "kioskLeadPoints")),
      h("div", { class: "foot" }, state, staffDoor(counter)),
    ),
    eye,
  );
  return {
    name: "kiosk",
    element,
    focus: null,
    looks: true,
    leave: () => {
      // The next screen may have taken its place already.
      if (counter.onCameraState === draw) counter.onCameraState = null;
      if (counter.onChange === drawState) counter.onChange = null;
    },
  };
}

/** Whether every visit here is one stamp. */
function countsVisits(counter: Counter): boolean {
  return counter.place?.programmes.every((one) => one.kind === "stamps" && one.asks === "visit") ?? false;
}

/** The way out for staff: a PIN, or where nobody has one a long press. */
function staffDoor(counter: Counter): HTMLElement {
  const t = counter.t.bind(counter);
  if (counter.place?.has_staff_pins !== false) {
    return h("button", { type: "button", class: "door", "aria-label": t("kioskLeave"), onclick: () => counter.show(leaveScreen(counter)) }, icon("lock"));
  }
  let timer: number | undefined;
  const door = h("button", { type: "button", class: "door hold", "aria-label": t("kioskLeaveHold") }, icon("lock"));
  const begin = () => {
    window.clearTimeout(timer);
    door.classList.add("holding");
    timer = window.setTimeout(() => void counter.choose("counter"), HOLD_FOR);
  };
  const end = () => {
    window.clearTimeout(timer);
    door.classList.remove("holding");
  };
  door.addEventListener("pointerdown", begin);
  for (const name of ["pointerup", "pointerleave", "pointercancel", "blur"]) door.addEventListener(name, end);
  door.addEventListener("keydown", (event) => {
    if ((event.key === "Enter" || event.key === " ") && !event.repeat) begin();
  });
  door.addEventListener("keyup", end);
  door.addEventListener("contextmenu", (event) => event.preventDefault());
  return door;
}

function leaveScreen(counter: Counter, told = ""): Screen {
  const t = counter.t.bind(counter);
  const submit = async (pin: string) => {
    counter.setBusy(true);
    try {
      await counter.staff.signIn(pin);
      counter.setBusy(false);
      await counter.choose("counter");
    } catch (error) {
      counter.setBusy(false);
      counter.play("refused");
      counter.show(leaveScreen(counter, pinTrouble(counter, error)));
    }
  };
  const screen = pinScreen(counter, {
    name: "leave",
    title: t("kioskLeaveTitle"),
    lead: [t("kioskLeaveLead")],
    go: { words: t("kioskLeaveGo"), icon: "lock" },
    told,
    looks: true,
    back: { act: () => counter.wait() },
    submit: (pin) => void submit(pin),
  });
  // A customer who touched the lock is not left with a keypad.
  const timer = window.setTimeout(() => counter.wait(), 20_000);
  return { ...screen, leave: () => window.clearTimeout(timer) };
}

/** Goes back to waiting after a while, or at a touch. */
function passing(counter: Counter, name: string, element: HTMLElement, after: number): Screen {
  const timer = window.setTimeout(() => counter.wait(), after);
  element.classList.add("passing");
  element.addEventListener("pointerdown", () => counter.wait());
  return { name, element, focus: null, looks: true, leave: () => window.clearTimeout(timer) };
}

/** What the visit brought, for the customer's own eyes. */
export function kioskEarnedScreen(counter: Counter, before: Scan, visit: Visit): Screen {
  const t = counter.t.bind(counter);
  const scan = withBalances(before, visit.accounts);
  const who = whoIs(counter, scan);
  if (visit.unlocked.length > 0) {
    counter.play("unlocked");
    const names = visit.unlocked.map((voucher) => voucher.name).join(", ");
    const isCard = scan.accounts.some((one) => one.kind === "stamps" && earnedIn(one, visit.earned) > 0);
    const title = t(isCard ? "unlockedTitle" : "unlockedReward");
    const element = h(
      "div",
      { class: "unlocked" },
      h(
        "div",
        { class: "prize-stamp", "aria-hidden": "true" },
        h("div", { class: "lifted big-holder" }, bigStamp(counter.shop, names), h("div", { class: "wax" }, shape("seal"), icon("check"))),
      ),
      h(
        "div",
        { class: "word middle", role: "status" },
        h("p", { class: "who" }, who.name ? t("unlockedFor", { name: who.name }) : t("unlockedAnon")),
        h("h1", { class: title.length > 11 ? "long" : null }, title),
        h("p", { class: "gift" }, names),
        h("p", { class: "rest" }, t("kioskUnlocked")),
      ),
    );
    return passing(counter, "kiosk-unlocked", element, UNLOCKED_FOR);
  }
  counter.play("good");
  const { word, lines, meaning } = earnings(counter, before, scan, visit);
  const element = answer(signal({ tone: "leaf", word, lines }), meaning, []);
  return passing(counter, "kiosk-earned", element, EARNED_FOR);
}

/** The visit waits for the network; the customer needs not mind. */
export function kioskSavedScreen(counter: Counter, saved: Saved): Screen {
  counter.play("good");
  const t = counter.t.bind(counter);
  const words = foretold(counter, saved.foretold);
  const element = answer(
    signal({ tone: "leaf", word: t("saved"), lines: [words ? t("savedEarns", { what: words }) : t("savedCounts")] }),
    [h("div", { class: "why" }, h("h2", {}, t("kioskSavedTitle")), h("p", {}, t("kioskSavedLead")))],
    [],
  );
  return passing(counter, "kiosk-saved", element, EARNED_FOR * 1.6);
}

/** Why it did not count, in words for the customer. */
export function kioskRefusedScreen(counter: Counter, problem: Problem): Screen {
  counter.play("refused");
  const t = counter.t.bind(counter);
  const { title, more, todo } = inCustomersWords(counter, problem);
  const element = answer(
    signal({ tone: "amber", word: t(problem.code === "kiosk-wait" ? "kioskAlreadyWord" : "refused"), lines: [] }),
    [h("div", { class: "why" }, h("h2", { class: title.length > 26 ? "long" : null }, title), more ? h("p", {}, more) : null), todo],
    [],
  );
  return passing(counter, "kiosk-refused", element, REFUSED_FOR);
}

function inCustomersWords(counter: Counter, problem: Problem): { title: string; more: string; todo: HTMLElement | null } {
  const t = counter.t.bind(counter);
  const say = (title: TextKey, more: TextKey) => ({ title: t(title), more: t(more), todo: null });
  const { code, status } = problem;
  if (code === "kiosk-wait") {
    const [first, rest] = sentences(problem.detail);
    return { title: t("kioskAlready"), more: rest || first, todo: null };
  }
  if (code === "kiosk-voucher") return say("kioskVoucher", "kioskCounter");
  if (/rotat|totp|expired|too-old|stale|code-used|replay/.test(code)) {
    return { title: t("kioskOldCode"), more: "", todo: advice([{ icon: "phone", what: t("kioskOpenApp"), more: t("kioskOpenAppMore") }]) };
  }
  if (/block|replac|lost|retired|swapped/.test(code)) return say("kioskBlocked", "kioskCounter");
  if (status === 429) return say("kioskBusyNow", "kioskTryLater");
  if (status === 404 || status === 422) return say("kioskUnknown", "kioskCounter");
  return say("kioskTrouble", "kioskCounter");
}
