import "./styles/index.css";
import { colourPage } from "../shared/town.ts";
import { App } from "./app.ts";
import { awaitInstallOffer } from "./browser.ts";
import { opening } from "./router.ts";
import { keepUpdated } from "./updates.ts";

awaitInstallOffer();
colourPage(document.documentElement, document.body);
const { api = "/api/v1" } = document.body.dataset;
const { hash, move } = opening(location);
const app = new App(api);
if (move) app.moving = move;
void app.begin(hash || "#/card").then(keepUpdated);
