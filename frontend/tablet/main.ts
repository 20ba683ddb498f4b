import "../shared/fonts.css";
import "../../app/web/styles/tokens.css";
import "./styles/index.css";
import { h } from "../shared/dom.ts";
import { Counter, type Screens } from "./counter.ts";
import { pairScreen } from "./screens/pair.ts";
import { purchaseScreen } from "./screens/purchase.ts";
import { voucherScreen } from "./screens/redeem.ts";
import { refusedScreen, unansweredScreen } from "./screens/refused.ts";
import { waitingScreen } from "./screens/waiting.ts";

const screens: Screens = {
  pair: pairScreen,
  waiting: waitingScreen,
  purchase: purchaseScreen,
  voucher: voucherScreen,
  refused: refusedScreen,
  unanswered: unansweredScreen,
};

const stage = h("main", { id: "stage" });
const noticeBoard = h("p", { id: "notice", class: "notice", role: "status" });
document.body.replaceChildren(stage, noticeBoard);

const { hosts = "", api = "/api/v1/pos" } = document.body.dataset;
const counter = new Counter(screens, stage, noticeBoard, [...hosts.split(" ").filter(Boolean), location.host], api);
void counter.begin();
