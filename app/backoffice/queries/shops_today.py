"""How the day goes at several businesses of one person, in one look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from app.common.scope import Scope
from app.merchants.models import Location
from app.merchants.service import Place
from app.rewards.models import Visit


@dataclass(frozen=True, slots=True)
class ShopToday:
    """A business with its day so far: visits since its local midnight, and when the last one was."""

    place: Place
    visits: int
    last_at: datetime | None


def shops_today(scope: Scope, places: Sequence[Place]) -> list[ShopToday]:
    """The day so far of each business; of whoever works at one location, the day there. Reads today's visits alone."""
    found = []
    with scope.reading() as tx:
        for place in places:
            zone = ZoneInfo(place.timezone)
            midnight = datetime.combine(scope.now.astimezone(zone).date(), time(), zone)
            spots = select(Location.id).where(Location.merchant_id == place.merchant_id)
            if place.location_id is not None:
                spots = spots.where(Location.id == place.location_id)
            visits, last_at = tx.session.execute(
                select(func.count(), func.max(Visit.occurred_at)).where(
                    Visit.location_id.in_(tx.session.scalars(spots).all()),
                    Visit.occurred_at >= midnight,
                    Visit.reversed_at.is_(None),
                )
            ).one()
            found.append(ShopToday(place, visits, last_at))
    return found
