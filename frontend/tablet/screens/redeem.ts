import type { RedemptionRequest, Redemption, Reward, Scan, Voucher } from "../../shared/api.ts";
import { read } from "../../shared/card.ts";
import { h } from "../../shared/dom.ts";
import type { Counter } from "../counter.ts";
import { accountFor, canRedeem, canTake, needsOf, whoIs, withBalances, worth } from "../pieces/account.ts";
import { icon } from "../pieces/icons.ts";
import { pinScreen } from "../pieces/pinpad.ts";
import { bigStamp } from "../../shared/stampcard.ts";
import { advice, answer, button, type Screen, signal } from "../screen.ts";
import { undoScreen } from "./undo.ts";

/** What this card can be exchanged for. What is out of reach says what is missing. */
export function redeemScreen(counter: Counter, scan: Scan): Screen {
  const t = counter.t.bind(counter);
  const { name } = whoIs(counter, scan);
  const back = () => counter.show(counter.screens.purchase(counter, scan));
  const vouchers = scan.vouchers.map((voucher) => {
    const until = voucher.expires_at ? t("voucherUntil", { date: counter.date(voucher.expires_at) }) : t("voucher");
    const takes = voucher.voucher_code === null ? proofWords(counter, needsOf(voucher)) : null;
    return choice(voucher.name, takes ? `${until}. ${takes}` : until, "code", canTake(voucher), () => prove(counter, scan, voucher));
  });
  const rewards = scan.rewards.map((reward) =>
    choice(reward.name, whatItTakes(counter, scan, reward), "gift", canRedeem(scan, reward), () => prove(counter, scan, reward), worth(counter, reward)),
  );
  const all = [...vouchers, ...rewards].sort((one, other) => Number(one.disabled) - Number(other.disabled));
  const element = h(
    "div",
    { class: "settings redeeming" },
    h("h1", {}, name ? t("redeemTitleName", { name }) : t("redeemTitle")),
    all.length ? h("div", { class: "choices" }, ...all) : h("p", { class: "lead" }, t("nothingToRedeem")),
    h("div", { class: "act" }, button(t("back"), back, { icon: "back" })),
  );
  return { name: "redeem", element, looks: false, key: (key) => void (key === "Escape" && back()) };
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
  if (!reward.redeemable) return `${cost}. ${t("notNow")}`;
  const takes = proofWords(counter, needsOf(reward));
  return takes ? `${cost}. ${takes}` : cost;
}

function proofWords(counter: Counter, needs: readonly string[]): string | null {
  if (needs.length === 0) return null;
  return counter.t(needs.some((need) => need === "member_pin" || need === "staff_approval") ? "needsPin" : "needsApp");
}

/** Asks for the proof that the shop wants, then redeems: the app's own code, a PIN, or somebody's tap. */
function prove(counter: Counter, scan: Scan, wanted: Reward | Voucher): void {
  const needs = needsOf(wanted);
  const isProven = "voucher_code" in wanted && wanted.voucher_code !== null ? true : needs.length === 0;
  if (!isProven && needs.includes("member_pin")) counter.show(proofScreen(counter, scan, wanted, "member"));
  else if (!isProven && needs.includes("staff_approval")) counter.show(proofScreen(counter, scan, wanted, "staff"));
  else if (!isProven) counter.show(showAppScreen(counter, scan, wanted));
  // A static code proves nothing by itself: whoever stands here answers for it, by a tap of its own.
  else if (scan.proof !== undefined && scan.proof !== "rotating") counter.show(approveScreen(counter, scan, wanted));
  else send(counter, scan, requestFor(scan, wanted));
}

function requestFor(scan: Scan, wanted: Reward | Voucher, proof: { member_pin?: string; staff_pin?: string } = {}): RedemptionRequest {
  if ("voucher_id" in wanted) {
    if (wanted.voucher_code !== null && !proof.member_pin && !proof.staff_pin) return { voucher_code: wanted.voucher_code };
    return { scan_id: scan.scan_id, voucher_id: wanted.voucher_id, ...proof };
  }
  return { scan_id: scan.scan_id, reward_id: wanted.reward_id, ...proof };
}

function send(counter: Counter, scan: Scan, request: RedemptionRequest): void {
  counter.redeem(request, scan, (redemption) => redeemed(counter, scan, redemption));
}

/** Redeems a voucher by its code, without any further proof. */
export function redeemVoucher(counter: Counter, scan: Scan | null, voucher: Pick<Voucher, "name"> & { readonly voucher_code: string }): void {
  counter.redeem({ voucher_code: voucher.voucher_code }, scan, (redemption) => redeemed(counter, scan, redemption));
}

function redeemed(counter: Counter, scan: Scan | null, redemption: Redemption): void {
  counter.lastBooked = { transactionId: redemption.transaction_id, words: redemption.reward.name, card: scan?.card.number_masked ?? null };
  counter.show(redeemedScreen(counter, redemption.reward, scan ? withBalances(scan, redemption.accounts) : null));
}

