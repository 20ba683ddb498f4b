import { h } from "../../shared/dom.ts";
import type { Counter } from "../counter.ts";
import { askToKeepStorage, canFillScreen, canInstall, fillsScreen, install, isInstalled, isStorageKept, toggleFullScreen } from "../counter/browser.ts";
import { icon, type IconName } from "../pieces/icons.ts";
import { waitingRoll } from "../pieces/waitingroll.ts";
import { button, type Screen } from "../screen.ts";
import { languageChoice } from "./pair.ts";
import { pinTrouble } from "./signin.ts";
import { pinScreen } from "../pieces/pinpad.ts";

/** This tablet: how it speaks, sounds, sees and stands, and how it is doing. */
export function settingsScreen(counter: Counter): Screen {
  const t = counter.t.bind(counter);
  const again = () => counter.show(settingsScreen(counter));
  const element = h(
    "div",
    { class: "settings tablet-settings" },
    h("h1", {}, t("settingsTitle")),
    h("p", { class: "lead" }, about(counter)),
    h(
      "div",
      { class: "panes" },
      pane(counter, "queue", [queuePane(counter)]),
      pane(counter, "modeTitle", [modePane(counter)]),
      pane(counter, "language", [languageChoice(counter, again)]),
      pane(counter, "sound", [soundPane(counter, again)]),
      pane(counter, "cameraTitle", [cameraPane(counter, again)]),
      pane(counter, "keepTitle", [keepPane(counter, again)]),
    ),
    h(
      "div",
      { class: "act" },
      button(t("back"), () => counter.wait(), { icon: "back" }),
      canFillScreen() ? button(t(fillsScreen() ? "fullScreenEnd" : "fullScreen"), () => void toggleFullScreen().then(again), { icon: "full" }) : null,
      button(t("unpair"), () => counter.show(unpairScreen(counter)), { icon: "plug" }),
    ),
    h("p", { class: "version n" }, t("version", { version: counter.around.version })),
  );
  const leave = watch(counter, again);
  return { name: "settings", element, looks: true, key: (key) => void (key === "Escape" && counter.wait()), leave };
}

type PaneTitle = "queue" | "modeTitle" | "language" | "sound" | "cameraTitle" | "keepTitle";
const ICONS: Readonly<Record<PaneTitle, IconName>> = {
  queue: "wifi",
  modeTitle: "shopfront",
  language: "globe",
  sound: "sound",
  cameraTitle: "camera",
  keepTitle: "kept",
};

function pane(counter: Counter, title: PaneTitle, inside: readonly HTMLElement[]): HTMLElement {
  return h("section", { class: "pane" }, h("h2", {}, icon(title === "queue" && counter.isOffline ? "wifiOff" : ICONS[title]), counter.t(title)), ...inside);
}

/** The shop and this tablet's name. */
function about(counter: Counter): string {
  const { place, pairing } = counter;
  const merchant = place?.merchant.name ?? pairing?.merchant.name ?? "";
  const location = place?.location.name ?? pairing?.location.name ?? "";
  const shop = location && location !== merchant ? `${merchant}, ${location}` : merchant;
  const name = place?.device.name;
  return name ? counter.t("pairedAs", { shop, name }) : counter.t("pairedWith", { shop });
}

/** Choices of which one is pressed. */
function choices(label: string, all: readonly { words: string; isOn: boolean; act: () => void }[]): HTMLElement {
  return h(
    "div",
    { class: "languages", role: "group", "aria-label": label },
    ...all.map((one) => h("button", { type: "button", class: "chip", "aria-pressed": String(one.isOn), onclick: one.act }, one.words)),
  );
}

function queuePane(counter: Counter): HTMLElement {
  const t = counter.t.bind(counter);
  const sent = counter.lastSent;
  const told = h("p", { role: "status" });
  const send = button(t("sendNow"), () => void counter.sendNow(), { icon: "wifi" });
  if (counter.waiting === 0) {
    told.textContent = `${t("queueEmpty")} ${sent ? `${t("lastSent", { time: counter.time(sent) })}.` : ""}`;
    return h("div", {}, told);
  }
  return h("div", {}, waitingRoll(counter, { count: counter.waiting }), h("p", {}, t("queueSafe")), send);
}

function soundPane(counter: Counter, again: () => void): HTMLElement {
  const t = counter.t.bind(counter);
  const set = (isOn: boolean) => () => {
    void counter.chooseSound(isOn).then(again);
    counter.play("good");
  };
  return h(
    "div",
    {},
    choices(t("sound"), [
      { words: t("soundOn"), isOn: counter.sound, act: set(true) },
      { words: t("soundOff"), isOn: !counter.sound, act: set(false) },
    ]),
    h("p", {}, t("soundMore")),
  );
}

function cameraPane(counter: Counter, again: () => void): HTMLElement {
  const t = counter.t.bind(counter);
  const { camera } = counter;
  const face = (facing: "user" | "environment") => () => void counter.chooseCamera(facing).then(again);
  return h(
    "div",
    {},
    choices(t("cameraTitle"), [
      { words: t("cameraFront"), isOn: camera.facing === "user", act: face("user") },
      { words: t("cameraRear"), isOn: camera.facing === "environment", act: face("environment") },
    ]),
    h("p", {}, t(camera.hasTorch ? "cameraTorchMore" : "cameraMore")),
  );
}

