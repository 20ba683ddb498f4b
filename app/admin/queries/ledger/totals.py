"""What was ever booked, by programme and by day, as last counted; and from each number to its rows."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from app.common.clock import zone
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.ids import is_id
from app.common.scope import Scope
from app.common.sql import Row, Statement
from app.insights.models import LedgerDay, LedgerTotal
from app.merchants.models import Location, Merchant
from app.rewards.models import Programme

PAGE = 50
DAYS = 62
COUNTERS = ("issued", "redeemed", "expired", "adjusted", "moved")

_TRANSFER = (
    "t.member_id, t.account_id, t.seq, t.transaction_id, t.debit, t.credit, t.amount, b.kind, b.occurred_at,"
    " b.recorded_at, b.reason"
)
_JOIN = "JOIN ledger_transaction b ON b.member_id = t.member_id AND b.id = t.transaction_id"
_AND = "t.programme_id = :programme_id AND (t.debit = :counter OR t.credit = :counter)"
_WITHIN = "> :after AND {id} <= :last ORDER BY {id} LIMIT :count"
# Which index leads from a day to its rows depends on what they were booked against.
_VISITS = Statement(
    f"""
    SELECT {_TRANSFER} FROM (
        SELECT member_id, transaction_id FROM location_transaction
        WHERE location_id = :location_id AND kind = 'earn'
            AND transaction_id {_WITHIN.format(id="transaction_id")}
    ) l JOIN transfer t ON t.member_id = l.member_id AND t.transaction_id = l.transaction_id {_JOIN} WHERE {_AND}
    ORDER BY t.transaction_id, t.account_id, t.seq
    """  # noqa: S608  constants
)
_MOST_VISIT = Statement(
    f"""
    SELECT max(CAST(transaction_id AS text)), count(*) FROM (
        SELECT transaction_id FROM location_transaction
        WHERE location_id = :location_id AND kind = 'earn'
            AND transaction_id {_WITHIN.format(id="transaction_id")}
    ) l
    """  # noqa: S608  constants
)
_OTHERS = Statement(
    f"""
    SELECT {_TRANSFER} FROM ledger_transaction b
    JOIN transfer t ON t.member_id = b.member_id AND t.transaction_id = b.id
    WHERE b.merchant_id = :merchant_id AND b.kind <> 'earn' AND b.id > :after AND b.id <= :last AND {_AND}
    ORDER BY t.transaction_id, t.account_id, t.seq LIMIT :count
    """  # noqa: S608  constants
)
_EXPIRED = Statement(
    f"""
    SELECT {_TRANSFER} FROM transfer t {_JOIN}
    WHERE t.programme_id = :programme_id AND t.credit = 'expired' AND t.transaction_id > :after
        AND t.transaction_id <= :last
    ORDER BY t.transaction_id, t.account_id, t.seq LIMIT :count
    """  # noqa: S608  constants
)
_BY_HAND = Statement(
    f"""
    SELECT {_TRANSFER} FROM transfer t {_JOIN}
    WHERE t.programme_id = :programme_id
        AND (t.debit IN ('moved', 'adjusted') OR t.credit IN ('moved', 'adjusted'))
        AND (t.debit = :counter OR t.credit = :counter) AND t.transaction_id > :after AND t.transaction_id <= :last
    ORDER BY t.transaction_id, t.account_id, t.seq LIMIT :count
    """  # noqa: S608  constants
)


@dataclass(frozen=True, slots=True)
class Total:
    """A programme's totals from its members' side, as last counted."""

    programme_id: str
    programme: str
    kind: str
    merchant_id: str
    merchant: str
    currency: str
    rows: int
    units: Mapping[str, int]
    outstanding: int
    owed: int
    worth_minor: int | None
    is_estimated: bool
    counted_at: datetime


@dataclass(frozen=True, slots=True)
class Totals:
    """A page of programmes, the first by the shop's name, and where it goes on. ``owed_to_members`` is what all
    programmes together come to, by currency; ``unpriced`` of how many nobody said what a unit is worth."""

    programmes: Sequence[Total]
    next: str | None
    owed_to_members: Mapping[str, int]
    unpriced: int
    count: int


@dataclass(frozen=True, slots=True)
class Day:
    """A local day of a programme: units and rows by counter-account."""

    day: str
    units: Mapping[str, int]
    rows: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Days:
    """A programme's days, the newest first."""

    total: Total
    days: Sequence[Day]
    next: str | None


