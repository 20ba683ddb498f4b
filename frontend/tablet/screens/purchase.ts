import { Problem, type Account, type Preview, type Product, type Scan, type VisitRequest } from "../../shared/api.ts";
import { h } from "../../shared/dom.ts";
import { NOTHING, press, shown, toDecimal, type Typed } from "../../shared/money.ts";
import type { Counter } from "../counter.ts";
import { bigBalance, canRedeem, earnedIn, earnedWords, picture, reasons, whoIs } from "../pieces/account.ts";
import { icon } from "../pieces/icons.ts";
import { keypad } from "../pieces/keypad.ts";
import { button, type Screen } from "../screen.ts";
import { earnedScreen } from "./earned.ts";
import { redeemScreen } from "./redeem.ts";

const MOST_UNITS = 100;
/** A name is not left standing on the counter: back to waiting after this long without a touch (milliseconds). */
const IDLE = 120_000;
const PREVIEW_AFTER = 180;

/** Who it is and what to book: an amount, or a number of stamps. */
export function purchaseScreen(counter: Counter, scan: Scan): Screen {
  return new Purchase(counter, scan).screen;
}

/** A category as the shop wrote it, at the beginning of a line. */
function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

class Purchase {
  readonly screen: Screen;
  private mode: "units" | "amount";
  private units = 1;
  private typed: Typed = NOTHING;
  private programmeId: string | null = null;
  private product: Product | null = null;
  private preview: Preview | null = null;
  private trouble = "";
  private asked = 0;
  private previewTimer: number | undefined;
  private idleTimer: number | undefined;
  private readonly money;

  private readonly asking = h("div", { class: "asking" });
  private readonly gain = h("div", { class: "gain", role: "status" });
  private readonly right = h("section", { class: "right" });
  private readonly go: HTMLButtonElement;
  private readonly goWords = h("span", {});

  constructor(
    private readonly counter: Counter,
    private readonly scan: Scan,
  ) {
    const { accounts } = scan;
    this.money = counter.money;
    // Where some programme counts money, "+1" would book a visit that saves nothing.
    const counts = accounts.length > 0 && accounts.every((account) => account.kind === "stamps" && account.asks !== "amount");
    this.mode = counts ? "units" : "amount";
    this.go = h("button", { type: "button", class: "b go", onclick: () => this.book() }, icon("check"), this.goWords);
    const element = this.build();
    this.drawRight();
    this.draw();
    this.askPreview();
    this.stayAwake();
    this.screen = {
      name: "purchase",
      element,
      looks: false,
      key: (key) => this.key(key),
      leave: () => {
        window.clearTimeout(this.previewTimer);
        window.clearTimeout(this.idleTimer);
        this.asked += 1;
      },
    };
  }

  /** What is counted by the piece in the chosen programme, or in any. */
  private get products(): readonly Product[] {
    const { accounts } = this.scan;
    const chosen = this.programmeId ? accounts.filter((account) => account.programme_id === this.programmeId) : accounts;
    return chosen.flatMap((account) => (account.asks === "items" ? (account.counted ?? []) : []));
  }

  private get account(): Account | undefined {
    const { accounts } = this.scan;
    const earned = this.preview?.earned ?? [];
    return (
      accounts.find((account) => account.programme_id === this.programmeId) ??
      accounts.find((account) => earnedIn(account, earned) > 0) ??
      accounts[0]
    );
  }

  private build(): HTMLElement {
    const { counter, scan } = this;
    const who = whoIs(counter, scan);
    const redeemable = scan.vouchers.length + scan.rewards.filter((reward) => canRedeem(scan, reward)).length;
    return h(
      "div",
      { class: "purchase", onpointerdown: () => this.stayAwake() },
      h(
        "div",
        { class: "left" },
        h("div", { class: "who" }, h("h1", {}, who.greeting), who.more ? h("span", {}, who.more) : null),
        this.asking,
        this.choice(),
        this.gain,
        h(
          "div",
          { class: "act" },
          button(counter.t("otherCard"), () => counter.wait(), { icon: "back" }),
          redeemable
            ? button(counter.t("redeem"), () => counter.show(redeemScreen(counter, scan)), {
                icon: "gift",
                wide: true,
                small: counter.t("redeemCount", { n: redeemable }),
              })
            : null,
        ),
      ),
      this.right,
    );
  }

