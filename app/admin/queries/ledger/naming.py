"""What stands behind the rows of a page: where, who, which visit, which rule, which reward. One query for each kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.admin.queries.ledger.book import Book, BookRow
from app.common.database import Transaction
from app.common.scope import Scope
from app.merchants.models import Device, Location, Operator, Staff
from app.rewards.models import LedgerAdjustment, ProgrammeVersion, Promotion, Reward, Visit, Voucher

_PROMOTION = "promotion:"


@dataclass(frozen=True, slots=True)
class Rule:
    """A version of a programme's rules."""

    version: int
    valid_from: datetime | None
    rules: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """What a row is about. ``visit_amount_minor`` is the visit's, less nothing; ``undone`` is whole, part or None;
    ``desk`` and ``second`` are the operators who asked for it and agreed to it."""

    location: str | None = None
    device: str | None = None
    device_kind: str | None = None
    staff: str | None = None
    staff_role: str | None = None
    visit: Visit | None = None
    rule: Rule | None = None
    promotions: Sequence[str] = ()
    reward: str | None = None
    undone: str | None = None
    desk: str | None = None
    second: str | None = None


@dataclass(slots=True)
class _Found:
    locations: Mapping[str, str] = field(default_factory=dict)
    devices: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    staff: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    visits: Mapping[str, Visit] = field(default_factory=dict)
    rewards: Mapping[str, str] = field(default_factory=dict)
    rules: Mapping[int, Rule] = field(default_factory=dict)
    promotions: Mapping[str, str] = field(default_factory=dict)
    desks: Mapping[str, tuple[str, str | None]] = field(default_factory=dict)


def tell_rows(scope: Scope, book: Book, rows: Sequence[BookRow]) -> dict[str, Told]:
    """What each of some rows of a book is about, by booking."""
    with scope.reading() as tx:
        found = _find(tx, book, rows)
    return {row.transaction_id: _told(book, row, found) for row in rows}


def _find(tx: Transaction, book: Book, rows: Sequence[BookRow]) -> _Found:
    found = _Found()
    session = tx.session
    found.locations = dict(
        session.execute(
            select(Location.id, Location.name).where(Location.id.in_(_ids(row.location_id for row in rows)))
        ).all()
    )
    found.devices = {
        key: (name, kind)
        for key, name, kind in session.execute(
            select(Device.id, Device.name, Device.kind).where(Device.id.in_(_ids(row.device_id for row in rows)))
        )
    }
    found.staff = {
        key: (name, role)
        for key, name, role in session.execute(
            select(Staff.id, Staff.name, Staff.role).where(Staff.id.in_(_ids(row.staff_id for row in rows)))
        )
    }
    members = {book.member_id, *book.merged}
    found.visits = {
        visit.id: visit
        for visit in session.scalars(
            select(Visit).where(Visit.member_id.in_(members), Visit.id.in_(_ids(row.visit_id for row in rows)))
        )
    }
    found.rewards = dict(
        session.execute(
            select(Voucher.id, Reward.name)
            .join(Reward, Reward.id == Voucher.reward_id)
            .where(Voucher.member_id.in_(members), Voucher.id.in_(_ids(row.voucher_id for row in rows)))
        ).all()
    )
    entries = [entry for visit in found.visits.values() for entry in visit.earned]
    found.rules = {
        version.version: Rule(version.version, version.valid_from, version.rules)
        for version in session.scalars(
            select(ProgrammeVersion).where(
                ProgrammeVersion.programme_id == book.programme_id,
                ProgrammeVersion.version.in_(
                    {entry["version"] for entry in entries if entry["programme_id"] == book.programme_id}
                ),
            )
        )
    }
    found.promotions = dict(
        session.execute(
            select(Promotion.id, Promotion.name).where(
                Promotion.id.in_({one for entry in entries for one in _promotions(entry)})
            )
        ).all()
    )
    found.desks = _desks(tx, members, rows)
    return found


def _desks(tx: Transaction, members: Iterable[str], rows: Sequence[BookRow]) -> dict[str, tuple[str, str | None]]:
    by_hand = {row.transaction_id for row in rows if row.kind in ("adjust", "reverse") and row.staff_id is None}
    asked = tx.session.scalars(
        select(LedgerAdjustment).where(
            LedgerAdjustment.member_id.in_(set(members)), LedgerAdjustment.transaction_id.in_(by_hand)
        )
    ).all()
    people = {one.asked_by for one in asked} | {one.decided_by for one in asked if one.decided_by}
    names = {
        one.id: one.name or one.email for one in tx.session.scalars(select(Operator).where(Operator.id.in_(people)))
    }
    return {one.transaction_id or "": (names.get(one.asked_by, ""), names.get(one.decided_by or "")) for one in asked}


def _told(book: Book, row: BookRow, found: _Found) -> Told:
    visit = found.visits.get(row.visit_id or "")
    entry = None
    if visit is not None:
        entry = next((one for one in visit.earned if one["programme_id"] == book.programme_id), None)
    device, device_kind = found.devices.get(row.device_id or "", (None, None))
    staff, role = found.staff.get(row.staff_id or "", (None, None))
    desk, second = found.desks.get(row.transaction_id, (None, None))
    undone = None
    if row.kind == "earn" and visit is not None:
        undone = "whole" if visit.reversed_at is not None else "part" if row.undone_by else None
    elif row.undone_by is not None:
        undone = "whole"
    return Told(
        location=found.locations.get(row.location_id or ""),
        device=device,
        device_kind=device_kind,
        staff=staff,
        staff_role=role,
        visit=visit,
        rule=None if entry is None else found.rules.get(entry["version"]),
        promotions=[found.promotions[one] for one in _promotions(entry or {}) if one in found.promotions],
        reward=found.rewards.get(row.voucher_id or ""),
        undone=undone,
        desk=desk,
        second=second,
    )


def _promotions(entry: Mapping[str, Any]) -> list[str]:
    return [rule.removeprefix(_PROMOTION) for rule, *_ in entry.get("parts", ()) if str(rule).startswith(_PROMOTION)]


def _ids(found: Iterable[str | None]) -> set[str]:
    return {one for one in found if one is not None}
