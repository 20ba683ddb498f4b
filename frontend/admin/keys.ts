/** Keys on the operators' pages: Ctrl K finds anything, J and K walk down and up the rows of the list, Enter opens one,
 * 1 to 9 open what stands first among what needs a person. */

let listens = false;

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));
}

function walk(step: number): void {
  const rows = [...document.querySelectorAll<HTMLElement>("[data-row]")];
  if (!rows.length) return;
  const here = rows.findIndex((row) => row.contains(document.activeElement));
  const next = rows[Math.max(0, Math.min(rows.length - 1, here < 0 ? 0 : here + step))];
  const link = next?.matches("a, button") ? next : next?.querySelector<HTMLElement>("a, button");
  link?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

export function start(): void {
  if (listens) return;
  listens = true;
  document.addEventListener("keydown", (event) => {
    const palette = document.getElementById("palette");
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && palette instanceof HTMLDialogElement) {
      event.preventDefault();
      if (!palette.open) palette.showModal();
      palette.querySelector<HTMLInputElement>("input[type=search]")?.select();
      return;
    }
    if (palette instanceof HTMLDialogElement && palette.open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      const found = [...palette.querySelectorAll<HTMLElement>("input[type=search], #found a")];
      const here = found.indexOf(document.activeElement as HTMLElement);
      event.preventDefault();
      found[(here + (event.key === "ArrowDown" ? 1 : found.length - 1)) % found.length]?.focus();
      return;
    }
    if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.key === "j") walk(1);
    else if (event.key === "k") walk(-1);
    else if (/^[1-9]$/.test(event.key)) document.querySelectorAll<HTMLElement>("[data-numbered]")[Number(event.key) - 1]?.click();
  });
}
