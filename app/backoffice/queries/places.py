"""Of which of a shop's locations somebody may see the numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from app.common.clock import zone
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.scope import Scope
from app.merchants import opening_hours
from app.merchants.errors import OpeningHoursInvalidError
from app.merchants.models import Location, Merchant


@dataclass(frozen=True, slots=True)
class Spot:
    """A location, as reports name it."""

    location_id: str
    name: str
    timezone: str
    country: str
    hours: dict[str, Any]


def spots_in(tx: Transaction, scope: Scope, chosen: str | None = None) -> list[Spot]:
    """The scope's locations by name, or the one that was chosen among them. Raises NotFoundError for one that is not
    the scope's."""
    wanted = (
        select(Location, Merchant.country)
        .join(Merchant, Merchant.id == Location.merchant_id)
        .where(Location.merchant_id == scope.merchant_id)
        .order_by(Location.is_active.desc(), Location.name, Location.id)
    )
    if scope.location_id is not None:
        wanted = wanted.where(Location.id == scope.location_id)
    found = [
        Spot(location.id, location.name, location.timezone, country, location.opening_hours)
        for location, country in tx.session.execute(wanted)
    ]
    if chosen:
        found = [one for one in found if one.location_id == chosen]
        if not found:
            raise NotFoundError
    return found


def open_span(spots: list[Spot], day: date) -> tuple[float, float] | None:
    """From when to when (hours of the local day, 9.5 is half past nine) any of them is open that day; None where all
    are shut or nobody said."""
    spans: list[tuple[float, float]] = []
    for spot in spots:
        try:
            hours = opening_hours.parse(spot.hours)
        except OpeningHoursInvalidError:
            continue
        told = opening_hours.days(hours, day, 1, country=spot.country)[0][1]
        for opens, closes in told:
            start, end = _hour(opens), _hour(closes)
            spans.append((start, end if end > start else 24.0))
    return (min(start for start, _ in spans), max(end for _, end in spans)) if spans else None


def local_day(now: datetime, spots: list[Spot], timezone: str) -> tuple[date, str]:
    """The local day of now and its zone: that of the locations when they share one, else the business's."""
    zones = {spot.timezone for spot in spots}
    name = zones.pop() if len(zones) == 1 else timezone
    return now.astimezone(zone(name)).date(), name


def _hour(clock: str) -> float:
    return int(clock[:2]) + int(clock[3:]) / 60
