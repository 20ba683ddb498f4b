import { h } from "../../shared/dom.ts";
import type { Counter } from "../counter.ts";
import { icon } from "../pieces/icons.ts";
import { pinScreen } from "../pieces/pinpad.ts";
import type { Screen } from "../screen.ts";

interface Options {
  readonly title: string;
  readonly lead: string;
  readonly go: string;
  /** What was wrong with the try before. */
  readonly told?: string;
  /** The way out; it is a way on where the PIN may be left out. */
  readonly out: { readonly words: string; readonly act: () => void };
  readonly then: (pin: string) => void;
}

/** The tablet is turned round and the customer types a PIN. */
export function customerPinScreen(counter: Counter, options: Options): Screen {
  return pinScreen(counter, {
    name: "customer-pin",
    title: options.title,
    lead: [h("span", { class: "turned" }, icon("turn"), counter.t("turnRound")), options.lead],
    go: { words: options.go, icon: "check" },
    ...(options.told ? { told: options.told } : {}),
    back: options.out,
    submit: options.then,
  });
}
