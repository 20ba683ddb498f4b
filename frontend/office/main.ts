/** The back office in the browser. Every page works without it; with it parts of pages change in place. */

import "../../app/web/styles/office.css";
import htmx from "htmx.org";
import * as catalogue from "./catalogue.ts";
import * as members from "./members.ts";
import * as reports from "./reports.ts";
import * as settingUp from "./setting-up.ts";
import * as shell from "./shell.ts";
import * as team from "./team.ts";

// The pages' policy takes no inline style and no evaluated script.
htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;
htmx.config.allowScriptTags = false;
htmx.config.selfRequestsOnly = true;
htmx.config.historyCacheSize = 0; // what a page showed is one shop's: nothing of it stays in the browser
// An answer that refuses is a part of the page too: it says what to mend.
htmx.config.responseHandling = [
  { code: "204", swap: false },
  { code: "[23]..", swap: true },
  { code: "4(?:09|22)", swap: true, error: false },
  { code: "[45]..", swap: false, error: true },
];

const parts = [shell, settingUp, catalogue, members, team, reports];

function start(root: ParentNode): void {
  for (const part of parts) part.start(root);
}

start(document);
// Only what came new: what stood there already has its listeners.
htmx.onLoad((element) => {
  if (element instanceof Element && element !== document.body) start(element);
});
