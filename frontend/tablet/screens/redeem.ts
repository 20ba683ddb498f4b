import type { RedemptionRequest, Reward, Scan, Unlocked, Voucher } from "../../shared/api.ts";
import { h } from "../../shared/dom.ts";
import type { Counter } from "../counter.ts";
import { accountFor, canRedeem, needsOf, whoIs, withBalances, worth } from "../pieces/account.ts";
import { icon } from "../pieces/icons.ts";
import { keypad } from "../pieces/keypad.ts";
import { bigStamp } from "../pieces/stampcard.ts";
import { answer, button, type Screen, signal } from "../screen.ts";
import { undoScreen } from "./undo.ts";

const SHORTEST_PIN = 4;
const LONGEST_PIN = 8;
const PIN_HELPS = /pin|staff|approv/;

/** What this card can be exchanged for. What is out of reach says what is missing. */
export function redeemScreen(counter: Counter, scan: Scan): Screen {
  const t = counter.t.bind(counter);
  const { name } = whoIs(counter, scan);
  const back = () => counter.show(counter.screens.purchase(counter, scan));
  const vouchers = scan.vouchers.map((voucher) =>
    choice(voucher.name, voucher.expires_at ? t("voucherUntil", { date: counter.date(voucher.expires_at) }) : t("voucher"), "code", canTake(voucher), () =>
      takeVoucher(counter, scan, voucher),
    ),
  );
  const rewards = scan.rewards.map((reward) => {
    const isPossible = canRedeem(scan, reward);
    return choice(reward.name, whatItTakes(counter, scan, reward), "gift", isPossible, () => redeemReward(counter, scan, reward), worth(counter, reward));
  });
  const all = [...vouchers, ...rewards].sort((one, other) => Number(one.disabled) - Number(other.disabled));
  const element = h(
    "div",
    { class: "settings redeeming" },
    h("h1", {}, name ? t("redeemTitleName", { name }) : t("redeemTitle")),
    all.length ? h("div", { class: "choices" }, ...all) : h("p", { class: "lead" }, t("nothingToRedeem")),
    h("div", { class: "act" }, button(t("back"), back, { icon: "back" })),
  );
  return {
    name: "redeem",
    element,
    looks: false,
    key: (key) => {
      if (key === "Escape") back();
    },
  };
}

function choice(name: string, more: string, sign: "gift" | "code", isPossible: boolean, act: () => void, worthWords: string | null = null): HTMLButtonElement {
  return h(
    "button",
    { type: "button", class: "b choice", disabled: !isPossible, onclick: act },
    icon(sign),
    h("span", {}, name, h("small", {}, more)),
    worthWords ? h("strong", { class: "n" }, worthWords) : null,
  );
}

function whatItTakes(counter: Counter, scan: Scan, reward: Reward): string {
  const t = counter.t.bind(counter);
  const account = accountFor(scan, reward);
  const missing = reward.cost - (account?.balance ?? 0);
  const cost = t("costs", { what: counter.unitsOf(account, reward.cost) });
  if (missing > 0) return `${cost}. ${t("missing", { what: counter.unitsOf(account, missing) })}`;
  const needs = needsOf(reward);
  if (needs.some((need) => PIN_HELPS.test(need))) return `${cost}. ${t("needsPin")}`;
  if (!reward.redeemable) return `${cost}. ${t(needs.some((need) => /rotat|app|code/.test(need)) ? "needsApp" : "notNow")}`;
  return cost;
}

/** Whether this scan can redeem a voucher: by its code, or after a PIN. */
function canTake(voucher: Voucher): boolean {
  return voucher.redeemable !== false && (voucher.voucher_code !== null || needsOf(voucher).some((need) => PIN_HELPS.test(need)));
}

/** Redeems a voucher of the scanned card, after the proof that it needs. */
function takeVoucher(counter: Counter, scan: Scan, voucher: Voucher): void {
  const { voucher_code } = voucher;
  if (voucher_code !== null) redeemVoucher(counter, scan, { voucher_code });
  else counter.show(pinScreen(counter, scan, voucher, firstAsked(needsOf(voucher))));
}

/** Redeems a voucher by its code. */
export function redeemVoucher(counter: Counter, scan: Scan | null, voucher: Pick<Unlocked, "voucher_code">): void {
  send(counter, scan, { voucher_code: voucher.voucher_code });
}

/** Redeems a reward, after the proof that it needs. */
function redeemReward(counter: Counter, scan: Scan, reward: Reward): void {
  const needs = needsOf(reward);
  const base = { scan_id: scan.scan_id, reward_id: reward.reward_id };
  if (needs.some((need) => PIN_HELPS.test(need))) counter.show(pinScreen(counter, scan, reward, firstAsked(needs)));
  else send(counter, scan, base);
}

function firstAsked(needs: readonly string[]): "member" | "staff" {
  return needs.some((need) => need.includes("member") || need === "pin") ? "member" : "staff";
}

