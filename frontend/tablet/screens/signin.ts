import { Problem } from "../../shared/api.ts";
import type { Counter } from "../counter.ts";
import { pinScreen } from "../pieces/pinpad.ts";
import { button, type Screen } from "../screen.ts";
import { h } from "../../shared/dom.ts";
import { icon, shape } from "../pieces/icons.ts";
import { roleOf } from "../pieces/people.ts";

/** Why a PIN was not taken, in this tablet's words. */
export function pinTrouble(counter: Counter, error: unknown): string {
  const problem = error instanceof Problem ? error : null;
  if (problem?.status === 429) return counter.t("pinTooMany", { n: Math.max(1, Math.ceil((problem.retryAfter ?? 60) / 60)) });
  if (problem?.code === "pin-unknown-here") return counter.t("pinUnknownHere");
  if (!problem || problem.isUnanswered) return `${counter.t("noNetworkTitle")}. ${counter.t("checkWifi")}.`;
  return problem.status === 403 ? counter.t("pinWrong") : problem.detail || counter.t("pinWrong");
}

interface SignInOptions {
  readonly told?: string;
  /** What is shown afterwards. */
  readonly then: () => void;
  /** Whether a card waits for the PIN. */
  readonly hasCard?: boolean;
}

/** Signing in by PIN. On a tablet where everybody signs in there is no way round it. */
export function signInScreen(counter: Counter, options: SignInOptions): Screen {
  const t = counter.t.bind(counter);
  const submit = async (pin: string) => {
    counter.setBusy(true);
    try {
      const who = await counter.staff.signIn(pin);
      counter.setBusy(false);
      counter.play("key");
      options.then();
      if (options.hasCard) counter.notice(who.name ? t("signedInAs", { name: who.name }) : t("signedIn"), "leaf");
    } catch (error) {
      counter.setBusy(false);
      counter.play("refused");
      counter.show(signInScreen(counter, { ...options, told: pinTrouble(counter, error) }));
    }
  };
  const isLocked = counter.staff.isLocked;
  return pinScreen(counter, {
    name: "signin",
    title: t(isLocked ? "lockedTitle" : "signInTitle"),
    lead: [t(options.hasCard ? "signInCard" : isLocked ? "lockedLead" : "signInLead")],
    go: { words: t("signIn"), icon: "person" },
    ...(options.told ? { told: options.told } : {}),
    back: isLocked && !options.hasCard ? null : { act: () => counter.wait() },
    looks: true,
    submit: (pin) => void submit(pin),
  });
}

/** A staff PIN that proves something once; nobody is signed in by it. `done` gets null when nobody types one. */
export function staffPinScreen(counter: Counter, done: (pin: string | null) => void): Screen {
  const t = counter.t.bind(counter);
  return pinScreen(counter, {
    name: "staffpin",
    title: t("staffPin"),
    lead: [t("staffPinLead")],
    go: { words: t("goOn"), icon: "check" },
    back: { act: () => done(null) },
    submit: done,
  });
}

/** Who is signed in, and the ways to end it. */
export function whoScreen(counter: Counter): Screen {
  const t = counter.t.bind(counter);
  const who = counter.staff.who;
  const waiting = counter.waiting;
  const told = h("p", { class: "pin-told", role: "status" });
  const out = () => {
    if (waiting > 0) {
      told.textContent = t("signOutRefused", { n: waiting });
      counter.play("refused");
      return;
    }
    counter.staff.end("out");
  };
  const lock = button(t("lockNow"), () => counter.staff.end("locked"), { icon: "lock", kind: "ink", wide: true, small: t("lockNowMore") });
  const name = who?.name || t("somebody");
  const element = h(
    "div",
    { class: "one-tap" },
    h("div", { class: "given person", "aria-hidden": "true" }, h("div", { class: "portrait lifted" }, shape("seal"), icon("person"))),
    h(
      "div",
      { class: "ask" },
      h("p", { class: "lead" }, who ? roleOf(counter, who.role) : ""),
      h("h1", { class: name.length > 22 ? "long" : null }, name),
      h("p", { class: "lead" }, t("whoLead")),
      told,
      h("div", { class: "act" }, button(t("back"), () => counter.wait(), { icon: "back" }), button(t("signOut"), out, { icon: "out" }), lock),
    ),
  );
  return { name: "who", element, focus: lock, looks: true, key: (key) => void (key === "Escape" && counter.wait()) };
}
