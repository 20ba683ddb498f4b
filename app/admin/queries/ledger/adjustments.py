"""Adjustments that were asked for: what waits for a second person, and what became of the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from app.common.database import Transaction
from app.common.scope import Scope
from app.merchants.models import Merchant, Operator
from app.rewards.models import LedgerAdjustment, Programme

PAGE = 50


@dataclass(frozen=True, slots=True)
class AdjustmentView:
    """One adjustment. ``asked_by`` and ``decided_by`` are operators' names; ``is_mine``: the scope's person asked."""

    adjustment_id: str
    member_id: str
    programme_id: str
    programme: str
    kind: str
    merchant: str
    units: int
    reverses_id: str | None
    reason: str
    needs_second: bool
    status: str
    asked_by: str
    created_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    transaction_id: str | None
    is_mine: bool


@dataclass(frozen=True, slots=True)
class Adjustments:
    """A page of adjustments, the newest first, and where it goes on."""

    rows: Sequence[AdjustmentView]
    next: str | None


def list_adjustments(
    scope: Scope,
    *,
    status: str | None = None,
    members: Sequence[str] = (),
    programme_id: str | None = None,
    before: str | None = None,
    count: int = PAGE,
) -> Adjustments:
    """Adjustments of every account, or of some members in one programme, of one status, before that one."""
    wanted = select(LedgerAdjustment).order_by(LedgerAdjustment.id.desc()).limit(count + 1)
    if status is not None:
        wanted = wanted.where(LedgerAdjustment.status == status)
    if members:
        wanted = wanted.where(LedgerAdjustment.member_id.in_(members))
    if programme_id is not None:
        wanted = wanted.where(LedgerAdjustment.programme_id == programme_id)
    if before is not None:
        wanted = wanted.where(LedgerAdjustment.id < before)
    with scope.reading() as tx:
        rows = _views(tx, scope, wanted)
    return Adjustments(rows[:count], rows[count - 1].adjustment_id if len(rows) > count else None)


def _views(tx: Transaction, scope: Scope, wanted: Select[Any]) -> list[AdjustmentView]:
    rows = tx.session.scalars(wanted).all()
    people = {row.asked_by for row in rows} | {row.decided_by for row in rows}
    names = {
        one.id: one.name or one.email for one in tx.session.scalars(select(Operator).where(Operator.id.in_(people)))
    }
    known = {
        programme.id: (programme, merchant)
        for programme, merchant in tx.session.execute(
            select(Programme, Merchant)
            .join(Merchant, Merchant.id == Programme.merchant_id)
            .where(Programme.id.in_({row.programme_id for row in rows}))
        )
    }
    return [
        AdjustmentView(
            adjustment_id=row.id,
            member_id=row.member_id,
            programme_id=row.programme_id,
            programme=known[row.programme_id][0].name,
            kind=known[row.programme_id][0].kind,
            merchant=known[row.programme_id][1].name,
            units=row.units,
            reverses_id=row.reverses_id,
            reason=row.reason,
            needs_second=row.needs_second,
            status=row.status,
            asked_by=names.get(row.asked_by, ""),
            created_at=row.created_at,
            decided_by=names.get(row.decided_by or ""),
            decided_at=row.decided_at,
            transaction_id=row.transaction_id,
            is_mine=row.asked_by == scope.actor_id,
        )
        for row in rows
    ]
