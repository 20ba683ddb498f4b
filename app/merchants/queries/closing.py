"""Closing days as their shop reads them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import or_, select

from app.common.errors import NotFoundError
from app.common.ids import is_id
from app.common.models import AuditEvent
from app.common.scope import Scope
from app.merchants.models import ClosingPeriod, Location, Staff

KEPT = timedelta(days=60)  # so long after are they still shown


@dataclass(frozen=True, slots=True)
class ClosingView:
    """A period; without ``location`` it is of the whole business."""

    period_id: str
    first_day: date
    last_day: date
    location_id: str | None
    location: str | None
    reason: str
    revision: int


def list_closings(scope: Scope) -> list[ClosingView]:
    """The scope's merchant's closing days from two months ago on, the next first; of one location where the person
    works at that alone, with those of the whole business."""
    since = (scope.now.date() - KEPT).isoformat()
    wanted = (
        select(ClosingPeriod, Location.name)
        .outerjoin(Location, Location.id == ClosingPeriod.location_id)
        .where(ClosingPeriod.merchant_id == scope.merchant_id, ClosingPeriod.last_day >= since)
        .order_by(ClosingPeriod.first_day, ClosingPeriod.id)
    )
    if scope.location_id is not None:
        wanted = wanted.where(or_(ClosingPeriod.location_id.is_(None), ClosingPeriod.location_id == scope.location_id))
    with scope.reading() as tx:
        return [_view(row, name) for row, name in tx.session.execute(wanted)]


def get_closing(scope: Scope, period_id: str) -> ClosingView:
    """One of the scope's periods. Raises NotFoundError for one that is not there or not the scope's to change."""
    with scope.reading() as tx:
        row = tx.session.get(ClosingPeriod, period_id) if is_id(period_id) else None
        if row is None or row.merchant_id != scope.merchant_id:
            raise NotFoundError
        if scope.location_id is not None and row.location_id != scope.location_id:
            raise NotFoundError
        place = None if row.location_id is None else tx.session.get_one(Location, row.location_id).name
        return _view(row, place)


def last_change(scope: Scope, period_id: str) -> str | None:
    """The name of whoever changed a period last; None where that is not known."""
    with scope.reading() as tx:
        return tx.session.scalars(
            select(Staff.name)
            .join(AuditEvent, AuditEvent.actor_id == Staff.id)
            .where(
                AuditEvent.merchant_id == scope.merchant_id,
                AuditEvent.subject_id == period_id,
                AuditEvent.subject_kind == "closing",
            )
            .order_by(AuditEvent.id.desc())
            .limit(1)
        ).first()


def _view(row: ClosingPeriod, place: str | None) -> ClosingView:
    return ClosingView(
        row.id,
        date.fromisoformat(row.first_day),
        date.fromisoformat(row.last_day),
        row.location_id,
        place,
        row.reason,
        row.revision,
    )
