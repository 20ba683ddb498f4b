"""Shops as members see them: one, or all that match, the nearest first."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import asin, cos, radians, sin, sqrt
from typing import Any

from sqlalchemy import Select, select

from app.common.errors import NotFoundError
from app.common.scope import Scope
from app.merchants import opening_hours as hours
from app.merchants.errors import CursorInvalidError
from app.merchants.models import Location, Merchant

EARTH_RADIUS = 6_371_008.8  # metres, the mean radius of IUGG
_DEGREE = 111_195.0  # metres of one degree of latitude on that sphere
LARGEST_PAGE = 100


@dataclass(frozen=True, slots=True)
class ShopView:
    """A location with what members may know of its merchant. ``distance_m`` is in metres from where one asked."""

    location_id: str
    merchant_id: str
    name: str
    merchant_name: str
    category: str
    hue: int
    story: Mapping[str, str]
    logo_svg: str | None
    street: str | None
    postcode: str | None
    city: str | None
    country: str
    lat: float | None
    lon: float | None
    timezone: str
    currency: str
    opening_hours: Mapping[str, Any]
    is_open: bool | None
    hours_today: list[list[str]]
    distance_m: int | None = None


@dataclass(frozen=True, slots=True)
class ShopSearch:
    """What one looks for. ``near`` is (latitude, longitude) in degrees, ``radius`` in metres and only with ``near``;
    ``words`` must all occur in name, trade or address; ``open_now`` leaves out shops whose hours are not known."""

    near: tuple[float, float] | None = None
    radius: int | None = None
    words: str = ""
    category: str | None = None
    open_now: bool = False
    limit: int = 50
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class ShopPage:
    """Some shops in order, and the cursor of the next ones, if there are any."""

    items: list[ShopView]
    next: str | None


def list_shops(scope: Scope, search: ShopSearch) -> ShopPage:
    """Shops that are open to the public and match, the nearest first; without ``near`` by name.

    Left out are hidden, suspended and closed ones, and sandboxes. Shops without coordinates come last, and not at all
    with a ``radius``. Raises CursorInvalidError for a cursor that this list never gave.
    """
    after = _read_cursor(search.cursor, by_distance=search.near is not None)
    limit = max(1, min(search.limit, LARGEST_PAGE))
    wanted = search.words.casefold().split()
    found: list[tuple[tuple[Any, ...], Location, Merchant, float | None]] = []
    with scope.reading() as tx:
        for location, merchant in tx.session.execute(_matching(search)):
            distance = _distance(search.near, location)
            if search.radius is not None and search.near is not None and (distance is None or distance > search.radius):
                continue
            if wanted and not _holds(wanted, location, merchant):
                continue
            key: tuple[Any, ...]
            if search.near is None:
                key = (location.name.casefold(), location.id)
            else:
                key = (distance is None, round(distance or 0, 3), location.id)
            if after is None or list(key) > after:
                found.append((key, location, merchant, distance))
    found.sort(key=lambda shop: shop[0])
    items: list[ShopView] = []
    last: tuple[Any, ...] | None = None
    for key, location, merchant, distance in found:
        shop = _view(location, merchant, scope.now, distance)
        if search.open_now and not shop.is_open:
            continue
        if len(items) == limit:
            return ShopPage(items, _write_cursor(last))
        items.append(shop)
        last = key
    return ShopPage(items, None)


def find_shop(scope: Scope, location_id: str, near: tuple[float, float] | None = None) -> ShopView:
    """One shop that is open to the public. Raises NotFoundError for any other, hidden ones too."""
    with scope.reading() as tx:
        row = tx.session.execute(_public().where(Location.id == location_id)).first()
        if row is None:
            raise NotFoundError
        return _view(row[0], row[1], scope.now, _distance(near, row[0]))


def get_shop(scope: Scope, location_id: str) -> ShopView:
    """One shop, listed or not, for those who work there. Raises NotFoundError where the scope is another merchant's."""
    with scope.reading() as tx:
        query = select(Location, Merchant).join(Merchant, Merchant.id == Location.merchant_id)
        row = tx.session.execute(query.where(Location.id == location_id)).first()
        if row is None or scope.merchant_id not in (None, row[1].id):
            raise NotFoundError
        return _view(row[0], row[1], scope.now, None)


def _public() -> Select[Location, Merchant]:
    return (
        select(Location, Merchant)
        .join(Merchant, Merchant.id == Location.merchant_id)
        .where(
            Location.is_listed,
            Location.is_active,
            Merchant.is_listed,
            Merchant.status == "active",
            Merchant.sandbox_of.is_(None),
        )
    )


def _matching(search: ShopSearch) -> Select[Location, Merchant]:
    query = _public()
    if search.category is not None:
        query = query.where(Merchant.category == search.category)
    if search.near is not None and search.radius is not None:
        # A box around the circle, so that the database leaves out most; near a pole or the date line there is none.
        lat, lon = search.near
        north = search.radius / _DEGREE
        query = query.where(Location.lat.between(lat - north, lat + north))
        if abs(lat) + north < 89:
            east = north / cos(radians(abs(lat) + north))
            if lon - east >= -180 and lon + east <= 180:
                query = query.where(Location.lon.between(lon - east, lon + east))
    return query


def _holds(wanted: list[str], location: Location, merchant: Merchant) -> bool:
    def texts() -> Iterator[str]:
        yield from (location.name, merchant.name, merchant.category)
        yield from (part for part in (location.street, location.postcode, location.city) if part)

    whole = " ".join(texts()).casefold()
    return all(word in whole for word in wanted)


def _distance(near: tuple[float, float] | None, location: Location) -> float | None:
    """Metres along a great circle, by the haversine formula."""
    if near is None or location.lat is None or location.lon is None:
        return None
    lat, other = radians(near[0]), radians(location.lat)
    half = sin((other - lat) / 2) ** 2 + cos(lat) * cos(other) * sin(radians(location.lon - near[1]) / 2) ** 2
    return 2 * EARTH_RADIUS * asin(min(1.0, sqrt(half)))


def _view(location: Location, merchant: Merchant, now: datetime, distance: float | None) -> ShopView:
    opening = hours.parse(location.opening_hours)
    where = {"timezone": location.timezone, "country": merchant.country}
    return ShopView(
        location_id=location.id,
        merchant_id=merchant.id,
        name=location.name,
        merchant_name=merchant.name,
        category=merchant.category,
        hue=merchant.hue,
        story=merchant.story,
        logo_svg=merchant.logo_svg,
        street=location.street,
        postcode=location.postcode,
        city=location.city,
        country=merchant.country,
        lat=location.lat,
        lon=location.lon,
        timezone=location.timezone,
        currency=merchant.currency,
        opening_hours=location.opening_hours,
        is_open=hours.is_open(opening, now, **where),
        hours_today=hours.today(opening, now, **where),
        distance_m=None if distance is None else round(distance),
    )


def _write_cursor(key: tuple[Any, ...] | None) -> str:
    return base64.urlsafe_b64encode(json.dumps(key, separators=(",", ":")).encode()).decode().rstrip("=")


def _read_cursor(cursor: str | None, *, by_distance: bool) -> list[Any] | None:
    if not cursor:
        return None
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor[:400] + "=" * (-len(cursor[:400]) % 4)))
    except (binascii.Error, ValueError, UnicodeDecodeError, RecursionError):
        raise CursorInvalidError from None
    kinds: tuple[Any, ...] = (bool, (int, float), str) if by_distance else (str, str)
    if not isinstance(key, list) or len(key) != len(kinds) or not all(map(isinstance, key, kinds)):
        raise CursorInvalidError
    return list(key)
