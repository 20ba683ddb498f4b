/** The operators' pages in the browser. Every page works without it; with it parts change in place and keys do work. */

import "../../app/web/styles/admin.css";
import { obeyPolicy, startParts } from "../office/htmx.ts";
import * as shell from "../office/shell.ts";
import * as keys from "./keys.ts";
import * as ledger from "./ledger.ts";

obeyPolicy();
startParts([shell, keys, ledger]);
