"""What the town announced to its shops."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from app.common.database import Transaction
from app.common.scope import Scope
from app.merchants.addressees import addressees
from app.merchants.models import Announcement, AnnouncementDismissal, Location, Merchant

SHOWN_FOR = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Announced:
    """One announcement; ``titles`` and ``texts`` by language, ``state`` as in the table."""

    announcement_id: str
    titles: Mapping[str, Any]
    texts: Mapping[str, Any]
    category: str | None
    city: str | None
    state: str
    goes_out_at: datetime
    ended_at: datetime | None
    mails: int | None
    dismissed: int = 0


@dataclass(frozen=True, slots=True)
class Places:
    """To whom something can be announced: trades and towns, each with how many shops."""

    trades: list[tuple[str, int]]
    cities: list[tuple[str, int]]


def list_announcements(scope: Scope, *, limit: int = 50) -> list[Announced]:
    """The newest announcements, and how many people of shops put each away."""
    count = (
        select(func.count())
        .where(AnnouncementDismissal.announcement_id == Announcement.id)
        .correlate(Announcement)
        .scalar_subquery()
    )
    with scope.reading() as tx:
        rows = tx.session.execute(
            select(Announcement, count).order_by(Announcement.created_at.desc(), Announcement.id.desc()).limit(limit)
        ).all()
    return [_announced(row, many) for row, many in rows]


def shown_to_shop(scope: Scope) -> list[Announced]:
    """What the scope's member of staff has not put away, the newest first: of what went out to the merchant within the
    last sixty days."""
    with scope.reading() as tx:
        return [_announced(row) for row in _shown(tx, scope)]


def count_owners(scope: Scope, *, category: str | None, city: str | None) -> int:
    """How many mails an announcement to these shops would be now."""
    with scope.reading() as tx:
        return len(addressees(tx, category=category, city=city))


def places_of_shops(scope: Scope) -> Places:
    """The trades and towns of the shops that work here, with their number of shops."""
    working = (Merchant.status != "closed", Merchant.sandbox_of.is_(None))
    with scope.reading() as tx:
        trades = tx.session.execute(
            select(Merchant.category, func.count())
            .where(*working)
            .group_by(Merchant.category)
            .order_by(Merchant.category)
        ).all()
        cities = tx.session.execute(
            select(func.min(Location.city), func.count(Location.merchant_id.distinct()))
            .join(Merchant, Merchant.id == Location.merchant_id)
            .where(*working, Location.is_active, Location.city.is_not(None), Location.city != "")
            .group_by(func.lower(Location.city))
            .order_by(func.lower(Location.city))
        ).all()
    return Places([(key, many) for key, many in trades], [(str(city), many) for city, many in cities])


def _shown(tx: Transaction, scope: Scope) -> list[Announcement]:
    merchant = tx.session.get(Merchant, scope.merchant_id)
    if merchant is None:
        return []
    cities = {
        city.lower()
        for city in tx.session.scalars(
            select(Location.city).where(Location.merchant_id == merchant.id, Location.is_active)
        )
        if city
    }
    rows = tx.session.scalars(
        select(Announcement)
        .outerjoin(
            AnnouncementDismissal,
            (AnnouncementDismissal.announcement_id == Announcement.id)
            & (AnnouncementDismissal.staff_id == scope.staff_id),
        )
        .where(
            Announcement.status == "sent",
            Announcement.ended_at >= max(merchant.created_at, scope.now - SHOWN_FOR),
            (Announcement.category.is_(None)) | (Announcement.category == merchant.category),
            AnnouncementDismissal.staff_id.is_(None),
        )
        .order_by(Announcement.ended_at.desc(), Announcement.id.desc())
    )
    return [row for row in rows if row.city is None or row.city.lower() in cities]


def _announced(row: Announcement, dismissed: int = 0) -> Announced:
    return Announced(
        row.id,
        row.titles,
        row.texts,
        row.category,
        row.city,
        row.status,
        row.goes_out_at,
        row.ended_at,
        row.mails,
        dismissed,
    )
