"""Keeping the listing of public shops in step with the shops: in the transaction of whatever changes one of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, delete, exists, insert, select

from app.common.clock import zone
from app.common.database import Transaction
from app.common.scope import Scope
from app.merchants import cells
from app.merchants import opening_hours as hours
from app.merchants.models import Location, Merchant, ShopListing

HOURS = 7 * 24
LONGEST_NAME = 80  # by which shops are put in order
_LONGEST_SLUG = 60
_BATCH = 500
_FIRST = "00000000-0000-0000-0000-000000000000"


def fold(text: str) -> str:
    """A text as it is searched and put in order: in small letters, without accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def slug(text: str, otherwise: str) -> str:
    """A text as it may stand in an address; ``otherwise`` where nothing of it may."""
    plain = fold(text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST_SLUG].strip("-") or otherwise


def list_location(tx: Transaction, location: Location, merchant: Merchant) -> None:
    """Bring one shop's listing up to date, in the transaction that changed it."""
    tx.session.flush()
    # Whoever changes the merchant at the same time comes before, and is seen, or after, and sees this shop.
    tx.session.refresh(merchant, with_for_update={"key_share": True})
    tx.session.execute(delete(ShopListing).where(ShopListing.location_id == location.id))
    _name(tx, location, merchant)
    if _is_public(location, merchant):
        tx.session.execute(insert(ShopListing), [_row(location, merchant)])


def list_merchant(tx: Transaction, merchant: Merchant) -> None:
    """Bring the listings of all shops of a merchant up to date, in the transaction that changed it."""
    tx.session.flush()
    tx.session.execute(delete(ShopListing).where(ShopListing.merchant_id == merchant.id))
    locations = tx.session.scalars(select(Location).where(Location.merchant_id == merchant.id)).all()
    rows = [_row(location, merchant) for location in locations if _is_public(location, merchant)]
    if rows:
        tx.session.execute(insert(ShopListing), rows)


def list_missing(scope: Scope) -> int:
    """List the public shops that have no listing, such as those from before there was one, and name in addresses those
    that have no name there. Returns how many were listed. A repeat changes nothing."""
    with scope.reading() as tx:
        if tx.session.execute(_missing(_FIRST).limit(1)).first() is None:
            return 0
    listed, after = 0, _FIRST
    while True:
        with scope.transaction() as tx:
            found = tx.session.execute(_missing(after).limit(_BATCH)).all()
            for location, merchant in found:
                _name(tx, location, merchant)
            rows = [_row(location, merchant) for location, merchant in found if _is_public(location, merchant)]
            if rows:
                tx.session.execute(insert(ShopListing), rows)
        listed += len(rows)
        if len(found) < _BATCH:
            return listed
        after = found[-1][0].id


def _missing(after: str) -> Select[Location, Merchant]:
    has_listing = exists().where(ShopListing.location_id == Location.id)
    is_unlisted = and_(
        Location.is_listed,
        Location.is_active,
        Merchant.is_listed,
        Merchant.status == "active",
        Merchant.sandbox_of.is_(None),
        Merchant.approved_at.is_not(None),
        ~has_listing,
    )
    return (
        select(Location, Merchant)
        .join(Merchant, Merchant.id == Location.merchant_id)
        .where(Location.id > after, Location.slug.is_(None) | is_unlisted)
        .order_by(Location.id)
    )


def _is_public(location: Location, merchant: Merchant) -> bool:
    return (
        location.is_listed
        and location.is_active
        and merchant.is_listed
        and merchant.status == "active"
        and merchant.sandbox_of is None
        and merchant.approved_at is not None
    )


def _name(tx: Transaction, location: Location, merchant: Merchant) -> None:
    """Name a shop in addresses, once: by its own name where it has one, else by its town."""
    if location.slug is not None:
        return
    told = location.city if location.name == merchant.name and location.city else location.name
    base = slug(told, "shop")
    taken = set(
        tx.session.scalars(
            select(Location.slug).where(
                Location.merchant_id == merchant.id, Location.slug.startswith(base, autoescape=True)
            )
        )
    )
    location.slug = next(name for name in _numbered(base) if name not in taken)
    tx.session.flush()


def _numbered(base: str) -> Iterable[str]:
    yield base
    number = 2
    while True:
        yield f"{base}-{number}"
        number += 1


def _row(location: Location, merchant: Merchant) -> dict[str, Any]:
    told = (location.name, merchant.name, merchant.category, location.street, location.postcode, location.city)
    place: dict[str, Any] = dict.fromkeys(("cell", "x", "y", "z"))
    if location.lat is not None and location.lon is not None:
        point = cells.point_of(location.lat, location.lon)
        place = {"cell": cells.cell_of(location.lat, location.lon), **dict(zip("xyz", point, strict=True))}
    return {
        "location_id": location.id,
        "merchant_id": merchant.id,
        "category": merchant.category,
        "name": fold(location.name)[:LONGEST_NAME],
        "words": fold(" ".join(text for text in told if text)),
        "town": slug(location.city, "") if location.city else "",
        "timezone": location.timezone,
        "open_hours": _open_hours(location),
        **place,
    }


def _open_hours(location: Location) -> str:
    """The quarters of hours of a local week in which the shop may be open: a hexadecimal digit for each hour from
    Monday on, whose highest bit is its first quarter. One too many does no harm, since whoever asks looks again."""
    opening = hours.parse(location.opening_hours)
    spans = [(number, span) for number, day in enumerate(hours.WEEKDAYS) for span in opening.week.get(day, ())]
    spans += [(day.weekday(), span) for day, on in opening.dates.items() for span in on]
    marked = [False] * HOURS * 4
    for number, (start, end) in spans:
        midnight = number * 24 * 4
        for quarter in range(midnight + start // 15, midnight - (-end // 15)):
            marked[quarter % len(marked)] = True
    return "".join(
        f"{sum(marked[4 * hour + quarter] << 3 - quarter for quarter in range(4)):x}" for hour in range(HOURS)
    )


def quarter_of_week(at: datetime, timezone: str) -> tuple[int, str]:
    """Where a moment stands in the hours of a listing in that zone: the number of the digit, from 0, and the digits
    that have its quarter."""
    local = at.astimezone(zone(timezone))
    bit = 8 >> local.minute // 15
    return local.weekday() * 24 + local.hour, "".join(f"{digit:x}" for digit in range(16) if digit & bit)
