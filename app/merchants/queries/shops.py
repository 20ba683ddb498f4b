"""Shops as members see them: one, or all that match, the nearest first."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, select

from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.ids import is_id
from app.common.scope import Scope
from app.merchants import cells
from app.merchants import opening_hours as hours
from app.merchants.errors import CursorInvalidError
from app.merchants.models import Location, Merchant
from app.merchants.queries import shops_near
from app.merchants.queries.shops_near import NOBODY, Filters, Place

LARGEST_PAGE = 100
_LARGEST_CHUNK = 400
_HIGHEST_RANK = 10_000_000


@dataclass(slots=True)
class ShopView:
    """A location with what members may know of its merchant. ``distance_m`` is in metres from where one asked,
    ``path`` the address of its public page. Not frozen, which would triple the time in which a page of them is made."""

    location_id: str
    merchant_id: str
    name: str
    merchant_name: str
    merchant_slug: str
    category: str
    hue: int
    has_logo: bool
    street: str | None
    postcode: str | None
    city: str | None
    country: str
    lat: float | None
    lon: float | None
    timezone: str
    currency: str
    is_open: bool | None
    hours_today: list[list[str]]
    path: str
    distance_m: int | None = None


@dataclass(slots=True, kw_only=True)
class ShopDetail(ShopView):
    """One shop with all that is told of it."""

    story: Mapping[str, str]
    logo_svg: str | None
    opening_hours: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ShopSearch:
    """What one looks for. ``near`` is (latitude, longitude) in degrees, ``radius`` in metres and only with ``near``;
    ``words`` must all occur in name, trade or address, whatever their case and accents; ``open_now`` leaves out shops
    whose hours are not known; ``merchants`` are the ids of those whose shops count, None for all."""

    near: tuple[float, float] | None = None
    radius: int | None = None
    words: str = ""
    category: str | None = None
    open_now: bool = False
    merchants: frozenset[str] | None = None
    town: str | None = None
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
    with a ``radius``. What it costs does not grow with how many shops there are, but for ``words``, which are looked
    for in every listing. Raises CursorInvalidError for a cursor that this list never gave.
    """
    after = _read_cursor(search.cursor, by_distance=search.near is not None)
    if "\0" in search.words or "\0" in (search.category or "") or search.merchants == frozenset():
        return ShopPage([], None)
    now = scope.now
    return scope.look(lambda tx: _page(tx, search, after, now))


def find_shop(scope: Scope, location_id: str, near: tuple[float, float] | None = None) -> ShopDetail:
    """One shop that is open to the public. Raises NotFoundError for any other, hidden ones too."""
    with scope.reading() as tx:
        row = tx.session.execute(_public().where(Location.id == location_id)).first()
        if row is None:
            raise NotFoundError
        return _view(row[0], row[1], scope.now, near)


def find_shop_by_path(scope: Scope, merchant_slug: str, name: str) -> ShopDetail:
    """The public shop behind a page's address: ``name`` is its own in addresses, or its id. Raises NotFoundError."""
    with scope.reading() as tx:
        wanted = _public().where(Merchant.slug == merchant_slug)
        wanted = wanted.where(Location.id == name.lower() if is_id(name.lower()) else Location.slug == name)
        row = tx.session.execute(wanted).first()
        if row is None:
            raise NotFoundError
        return _view(row[0], row[1], scope.now, None)


def get_shop(scope: Scope, location_id: str) -> ShopDetail:
    """One shop, listed or not, for those who work there. Raises NotFoundError where the scope is another merchant's."""
    with scope.reading() as tx:
        query = select(Location, Merchant).join(Merchant, Merchant.id == Location.merchant_id)
        row = tx.session.execute(query.where(Location.id == location_id)).first()
        if row is None or scope.merchant_id not in (None, row[1].id):
            raise NotFoundError
        return _view(row[0], row[1], scope.now, None)


Cursor = tuple[Any, ...]


def _page(tx: Transaction, search: ShopSearch, after: Cursor | None, now: datetime) -> ShopPage:
    limit = max(1, min(search.limit, LARGEST_PAGE))
    minute = int(now.timestamp()) // 60
    items: list[ShopView] = []
    last: Cursor = ()
    for cursor, apart, row in _found(tx, search, after, limit + 1, now):
        if not row[-1]:
            continue
        if len(items) == limit and not search.open_now:  # there is one more
            return ShopPage(items, _write_cursor(last))
        shop = _seen(row, minute, apart)
        if search.open_now and not shop.is_open:
            continue
        if len(items) == limit:
            return ShopPage(items, _write_cursor(last))
        items.append(shop)
        last = cursor
    return ShopPage(items, None)


_BEGINNING = ("", NOBODY)


