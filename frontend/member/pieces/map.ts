/** The shops on a map. Loaded by itself, with the library that draws it, only where there are tiles. */

import "leaflet/dist/leaflet.css";
import "../styles/map.css";
import L from "leaflet";
import { h, s } from "../../shared/dom.ts";
import { shape } from "../../shared/seals.ts";
import type { App } from "../app.ts";
import type { Spot } from "../here.ts";
import type { ShopItem } from "../shopping.ts";
import { button } from "./parts.ts";
import { logoStamp } from "./shoprow.ts";

interface Tiles {
  readonly url: string;
  readonly attribution: string;
}

export interface ShopMap {
  readonly element: HTMLElement;
  /** To be called once it stands on the page. */
  begin(here: Spot | null): void;
  show(items: readonly ShopItem[]): void;
  /** Looks there; `isHere`: she is there. */
  centre(place: Spot, isHere: boolean): void;
  end(): void;
}

const CLOSE = 15;
const CLOSEST = 19;
/** Pixels of a pin, and metres within which shops share a door. */
const PIN = 48;
const SAME_DOOR = 15;

function placeOf(shop: ShopItem): L.LatLng {
  return L.latLng(shop.lat ?? 0, shop.lon ?? 0);
}

export function shopMap(app: App, tiles: Tiles, moved: (centre: Spot) => void): ShopMap {
  const ground = h("div", { class: "map-ground" });
  const around = h("div", { class: "map-around" });
  const element = h("section", { class: "map", "aria-label": app.t("mapTitle") }, ground, around);
  const pins = L.layerGroup();
  let map: L.Map | null = null;
  let placed: readonly ShopItem[] = [];
  let here: L.Marker | null = null;
  let isPlaced = false;
  let isAsked = false;
  let isDragged = false;
  let isOurs = false;

  function offer(): void {
    if (isAsked) return;
    isAsked = true;
    around.replaceChildren(
      button(app.t("mapAround"), () => {
        isAsked = false;
        around.replaceChildren();
        const centre = map?.getCenter().wrap();
        if (centre) moved({ lat: centre.lat, lon: centre.lng });
      }),
    );
  }

  /** Moves the map without an offer to search where she did not look herself. */
  function ourselves(move: () => void): void {
    isOurs = true;
    move();
    isOurs = false;
  }

  /** Shops whose pins would lie upon each other are one mark until one looks closer; those behind one door stand side by
   * side. */
  function drawPins(): void {
    if (!map) return;
    pins.clearLayers();
    const zoom = map.getZoom();
    const groups: { readonly at: L.Point; readonly shops: ShopItem[] }[] = [];
    for (const shop of placed) {
      const at = map.project(placeOf(shop), zoom);
      const near = groups.find((group) => Math.abs(group.at.x - at.x) < PIN && Math.abs(group.at.y - at.y) < PIN);
      if (near) near.shops.push(shop);
      else groups.push({ at, shops: [shop] });
    }
    for (const { shops } of groups) {
      const bounds = L.latLngBounds(shops.map(placeOf));
      const isOneDoor = bounds.getNorthWest().distanceTo(bounds.getSouthEast()) < SAME_DOOR;
      if (shops.length > 1 && !(isOneDoor && zoom >= CLOSE) && zoom < CLOSEST) pins.addLayer(cluster(shops, bounds));
      else shops.forEach((shop, index) => pins.addLayer(pin(shop, (index - (shops.length - 1) / 2) * (PIN + 4))));
    }
  }

  function cluster(shops: readonly ShopItem[], bounds: L.LatLngBounds): L.Marker {
    const mark = shops.some((shop) => shop.reward_ready) ? seal() : null;
    const act = h("button", { type: "button", class: "pin-cluster n", "aria-label": app.t("mapMany", { n: shops.length }) }, h("b", { "aria-hidden": "true" }, shops.length), mark);
    act.addEventListener("click", () => {
      if (isDragged || !map) return;
      ourselves(() => map?.fitBounds(bounds, { padding: [56, 56], maxZoom: Math.min(CLOSEST, Math.max(CLOSE, (map?.getZoom() ?? 0) + 2)), animate: false }));
      drawPins();
    });
    return L.marker(bounds.getCenter(), { icon: L.divIcon({ html: act, className: "pin-place", iconSize: [PIN, PIN] }), keyboard: false, interactive: false });
  }

  function seal(): SVGSVGElement {
    return shape("seal", { class: "wax" }, s("path", { d: "m30 52 14 15 27-32", class: "tick" }));
  }

  function pin(shop: ShopItem, aside: number): L.Marker {
    const mark = shop.reward_ready ? seal() : null;
    const link = h("a", { class: "pin hue", "--hue": shop.merchant.hue, href: `#/shops/${shop.location_id}`, draggable: "false", "aria-label": shop.reward_ready ? `${shop.name}: ${app.t("shopsReadyHere")}` : shop.name, title: shop.name }, logoStamp(shop.merchant), mark);
    // A finger that began to pull the map at a pin does not mean the shop.
    link.addEventListener("click", (event) => isDragged && event.preventDefault());
    const drawn = L.divIcon({ html: link, className: "pin-place", iconSize: [PIN, 56], iconAnchor: [PIN / 2 - aside, 56] });
    return L.marker(placeOf(shop), { icon: drawn, keyboard: false, interactive: false });
  }

  function centre(place: Spot, isHere: boolean): void {
    if (!map) return;
    isPlaced = true;
    if (isHere) {
      here?.remove();
      here = L.marker([place.lat, place.lon], { icon: L.divIcon({ html: h("span", { class: "map-here", role: "img", "aria-label": app.t("mapHere") }), className: "pin-place", iconSize: [24, 24] }), keyboard: false, interactive: false }).addTo(map);
    }
    ourselves(() => map?.setView([place.lat, place.lon], Math.max(map.getZoom() || 0, CLOSE), { animate: false }));
  }

  return {
    element,
    begin(place) {
      const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
      map = L.map(ground, { zoomAnimation: !still, fadeAnimation: !still, markerZoomAnimation: !still, inertia: !still, worldCopyJump: true, zoomControl: false });
      map.attributionControl.setPrefix(false);
      L.control.zoom({ position: "bottomright", zoomInTitle: app.t("mapIn"), zoomOutTitle: app.t("mapOut") }).addTo(map);
      // Tile servers may ask who uses them; nothing but the app's own address is told.
      const layer: L.TileLayerOptions = { maxZoom: 19, attribution: tiles.attribution, referrerPolicy: "origin" };
      L.tileLayer(tiles.url, layer).addTo(map);
      pins.addTo(map);
      map.on("dragstart", () => (isDragged = true));
      map.on("dragend", () => {
        offer();
        setTimeout(() => (isDragged = false));
      });
      map.on("zoomend", () => {
        drawPins();
        if (!isOurs) offer();
      });
      if (place) centre(place, true);
    },
    show(items) {
      if (!map) return;
      placed = items.filter((shop) => shop.lat !== null && shop.lon !== null);
      element.hidden = !placed.length && !isPlaced;
      if (isPlaced || !placed.length) return isPlaced ? drawPins() : undefined;
      map.invalidateSize({ animate: false });
      ourselves(() => map?.fitBounds(L.latLngBounds(placed.map(placeOf)), { padding: [48, 48], maxZoom: CLOSE, animate: false }));
      isPlaced = true;
      drawPins();
    },
    centre,
    end() {
      map?.remove();
      map = null;
    },
  };
}