/** It was granted: hand it over. */
export function redeemedScreen(counter: Counter, reward: Pick<Reward, "name"> & Partial<Pick<Redemption["reward"], "kind" | "value">>, scan: Scan | null): Screen {
  counter.play("good");
  const t = counter.t.bind(counter);
  const account = scan?.accounts[0];
  const { kind, value } = reward;
  const worthWords = kind === undefined || value === undefined ? null : worth(counter, { kind: kind as Reward["kind"], value });
  const last = counter.lastBooked;
  const next = button(t("nextCustomer"), () => counter.wait(), { kind: "ink", wide: true });
  const element = answer(
    signal({ tone: "leaf", word: t("redeemed"), lines: [t("redeemedLead")], next: t("nextCard") }),
    [
      h(
        "div",
        { class: "why" },
        h("h2", { class: reward.name.length > 26 ? "long" : null }, reward.name),
        worthWords ? h("p", { class: "d n" }, worthWords) : null,
        account ? h("p", {}, t("newBalance", { what: counter.unitsOf(account, account.balance) })) : null,
      ),
      h("div", { class: "given", "aria-hidden": "true" }, h("div", { class: "lifted big-holder" }, bigStamp(counter.shop, reward.name))),
    ],
    [...(last ? [button(t("undo"), () => counter.show(undoScreen(counter, last)), { icon: "undo" })] : []), next],
  );
  return { name: "redeemed", element, focus: next, looks: true, key: (key) => void (key === "Escape" && counter.wait()) };
}

/** One tap of whoever stands here, who answers for a card that proves nothing by itself. */
function approveScreen(counter: Counter, scan: Scan, wanted: Reward | Voucher): Screen {
  const t = counter.t.bind(counter);
  const back = () => counter.show(redeemScreen(counter, scan));
  const who = counter.staff.who;
  const go = button(t("approveGo"), () => send(counter, scan, requestFor(scan, wanted)), { kind: "go", icon: "gift", wide: true });
  const element = oneTap(counter, wanted.name, t("approveTitle"), who?.name ? t("approveAs", { name: who.name }) : t("approveLead"), [button(t("back"), back, { icon: "back" }), go]);
  return { name: "approve", element, focus: go, looks: false, key: (key) => void (key === "Escape" && back()) };
}

/** What is to be handed over, drawn as a stamp, with one tap to do it. */
export function oneTap(counter: Counter, name: string, question: string, lead: string, actions: readonly HTMLElement[]): HTMLElement {
  return h(
    "div",
    { class: "one-tap" },
    h("div", { class: "given", "aria-hidden": "true" }, h("div", { class: "lifted big-holder" }, bigStamp(counter.shop, name))),
    h(
      "div",
      { class: "ask" },
      h("p", { class: "lead" }, question),
      h("h1", { class: name.length > 22 ? "long" : null }, name),
      h("p", { class: "lead" }, lead),
      h("div", { class: "act" }, ...actions),
    ),
  );
}

/** Only the app's own code will do: it is shown to the camera, and this goes on with it. */
function showAppScreen(counter: Counter, scan: Scan, wanted: Reward | Voucher): Screen {
  const t = counter.t.bind(counter);
  const back = () => counter.show(redeemScreen(counter, scan));
  const element = h(
    "div",
    { class: "settings" },
    h("h1", {}, t("showAppTitle")),
    h("p", { class: "lead" }, h("b", {}, wanted.name), ` ${t("showAppLead")}`),
    advice([{ icon: "phone", what: t("askApp"), more: t("askAppMore") }]),
    h("div", { class: "act" }, button(t("back"), back, { icon: "back" })),
  );
  return {
    name: "show-app",
    element,
    looks: true,
    key: (key) => void (key === "Escape" && back()),
    scanned: (text) => {
      const reading = read(text, counter.hosts);
      if (reading.kind !== "card") return false;
      counter.lookUp(reading.code, (fresh) => counter.show(redeemScreen(counter, fresh)));
      return true;
    },
  };
}

/** The member's PIN, or the PIN of whoever may approve. */
function proofScreen(counter: Counter, scan: Scan, wanted: Reward | Voucher, whose: "member" | "staff"): Screen {
  const t = counter.t.bind(counter);
  const needs = needsOf(wanted);
  const other = whose === "member" ? "staff" : "member";
  const canOther = needs.includes(other === "member" ? "member_pin" : "staff_approval");
  const isManagers = counter.place?.settings.cashier_approves === false;
  const change = button(t(other === "staff" ? "useStaffPin" : "useMemberPin"), () => counter.show(proofScreen(counter, scan, wanted, other)), { icon: "lock", wide: true });
  return pinScreen(counter, {
    name: "pin",
    title: t(whose === "member" ? "memberPin" : isManagers ? "managerPin" : "staffPin"),
    lead: [t(whose === "member" ? "memberPinLead" : isManagers ? "managerPinLead" : "staffPinLead"), h("b", {}, wanted.name)],
    go: { words: t("redeem"), icon: "gift" },
    others: canOther ? [change] : [],
    back: { act: () => counter.show(redeemScreen(counter, scan)) },
    submit: (pin) => send(counter, scan, requestFor(scan, wanted, whose === "member" ? { member_pin: pin } : { staff_pin: pin })),
  });
}
