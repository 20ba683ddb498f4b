import { h } from "../../shared/dom.ts";
import type { Counter } from "../counter.ts";
import { button, type Screen } from "../screen.ts";
import { languageChoice } from "./pair.ts";

/** This tablet: its language, its sound, and unpairing, which asks once more. */
export function settingsScreen(counter: Counter, isSure = false): Screen {
  const t = counter.t.bind(counter);
  const again = () => counter.show(settingsScreen(counter));
  const sound = (isOn: boolean, words: string) =>
    h(
      "button",
      {
        type: "button",
        class: "chip",
        "aria-pressed": String(counter.sound === isOn),
        onclick: () => {
          void counter.chooseSound(isOn).then(again);
          counter.play("good");
        },
      },
      words,
    );
  const merchant = counter.pairing?.merchant.name ?? "";
  const location = counter.pairing?.location.name ?? "";
  const shop = location && location !== merchant ? `${merchant}, ${location}` : merchant;
  const stay = button(t("cancel"), again, { kind: "ink" });
  const element = h(
    "div",
    { class: "settings" },
    h("h1", {}, t(isSure ? "unpairSure" : "settingsTitle")),
    h("p", { class: "lead" }, isSure ? t("unpairLead") : t("pairedWith", { shop })),
    ...(isSure
      ? [h("div", { class: "act" }, stay, button(t("unpairYes"), () => void counter.unpair(), { icon: "plug" }))]
      : [
          h("h2", {}, t("language")),
          languageChoice(counter, again),
          h("h2", {}, t("sound")),
          h("div", { class: "languages", role: "group", "aria-label": t("sound") }, sound(true, t("soundOn")), sound(false, t("soundOff"))),
          h(
            "div",
            { class: "act" },
            button(t("back"), () => counter.wait(), { icon: "back" }),
            button(t("unpair"), () => counter.show(settingsScreen(counter, true)), { icon: "plug" }),
          ),
        ]),
  );
  return {
    name: isSure ? "unpair" : "settings",
    element,
    ...(isSure ? { focus: stay } : {}),
    looks: false,
    key: (key) => {
      if (key === "Escape") counter.wait();
    },
  };
}
