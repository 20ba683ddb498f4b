/** An account's book: keys that lead through its rows, and brackets from what was undone to what undid it. */

import { segments } from "../shared/brackets.ts";

let listens = false;

function book(): HTMLElement | null {
  return document.getElementById("book");
}

function rows(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>(".book-rows tr[data-id]")];
}

function chosen(): HTMLElement | undefined {
  const all = rows();
  return all.find((row) => row.contains(document.activeElement)) ?? all.find((row) => row.getAttribute("aria-current") === "true");
}

/** Show a row: its link is asked for by htmx, and it is the one that stands out. */
function choose(row: HTMLElement): void {
  for (const one of rows()) one.removeAttribute("aria-current");
  row.setAttribute("aria-current", "true");
  row.querySelector("a")?.focus();
  row.scrollIntoView({ block: "nearest" });
}

function draw(): void {
  const all = rows();
  const found = segments(all.map((row) => ({ id: row.dataset["id"] ?? null, undoes: row.dataset["undoes"] ?? null })));
  all.forEach((row, place) => {
    const lane = row.querySelector(".lane");
    if (!lane) return;
    for (const old of lane.querySelectorAll("i")) old.remove();
    for (const part of found[place] ?? []) {
      const line = document.createElement("i");
      line.className = part.part;
      line.style.setProperty("--lane", String(part.lane));
      line.setAttribute("aria-hidden", "true");
      lane.append(line);
    }
  });
}

function open(key: string): boolean {
  const act = document.querySelector<HTMLElement>(`.book summary[data-key="${key}"]`);
  const details = act?.closest("details");
  if (!act || !details) return false;
  details.open = true;
  details.querySelector<HTMLInputElement>("input:not([type=hidden])")?.focus();
  return true;
}

function obey(event: KeyboardEvent): boolean {
  const here = book();
  if (!here) return false;
  switch (event.key) {
    case "u": {
      const id = chosen()?.dataset["undoes"];
      const undone = id === undefined ? null : document.getElementById(`row-${id}`);
      const further = document.querySelector<HTMLAnchorElement>("#row-detail a[data-undone]");
      if (undone) {
        choose(undone);
        undone.querySelector("a")?.click();
      } else further?.click();
      return true;
    }
    case "l":
      location.assign(here.dataset["lots"] ?? "");
      return true;
    case "t":
      location.assign(here.dataset["csv"] ?? "");
      return true;
    case "Escape":
      location.assign(here.dataset["back"] ?? "");
      return true;
    case "a":
    case "r":
      return open(event.key);
    default:
      return false;
  }
}

export function start(root: ParentNode): void {
  if (!book()) return;
  if (root === document || (root instanceof Element && root.querySelector(".book-rows"))) draw();
  for (const link of root.querySelectorAll<HTMLElement>(".book-rows .when a")) {
    link.addEventListener("click", () => {
      const row = link.closest<HTMLElement>("tr");
      if (row) choose(row);
    });
  }
  if (listens) return;
  listens = true;
  document.addEventListener("keydown", (event) => {
    const typing = event.target instanceof HTMLElement && event.target.matches("input, textarea, select");
    if (typing && event.key === "Escape") {
      (event.target as HTMLElement).blur();
      return;
    }
    if (typing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (obey(event)) event.preventDefault();
  });
}
