/** What the pages of `members` do in the browser: a member opens beside the list where there is room, and `/` goes to the
 * search field. */

import htmx from "htmx.org";

const ROOM = matchMedia("(min-width: 72rem)");
let listens = false;

export function start(root: ParentNode): void {
  const panel = document.getElementById("member-panel");
  if (!panel) return;
  for (const link of root.querySelectorAll<HTMLAnchorElement>("a[data-panel]")) {
    link.addEventListener("click", (event) => {
      if (!ROOM.matches || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      open(panel, link);
    });
  }
  for (const closer of root.querySelectorAll<HTMLElement>("[data-panel-closes]")) {
    closer.addEventListener("click", () => close(panel));
  }
  if (listens) return;
  listens = true;
  document.addEventListener("keydown", (event) => {
    const here = document.getElementById("member-panel");
    const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement;
    if (event.key === "Escape" && here && !here.hidden) close(here);
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
      const field = document.getElementById("member-q");
      if (!field) return;
      event.preventDefault();
      field.focus();
    }
  });
}

function open(panel: HTMLElement, link: HTMLAnchorElement): void {
  void htmx.ajax("get", link.href, { target: panel, swap: "innerHTML" }).then(() => {
    panel.hidden = false;
    mark(link);
    panel.querySelector<HTMLElement>("[data-focus]")?.focus();
  });
}

function close(panel: HTMLElement): void {
  panel.hidden = true;
  panel.replaceChildren();
  document.querySelector<HTMLElement>(".member-table tr.chosen a")?.focus();
  mark(null);
}

function mark(link: HTMLElement | null): void {
  for (const row of document.querySelectorAll(".member-table tr.chosen")) row.classList.remove("chosen");
  link?.closest("tr")?.classList.add("chosen");
}
