/** How htmx runs on our pages: under their strict policy, and with each page's own parts started on what comes new. */

import htmx from "htmx.org";

/** What a page's script does on a page, or on a part that came new. */
export interface Part {
  start(root: ParentNode): void;
}

export function obeyPolicy(): void {
  // The pages' policy takes no inline style and no evaluated script.
  htmx.config.includeIndicatorStyles = false;
  htmx.config.allowEval = false;
  htmx.config.allowScriptTags = false;
  htmx.config.selfRequestsOnly = true;
  htmx.config.historyCacheSize = 0; // what a page showed is not ours to keep: nothing of it stays in the browser
  // An answer that refuses is a part of the page too: it says what to mend.
  htmx.config.responseHandling = [
    { code: "204", swap: false },
    { code: "[23]..", swap: true },
    { code: "4(?:09|22)", swap: true, error: false },
    { code: "[45]..", swap: false, error: true },
  ];
}

export function startParts(parts: readonly Part[]): void {
  const start = (root: ParentNode) => {
    for (const part of parts) part.start(root);
  };
  start(document);
  // Only what came new: what stood there already has its listeners.
  htmx.onLoad((element) => {
    if (element instanceof Element && element !== document.body) start(element);
  });
}
