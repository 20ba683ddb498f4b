/** Where she is, if she said so: asked on a tap alone, kept in memory and nowhere else. */

export interface Spot {
  readonly lat: number;
  readonly lon: number;
}

let known: Spot | null = null;

/** Where she is or looks around; null where it was not told. */
export function spot(): Spot | null {
  return known;
}

/** Looks around another place from now on; null for none. */
export function lookAround(place: Spot | null): void {
  known = place;
}

/** Asks the phone where it is, which asks her the first time. Null where that is refused or can't be told. */
export async function locate(): Promise<Spot | null> {
  if (!("geolocation" in navigator)) return null;
  const found = await new Promise<GeolocationPosition | null>((resolve) =>
    navigator.geolocation.getCurrentPosition(resolve, () => resolve(null), { enableHighAccuracy: false, maximumAge: 60_000, timeout: 15_000 }),
  );
  if (!found) return null;
  known = { lat: found.coords.latitude, lon: found.coords.longitude };
  return known;
}

/** As the API wants it, to about ten metres. */
export function near(place: Spot): string {
  return `${place.lat.toFixed(4)},${place.lon.toFixed(4)}`;
}
