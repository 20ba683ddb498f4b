import type { Problem } from "../../shared/api.ts";
import { h } from "../../shared/dom.ts";
import type { Attempt, Counter } from "../counter.ts";
import type { IconName } from "../pieces/icons.ts";
import { advice, answer, button, type Screen, signal } from "../screen.ts";
import type { TextKey } from "../texts/index.ts";
import { typeScreen } from "./typing.ts";

const WORDS: Readonly<Record<Attempt["kind"], TextKey>> = {
  lookup: "refused",
  visit: "refused",
  redemption: "refusedRedeem",
  reversal: "refusedUndo",
  desk: "notDone",
};

/** The server said no: why, in its words, and what can be done now. Stays until a touch. */
export function refusedScreen(counter: Counter, problem: Problem, attempt: Attempt): Screen {
  const t = counter.t.bind(counter);
  const word = t(WORDS[attempt.kind]);
  const [what, more] = sentences(problem.detail || (problem.status === 429 ? t("tooMany") : problem.title) || t("somethingElse"));
  const { scan } = attempt;
  // The member is being asked on her phone: once she has said yes, the same again is what is wanted.
  const isAsked = problem.code === "spending-unconfirmed";
  const close = isAsked
    ? button(t("tryAgain"), attempt.again, { kind: "go", wide: true, icon: "again" })
    : button(t("nextCustomer"), () => counter.wait(), { kind: "ink", wide: true });
  const back = attempt.back ?? (scan ? () => counter.show(counter.screens.purchase(counter, scan)) : null);
  const aside = back
    ? button(t("back"), back, { icon: "back" })
    : button(t("typeNumber"), () => counter.show(typeScreen(counter)), { icon: "dots" });
  const element = answer(
    signal({ tone: "seal", word, lines: [t(attempt.kind === "desk" ? "notDoneLead" : "refusedLead")], next: t("nextCard") }),
    [
      h("div", { class: "why" }, h("h2", { class: what.length > 40 ? "long" : null }, what), more ? h("p", {}, more) : null),
      advice(whatNow(counter, problem, attempt)),
    ],
    [aside, close],
  );
  return { name: "refused", element, focus: close, looks: true, key: (key) => void (key === "Escape" && counter.wait()) };
}

/** Nobody answered, or the server failed. A booking may be sent again: it counts once. */
export function unansweredScreen(counter: Counter, problem: Problem, attempt: Attempt): Screen {
  const t = counter.t.bind(counter);
  const again = button(t("tryAgain"), attempt.again, { kind: "go", wide: true, icon: "wifi" });
  const element = answer(
    signal({ tone: "amber", word: t("noNetwork"), lines: [], next: null }),
    [
      h(
        "div",
        { class: "why" },
        h("h2", {}, t(problem.status === 0 ? "noNetworkTitle" : "somethingElse")),
        h("p", {}, t(attempt.kind === "lookup" ? "noNetworkLookup" : "noNetworkBooking")),
      ),
      advice([{ icon: "wifi", what: t("checkWifi"), more: t("checkWifiMore") }]),
    ],
    [attempt.back ? button(t("back"), attempt.back, { icon: "back" }) : button(t("nextCustomer"), () => counter.wait()), again],
  );
  return { name: "unanswered", element, focus: again, looks: false, key: (key) => void (key === "Escape" && counter.wait()) };
}

/** Splits a detail into what happened, without its full stop, and the rest. */
export function sentences(detail: string): [string, string] {
  const match = /^(.+?[.!?])\s+(.+)$/s.exec(detail.trim());
  const first = match?.[1] ?? detail.trim();
  return [first.replace(/\.$/, ""), match?.[2] ?? ""];
}

function whatNow(counter: Counter, problem: Problem, attempt: Attempt): { icon: IconName; what: string; more: string }[] {
  const t = counter.t.bind(counter);
  const app = { icon: "phone", what: t("askApp"), more: t("askAppMore") } as const;
  const number = { icon: "code", what: t("askNumber"), more: t("askNumberMore") } as const;
  const again = { icon: "show", what: t("askAgain"), more: t("askAgainMore") } as const;
  const { code, status } = problem;
  if (status === 429) return [{ icon: "clock", what: t("askWait"), more: t("askWaitMore", { n: problem.retryAfter ?? 60 }) }];
  if (attempt.kind === "reversal" || attempt.kind === "desk") return [];
  if (/rotat|totp|expired|too-old|stale|code-used|replay/.test(code) && attempt.kind === "lookup") return [app, number];
  if (/scan/.test(code)) return [again];
  if (/block|replac|lost|retired|swapped/.test(code)) return [{ icon: "card", what: t("askOther"), more: t("askOtherMore") }];
  if (attempt.kind === "redemption" && (status === 403 || /pin|proof|approv/.test(code))) {
    return [{ icon: "lock", what: t("askPin"), more: t("askPinMore") }, app];
  }
  if (attempt.kind === "lookup" && (status === 404 || status === 422)) {
    return [{ icon: "card", what: t("askCompare"), more: t("askCompareMore") }, app];
  }
  return attempt.scan ? [] : [again];
}
