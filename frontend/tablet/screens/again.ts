import type { Scan } from "../../shared/api.ts";
import { h } from "../../shared/dom.ts";
import type { Counter } from "../counter.ts";
import { canRedeem, whoIs } from "../pieces/account.ts";
import { answer, button, type Screen, signal } from "../screen.ts";
import { cardMenuScreen } from "./more.ts";
import { redeemScreen } from "./redeem.ts";
import { undoScreen } from "./undo.ts";

interface Seen {
  /** Null for a card that could not be looked up. */
  readonly scan: Scan | null;
  /** When this card was booked, a moment ago. */
  readonly at: Date;
  /** Goes on to book once more. */
  readonly go: () => void;
}

/** The same card, within two minutes: it asks before it books a second time. */
export function againScreen(counter: Counter, seen: Seen): Screen {
  counter.play("again");
  const t = counter.t.bind(counter);
  const { scan, at, go } = seen;
  const who = scan && whoIs(counter, scan);
  const name = who && (who.name ? who.greeting : counter.t("anonymous", { number: scan.card.number_masked.slice(-4) }));
  const things = scan ? scan.vouchers.length + scan.rewards.filter((reward) => canRedeem(scan, reward)).length : 0;
  const no = button(t("againNo"), () => counter.wait(), { kind: "ink", wide: true });
  const last = counter.lastBooked;
  const others = [
    scan && things > 0 ? button(t("redeem"), () => counter.show(redeemScreen(counter, scan)), { icon: "gift", small: t("redeemCount", { n: things }) }) : null,
    scan ? button(t("cardMenu"), () => counter.show(cardMenuScreen(counter, scan)), { icon: "more" }) : null,
    last && last.card === seen.scan?.card.number_masked ? button(t("undo"), () => counter.show(undoScreen(counter, last)), { icon: "undo" }) : null,
  ].filter((one) => one !== null);
  const element = answer(
    signal({ tone: "amber", word: t("againWord"), lines: [t("againLead")], next: t("nextCard") }),
    [
      name ? h("div", { class: "who" }, h("span", {}, name)) : null,
      h("div", { class: "why" }, h("h2", { class: "long" }, t("againTitle", { time: counter.time(at) })), h("p", {}, t("againMore"))),
      others.length ? h("div", { class: "act aside" }, ...others) : null,
    ],
    [button(t("againYes"), go, { icon: "again" }), no],
  );
  return { name: "again", element, focus: no, looks: true, key: (key) => void (key === "Escape" && counter.wait()) };
}
