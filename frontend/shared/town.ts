/** The town's own name and colour: its page names them, so that they are there without a network. */

const OURS = "Zegel";
const OUR_HUE = 25;
/** A Dutch or German compound would swallow the name. */
const NAMED = /\bZegel(?:kaart|-Karte)?\b/g;

/** What the card is called here. */
export function townName(body: HTMLElement = document.body): string {
  return body.dataset["town"] || OURS;
}

/** A text of the app's own with the town's name in it. */
export function named(text: string, name: string): string {
  return name === OURS ? text : text.replace(NAMED, () => name);
}

/** Gives the page the town's colour, at the lightness at which white is read on every hue. */
export function colourPage(root: HTMLElement, body: HTMLElement): void {
  const hue = Number(body.dataset["hue"] ?? OUR_HUE);
  if (!Number.isInteger(hue) || hue < 0 || hue > 359 || hue === OUR_HUE) return;
  root.style.setProperty("--band", `light-dark(oklch(0.5 0.13 ${hue}), oklch(0.4 0.11 ${hue}))`);
}
