/** What the pages of `setting_up` do in the browser: a point on the map, a colour that is seen at once, hours copied. */

import type { Picker, Spot } from "./spot.ts";

const DIGITS = 6; // of a degree: a tenth of a metre

export function start(root: ParentNode): void {
  for (const place of root.querySelectorAll<HTMLElement>("[data-spot]")) startSpot(place);
  for (const look of root.querySelectorAll<HTMLElement>("[data-look]")) startLook(look);
  for (const hours of root.querySelectorAll<HTMLElement>("[data-hours]")) startHours(hours);
}

function startSpot(place: HTMLElement): void {
  const ground = place.querySelector<HTMLElement>("[data-spot-map]");
  const lat = place.querySelector<HTMLInputElement>("[name=lat]");
  const lon = place.querySelector<HTMLInputElement>("[name=lon]");
  const around = place.querySelector<HTMLButtonElement>("[data-spot-here]");
  if (!ground || !lat || !lon) return;
  const write = (spot: Spot) => {
    lat.value = spot.lat.toFixed(DIGITS);
    lon.value = spot.lon.toFixed(DIGITS);
  };
  let map: Picker | null = null;
  const { tiles = "", attribution = "", name = "" } = place.dataset;
  const details = place.closest("details");
  const open = async () => {
    if (map || !tiles || (details && !details.open)) return;
    ground.hidden = false;
    ground.setAttribute("role", "application");
    ground.setAttribute("aria-label", name);
    const known = lat.value && lon.value ? { lat: Number(lat.value), lon: Number(lon.value) } : null;
    const { picker } = await import("./spot.ts");
    map = picker(ground, { url: tiles, attribution }, known, write);
  };
  details?.addEventListener("toggle", () => void open());
  void open();
  if (around && "geolocation" in navigator) {
    around.hidden = false;
    around.addEventListener("click", () => {
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => {
          const spot = { lat: coords.latitude, lon: coords.longitude };
          write(spot);
          map?.put(spot);
        },
        () => lat.focus(),
        { enableHighAccuracy: true, timeout: 15_000 },
      );
    });
  }
}

function startLook(look: HTMLElement): void {
  const form = look.closest("form");
  const hue = look.querySelector<HTMLInputElement>("[data-hue]");
  const preview = look.querySelector<HTMLElement>("[data-preview]");
  if (!form || !hue || !preview) return;
  const show = () => preview.style.setProperty("--hue", hue.value);
  hue.addEventListener("input", show);
  const sign = form.querySelector<HTMLSelectElement>("[name=sign]");
  sign?.addEventListener("change", () => {
    for (const drawn of preview.querySelectorAll<SVGGElement>("[data-sign]")) {
      drawn.toggleAttribute("hidden", drawn.dataset["sign"] !== sign.value);
    }
  });
  const name = form.querySelector<HTMLInputElement>("[name=name]");
  const shown = preview.querySelector<HTMLElement>("[data-name]");
  name?.addEventListener("input", () => {
    if (shown) shown.textContent = name.value;
  });
}

function startHours(hours: HTMLElement): void {
  const button = hours.querySelector<HTMLButtonElement>("[data-copy-hours]");
  if (!button) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    for (const source of hours.querySelectorAll<HTMLInputElement>("[name^=mon_]")) {
      for (const day of ["tue", "wed", "thu", "fri", "sat", "sun"]) {
        const target = hours.querySelector<HTMLInputElement>(`[name=${source.name.replace("mon", day)}]`);
        if (target) target.value = source.value;
      }
    }
  });
}
