import { h } from "../../shared/dom.ts";
import type { Counter } from "../counter.ts";
import type { Reserved } from "../counter/face.ts";
import { advice, answer, button, type Screen, signal } from "../screen.ts";
import type { TextKey } from "../texts/index.ts";
import { oneTap, redeemVoucher } from "./redeem.ts";

/** A voucher that was scanned or typed: redeemed after one more touch. */
export function voucherScreen(counter: Counter, code: string): Screen {
  const t = counter.t.bind(counter);
  const go = button(t("redeem"), () => redeemVoucher(counter, null, { voucher_code: code, name: t("voucher") }), { kind: "go", icon: "gift", wide: true });
  const shownCode = `${code.slice(0, 2)} ${code.slice(2).replace(/(.{4})(?=.)/g, "$1 ")}`;
  const element = oneTap(counter, t("voucher"), t("voucherScanned"), t("voucherNumber", { code: shownCode }), [button(t("back"), () => counter.wait(), { icon: "back" }), go]);
  return { name: "voucher", element, focus: go, looks: false, key: (key) => void (key === "Escape" && counter.wait()) };
}

/** A voucher that a phone reserved for this tablet: its name, one tap, with or without a network. */
export function reservedScreen(counter: Counter, reserved: Reserved): Screen {
  const t = counter.t.bind(counter);
  const name = reserved.name ?? t("voucher");
  const go = button(t("handOver"), () => counter.redeemReserved(reserved), { kind: "go", icon: "gift", wide: true });
  const lead = t(counter.isOffline ? "reservedOffline" : "reservedLead");
  const element = oneTap(counter, name, t("reservedTitle"), lead, [button(t("back"), () => counter.wait(), { icon: "back" }), go]);
  return { name: "reserved", element, focus: go, looks: false, key: (key) => void (key === "Escape" && counter.wait()) };
}

/** Why a reserved voucher is not handed out here, as this tablet knows by itself. */
export type NotReserved = "spent" | "dead" | "unsure" | "elsewhere" | "over" | "no-answer";

const WHY: Readonly<Record<NotReserved, readonly [title: TextKey, more: TextKey]>> = {
  spent: ["reservedSpent", "reservedSpentMore"],
  dead: ["reservedDead", "reservedDeadMore"],
  unsure: ["reservedUnsure", "reservedUnsureMore"],
  elsewhere: ["reservedElsewhere", "reservedElsewhereMore"],
  over: ["reservedOver", "reservedOverMore"],
  "no-answer": ["voucherOffline", "voucherOfflineMore"],
};

export function notReservedScreen(counter: Counter, why: NotReserved): Screen {
  counter.play("refused");
  const t = counter.t.bind(counter);
  const [title, more] = WHY[why];
  const close = button(t("nextCustomer"), () => counter.wait(), { kind: "ink", wide: true });
  const todo =
    why === "elsewhere"
      ? advice([{ icon: "tablet", what: t("reservedGoThere"), more: t("reservedGoThereMore") }])
      : why === "no-answer" || why === "unsure"
        ? advice([{ icon: "wifi", what: t("checkWifi"), more: t("checkWifiMore") }])
        : null;
  const element = answer(
    signal({ tone: "seal", word: t("refusedRedeem"), lines: [], next: t("nextCard") }),
    [h("div", { class: "why" }, h("h2", { class: "long" }, t(title)), h("p", {}, t(more))), todo],
    [close],
  );
  return { name: "refused", element, focus: close, looks: true, key: (key) => void (key === "Escape" && counter.wait()) };
}
