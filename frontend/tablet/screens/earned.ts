import type { Scan, Visit } from "../../shared/api.ts";
import { h } from "../../shared/dom.ts";
import type { Counter } from "../counter.ts";
import { canRedeem, earnedIn, whoIs, withBalances } from "../pieces/account.ts";
import { earnings } from "../pieces/earnings.ts";
import { icon, shape } from "../pieces/icons.ts";
import { bigStamp, MOST_SLOTS, stampCard } from "../../shared/stampcard.ts";
import { answer, button, type Screen, signal } from "../screen.ts";
import { givePinScreen } from "./newcard.ts";
import { redeemScreen, redeemVoucher } from "./redeem.ts";
import { undoScreen } from "./undo.ts";

/** How long “earned” stays without a touch (milliseconds). */
export const EARNED_FOR = 2500;
/** How long it stays where a new printed card is offered a PIN. */
const OFFERED_FOR = 4000;

/** What a booked visit brought: unlocked, until a touch; or earned, for a moment. */
export function earnedScreen(counter: Counter, before: Scan, visit: Visit): Screen {
  const scan = withBalances(before, visit.accounts);
  if (visit.unlocked.length > 0) return unlockedScreen(counter, scan, visit);
  counter.play("good");
  const t = counter.t.bind(counter);
  const { word, lines, meaning } = earnings(counter, before, scan, visit);
  const foil = signal({ tone: "leaf", word, lines, next: t("nextCard") });
  const undo = undoButton(counter);
  const things = scan.vouchers.length + scan.rewards.filter((one) => canRedeem(scan, one)).length;
  // A card that was just handed out: with a PIN it redeems without a phone, and can be replaced when it is lost.
  const { card, member } = before;
  const isOffered = card.kind === "printed" && card.has_pin === false && member.is_new && !counter.isOffline;
  const actions = [
    ...(undo ? [undo] : []),
    ...(isOffered ? [button(t("givePin"), () => void givePinScreen(counter, before, { isBooked: true }), { icon: "lock" })] : []),
    things
      ? button(t("redeem"), () => counter.show(redeemScreen(counter, scan)), { icon: "gift", kind: "go", wide: true, small: t("redeemCount", { n: things }) })
      : button(t("nextCustomer"), () => counter.wait(), { kind: "ink", wide: true }),
  ];
  const element = answer(foil, meaning, actions);

  let timer = window.setTimeout(() => counter.wait(), isOffered ? OFFERED_FOR : EARNED_FOR);
  // Whoever reaches a button by keyboard gets the time to press it; a touch beside the buttons ends the screen.
  element.addEventListener("focusin", () => window.clearTimeout(timer));
  element.addEventListener("pointerdown", (event) => {
    if (!(event.target as Element).closest("button")) counter.wait();
  });
  return {
    name: "earned",
    element,
    focus: null,
    looks: true,
    key: (key) => {
      if (key === "Escape" || key === "Enter") counter.wait();
    },
    leave: () => {
      window.clearTimeout(timer);
      timer = 0;
    },
  };
}

function undoButton(counter: Counter): HTMLButtonElement | null {
  const last = counter.lastBooked;
  return last ? button(counter.t("undo"), () => counter.show(undoScreen(counter, last)), { icon: "undo" }) : null;
}

function unlockedScreen(counter: Counter, scan: Scan, visit: Visit): Screen {
  counter.play("unlocked");
  const t = counter.t.bind(counter);
  const { name } = whoIs(counter, scan);
  const [first] = visit.unlocked;
  const names = visit.unlocked.map((voucher) => voucher.name).join(", ");
  const account = scan.accounts.find((one) => earnedIn(one, visit.earned) > 0) ?? scan.accounts[0];
  const isCard = account?.kind === "stamps";
  const title = t(isCard ? "unlockedTitle" : "unlockedReward");
  const undo = undoButton(counter);
  const give = button(t("giveNow"), () => first && redeemVoucher(counter, scan, first), { icon: "gift", kind: "go", wide: true });
  const goal = account?.goal ?? 0;
  const element = h(
    "div",
    { class: "unlocked" },
    h(
      "div",
      { class: "prize-stamp", "aria-hidden": "true" },
      h(
        "div",
        { class: "lifted big-holder" },
        bigStamp(counter.shop, names),
        h("div", { class: "wax" }, shape("seal"), icon("check")),
      ),
    ),
    h(
      "div",
      { class: "word" },
      h(
        "div",
        { role: "status" },
        h("p", { class: "who" }, name ? t("unlockedFor", { name }) : t("unlockedAnon")),
        h("h1", { class: title.length > 11 ? "long" : null }, title),
        h("p", { class: "gift" }, names),
      ),
      account && isCard && goal > 0 && goal <= MOST_SLOTS && goal <= 12
        ? h("div", { class: "fresh" }, stampCard(counter.shop, { balance: account.balance, goal, small: true, label: t("stampCard", { n: account.balance, goal }) }))
        : null,
      account
        ? h("p", { class: "rest" }, isCard ? (account.balance ? t("freshCard", { n: account.balance }) : t("freshCardEmpty")) : t("newBalance", { what: counter.unitsOf(account, account.balance) }))
        : null,
      h("div", { class: "do" }, give, h("div", { class: "row" }, button(t("keepVoucher"), () => counter.wait(), { icon: "code" }), undo)),
    ),
  );
  return {
    name: "unlocked",
    element,
    focus: give,
    looks: true,
    key: (key) => {
      if (key === "Escape") counter.wait();
    },
  };
}