  /** Which of several programmes to book in; all of them unless one is chosen. */
  private choice(): HTMLElement | null {
    const { accounts } = this.scan;
    if (accounts.length < 2) return null;
    const group = h("div", { class: "languages which", role: "group", "aria-label": this.counter.t("whichCard") });
    const draw = () =>
      group.replaceChildren(
        ...[null, ...accounts].map((account) =>
          h(
            "button",
            {
              type: "button",
              class: "chip",
              "aria-pressed": String((account?.programme_id ?? null) === this.programmeId),
              onclick: () => {
                this.programmeId = account?.programme_id ?? null;
                this.product = null;
                draw();
                this.drawRight();
                this.changed();
              },
            },
            account?.name ?? this.counter.t("allCards"),
            account ? h("small", {}, this.counter.unitsOf(account, account.balance)) : null,
          ),
        ),
      );
    draw();
    return group;
  }

  private drawRight(): void {
    const { counter } = this;
    const others = this.otherWay();
    this.right.setAttribute("aria-label", counter.t(this.mode === "units" ? "howMany" : "amountLabel"));
    const keys =
      this.mode === "amount"
        ? keypad(
            {
              group: counter.t("keys"),
              erase: counter.t("backspace"),
              separator: this.money.decimals ? { sign: this.money.separator, label: counter.t("decimalKey") } : null,
            },
            (key) => this.press(key),
          )
        : this.stepper();
    this.right.replaceChildren(keys, ...(others ? [others] : []), this.go);
  }

  /** The button that changes between a count and an amount, where both earn something. */
  private otherWay(): HTMLButtonElement | null {
    const { counter, scan } = this;
    if (this.mode === "units") {
      if (this.products.length > 0) return null;
      return button(counter.t("typeAmount"), () => this.switchTo("amount"), { icon: "dots" });
    }
    const canCount = scan.accounts.length === 0 || scan.accounts.some((one) => one.kind === "stamps" && one.asks !== "amount");
    return canCount ? button(counter.t("noAmount"), () => this.switchTo("units"), { icon: "card" }) : null;
  }

  private stepper(): HTMLElement {
    const { counter } = this;
    const count = h("output", { class: "count n", "aria-label": counter.t("howMany") });
    const fewer = h("button", { type: "button", "aria-label": counter.t("fewer") }, icon("minus"));
    const more = h("button", { type: "button", "aria-label": counter.t("more") }, icon("plus"));
    const draw = () => {
      count.textContent = `+${this.units}`;
      fewer.disabled = this.units <= 1;
      more.disabled = this.units >= MOST_UNITS;
    };
    const step = (by: number) => {
      this.units = Math.min(MOST_UNITS, Math.max(1, this.units + by));
      counter.play("key");
      draw();
      this.changed();
    };
    fewer.addEventListener("click", () => step(-1));
    more.addEventListener("click", () => step(1));
    draw();
    return h("div", { class: "stepper" }, this.what(), count, h("div", { class: "pad two" }, fewer, more));
  }

  /** What is counted: the visit, the one product that there is, or one of several. */
  private what(): HTMLElement {
    const { products } = this;
    this.product ??= products[0] ?? null;
    const name = (product: Product) => ("category" in product ? product.category : product.sku);
    const question = this.counter.t("howMany");
    const [only] = products;
    if (products.length < 2) return h("p", {}, only ? `${capital(name(only))}: ${question}` : question);
    const group = h("div", { class: "languages", role: "group", "aria-label": question });
    const draw = () =>
      group.replaceChildren(
        ...products.map((product) =>
          h(
            "button",
            {
              type: "button",
              class: "chip",
              "aria-pressed": String(product === this.product),
              onclick: () => {
                this.product = product;
                draw();
                this.changed();
              },
            },
            capital(name(product)),
          ),
        ),
      );
    draw();
    return group;
  }

  private switchTo(mode: "units" | "amount"): void {
    this.mode = mode;
    this.drawRight();
    this.changed();
    this.right.querySelector("button")?.focus();
  }

  private press(key: string): void {
    const next = press(this.typed, key, this.money.decimals);
    if (next !== this.typed) this.counter.play("key");
    this.typed = next;
    this.changed();
  }

