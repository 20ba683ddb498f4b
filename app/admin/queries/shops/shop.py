"""All that the operators see of one shop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from app.admin.queries.shops.listing import state_of
from app.admin.queries.trail import TrailPage, read_trail
from app.billing.models import BillingAccount
from app.billing.queries import SubscriptionView, get_subscription
from app.common.clock import zone
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.ids import is_id
from app.common.scope import Scope
from app.insights.models import ProgrammeStanding, VisitHour
from app.merchants.departures import last_day
from app.merchants.models import Departure, Location, Merchant
from app.merchants.queries.looking import ConsentView, PastLook, consent_of, list_looks, question_of
from app.merchants.queries.shop_invitations import invited_by
from app.merchants.queries.team import Equipment, list_equipment, list_team
from app.rewards.models import Programme
from app.support.sealed import masked

WEEKS = 26


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """One of its places."""

    name: str
    town: str | None
    is_active: bool
    is_listed: bool


@dataclass(frozen=True, slots=True)
class OwnerRow:
    """Who owns it, with a masked address."""

    name: str
    address: str | None
    has_second: bool
    is_asked_in: bool


@dataclass(frozen=True, slots=True)
class ProgrammeRow:
    """A programme, with what was counted of it last; ``holders`` None: not yet."""

    name: str
    kind: str
    unit: str
    is_active: bool
    holders: int | None
    outstanding: int | None


@dataclass(frozen=True, slots=True)
class Leaving:
    """That it stops; the days are the last local ones."""

    last_earning: date
    last_redeeming: date
    by_operator: bool


@dataclass(frozen=True, slots=True)
class ShopFacts:
    """One shop. ``weeks`` are its visits by week, the oldest first, the last one not over yet: the first day and how
    many. ``invited``: which operator asked it to join, and when."""

    merchant_id: str
    name: str
    slug: str
    category: str
    timezone: str
    currency: str
    state: str
    is_approved: bool
    is_listed: bool
    status: str
    created_at: datetime
    invited: tuple[str | None, datetime] | None
    suspended_at: datetime | None
    question: tuple[str, datetime] | None
    places: list[PlaceRow]
    owners: list[OwnerRow]
    team: Mapping[str, int]
    devices: list[Equipment]
    programmes: list[ProgrammeRow]
    subscription: SubscriptionView
    leaving: Leaving | None
    weeks: list[tuple[date, int]]
    consent: ConsentView | None
    looks: list[PastLook]
    trail: TrailPage


def get_shop_facts(scope: Scope, merchant_id: str, *, before: str | None = None) -> ShopFacts:
    """One shop; ``before`` is where its audit list goes on. Raises NotFoundError, for a sandbox too."""
    if not is_id(merchant_id):
        raise NotFoundError
    with scope.reading() as tx:
        found = tx.session.execute(
            select(Merchant, state_of(scope.now))
            .outerjoin(BillingAccount, BillingAccount.merchant_id == Merchant.id)
            .where(Merchant.id == merchant_id, Merchant.sandbox_of.is_(None))
        ).first()
        if found is None:
            raise NotFoundError
        merchant, state = found
        places = [
            PlaceRow(*row)
            for row in tx.session.execute(
                select(Location.name, Location.city, Location.is_active, Location.is_listed)
                .where(Location.merchant_id == merchant_id)
                .order_by(Location.is_active.desc(), Location.name)
            )
        ]
        programmes = [
            ProgrammeRow(*row)
            for row in tx.session.execute(
                select(
                    Programme.name,
                    Programme.kind,
                    Programme.unit,
                    Programme.is_active,
                    ProgrammeStanding.holders,
                    ProgrammeStanding.outstanding,
                )
                .outerjoin(ProgrammeStanding, ProgrammeStanding.programme_id == Programme.id)
                .where(Programme.merchant_id == merchant_id)
                .order_by(Programme.position, Programme.id)
            )
        ]
        leaving = _leaving(tx, merchant)
        weeks = _weeks(tx, merchant_id, scope.now.astimezone(zone(merchant.timezone)).date())
    own = replace(scope, merchant_id=merchant_id)
    people = [one for one in list_team(own) if one.is_active]
    owners = [one for one in people if one.role == "owner"]
    return ShopFacts(
        merchant_id=merchant_id,
        name=merchant.name,
        slug=merchant.slug,
        category=merchant.category,
        timezone=merchant.timezone,
        currency=merchant.currency,
        state=state,
        is_approved=merchant.approved_at is not None,
        is_listed=merchant.is_listed,
        status=merchant.status,
        created_at=merchant.created_at,
        invited=invited_by(scope, merchant_id),
        suspended_at=merchant.suspended_at,
        question=question_of(scope, merchant_id),
        places=places,
        owners=[OwnerRow(one.name, masked(one.email), one.has_second, one.invited_at is not None) for one in owners],
        team={role: sum(one.role == role for one in people) for role in ("owner", "manager", "cashier")},
        devices=[
            one
            for kind in ("tablet", "key")
            for one in list_equipment(own, kind)
            if one.revoked_at is None and not one.is_sandbox
        ],
        programmes=programmes,
        subscription=get_subscription(own),
        leaving=leaving,
        weeks=weeks,
        consent=consent_of(scope, merchant_id),
        looks=list_looks(scope, merchant_id),
        trail=read_trail(scope, merchant_id=merchant_id, only_operators=False, before=before),
    )


def _leaving(tx: Transaction, merchant: Merchant) -> Leaving | None:
    row = tx.session.scalars(
        select(Departure).where(Departure.merchant_id == merchant.id, Departure.called_off_at.is_(None))
    ).first()
    if row is None:
        return None
    return Leaving(
        last_day(row.frozen_from, merchant.timezone),
        last_day(row.closes_at, merchant.timezone),
        row.announced_by is None,
    )


def _weeks(tx: Transaction, merchant_id: str, today: date) -> list[tuple[date, int]]:
    first = today - timedelta(days=today.weekday()) - timedelta(weeks=WEEKS - 1)
    counted = dict.fromkeys((first + timedelta(weeks=number) for number in range(WEEKS)), 0)
    rows = tx.session.execute(
        select(VisitHour.day, func.sum(VisitHour.visits))
        .where(VisitHour.merchant_id == merchant_id, VisitHour.day >= first.isoformat())
        .group_by(VisitHour.day)
    )
    for told, visits in rows:
        day = date.fromisoformat(told)
        monday = day - timedelta(days=day.weekday())
        if monday in counted:
            counted[monday] += int(visits)
    return sorted(counted.items())
