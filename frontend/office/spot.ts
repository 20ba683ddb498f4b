/** A point on a map: pressed, or dragged. Loaded by itself, with the library that draws it, only where there are tiles. */

import "leaflet/dist/leaflet.css";
import L from "leaflet";

export interface Tiles {
  readonly url: string;
  readonly attribution: string;
}

export interface Spot {
  readonly lat: number;
  readonly lon: number;
}

export interface Picker {
  /** Puts the point there and looks at it. */
  put(spot: Spot): void;
}

const CLOSE = 17;
/** Where nothing was said yet: the low countries. */
const WIDE: Spot = { lat: 51, lon: 4.5 };
const WIDE_ZOOM = 7;

export function picker(ground: HTMLElement, tiles: Tiles, start: Spot | null, picked: (spot: Spot) => void): Picker {
  const map = L.map(ground, { scrollWheelZoom: false }).setView([(start ?? WIDE).lat, (start ?? WIDE).lon], start ? CLOSE : WIDE_ZOOM);
  L.tileLayer(tiles.url, { attribution: tiles.attribution, maxZoom: 19 }).addTo(map);
  // A circle and no picture: the library's own pin is a file that a build would have to find.
  const mark = L.circleMarker([WIDE.lat, WIDE.lon], { radius: 12, weight: 4, className: "spot-mark" });
  const put = (spot: Spot) => {
    mark.setLatLng([spot.lat, spot.lon]).addTo(map);
  };
  if (start) put(start);
  map.on("click", (event: L.LeafletMouseEvent) => {
    const { lat, lng } = event.latlng.wrap();
    const spot = { lat, lon: lng };
    put(spot);
    picked(spot);
  });
  return {
    put(spot) {
      put(spot);
      map.setView([spot.lat, spot.lon], CLOSE);
    },
  };
}