@dataclass(frozen=True, slots=True)
class Moved:
    """One transfer of a day."""

    member_id: str
    account_id: str
    seq: int
    transaction_id: str
    debit: str
    credit: str
    amount: int
    kind: str
    occurred_at: datetime
    recorded_at: datetime
    reason: str | None
    units: int


@dataclass(frozen=True, slots=True)
class DayRows:
    """Rows of one day that were booked against one counter-account. ``counted`` and ``counted_units`` are what the
    whole day comes to."""

    total: Total
    day: str
    counter: str
    counted: int
    counted_units: int
    rows: Sequence[Moved]
    next: str | None


def list_totals(scope: Scope, *, words: str = "", after: str | None = None) -> Totals:
    """The programmes in which something was booked, by shop; ``words`` are looked for in the shop's name."""
    wanted = (
        select(LedgerTotal, Programme, Merchant)
        .join(Programme, Programme.id == LedgerTotal.programme_id)
        .join(Merchant, Merchant.id == LedgerTotal.merchant_id)
        .order_by(func.lower(Merchant.name), LedgerTotal.programme_id)
        .limit(PAGE + 1)
    )
    if words.strip():
        pattern = words.strip().lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        wanted = wanted.where(func.lower(Merchant.name).like(f"%{pattern}%", escape="\\"))
    with scope.reading() as tx:
        if is_id(after):
            last = tx.session.execute(
                select(func.lower(Merchant.name), LedgerTotal.programme_id)
                .join(Merchant, Merchant.id == LedgerTotal.merchant_id)
                .where(LedgerTotal.programme_id == after)
            ).first()
            if last is not None:
                name = func.lower(Merchant.name)
                wanted = wanted.where((name > last[0]) | ((name == last[0]) & (LedgerTotal.programme_id > last[1])))
        rows = tx.session.execute(wanted).all()
        sums = tx.session.execute(
            select(Merchant.currency, func.sum(LedgerTotal.worth_minor))
            .join(Merchant, Merchant.id == LedgerTotal.merchant_id)
            .group_by(Merchant.currency)
        ).all()
        count, priced = tx.session.execute(select(func.count(), func.count(LedgerTotal.worth_minor))).one()
    found = [_total(*row) for row in rows[:PAGE]]
    return Totals(
        found,
        found[-1].programme_id if len(rows) > PAGE else None,
        {currency: int(minor) for currency, minor in sums if minor is not None},
        count - priced,
        count,
    )


def list_days(scope: Scope, programme_id: str, *, before: str | None = None) -> Days:
    """A programme's days with bookings, the newest first, before that day. Raises NotFoundError where nothing was
    counted."""
    with scope.reading() as tx:
        total = _total_of(tx, programme_id)
        days = select(LedgerDay.day).where(LedgerDay.programme_id == programme_id).distinct()
        if before is not None:
            days = days.where(LedgerDay.day < before)
        shown = tx.session.scalars(days.order_by(LedgerDay.day.desc()).limit(DAYS + 1)).all()
        rows = tx.session.scalars(
            select(LedgerDay).where(LedgerDay.programme_id == programme_id, LedgerDay.day.in_(shown[:DAYS]))
        ).all()
    found = []
    for day in shown[:DAYS]:
        mine = [row for row in rows if row.day == day]
        found.append(Day(day, {row.counter: row.units for row in mine}, {row.counter: row.rows for row in mine}))
    return Days(total, found, shown[DAYS - 1] if len(shown) > DAYS else None)


def list_rows(scope: Scope, programme_id: str, day: str, counter: str, *, after: str | None = None) -> DayRows:
    """The rows of a programme's local day against one counter-account, in the order of their bookings, after that one.
    What was booked since the count is left out. Raises NotFoundError."""
    with scope.reading() as tx:
        total = _total_of(tx, programme_id)
        counted = tx.session.get(LedgerDay, (programme_id, day, counter))
        if counted is None:
            raise NotFoundError(what="day")
        timezone = tx.session.get_one(Programme, programme_id).timezone
        rows, following = _rows_within(tx, total, counted, timezone, after if is_id(after) else None)
    return DayRows(total, day, counter, counted.rows, counted.units, rows, following)


