"""Closing days: entering them, and taking them away."""

from __future__ import annotations

from datetime import date, timedelta

from app.common import audit, outbox
from app.common.database import Transaction
from app.common.errors import InvalidError, NotFoundError
from app.common.ids import is_id, new_id
from app.common.scope import Scope
from app.merchants.errors import ClosingChangedError
from app.merchants.models import ClosingPeriod
from app.merchants.rows import location_of, merchant_of

CHANGED = "closing.changed"
"""The outbox topic that tells of changed closing days: what would end on them is given a later end."""
LONGEST = timedelta(days=366)
FURTHEST = timedelta(days=3 * 366)
LONGEST_REASON = 80


def add_closing(
    scope: Scope, *, first_day: date, last_day: date, location_id: str | None = None, reason: str = ""
) -> str:
    """Enter days on which the scope's merchant, or one location of it, is shut: ``first_day`` to ``last_day``, both
    included. Returns the period's id.

    Raises InvalidError for days in the wrong order, more than a year of them, or days more than three years ahead, and
    NotFoundError for a location that is not the scope's. Each call enters one more.
    """
    today = scope.now.date()
    if last_day < first_day:
        raise InvalidError(errors={"last_day": ["before_first_day"]})
    if last_day - first_day > LONGEST or last_day > today + FURTHEST:
        raise InvalidError(errors={"last_day": ["too_far"]})

    def work(tx: Transaction) -> str:
        merchant = merchant_of(tx, scope, scope.merchant_id or "")
        where = location_id or scope.location_id  # who works at one location shuts no other
        if where is not None:
            if not is_id(where):
                raise NotFoundError
            location_of(tx, scope, where)
        row = ClosingPeriod(
            id=new_id(),
            merchant_id=merchant.id,
            location_id=where,
            first_day=first_day.isoformat(),
            last_day=last_day.isoformat(),
            reason=reason.strip()[:LONGEST_REASON],
            created_by=scope.staff_id,
            created_at=scope.now,
        )
        tx.session.add(row)
        audit.record(tx, scope, "closing.added", "closing", row.id, after=_told(row))
        _tell(tx, scope, merchant.id)
        return row.id

    return scope.run(work)


def change_closing(
    scope: Scope, period_id: str, *, revision: int, first_day: date, last_day: date, reason: str = ""
) -> None:
    """Change a period's days. What was given a later end keeps it.

    Raises NotFoundError for a period that is not the scope's, InvalidError as :func:`add_closing`, and
    ClosingChangedError when somebody changed it since ``revision``. A repeat with the same revision raises that too.
    """
    if last_day < first_day:
        raise InvalidError(errors={"last_day": ["before_first_day"]})
    if last_day - first_day > LONGEST or last_day > scope.now.date() + FURTHEST:
        raise InvalidError(errors={"last_day": ["too_far"]})

    def work(tx: Transaction) -> None:
        row = _locked(tx, scope, period_id, revision)
        before = _told(row)
        row.first_day, row.last_day = first_day.isoformat(), last_day.isoformat()
        row.reason = reason.strip()[:LONGEST_REASON]
        row.revision += 1
        audit.record(tx, scope, "closing.changed", "closing", row.id, before=before, after=_told(row))
        _tell(tx, scope, row.merchant_id)

    scope.run(work)


def remove_closing(scope: Scope, period_id: str, *, revision: int) -> None:
    """Take a period away. What was given a later end because of it keeps that.

    Raises NotFoundError for one that is not the scope's (a repeat finds it gone), and ClosingChangedError when somebody
    changed it since ``revision``.
    """

    def work(tx: Transaction) -> None:
        row = _locked(tx, scope, period_id, revision)
        audit.record(tx, scope, "closing.removed", "closing", row.id, before=_told(row))
        tx.session.delete(row)

    scope.run(work)


def _locked(tx: Transaction, scope: Scope, period_id: str, revision: int) -> ClosingPeriod:
    row = tx.session.get(ClosingPeriod, period_id, with_for_update=True) if is_id(period_id) else None
    if row is None or row.merchant_id != scope.merchant_id:
        raise NotFoundError
    if scope.location_id is not None and row.location_id != scope.location_id:
        raise NotFoundError
    if row.revision != revision:
        raise ClosingChangedError(first_day=row.first_day, last_day=row.last_day)
    return row


def _told(row: ClosingPeriod) -> dict[str, str | None]:
    return {"first_day": row.first_day, "last_day": row.last_day, "location_id": row.location_id}


def _tell(tx: Transaction, scope: Scope, merchant_id: str) -> None:
    outbox.enqueue(tx, topic=CHANGED, payload={}, merchant_id=merchant_id, now=scope.now)