def _found(
    tx: Transaction, search: ShopSearch, after: Cursor | None, count: int, now: datetime
) -> Iterator[tuple[Cursor, float | None, tuple[Any, ...]]]:
    """All shops that match after a cursor, read in growing pieces: each its cursor, its squared chord, its columns.
    With ``open_now`` some are among them that are closed."""
    filters = Filters(
        words=shops_near.folded_words(search.words),
        category=search.category,
        opened=shops_near.open_hour(tx, now) if search.open_now else None,
        merchants=search.merchants,
        town=search.town,
    )
    if search.near is None:
        name = after or _BEGINNING
        while rows := shops_near.by_name(tx, (name[0], name[1]), filters, count):
            for row in rows:
                name = (row[0], row[1])
                yield name, None, row[1:]
            if len(rows) < count:
                return
            count = min(2 * count, _LARGEST_CHUNK)
        return
    lat, lon = search.near
    if after is None or after[0] == 0:
        _, apart, location_id, rank = after or (0, -1.0, NOBODY, 0)
        most = cells.WHOLE_EARTH if search.radius is None else cells.squared_chord_of(search.radius)
        while True:
            rows = shops_near.nearest(tx, Place(lat, lon, apart, location_id, rank), filters, count, most=most)
            for row in rows:
                apart, location_id, rank = row[0], row[1], rank + 1
                yield (0, apart, location_id, rank), apart, row[1:]
            if len(rows) < count:
                break
            count = min(2 * count, _LARGEST_CHUNK)
        after = (1, NOBODY)
    if search.radius is not None:
        return
    location_id = after[1]
    while rows := shops_near.without_place(tx, location_id, filters, count):
        for row in rows:
            location_id = row[1]
            yield (1, location_id), None, row[1:]
        if len(rows) < count:
            return


def _public() -> Select[Location, Merchant]:
    return (
        select(Location, Merchant)
        .join(Merchant, Merchant.id == Location.merchant_id)
        .where(
            Location.is_listed,
            Location.is_active,
            Merchant.is_listed,
            Merchant.status == "active",
            Merchant.approved_at.is_not(None),
            Merchant.sandbox_of.is_(None),
        )
    )


def _seen(row: tuple[Any, ...], minute: int, apart: float | None) -> ShopView:
    """A shop from the columns of a list, in a minute since 1970."""
    location_id, merchant_id, name, merchant_name, merchant_slug, category, hue, has_logo, *rest = row
    street, postcode, city, country, lat, lon, timezone, currency, document, slug, _ = rest
    is_open, today = _opening(document, timezone, country, minute)
    return ShopView(
        location_id=location_id,
        merchant_id=merchant_id,
        name=name,
        merchant_name=merchant_name,
        merchant_slug=merchant_slug,
        category=category,
        hue=hue,
        has_logo=bool(has_logo),
        street=street,
        postcode=postcode,
        city=city,
        country=country,
        lat=lat,
        lon=lon,
        timezone=timezone,
        currency=currency,
        is_open=is_open,
        hours_today=today,
        path=f"/s/{merchant_slug}/{slug}",
        distance_m=None if apart is None else round(cells.metres(apart)),
    )


@lru_cache(maxsize=8192)
def _opening(document: str, timezone: str, country: str, minute: int) -> tuple[bool | None, list[list[str]]]:
    """Whether a shop is open in a minute (since 1970), and the spans of that local day. Nobody changes the list."""
    opening, at = _parsed(document), datetime.fromtimestamp(minute * 60, UTC)
    return (
        hours.is_open(opening, at, timezone=timezone, country=country),
        hours.today(opening, at, timezone=timezone, country=country),
    )


@lru_cache(maxsize=4096)
def _parsed(document: str) -> hours.OpeningHours:
    return hours.parse(json.loads(document))


def _view(location: Location, merchant: Merchant, now: datetime, near: tuple[float, float] | None) -> ShopDetail:
    opening = hours.parse(location.opening_hours)
    where = {"timezone": location.timezone, "country": merchant.country}
    distance = None
    if near is not None and location.lat is not None and location.lon is not None:
        here, there = cells.point_of(*near), cells.point_of(location.lat, location.lon)
        distance = round(cells.metres(cells.squared_chord(here, there)))
    return ShopDetail(
        location_id=location.id,
        merchant_id=merchant.id,
        name=location.name,
        merchant_name=merchant.name,
        merchant_slug=merchant.slug,
        category=merchant.category,
        hue=merchant.hue,
        has_logo=merchant.logo_svg is not None,
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
        path=f"/s/{merchant.slug}/{location.slug or location.id}",
        distance_m=distance,
    )


def _write_cursor(cursor: Cursor) -> str:
    text = json.dumps(cursor, separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read_cursor(cursor: str | None, *, by_distance: bool) -> Cursor | None:
    if not cursor:
        return None
    try:
        place = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        raise CursorInvalidError from None
    if not isinstance(place, list) or not _is_cursor(place, by_distance=by_distance):
        raise CursorInvalidError
    return tuple(place)


def _is_cursor(place: list[Any], *, by_distance: bool) -> bool:
    match place:
        case [str(name), str(location_id)] if not by_distance:
            return is_id(location_id) and _is_storable(name)
        case [0, int() | float() as apart, str(location_id), int(rank)] if by_distance:
            return is_id(location_id) and 0 <= apart <= cells.WHOLE_EARTH and 0 <= rank <= _HIGHEST_RANK
        case [1, str(location_id)] if by_distance:
            return is_id(location_id)
    return False


def _is_storable(text: str) -> bool:
    """Whether a database can be asked for it: no character NUL, no half of a pair."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)
