/** The page around the screens: which one is shown, short messages over it, what is heard and felt. */

import type { Screen } from "../screen.ts";
import { play, type Sound, vibrate } from "../sound.ts";
import { recall, remember } from "../store.ts";
import { Speech } from "./speech.ts";

/** Where on the page the counter shows itself. */
export interface Page {
  readonly stage: HTMLElement;
  readonly noticeBoard: HTMLElement;
}

const NOTICE_FOR = 5000;

export class Shell extends Speech {
  sound = true;
  isBusy = false;
  /** Called when what a waiting screen tells has changed: busy, the network, the queue, who is signed in. */
  onChange: (() => void) | null = null;
  protected screen: Screen | null = null;
  private noticeTimer: number | undefined;

  constructor(protected readonly page: Page) {
    super();
  }

  protected async recallSound(): Promise<void> {
    this.sound = (await recall("sound")) ?? true;
  }

  async chooseSound(isOn: boolean): Promise<void> {
    this.sound = isOn;
    await remember("sound", isOn);
  }

  /** Makes an answer heard, unless sound is off, and felt. */
  play(sound: Sound): void {
    if (this.sound) play(sound);
    vibrate(sound);
  }

  /** Shows a screen in place of the one before. */
  show(screen: Screen): void {
    const { stage } = this.page;
    this.screen?.leave?.();
    this.screen = screen;
    this.hush();
    stage.dataset["screen"] = screen.name;
    stage.replaceChildren(screen.element);
    stage.scrollTop = 0;
    const focus = screen.focus === undefined ? screen.element.querySelector<HTMLElement>("h1") : screen.focus;
    if (focus && !focus.hasAttribute("tabindex") && focus.tagName === "H1") focus.tabIndex = -1;
    focus?.focus({ preventScroll: true });
  }

  /** Shows a short message over whatever is shown, and has it read out. */
  notice(text: string, tone: "amber" | "leaf" = "amber"): void {
    const { noticeBoard } = this.page;
    window.clearTimeout(this.noticeTimer);
    noticeBoard.textContent = text;
    noticeBoard.className = `notice shown ${tone}`;
    this.noticeTimer = window.setTimeout(() => this.hush(), NOTICE_FOR);
  }

  private hush(): void {
    window.clearTimeout(this.noticeTimer);
    this.page.noticeBoard.className = "notice";
    this.page.noticeBoard.textContent = "";
  }

  /** Shows that something is being asked; until it is over, no card is taken. */
  setBusy(isBusy: boolean): void {
    this.isBusy = isBusy;
    document.documentElement.toggleAttribute("data-busy", isBusy);
    this.onChange?.();
  }
}