function send(counter: Counter, scan: Scan | null, request: RedemptionRequest): void {
  counter.redeem(request, scan, (redemption) => {
    counter.play("good");
    counter.lastBooked = { transactionId: redemption.transaction_id, words: redemption.reward.name };
    const after = scan ? withBalances(scan, redemption.accounts) : null;
    counter.show(redeemedScreen(counter, redemption.reward, after));
  });
}

function redeemedScreen(counter: Counter, reward: Pick<Reward, "name" | "kind" | "value"> | { name: string; kind: string; value: Reward["value"] }, scan: Scan | null): Screen {
  const t = counter.t.bind(counter);
  const account = scan?.accounts[0];
  const value = worth(counter, reward as Pick<Reward, "kind" | "value">);
  const last = counter.lastBooked;
  const next = button(t("nextCustomer"), () => counter.wait(), { kind: "ink", wide: true });
  const element = answer(
    signal({ tone: "leaf", word: t("redeemed"), lines: [t("redeemedLead")], next: t("nextCard") }),
    [
      h(
        "div",
        { class: "why" },
        h("h2", {}, reward.name),
        value ? h("p", { class: "d n" }, value) : null,
        account ? h("p", {}, t("newBalance", { what: counter.unitsOf(account, account.balance) })) : null,
      ),
      h("div", { class: "given", "aria-hidden": "true" }, h("div", { class: "lifted big-holder" }, bigStamp(counter.shop, reward.name))),
    ],
    [...(last ? [button(t("undo"), () => counter.show(undoScreen(counter, last)), { icon: "undo" })] : []), next],
  );
  return { name: "redeemed", element, focus: next, looks: true, key: (key) => void (key === "Escape" && counter.wait()) };
}

/** A voucher that was scanned or typed: redeemed after one more touch. */
export function voucherScreen(counter: Counter, code: string): Screen {
  const t = counter.t.bind(counter);
  const go = button(t("redeem"), () => redeemVoucher(counter, null, { voucher_code: code }), { kind: "go", icon: "gift", wide: true });
  const shownCode = `${code.slice(0, 2)} ${code.slice(2).replace(/(.{4})(?=.)/g, "$1 ")}`;
  const element = h(
    "div",
    { class: "settings" },
    h("h1", {}, t("voucherScanned")),
    h("p", { class: "lead n" }, t("voucherNumber", { code: shownCode })),
    h("div", { class: "act" }, button(t("back"), () => counter.wait(), { icon: "back" }), go),
  );
  return { name: "voucher", element, focus: go, looks: false, key: (key) => void (key === "Escape" && counter.wait()) };
}

/** The proof: the member's PIN, or the PIN of whoever stands at the till. Digits are never shown. */
function pinScreen(counter: Counter, scan: Scan, wanted: Reward | Voucher, whose: "member" | "staff"): Screen {
  const t = counter.t.bind(counter);
  let pin = "";
  const dots = h("output", { class: "dots" });
  const go = button(t("redeem"), () => submit(), { kind: "go", icon: "gift", wide: true, disabled: true });
  const draw = () => {
    dots.replaceChildren(
      ...Array.from({ length: Math.max(SHORTEST_PIN, pin.length) }, (_, index) => h("i", { class: index < pin.length ? "on" : null })),
      h("span", { class: "vh" }, t("pinDigits", { n: pin.length })),
    );
    go.disabled = pin.length < SHORTEST_PIN;
  };
  const press = (pressed: string) => {
    if (pressed === "back") pin = pin.slice(0, -1);
    else if (/^[0-9]$/.test(pressed) && pin.length < LONGEST_PIN) pin += pressed;
    counter.play("key");
    draw();
  };
  const submit = () => {
    if (pin.length < SHORTEST_PIN) return;
    const proof = whose === "member" ? { member_pin: pin } : { staff_pin: pin };
    const what = "voucher_id" in wanted ? { voucher_id: wanted.voucher_id } : { reward_id: wanted.reward_id };
    send(counter, scan, { scan_id: scan.scan_id, ...what, ...proof });
  };
  draw();
  const other = whose === "member" ? "staff" : "member";
  const element = h(
    "div",
    { class: "purchase" },
    h(
      "div",
      { class: "left" },
      h("h1", {}, t(whose === "member" ? "memberPin" : "staffPin")),
      h("p", { class: "lead" }, t(whose === "member" ? "memberPinLead" : "staffPinLead")),
      h("p", { class: "lead" }, h("b", {}, wanted.name)),
      dots,
      h(
        "div",
        { class: "act" },
        button(t("back"), () => counter.show(redeemScreen(counter, scan)), { icon: "back" }),
        button(t(other === "staff" ? "useStaffPin" : "useMemberPin"), () => counter.show(pinScreen(counter, scan, wanted, other)), { icon: "lock", wide: true }),
      ),
    ),
    h("section", { class: "right", "aria-label": t("keys") }, keypad({ group: t("keys"), erase: t("backspace") }, press), go),
  );
  return {
    name: "pin",
    element,
    looks: false,
    key: (typed) => {
      if (typed === "Escape") counter.show(redeemScreen(counter, scan));
      else if (typed === "Enter") submit();
      else press(typed === "Backspace" ? "back" : typed);
    },
  };
}
