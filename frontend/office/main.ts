/** The back office in the browser. Every page works without it; with it parts of pages change in place. */

import "../../app/web/styles/office.css";
import * as campaigns from "./campaigns.ts";
import * as catalogue from "./catalogue.ts";
import { obeyPolicy, startParts } from "./htmx.ts";
import * as members from "./members.ts";
import * as relations from "./relations.ts";
import * as reports from "./reports.ts";
import * as settingUp from "./setting-up.ts";
import * as shell from "./shell.ts";
import * as team from "./team.ts";

obeyPolicy();
startParts([shell, settingUp, catalogue, members, relations, campaigns, team, reports]);
