"""What was booked for a member at one business, with the rules that gave it and what undid it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select

from app.common.database import Transaction
from app.common.scope import Scope
from app.ledger.models import LedgerTransaction, Transfer
from app.merchants.models import Location, Staff
from app.rewards.models import Programme, Promotion, Reward, Visit, Voucher

BOOKINGS = 25  # on a page
_PROMOTION = "promotion:"
_UNTOLD = ("merge", "merge_undone", "closing_days")
_LAST = "ffffffff-ffff-ffff-ffff-ffffffffffff"


@dataclass(frozen=True, slots=True)
class Why:
    """Units that one rule gave; ``label`` is a promotion's name."""

    rule: str
    units: int
    label: str | None


@dataclass(frozen=True, slots=True)
class Booking:
    """One booking. ``units`` by programme; ``reverses`` is the booking that it undoes, ``is_undone`` whether it was
    undone itself, ``can_be_undone`` whether that is possible still."""

    transaction_id: str
    kind: str
    occurred_at: datetime
    location: str | None
    by: str | None
    visit_id: str | None
    amount_minor: int | None
    refunded_minor: int
    source: str | None
    reward_name: str | None
    reason: str | None
    units: Mapping[str, int]
    why: tuple[Why, ...]
    limited: tuple[str, ...]
    reverses: str | None
    is_undone: bool
    can_be_undone: bool


def bookings_of(
    tx: Transaction, scope: Scope, members: Sequence[str], before: str | None
) -> tuple[tuple[Booking, ...], str | None]:
    """A page of the bookings of a member and of whoever was merged into her, the newest first, before that id; and
    where the next page begins."""
    session = tx.session
    own = select(Programme.id).where(Programme.merchant_id == scope.merchant_id)
    moved = select(Transfer.transaction_id).where(Transfer.member_id.in_(members), Transfer.programme_id.in_(own))
    here: Any = or_(
        LedgerTransaction.merchant_id == scope.merchant_id,
        # What time books (expiry) and a merge moves names no merchant, but units of one of its programmes.
        and_(LedgerTransaction.merchant_id.is_(None), LedgerTransaction.id.in_(moved)),
    )
    if scope.location_id is not None:
        at = LedgerTransaction.location_id
        here = and_(here, or_(at == scope.location_id, at.is_(None)))
    rows = session.execute(
        select(LedgerTransaction, Visit, Staff.name, Location.name)
        .outerjoin(
            Visit,
            and_(Visit.member_id == LedgerTransaction.member_id, Visit.id == LedgerTransaction.visit_id),
        )
        .outerjoin(Staff, Staff.id == LedgerTransaction.staff_id)
        .outerjoin(Location, Location.id == LedgerTransaction.location_id)
        .where(
            LedgerTransaction.member_id.in_(members),
            here,
            or_(LedgerTransaction.reason.is_(None), LedgerTransaction.reason.not_in(_UNTOLD)),
            LedgerTransaction.id < (before or _LAST),
        )
        .order_by(LedgerTransaction.id.desc())
        .limit(BOOKINGS + 1)
    ).all()
    page = rows[:BOOKINGS]
    ids = [row[0].id for row in page]
    units: dict[str, dict[str, int]] = {}
    for transfer in session.scalars(
        select(Transfer).where(
            Transfer.member_id.in_(members), Transfer.transaction_id.in_(ids), Transfer.programme_id.in_(own)
        )
    ):
        found = units.setdefault(transfer.transaction_id, {})
        found[transfer.programme_id] = found.get(transfer.programme_id, 0) + _change(transfer)
    undone = set(
        session.scalars(
            select(LedgerTransaction.reverses_id).where(
                LedgerTransaction.reverses_member_id.in_(members), LedgerTransaction.reverses_id.in_(ids)
            )
        )
    )
    rewards = dict(
        session.execute(
            select(Voucher.id, Reward.name)
            .join(Reward, Reward.id == Voucher.reward_id)
            .where(
                Voucher.member_id.in_(members),
                Voucher.merchant_id == scope.merchant_id,
                Voucher.id.in_([row[0].voucher_id for row in page if row[0].voucher_id]),
            )
        ).all()
    )
    labels = dict(
        session.execute(
            select(Promotion.id, Promotion.name).where(
                Promotion.id.in_({rule for row in page if row[1] is not None for rule in _promotions(row[1])})
            )
        ).all()
    )
    told = tuple(
        _booking(*row, units.get(row[0].id, {}), row[0].id in undone, rewards.get(row[0].voucher_id or ""), labels)
        for row in page
    )
    return told, page[-1][0].id if len(rows) > BOOKINGS else None


def _booking(
    row: LedgerTransaction,
    visit: Visit | None,
    staff_name: str | None,
    location_name: str | None,
    units: Mapping[str, int],
    is_reversed: bool,
    reward_name: str | None,
    labels: Mapping[str, str],
) -> Booking:
    own = visit if row.kind == "earn" else None
    is_undone = own.reversed_at is not None if own is not None else is_reversed
    return Booking(
        transaction_id=row.id,
        kind=row.kind,
        occurred_at=row.occurred_at,
        location=location_name,
        by=staff_name,
        visit_id=row.visit_id,
        amount_minor=None if own is None else own.amount_minor,
        refunded_minor=0 if own is None else own.refunded_minor,
        source=None if own is None else own.source,
        reward_name=reward_name,
        reason=row.reason,
        units=units,
        why=() if own is None else _why(own, labels),
        limited=() if own is None else tuple(limit[0] for entry in own.earned for limit in entry.get("limited", ())),
        reverses=row.reverses_id,
        is_undone=is_undone,
        can_be_undone=not is_undone and row.merchant_id is not None and (own is not None or row.kind == "adjust"),
    )


def _why(visit: Visit, labels: Mapping[str, str]) -> tuple[Why, ...]:
    return tuple(
        Why(rule, units, labels.get(rule.removeprefix(_PROMOTION)) if rule.startswith(_PROMOTION) else None)
        for entry in visit.earned
        for rule, units, *_ in entry.get("parts", ())
    )


def _promotions(visit: Visit) -> set[str]:
    return {why.rule.removeprefix(_PROMOTION) for why in _why(visit, {}) if why.rule.startswith(_PROMOTION)}


def _change(transfer: Transfer) -> int:
    into = transfer.amount if transfer.credit in ("balance", "owed") else 0
    out = transfer.amount if transfer.debit in ("balance", "owed") else 0
    return into - out
