"""What happened on a member's cards, the newest first, each unit with the rule that gave or took it.

Bookings of members who were merged into this one are told too; the moves of the merge itself are not, since they
change nothing that the member has; nor are those by which units end later because the shop is shut.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select

from app.cards.queries import aliases
from app.common.database import Transaction
from app.common.money import format_amount
from app.common.scope import Scope
from app.ledger.models import LedgerTransaction, Transfer
from app.merchants.models import Location, Merchant
from app.rewards.models import Programme, Promotion, Reward, Visit, Voucher

_PROMOTION = "promotion:"
_UNTOLD = ("merge", "merge_undone", "closing_days")


@dataclass(frozen=True, slots=True)
class WhyView:
    """Units that one rule gave (or, below zero, took). ``label`` is a promotion's or reward's name."""

    rule: str
    units: int
    label: str | None
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EntryView:
    """What a booking changed in one programme; the units of ``why`` add up to ``units``. ``limited`` says why a visit
    earned less, or nothing."""

    programme_id: str
    name: str
    unit: str
    units: int
    why: tuple[WhyView, ...]
    limited: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class ActivityView:
    """One booking. ``amount`` is what was bought for, as a decimal text."""

    transaction_id: str
    kind: str
    occurred_at: datetime
    recorded_at: datetime
    reverses: str | None
    reason: str | None
    merchant_id: str | None
    merchant_name: str | None
    location_id: str | None
    location_name: str | None
    visit_id: str | None
    amount: str | None
    currency: str | None
    is_reversed: bool
    voucher_id: str | None
    reward_name: str | None
    entries: tuple[EntryView, ...]


def list_activity(
    scope: Scope, *, limit: int, before: str | None = None, merchant_id: str | None = None
) -> list[ActivityView]:
    """Up to ``limit`` bookings of the scope's member, the newest first; ``before`` is the id of the last one that was
    told already. With ``merchant_id`` only those with that merchant."""
    with scope.reading() as tx:
        rows: list[LedgerTransaction] = []
        # One index scan for each alias, and only as far as the page reaches.
        for member_id in aliases(tx.session, scope.member_id or ""):
            wanted = (
                select(LedgerTransaction)
                .where(
                    LedgerTransaction.member_id == member_id,
                    or_(LedgerTransaction.reason.is_(None), LedgerTransaction.reason.not_in(_UNTOLD)),
                )
                .order_by(LedgerTransaction.id.desc())
                .limit(limit)
            )
            if before is not None:
                wanted = wanted.where(LedgerTransaction.id < before)
            if merchant_id is not None:
                wanted = wanted.where(LedgerTransaction.merchant_id == merchant_id)
            rows += tx.session.scalars(wanted)
        rows.sort(key=lambda row: row.id, reverse=True)
        page = rows[:limit]
        known = _Known(tx, page, scope.member_id or "")
        return [known.told(row) for row in page]


class _Known:
    """Everything that a page of bookings names, read with one query for each kind."""

    def __init__(self, tx: Transaction, rows: Sequence[LedgerTransaction], survivor_id: str) -> None:
        session = tx.session
        owners = {row.member_id for row in rows}
        self.transfers: dict[str, list[Transfer]] = {}
        for transfer in session.scalars(
            select(Transfer).where(
                Transfer.member_id.in_(owners), Transfer.transaction_id.in_([row.id for row in rows])
            )
        ):
            self.transfers.setdefault(transfer.transaction_id, []).append(transfer)
        self.visits = {
            visit.id: visit
            for visit in session.scalars(
                select(Visit).where(
                    Visit.member_id.in_(owners), Visit.id.in_([row.visit_id for row in rows if row.visit_id])
                )
            )
        }
        vouchers = session.execute(
            select(Voucher.id, Reward.name)
            .join(Reward, Reward.id == Voucher.reward_id)
            .where(
                Voucher.member_id == survivor_id,  # vouchers go along with a merge
                Voucher.id.in_([row.voucher_id for row in rows if row.voucher_id]),
            )
        )
        self.rewards: dict[str, str] = dict(vouchers.all())
        programme_ids = {transfer.programme_id for found in self.transfers.values() for transfer in found}
        programme_ids |= {entry["programme_id"] for visit in self.visits.values() for entry in visit.earned}
        self.programmes = {
            row.id: row
            for row in session.execute(
                select(Programme.id, Programme.name, Programme.unit).where(Programme.id.in_(programme_ids))
            )
        }
        promotions = session.execute(
            select(Promotion.id, Promotion.name).where(Promotion.id.in_(_promotions(self.visits.values())))
        )
        self.promotions: dict[str, str] = dict(promotions.all())
        merchants = session.execute(
            select(Merchant.id, Merchant.name).where(
                Merchant.id.in_({row.merchant_id for row in rows if row.merchant_id})
            )
        )
        self.merchants: dict[str, str] = dict(merchants.all())
        locations = session.execute(
            select(Location.id, Location.name).where(
                Location.id.in_({row.location_id for row in rows if row.location_id})
            )
        )
        self.locations: dict[str, str] = dict(locations.all())

    def told(self, row: LedgerTransaction) -> ActivityView:
        visit = self.visits.get(row.visit_id or "") if row.kind in ("earn", "reverse") else None
        has_amount = visit is not None and visit.amount_minor is not None
        return ActivityView(
            transaction_id=row.id,
            kind=row.kind,
            occurred_at=row.occurred_at,
            recorded_at=row.recorded_at,
            reverses=row.reverses_id,
            reason=row.reason,
            merchant_id=row.merchant_id,
            merchant_name=self.merchants.get(row.merchant_id or ""),
            location_id=row.location_id,
            location_name=self.locations.get(row.location_id or ""),
            visit_id=row.visit_id,
            amount=format_amount(visit.amount_minor or 0, visit.currency) if visit and has_amount else None,
            currency=visit.currency if visit and has_amount else None,
            is_reversed=visit is not None and visit.reversed_at is not None,
            voucher_id=row.voucher_id,
            reward_name=self.rewards.get(row.voucher_id or ""),
            entries=self._entries(row, visit if row.kind == "earn" else None),
        )

    def _entries(self, row: LedgerTransaction, visit: Visit | None) -> tuple[EntryView, ...]:
        units: dict[str, int] = {}
        for transfer in self.transfers.get(row.id, ()):
            units[transfer.programme_id] = units.get(transfer.programme_id, 0) + _change(transfer)
        parts = {entry["programme_id"]: entry for entry in visit.earned} if visit is not None else {}
        entries = []
        for programme_id in [*parts, *(other for other in units if other not in parts)]:
            programme = self.programmes.get(programme_id)
            changed = units.get(programme_id, 0)
            why = self._parts(parts.get(programme_id, {}).get("parts", ()))
            rest = changed - sum(part.units for part in why)
            if rest:
                label = self.rewards.get(row.voucher_id or "")
                why = (*why, WhyView(row.reason or row.kind, rest, label, {}))
            entries.append(
                EntryView(
                    programme_id=programme_id,
                    name=programme.name if programme else "",
                    unit=programme.unit if programme else "",
                    units=changed,
                    why=why,
                    limited=tuple(_limit(limit) for limit in parts.get(programme_id, {}).get("limited", ())),
                )
            )
        return tuple(entries)

    def _parts(self, parts: Sequence[Sequence[Any]]) -> tuple[WhyView, ...]:
        return tuple(
            WhyView(
                rule=rule,
                units=units,
                label=self.promotions.get(rule.removeprefix(_PROMOTION)) if rule.startswith(_PROMOTION) else None,
                params=more[0] if more else {},
            )
            for rule, units, *more in parts
        )


def _change(transfer: Transfer) -> int:
    """What a transfer gives the member: into the balance or off the debt is more, the other way is less."""
    into = transfer.amount if transfer.credit in ("balance", "owed") else 0
    out = transfer.amount if transfer.debit in ("balance", "owed") else 0
    return into - out


def _limit(limit: Sequence[Any]) -> Mapping[str, Any]:
    code, *more = limit
    return {"code": code, "params": more[0] if more else {}}


def _promotions(visits: Any) -> set[str]:
    return {
        part[0].removeprefix(_PROMOTION)
        for visit in visits
        for entry in visit.earned
        for part in entry.get("parts", ())
        if part[0].startswith(_PROMOTION)
    }
