import type { Scan } from "../../shared/api.ts";
import { h } from "../../shared/dom.ts";
import type { Counter } from "../counter.ts";
import { deskScreen, tile } from "../pieces/desk.ts";
import type { Screen } from "../screen.ts";
import { claimApprovalScreen } from "./claim.ts";
import { forgottenScreen } from "./forgotten.ts";
import { inboxScreen } from "./inbox.ts";
import { givePinScreen, newCardScreen } from "./newcard.ts";
import { oldStampsScreen } from "./oldstamps.ts";
import { settingsScreen } from "./settings.ts";
import { swapScreen } from "./swap.ts";
import { trainingScreen } from "./training.ts";
import { transactionsScreen } from "./transactions.ts";

/** What the desk does beside scanning, from the waiting screen. */
export function moreScreen(counter: Counter): Screen {
  const t = counter.t.bind(counter);
  const show = (make: (counter: Counter) => Screen) => () => counter.show(make(counter));
  const waiting = counter.reviews;
  const tiles = [
    tile(counter, { icon: "receipt", what: t("bookings"), more: t("bookingsMore"), act: show(transactionsScreen) }),
    tile(counter, {
      icon: "inbox",
      what: t("inbox"),
      more: waiting ? t("inboxMore", { n: waiting }) : t("inboxNone"),
      count: waiting,
      act: show(inboxScreen),
    }),
    tile(counter, { icon: "question", what: t("forgotten"), more: t("forgottenMore"), act: show(forgottenScreen), needsNetwork: true }),
    tile(counter, { icon: "cardPlus", what: t("giveCard"), more: t("giveCardMore"), act: show(newCardScreen) }),
    tile(counter, { icon: "swap", what: t("swapCard"), more: t("swapCardMore"), act: () => counter.show(swapScreen(counter)), needsNetwork: true }),
    tile(counter, {
      icon: "practice",
      what: t("practice"),
      more: t(counter.isTraining ? "practiceStopMore" : "practiceMore"),
      act: show(trainingScreen),
      needsNetwork: true,
    }),
    tile(counter, { icon: "tablet", what: t("thisTablet"), more: t("thisTabletMore"), act: () => counter.show(settingsScreen(counter)) }),
  ];
  return deskScreen(counter, { name: "more", title: t("more"), body: [h("div", { class: "tiles" }, ...tiles)], back: () => counter.wait() });
}

/** What can be done with the card that was scanned, beside booking. */
export function cardMenuScreen(counter: Counter, scan: Scan): Screen {
  const t = counter.t.bind(counter);
  const { card } = scan;
  const code = counter.codeOf(scan);
  const isPrinted = card.kind === "printed";
  const takesOldStamps = counter.place?.programmes.some((programme) => programme.opening_units_most > 0) ?? false;
  const tiles = [
    isPrinted && card.has_pin === false
      ? tile(counter, { icon: "lock", what: t("givePin"), more: t("givePinMore"), act: () => void givePinScreen(counter, scan), needsNetwork: true })
      : null,
    takesOldStamps
      ? tile(counter, { icon: "note", what: t("oldStamps"), more: t("oldStampsMore"), act: () => counter.show(oldStampsScreen(counter, scan)), needsNetwork: true })
      : null,
    code !== null
      ? tile(counter, {
          icon: "swap",
          what: t("swapThis"),
          more: t(card.kind === "foreign" ? "swapForeignMore" : "swapThisMore"),
          act: () => counter.show(swapScreen(counter, { code, back: () => counter.show(cardMenuScreen(counter, scan)) })),
          needsNetwork: true,
        })
      : null,
    isPrinted && code !== null
      ? tile(counter, { icon: "phone", what: t("letClaim"), more: t("letClaimMore"), act: () => counter.show(claimApprovalScreen(counter, scan, code)), needsNetwork: true })
      : null,
  ].filter((one) => one !== null);
  return deskScreen(counter, {
    name: "card-menu",
    title: t("withThisCard"),
    lead: tiles.length ? t("anonymous", { number: card.number_masked.slice(-4) }) : t("nothingMore"),
    body: [h("div", { class: "tiles" }, ...tiles)],
    back: () => counter.show(counter.screens.purchase(counter, scan)),
    looks: false,
  });
}
