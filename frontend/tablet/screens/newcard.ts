import { Problem, type Scan } from "../../shared/api.ts";
import { h } from "../../shared/dom.ts";
import type { Counter } from "../counter.ts";
import { approval, bookOn, codeSlip, deskScreen } from "../pieces/desk.ts";
import { icon } from "../pieces/icons.ts";
import { answer, button, type Screen, signal } from "../screen.ts";
import { customerPinScreen } from "./customerpin.ts";

/** A card for somebody who has none: a printed one earns as soon as it is shown, a phone gets its own by the code. */
export function newCardScreen(counter: Counter): Screen {
  const t = counter.t.bind(counter);
  const { place } = counter;
  const way = (sign: "card" | "phone", title: string, text: string) =>
    h("li", {}, icon(sign), h("div", {}, h("h2", {}, title), h("p", {}, text)));
  return deskScreen(counter, {
    name: "new-card",
    title: t("giveCardTitle"),
    body: [h("ul", { class: "ways" }, way("card", t("onPaper"), t("onPaperMore")), way("phone", t("onPhone"), t(place ? "onPhoneMore" : "onPhoneAway")))],
    back: () => counter.wait(),
    aside: place ? codeSlip(place.join_qr_svg, t("joinCode"), place.join_url.replace(/^https?:\/\//i, "").toLowerCase()) : null,
  });
}

/** A card that gets a PIN. */
interface Wanted {
  readonly scan: Scan;
  readonly proof: { readonly staff_pin?: string };
  /** Whether its visit was booked already, so that nothing is left to do afterwards. */
  readonly isBooked: boolean;
  readonly back: () => void;
}

/** Has the customer type a PIN for a printed card that has none, twice; the shop approves it first, so that the tablet
 * is turned round only once. */
export async function givePinScreen(counter: Counter, scan: Scan, { isBooked = false } = {}): Promise<void> {
  const back = () => (isBooked ? counter.wait() : counter.show(counter.screens.purchase(counter, scan)));
  const proof = await approval(counter);
  if (proof === null) back();
  else choose(counter, { scan, proof, isBooked, back });
}

function choose(counter: Counter, wanted: Wanted, told = ""): void {
  const t = counter.t.bind(counter);
  const { back } = wanted;
  const out = { words: t("withoutPin"), act: back };
  counter.show(
    customerPinScreen(counter, {
      title: t("choosePin"),
      lead: t("choosePinLead"),
      go: t("goOn"),
      told,
      out,
      then: (pin) =>
        counter.show(
          customerPinScreen(counter, {
            title: t("pinAgain"),
            lead: t("pinAgainLead"),
            go: t("keepPin"),
            out,
            then: (again) => {
              if (again === pin) keep(counter, wanted, pin);
              else {
                counter.play("refused");
                choose(counter, wanted, t("pinsDiffer"));
              }
            },
          }),
        ),
    }),
  );
}

function keep(counter: Counter, wanted: Wanted, pin: string): void {
  const { scan, proof, back } = wanted;
  const send = async () => {
    try {
      return { kept: await counter.api.setPin(scan.scan_id, pin, proof.staff_pin) };
    } catch (error) {
      // A PIN that is too simple, or no PIN: the customer still holds the tablet and chooses another.
      if (error instanceof Problem && error.status === 422) return { again: error.detail };
      throw error;
    }
  };
  const again = () => keep(counter, wanted, pin);
  void counter.attempt({ kind: "desk", again, scan, back }, send, (sent) => {
    if (sent.again !== undefined) {
      counter.play("refused");
      return choose(counter, wanted, sent.again);
    }
    counter.play("good");
    counter.show(pinKeptScreen(counter, wanted));
  });
}

function pinKeptScreen(counter: Counter, { scan, isBooked }: Wanted): Screen {
  const t = counter.t.bind(counter);
  const next = button(t("nextCustomer"), () => counter.wait(), { kind: "ink", wide: true });
  const code = isBooked ? null : counter.codeOf(scan);
  const element = answer(
    signal({ tone: "leaf", word: t("pinKept"), lines: [t("turnBack")], next: t("nextCard") }),
    [h("div", { class: "why" }, h("h2", {}, t("pinKeptTitle")), h("p", {}, t("pinKeptMore")))],
    [...(code === null ? [] : [button(t("bookNow"), () => bookOn(counter, code), { icon: "card" })]), next],
  );
  return { name: "pin-kept", element, focus: next, looks: true, key: (key) => void (key === "Escape" && counter.wait()) };
}
