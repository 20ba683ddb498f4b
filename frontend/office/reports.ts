/** The day's page hears at once that something was booked; a table is one key away from its chart. */

import htmx from "htmx.org";

let stream: EventSource | undefined;
let listens = false;

export function start(root: ParentNode): void {
  const live = root.querySelector<HTMLElement>("[data-live]");
  const address = live?.dataset["live"];
  if (address && !stream) listen(address);
  if (listens) return;
  listens = true;
  document.addEventListener("keydown", (event) => {
    const target = event.target as HTMLElement;
    if (event.key !== "t" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (target.closest("input, select, textarea, [contenteditable]")) return;
    const tables = document.querySelectorAll<HTMLDetailsElement>("details.numbers");
    const opens = ![...tables].some((table) => table.open);
    for (const table of tables) table.open = opens;
  });
}

function listen(address: string): void {
  const open = (): void => {
    if (stream || document.hidden) return;
    stream = new EventSource(address);
    // Where all streams are taken the browser gives up; the page asks by the half minute anyway.
    stream.addEventListener("news", () => {
      const now = document.getElementById("now");
      if (now) htmx.trigger(now, "news");
    });
  };
  const close = (): void => {
    stream?.close();
    stream = undefined;
  };
  open();
  // A page that nobody looks at leaves its place to another.
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  addEventListener("pagehide", close);
}
