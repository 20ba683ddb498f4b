"""What a shop's own pages show of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.common.errors import NotFoundError
from app.common.ids import is_id
from app.common.models import AuditEvent
from app.common.scope import Scope
from app.merchants.counter_settings import CounterSettings, counter_settings
from app.merchants.invitation_gifts import InvitationGifts, invitation_gifts
from app.merchants.models import Location, Merchant, Staff


@dataclass(frozen=True, slots=True)
class OwnShop:
    """A business as its own people see it."""

    merchant_id: str
    slug: str
    name: str
    category: str
    country: str
    currency: str
    story: Mapping[str, Any]
    hue: int
    logo_svg: str | None
    status: str
    is_listed: bool
    is_approved: bool
    cards_printed: int
    counter: CounterSettings
    gifts: InvitationGifts | None


@dataclass(frozen=True, slots=True)
class OwnLocation:
    """One of its locations."""

    location_id: str
    name: str
    street: str | None
    postcode: str | None
    city: str | None
    lat: float | None
    lon: float | None
    timezone: str
    opening_hours: Mapping[str, Any]
    is_listed: bool
    is_active: bool
    path: str | None


@dataclass(frozen=True, slots=True)
class LastChange:
    """Who changed something last, when, and which fields."""

    by: str | None
    at: datetime
    fields: tuple[str, ...]


def own_shop(scope: Scope, *, merchant_id: str | None = None, slug: str | None = None) -> OwnShop:
    """A business by its id or by its name in addresses. Raises NotFoundError for one that is not the scope's, is closed
    or is a sandbox."""
    wanted = select(Merchant).where(Merchant.sandbox_of.is_(None))
    wanted = (
        wanted.where(Merchant.id == merchant_id) if merchant_id is not None else wanted.where(Merchant.slug == slug)
    )
    with scope.reading() as tx:
        row = tx.session.scalars(wanted).first()
        if row is None or scope.merchant_id not in (None, row.id) or (merchant_id is None and row.status != "active"):
            raise NotFoundError
        return OwnShop(
            merchant_id=row.id,
            slug=row.slug,
            name=row.name,
            category=row.category,
            country=row.country,
            currency=row.currency,
            story=row.story,
            hue=row.hue,
            logo_svg=row.logo_svg,
            status=row.status,
            is_listed=row.is_listed,
            is_approved=row.approved_at is not None,
            cards_printed=row.cards_printed,
            counter=counter_settings(row.settings),
            gifts=invitation_gifts(row.settings),
        )


def list_locations(scope: Scope) -> list[OwnLocation]:
    """The scope's locations, those in use first, by name."""
    with scope.reading() as tx:
        wanted = select(Location, Merchant.slug).join(Merchant, Merchant.id == Location.merchant_id)
        wanted = wanted.where(Location.merchant_id == scope.merchant_id)
        if scope.location_id is not None:
            wanted = wanted.where(Location.id == scope.location_id)
        rows = tx.session.execute(wanted.order_by(Location.is_active.desc(), Location.name, Location.id))
        return [_location(row, slug) for row, slug in rows]


def find_location(scope: Scope, location_id: str) -> OwnLocation:
    """One of the scope's locations. Raises NotFoundError."""
    found = [one for one in list_locations(scope) if one.location_id == location_id] if is_id(location_id) else []
    if not found:
        raise NotFoundError
    return found[0]


def last_change(scope: Scope, subject_id: str) -> LastChange | None:
    """The last change of one of the scope's things; None where there was none."""
    with scope.reading() as tx:
        found = tx.session.execute(
            select(AuditEvent, Staff.name)
            .outerjoin(Staff, Staff.id == AuditEvent.actor_id)
            .where(AuditEvent.merchant_id == scope.merchant_id, AuditEvent.subject_id == subject_id)
            .order_by(AuditEvent.id.desc())
            .limit(1)
        ).first()
        if found is None:
            return None
        event, name = found
        return LastChange(name, event.occurred_at, tuple(sorted(event.after or {})))


def _location(row: Location, slug: str) -> OwnLocation:
    return OwnLocation(
        location_id=row.id,
        name=row.name,
        street=row.street,
        postcode=row.postcode,
        city=row.city,
        lat=row.lat,
        lon=row.lon,
        timezone=row.timezone,
        opening_hours=row.opening_hours,
        is_listed=row.is_listed,
        is_active=row.is_active,
        path=f"/s/{slug}/{row.slug}" if row.slug else None,
    )
