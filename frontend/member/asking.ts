/** A shop waits at its counter for her word: asked for over whatever screen is open. */

import { h } from "../shared/dom.ts";
import { Problem } from "../shared/problem.ts";
import type { App } from "./app.ts";
import { remember } from "./arriving.ts";
import { button, linkButton } from "./pieces/parts.ts";
import type { OpenPlace } from "./pushed.ts";
import type { Me, Merchant } from "./types.ts";
import "./styles/asking.css";

export interface SpendingRequest {
  readonly request_id: string;
  readonly merchant: Merchant;
  readonly location_name: string;
  readonly reward_name: string;
  /** A decimal text; null where the shop never said what it is worth. */
  readonly worth: string | null;
  readonly currency: string;
  readonly asked_at: string;
  readonly expires_at: string;
  readonly status: "asked" | "approved" | "refused" | "used" | "expired";
}

const PATH = "/me/spending-requests";

/** Asks her from now on, and goes where a touched push leads. To be called once. */
export function keepAsking(app: App): void {
  const asking = new Asking(app);
  app.pulse.onBeat(() => void asking.look());
  navigator.serviceWorker?.addEventListener("message", (event: MessageEvent<Partial<OpenPlace> | null>) => {
    const place = event.data?.open;
    if (typeof place === "string" && place.startsWith("#/")) app.go(place.slice(2));
  });
  if (app.session.isOpen) {
    // The brakes may have been set on another phone.
    void app.api.get<Me>("/me").then(
      (me) => remember(app, me),
      // Without an answer what was known holds.
      () => undefined,
    );
  }
  void asking.look();
}

class Asking {
  private sheet: HTMLDialogElement | null = null;
  private shown: SpendingRequest | null = null;
  private timer = 0;
  private isLooking = false;
  /** Closed without a word: they stand under Me, and are not asked for again by themselves. */
  private readonly left = new Set<string>();

  constructor(private readonly app: App) {}

  async look(): Promise<void> {
    const open = this.app.pulse.beat?.spending_requests ?? 0;
    if (open === 0) return this.close();
    if (this.isLooking) return;
    this.isLooking = true;
    try {
      const { items } = await this.app.api.get<{ readonly items: readonly SpendingRequest[] }>(PATH);
      const waiting = items.filter((one) => one.status === "asked" && !this.left.has(one.request_id));
      if (this.shown && waiting.some((one) => one.request_id === this.shown?.request_id)) return;
      this.close();
      // Who has waited longest.
      const next = waiting.at(-1);
      if (next) await this.ask(next);
    } catch (error) {
      // The next beat asks again.
      if (!(error instanceof Problem)) throw error;
    } finally {
      this.isLooking = false;
    }
  }

  private async ask(request: SpendingRequest): Promise<void> {
    const { app } = this;
    await app.loadTexts("me");
    const left = h("p", { class: "soft n" });
    const mistake = h("p", { class: "wrong", role: "alert" });
    const yes = button(app.t("askYes"), () => void this.say(request, "approve", mistake), { kind: "go", icon: "check" });
    const no = button(app.t("askNo"), () => void this.say(request, "refuse", mistake), { kind: "danger", icon: "close" });
    const later = button(app.t("askLater"), () => this.leave(request), { kind: "quiet" });
    const sheet = h(
      "dialog",
      { class: "sheet asking hue", "--hue": request.merchant.hue ?? null, "aria-labelledby": "asking-title" },
      h("p", { class: "asking-shop" }, request.location_name || request.merchant.name),
      h("h2", { id: "asking-title", tabindex: -1 }, app.t("askTitle", { reward: request.reward_name })),
      h("p", {}, request.worth === null ? app.t("askUnknown") : app.t("askWorth", { worth: app.words.money(request.worth, request.currency) })),
      left,
      mistake,
      h("div", { class: "acts" }, yes, no, later),
    );
    sheet.addEventListener("cancel", () => this.left.add(request.request_id));
    sheet.addEventListener("close", () => this.forget(sheet));
    this.sheet = sheet;
    this.shown = request;
    const count = () => {
      const seconds = Math.ceil((Date.parse(request.expires_at) - app.clock.now()) / 1000);
      if (seconds <= 0) return this.close();
      left.textContent = app.t("askLeft", { n: Math.ceil(seconds / 60) });
    };
    count();
    this.timer = window.setInterval(count, 1000);
    document.body.append(sheet);
    sheet.showModal();
    sheet.querySelector("h2")?.focus();
  }

  private async say(request: SpendingRequest, word: "approve" | "refuse", mistake: HTMLElement): Promise<void> {
    const { app, sheet } = this;
    if (!sheet || sheet.hasAttribute("aria-busy")) return;
    sheet.setAttribute("aria-busy", "true");
    mistake.textContent = "";
    try {
      await app.api.post(`${PATH}/${request.request_id}/${word}`);
      this.left.add(request.request_id);
      this.close();
      app.notice(app.t(word === "approve" ? "askDone" : "askRefused"), word === "approve" ? "leaf" : "ink");
      app.pulse.stir();
    } catch (error) {
      mistake.replaceChildren(app.explain(error));
      if (error instanceof Problem && error.code === "spending-waits") mistake.after(linkButton(app.t("askWaits"), "me/brakes"));
    } finally {
      sheet.removeAttribute("aria-busy");
    }
  }

  private leave(request: SpendingRequest): void {
    this.left.add(request.request_id);
    this.close();
    this.app.go("me/requests");
  }

  private close(): void {
    this.sheet?.close();
  }

  private forget(sheet: HTMLDialogElement): void {
    sheet.remove();
    if (this.sheet !== sheet) return;
    window.clearInterval(this.timer);
    this.sheet = null;
    this.shown = null;
  }
}