def _rows_within(
    tx: Transaction, total: Total, counted: LedgerDay, timezone: str, after: str | None
) -> tuple[list[Moved], str | None]:
    """Whole bookings after that one, until there is a page of them or no more."""
    there = zone(timezone)
    asked = {
        "programme_id": total.programme_id,
        "merchant_id": total.merchant_id,
        "counter": counted.counter,
        "last": counted.last_id,
    }
    locations = tx.session.scalars(select(Location.id).where(Location.merchant_id == total.merchant_id)).all()
    found: list[Moved] = []
    place = after or _just_before(counted.first_id)
    while True:
        rows, reached = _slice(tx, {**asked, "after": place, "count": PAGE * 4}, locations)
        for row in rows:
            moved = _moved(row, counted.counter)
            is_of_the_day = moved.recorded_at.astimezone(there).date().isoformat() == counted.day
            if is_of_the_day and moved.recorded_at <= total.counted_at:
                found.append(moved)
        if reached is None or len(found) > PAGE:
            break
        place = reached
    if len(found) <= PAGE:
        return found, None
    # A booking is never cut in two.
    last = found[PAGE - 1].transaction_id
    shown = [row for row in found if row.transaction_id <= last]
    return shown, last if len(found) > len(shown) or reached is not None else None


def _slice(tx: Transaction, asked: Mapping[str, object], locations: Sequence[str]) -> tuple[list[Row], str | None]:
    """Rows after a booking, whole up to the booking that is returned too; None: there are no more."""
    counter, count = asked["counter"], int(str(asked["count"]))
    if counter in ("adjusted", "moved", "expired"):
        rows = tx.rows(_EXPIRED if counter == "expired" else _BY_HAND, asked)
        return _whole([rows], [len(rows) >= count])
    sources = [tx.rows(_OTHERS, asked)]
    cut = [len(sources[0]) >= count]
    ends: list[str | None] = [None]
    if counter == "issued":
        for location_id in locations:
            here = {**asked, "location_id": location_id}
            last, many = tx.rows(_MOST_VISIT, here)[0]
            sources.append(tx.rows(_VISITS, here))
            cut.append(many >= count)
            ends.append(last)
    return _whole(sources, cut, ends)


def _whole(
    sources: Sequence[list[Row]], cut: Sequence[bool], ends: Sequence[str | None] = ()
) -> tuple[list[Row], str | None]:
    """What is complete of several lists in order, of which some were cut off: up to the first that ends."""
    reached: str | None = None
    for number, (rows, is_cut) in enumerate(zip(sources, cut, strict=True)):
        if not is_cut:
            continue
        end = ends[number] if number < len(ends) and ends[number] is not None else None
        if end is None:
            # The last booking may be cut in two: only those before it are whole.
            last = rows[-1][3]
            whole = [row[3] for row in rows if row[3] != last]
            end = whole[-1] if whole else last
        reached = end if reached is None else min(reached, end)
    merged = sorted((row for rows in sources for row in rows), key=lambda row: (row[3], row[1], row[2]))
    return [row for row in merged if reached is None or row[3] <= reached], reached


def _moved(row: Row, counter: str) -> Moved:
    units = row[6] if row[4] == counter else -row[6]
    told: list[Any] = [*row, units]
    return Moved(*told)


def _total_of(tx: Transaction, programme_id: str) -> Total:
    row = (
        tx.session.execute(
            select(LedgerTotal, Programme, Merchant)
            .join(Programme, Programme.id == LedgerTotal.programme_id)
            .join(Merchant, Merchant.id == LedgerTotal.merchant_id)
            .where(LedgerTotal.programme_id == programme_id)
        ).first()
        if is_id(programme_id)
        else None
    )
    if row is None:
        raise NotFoundError(what="programme")
    return _total(*row)


def _total(row: LedgerTotal, programme: Programme, merchant: Merchant) -> Total:
    return Total(
        programme_id=programme.id,
        programme=programme.name,
        kind=programme.kind,
        merchant_id=merchant.id,
        merchant=merchant.name,
        currency=merchant.currency,
        rows=row.rows,
        units={counter: getattr(row, counter) for counter in COUNTERS},
        outstanding=row.outstanding,
        owed=row.owed,
        worth_minor=row.worth_minor,
        is_estimated=row.is_estimated,
        counted_at=row.counted_at,
    )


def _just_before(identifier: str) -> str:
    """The greatest id before this one."""
    return str(uuid.UUID(int=max(0, uuid.UUID(identifier).int - 1)))
