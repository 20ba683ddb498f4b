import "../shared/fonts.css";
import "../../app/web/styles/tokens.css";
import "./styles/index.css";
import { h } from "../shared/dom.ts";
import { Counter, type Screens } from "./counter.ts";
import { awaitInstallOffer } from "./counter/browser.ts";
import { againScreen } from "./screens/again.ts";
import { earnedScreen } from "./screens/earned.ts";
import { kioskEarnedScreen, kioskRefusedScreen, kioskSavedScreen, kioskScreen } from "./screens/kiosk.ts";
import { offlinePurchaseScreen, savedScreen } from "./screens/offline.ts";
import { pairScreen } from "./screens/pair.ts";
import { purchaseScreen } from "./screens/purchase.ts";
import { redeemedScreen } from "./screens/redeem.ts";
import { refusedScreen, unansweredScreen } from "./screens/refused.ts";
import { signInScreen, staffPinScreen } from "./screens/signin.ts";
import { practiceBand } from "./screens/training.ts";
import { notReservedScreen, reservedScreen, voucherScreen } from "./screens/voucher.ts";
import { waitingScreen } from "./screens/waiting.ts";
import { Updates } from "./updates.ts";

const screens: Screens = {
  pair: pairScreen,
  waiting: waitingScreen,
  signIn: signInScreen,
  staffPin: staffPinScreen,
  purchase: purchaseScreen,
  earned: earnedScreen,
  again: againScreen,
  offlinePurchase: offlinePurchaseScreen,
  saved: savedScreen,
  voucher: voucherScreen,
  reserved: reservedScreen,
  notReserved: notReservedScreen,
  redeemed: redeemedScreen,
  refused: refusedScreen,
  unanswered: unansweredScreen,
  practiceBand,
  kiosk: kioskScreen,
  kioskEarned: kioskEarnedScreen,
  kioskSaved: kioskSavedScreen,
  kioskRefused: kioskRefusedScreen,
};

const band = h("div", { id: "band" });
const stage = h("main", { id: "stage" });
const noticeBoard = h("p", { id: "notice", class: "notice", role: "status" });
document.body.replaceChildren(band, stage, noticeBoard);

const { hosts = "", api = "/api/v1/pos", version = buildOf(import.meta.url) } = document.body.dataset;

/** The build's mark in this script's own address. */
function buildOf(address: string): string {
  return /-([\w-]{8})\.js/.exec(address)?.[1] ?? "dev";
}

awaitInstallOffer(() => undefined);
const counter = new Counter(screens, {
  band,
  stage,
  noticeBoard,
  hosts: [...hosts.split(" ").filter(Boolean), location.host],
  apiBase: api,
  version,
});
void counter.begin();

// A new version takes over while the next customer is awaited, and at no other moment.
const updates = new Updates(() => counter.queue.isIdle);
void updates.begin();
new MutationObserver(() => {
  if (stage.dataset["screen"] === "waiting" || stage.dataset["screen"] === "kiosk") updates.offer();
}).observe(stage, { attributeFilter: ["data-screen"] });