function modePane(counter: Counter): HTMLElement {
  const t = counter.t.bind(counter);
  const counts = counter.place?.programmes.some((programme) => programme.asks === "visit") ?? true;
  return h(
    "div",
    {},
    choices(t("modeTitle"), [
      { words: t("modeCounter"), isOn: counter.mode === "counter", act: () => void counter.choose("counter") },
      { words: t("modeKiosk"), isOn: counter.mode === "kiosk", act: () => counter.show(kioskEntryScreen(counter)) },
    ]),
    h("p", {}, t(counts ? "modeMore" : "modeKioskNothing")),
  );
}

function keepPane(counter: Counter, again: () => void): HTMLElement {
  const t = counter.t.bind(counter);
  const told = h("p", { role: "status" }, "\u00a0");
  const element = h("div", {}, told);
  void isStorageKept().then((isKept) => {
    told.textContent = t(isKept ? (isInstalled() ? "keptInstalled" : "kept") : "keptNot");
    if (isKept && isInstalled()) return;
    const installing = canInstall();
    if (installing) element.append(button(t("installNow"), () => void install().then(again), { icon: "install" }));
    else if (!isInstalled()) element.append(h("p", {}, t(/iPad|iPhone|Macintosh.*Mobile/.test(navigator.userAgent) ? "installApple" : "installOther")));
    if (!isKept) element.append(button(t("keepAsk"), () => void askToKeepStorage().then(again), { icon: "kept" }));
  });
  return element;
}

/** Before a kiosk begins: how it is left again. With PINs one is asked now, so that it is known without a network too. */
function kioskEntryScreen(counter: Counter, told = ""): Screen {
  const t = counter.t.bind(counter);
  const back = () => counter.show(settingsScreen(counter));
  if (counter.place?.has_staff_pins === false) {
    const go = button(t("modeKioskGo"), () => void counter.choose("kiosk"), { kind: "go", icon: "shopfront", wide: true });
    const element = h(
      "div",
      { class: "settings" },
      h("h1", {}, t("modeKioskTitle")),
      h("p", { class: "lead" }, t("modeKioskLead")),
      h("p", { class: "lead" }, t("modeKioskHold")),
      h("div", { class: "act" }, button(t("back"), back, { icon: "back" }), go),
    );
    return { name: "kiosk-entry", element, focus: go, looks: false, key: (key) => void (key === "Escape" && back()) };
  }
  const submit = async (pin: string) => {
    counter.setBusy(true);
    try {
      await counter.staff.check(pin);
      counter.setBusy(false);
      await counter.choose("kiosk");
    } catch (error) {
      counter.setBusy(false);
      counter.play("refused");
      counter.show(kioskEntryScreen(counter, pinTrouble(counter, error)));
    }
  };
  return pinScreen(counter, {
    name: "kiosk-entry",
    title: t("modeKioskTitle"),
    lead: [t("modeKioskLead"), t("modeKioskPin")],
    go: { words: t("modeKioskGo"), icon: "shopfront" },
    told,
    back: { act: back },
    submit: (pin) => void submit(pin),
  });
}

/** Calls `changed` when another number of visits waits, until the returned function is called. */
function watch(counter: Counter, changed: () => void): () => void {
  const { waiting } = counter;
  const listener = () => {
    if (counter.waiting !== waiting) changed();
  };
  counter.onChange = listener;
  return () => {
    if (counter.onChange === listener) counter.onChange = null;
  };
}

/** Unpairing asks once more; while visits wait it is refused. */
function unpairScreen(counter: Counter): Screen {
  const t = counter.t.bind(counter);
  const back = () => counter.show(settingsScreen(counter));
  const { waiting } = counter;
  if (waiting > 0) {
    counter.play("refused");
    const stay = button(t("back"), back, { kind: "ink", wide: true });
    const element = h(
      "div",
      { class: "settings" },
      h("h1", {}, t("unpairNotYet")),
      h("p", { class: "lead" }, t("unpairRefused", { n: waiting })),
      waitingRoll(counter, { count: waiting }),
      h("div", { class: "act" }, button(t("sendNow"), () => void counter.sendNow(), { icon: "wifi" }), stay),
    );
    return {
      name: "unpair-refused",
      element,
      focus: stay,
      looks: false,
      key: (key) => void (key === "Escape" && back()),
      leave: watch(counter, () => counter.show(unpairScreen(counter))),
    };
  }
  const stay = button(t("cancel"), back, { kind: "ink", wide: true });
  const element = h(
    "div",
    { class: "settings" },
    h("h1", {}, t("unpairSure")),
    h("p", { class: "lead" }, t("unpairLead")),
    h("div", { class: "act" }, stay, button(t("unpairYes"), () => void counter.unpair(), { icon: "plug" })),
  );
  return { name: "unpair", element, focus: stay, looks: false, key: (key) => void (key === "Escape" && back()) };
}
