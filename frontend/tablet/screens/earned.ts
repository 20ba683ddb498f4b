import type { Scan, Visit } from "../../shared/api.ts";
import { h } from "../../shared/dom.ts";
import type { Counter } from "../counter.ts";
import { bigBalance, canRedeem, earnedIn, earnedWords, nextReward, picture, reasons, whoIs, withBalances } from "../pieces/account.ts";
import { icon, shape } from "../pieces/icons.ts";
import { bigStamp, MOST_SLOTS, stampCard } from "../pieces/stampcard.ts";
import { answer, button, type Screen, signal } from "../screen.ts";
import { redeemScreen, redeemVoucher } from "./redeem.ts";
import { undoScreen } from "./undo.ts";

/** How long “earned” stays without a touch (milliseconds). */
export const EARNED_FOR = 2500;

/** What a booked visit brought: unlocked, until a touch; or earned, for a moment. */
export function earnedScreen(counter: Counter, before: Scan, visit: Visit): Screen {
  const scan = withBalances(before, visit.accounts);
  if (visit.unlocked.length > 0) return unlockedScreen(counter, scan, visit);
  counter.play("good");
  const t = counter.t.bind(counter);
  const who = whoIs(counter, scan);
  const account = scan.accounts.find((one) => earnedIn(one, visit.earned) > 0) ?? scan.accounts[0];
  const words = earnedWords(counter, scan, visit.earned);
  const isStamped = words !== "" && scan.accounts.every((one) => one.kind === "stamps");
  const foil = signal({
    tone: "leaf",
    word: t(isStamped ? "stamped" : "earned"),
    lines: [words ? t("earnedMore", { what: words }) : t("earnedNothing"), ...reasons(counter, before, visit.earned)],
    next: t("nextCard"),
  });
  const reward = account && nextReward(scan, account);
  const missing = account && reward ? reward.cost - account.balance : (account?.to_next_reward ?? null);
  const meaning = [
    h("div", { class: "who" }, h("h2", {}, who.greeting), who.more ? h("span", {}, who.more) : null),
    account
      ? h(
          "div",
          { class: "sum" },
          bigBalance(counter, account),
          missing !== null && missing > 0
            ? h("p", { class: "to-go" }, t("toNext", { what: counter.unitsOf(account, missing) }), reward ? h("small", {}, reward.name) : null)
            : null,
        )
      : null,
    account ? picture(counter, scan, account, { plus: earnedIn(account, visit.earned), booked: true }) : null,
  ];
  const undo = undoButton(counter);
  const things = scan.vouchers.length + scan.rewards.filter((one) => canRedeem(scan, one)).length;
  const actions = [
    ...(undo ? [undo] : []),
    things
      ? button(t("redeem"), () => counter.show(redeemScreen(counter, scan)), { icon: "gift", kind: "go", wide: true, small: t("redeemCount", { n: things }) })
      : button(t("nextCustomer"), () => counter.wait(), { kind: "ink", wide: true }),
  ];
  const element = answer(foil, meaning, actions);

  let timer = window.setTimeout(() => counter.wait(), EARNED_FOR);
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