  private key(key: string): void {
    this.stayAwake();
    if (key === "Escape") this.counter.wait();
    else if (key === "Enter") this.book();
    else if (this.mode === "amount") this.press(key === "Backspace" ? "back" : key);
    else if (/^[1-9]$/.test(key)) {
      this.units = Number(key);
      this.drawRight();
      this.changed();
    }
  }

  private changed(): void {
    this.stayAwake();
    this.preview = null;
    this.trouble = "";
    this.draw();
    this.askPreview();
  }

  /** The visit as it would be booked now, or null as long as an amount is missing. */
  private request(): VisitRequest | null {
    const base = { scan_id: this.scan.scan_id, ...(this.programmeId ? { programme_id: this.programmeId } : {}) };
    if (this.mode === "units" && this.product) return { ...base, items: [{ ...this.product, quantity: this.units }] };
    if (this.mode === "units") return this.units === 1 ? base : { ...base, units: this.units };
    const amount = toDecimal(this.typed, this.money.decimals);
    return amount === null ? null : { ...base, amount, currency: this.counter.currency };
  }

  private askPreview(): void {
    window.clearTimeout(this.previewTimer);
    const asked = ++this.asked;
    const request = this.request();
    if (!request) return;
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
    const { counter, scan, account, preview } = this;
    const words = preview ? earnedWords(counter, scan, preview.earned) : "";
    this.drawAsking();
    const plus = account && preview ? earnedIn(account, preview.earned) : 0;
    const unlocks = preview?.unlocked.map((voucher) => voucher.name).join(", ");
    this.gain.replaceChildren(
      ...[
        this.mode === "amount" || !account ? null : bigBalance(counter, account),
        h(
          "p",
          { class: "head" },
          this.trouble ? h("span", { class: "trouble-told" }, this.trouble) : null,
          preview ? (words ? counter.t("gives", { what: words }) : counter.t("givesNothing")) : "\u00a0",
        ),
        account ? picture(counter, scan, account, { plus, booked: false }) : null,
        h(
          "p",
          {},
          ...[
            unlocks ? h("b", {}, counter.t("unlocks", { name: unlocks })) : null,
            account && account.owed > 0 ? counter.t("owed", { what: counter.unitsOf(account, account.owed) }) : null,
            ...(preview ? reasons(counter, scan, preview.earned) : []),
          ]
            .filter((line) => line !== null)
            .flatMap((line, index) => (index ? [h("br"), line] : [line])),
        ),
      ].filter((part) => part !== null),
    );
    this.go.disabled = this.request() === null;
    this.goWords.textContent =
      words && this.mode === "units" && account?.kind === "stamps" && (preview?.earned ?? []).filter((one) => one.units > 0).length === 1
        ? counter.t("stampWhat", { n: plus })
        : words
          ? counter.t("bookWhat", { what: words })
          : counter.t("book");
  }

  private drawAsking(): void {
    const { counter, account } = this;
    if (this.mode === "units") {
      this.asking.replaceChildren();
      return;
    }
    const sign = h("small", {}, this.money.sign);
    const figures = shown(this.typed, this.money);
    const value = h("span", { class: this.request() ? null : "empty" }, figures);
    this.asking.replaceChildren(
      h("p", { class: "label" }, counter.t("amountLabel"), account ? h("span", {}, counter.unitsOf(account, account.balance)) : null),
      h(
        "output",
        { class: figures.length > 7 ? "sum n long" : "sum n", "aria-label": counter.t("amountLabel") },
        ...(this.money.signFirst ? [sign, value] : [value, sign]),
      ),
    );
  }

  private book(): void {
    const request = this.request();
    if (!request || this.counter.isBusy) return;
    const { counter, scan } = this;
    counter.book(request, scan, (visit) => {
      const words = earnedWords(counter, scan, visit.earned);
      counter.lastBooked = visit.transaction_id ? { transactionId: visit.transaction_id, words } : null;
      counter.show(earnedScreen(counter, scan, visit));
    });
  }

  private stayAwake(): void {
    window.clearTimeout(this.idleTimer);
    this.idleTimer = window.setTimeout(() => this.counter.wait(), IDLE);
  }
}
