import type { Scan } from "../../shared/api.ts";
import { h } from "../../shared/dom.ts";
import type { Counter } from "../counter.ts";
import { approval, deskScreen, steps } from "../pieces/desk.ts";
import { answer, button, type Screen, signal } from "../screen.ts";

/** Somebody wants a printed card in the app: the shop, which sees who holds it, lets the phone claim it. */
export function claimApprovalScreen(counter: Counter, scan: Scan, code: string): Screen {
  const t = counter.t.bind(counter);
  const back = () => counter.show(counter.screens.purchase(counter, scan));
  const go = button(t("letClaimGo"), () => void approve(counter, scan, code, back), { kind: "go", icon: "check", wide: true });
  return deskScreen(counter, {
    name: "claim",
    title: t("letClaimTitle"),
    lead: t("letClaimLead"),
    body: [steps([t("claimStep1"), t("claimStep2"), t("claimStep3")])],
    back,
    actions: [go],
    focus: go,
    looks: false,
  });
}

async function approve(counter: Counter, scan: Scan, code: string, back: () => void): Promise<void> {
  const proof = await approval(counter);
  if (proof === null) return counter.show(claimApprovalScreen(counter, scan, code));
  const send = () =>
    void counter.attempt({ kind: "desk", again: send, scan, back }, () => counter.api.approveClaim(code, proof.staff_pin), (approved) => {
      counter.play("good");
      counter.show(approvedScreen(counter, new Date(approved.approved_until)));
    });
  send();
}

function approvedScreen(counter: Counter, until: Date): Screen {
  const t = counter.t.bind(counter);
  const next = button(t("nextCustomer"), () => counter.wait(), { kind: "ink", wide: true });
  const element = answer(
    signal({ tone: "leaf", word: t("claimReady"), lines: [t("claimUntil", { time: counter.time(until) })], next: t("nextCard") }),
    [h("div", { class: "why" }, h("h2", {}, t("claimNow"))), steps([t("claimStep2"), t("claimStep3")])],
    [next],
  );
  return { name: "claim-ready", element, focus: next, looks: true, key: (key) => void (key === "Escape" && counter.wait()) };
}
