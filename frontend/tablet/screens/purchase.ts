import { Problem, type Account, type Preview, type Scan, type VisitRequest } from "../../shared/api.ts";
import { h } from "../../shared/dom.ts";
import type { Counter } from "../counter.ts";
import { bigBalance, canRedeem, earnedIn, earnedWords, picture, reasons, whoIs } from "../pieces/account.ts";
import { Entry } from "../pieces/entry.ts";
import { hintOf } from "../pieces/hint.ts";
import { button, type Screen } from "../screen.ts";
import { cardMenuScreen } from "./more.ts";
import { redeemScreen } from "./redeem.ts";

/** A name is not left standing on the counter: back to waiting after this long without a touch (milliseconds). */
const IDLE = 120_000;
const PREVIEW_AFTER = 180;

/** Who it is and what to book: an amount, or a number of stamps. */
export function purchaseScreen(counter: Counter, scan: Scan): Screen {
  return new Purchase(counter, scan).screen;
}

class Purchase {
  readonly screen: Screen;
  private readonly entry: Entry;
  private preview: Preview | null = null;
  private trouble = "";
  private asked = 0;
  private previewTimer: number | undefined;
  private idleTimer: number | undefined;
  private readonly gain = h("div", { class: "gain", role: "status" });

  constructor(
    private readonly counter: Counter,
    private readonly scan: Scan,
  ) {
    const { accounts } = scan;
    const balance = (id: string) => {
      const account = accounts.find((one) => one.programme_id === id);
      return account ? counter.unitsOf(account, account.balance) : null;
    };
    this.entry = new Entry(counter, accounts, {
      note: accounts[0] && accounts.length === 1 ? balance(accounts[0].programme_id) : null,
      about: (programme) => balance(programme.programme_id),
      changed: () => this.changed(),
      book: () => this.book(),
    });
    const element = this.build();
    this.draw();
    this.askPreview();
    this.stayAwake();
    this.screen = {
      name: "purchase",
      element,
      looks: false,
      key: (key) => {
        this.stayAwake();
        if (key === "Escape") counter.wait();
        else this.entry.key(key);
      },
      leave: () => {
        window.clearTimeout(this.previewTimer);
        window.clearTimeout(this.idleTimer);
        this.asked += 1;
      },
    };
  }

  private get account(): Account | undefined {
    const { accounts } = this.scan;
    const earned = this.preview?.earned ?? [];
    return (
      accounts.find((account) => account.programme_id === this.entry.programmeId) ??
      accounts.find((account) => earnedIn(account, earned) > 0) ??
      accounts[0]
    );
  }

  private build(): HTMLElement {
    const { counter, scan, entry } = this;
    const who = whoIs(counter, scan);
    const redeemable = scan.vouchers.length + scan.rewards.filter((reward) => canRedeem(scan, reward)).length;
    return h(
      "div",
      { class: "purchase", onpointerdown: () => this.stayAwake() },
      h(
        "div",
        { class: "left" },
        h("div", { class: "who" }, h("h1", {}, who.greeting), who.more ? h("span", {}, who.more) : null),
        entry.asking,
        entry.choice(),
        this.gain,
        this.hint(),
        h(
          "div",
          { class: "act" },
          button(counter.t("otherCard"), () => counter.wait(), { icon: "back" }),
          button(counter.t("cardMenu"), () => counter.show(cardMenuScreen(counter, scan)), { icon: "more" }),
          redeemable
            ? button(counter.t("redeem"), () => counter.show(redeemScreen(counter, scan)), {
                icon: "gift",
                wide: true,
                small: counter.t("redeemCount", { n: redeemable }),
              })
            : null,
        ),
      ),
      entry.right,
    );
  }

  private hint(): HTMLElement | null {
    const { counter } = this;
    const hint = hintOf(counter.place, this.scan);
    if (!hint) return null;
    const words =
      hint.kind === "nearly"
        ? counter.t("hintNearly", { what: counter.unitsOf(hint.account, hint.missing), name: hint.name })
        : counter.t("hintPair", { one: hint.one, other: hint.other });
    return h("p", { class: "hint" }, words);
  }

  private changed(): void {
    this.stayAwake();
    this.preview = null;
    this.trouble = "";
    this.draw();
    this.askPreview();
  }

  private get request(): VisitRequest | null {
    const { contents } = this.entry;
    return contents && { scan_id: this.scan.scan_id, ...contents };
  }

  private askPreview(): void {
    window.clearTimeout(this.previewTimer);
    const asked = ++this.asked;
    const { request } = this;
    if (!request || this.counter.isOffline) return;
    this.previewTimer = window.setTimeout(() => {
      this.counter.api.preview(request).then(
        (preview) => {
          if (asked !== this.asked) return;
          this.preview = preview;
          this.draw();
        },
        (error: unknown) => {
          // The booking itself will say it again; without a network there is simply nothing to foretell.
          if (asked !== this.asked || !(error instanceof Problem) || error.isUnanswered) return;
          this.trouble = error.detail;
          this.draw();
        },
      );
    }, PREVIEW_AFTER);
  }

  private draw(): void {
    const { counter, scan, account, preview, entry } = this;
    const words = preview ? earnedWords(counter, scan, preview.earned) : "";
    const plus = account && preview ? earnedIn(account, preview.earned) : 0;
    const unlocks = preview?.unlocked.map((voucher) => voucher.name).join(", ");
    const lines = [
      unlocks ? h("b", {}, counter.t("unlocks", { name: unlocks })) : null,
      account && account.owed > 0 ? counter.t("owed", { what: counter.unitsOf(account, account.owed) }) : null,
      ...(preview ? reasons(counter, scan, preview.earned) : []),
    ].filter((line) => line !== null);
    this.gain.replaceChildren(
      ...[
        entry.mode === "amount" || !account ? null : bigBalance(counter, account),
        h(
          "p",
          { class: "head" },
          this.trouble ? h("span", { class: "trouble-told" }, this.trouble) : null,
          preview ? (words ? counter.t("gives", { what: words }) : counter.t("givesNothing")) : "\u00a0",
        ),
        account ? picture(counter, scan, account, { plus, booked: false }) : null,
        h("p", {}, ...lines.flatMap((line, index) => (index ? [h("br"), line] : [line]))),
      ].filter((part) => part !== null),
    );
    const isOneCard = entry.mode === "units" && account?.kind === "stamps" && (preview?.earned ?? []).filter((one) => one.units > 0).length === 1;
    entry.offer(words && isOneCard ? counter.t("stampWhat", { n: plus }) : words ? counter.t("bookWhat", { what: words }) : counter.t("book"));
  }

  private book(): void {
    const { contents } = this.entry;
    if (contents) this.counter.book(contents, this.scan);
  }

  private stayAwake(): void {
    window.clearTimeout(this.idleTimer);
    this.idleTimer = window.setTimeout(() => this.counter.wait(), IDLE);
  }
}
