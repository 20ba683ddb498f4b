"""Counting what was ever booked in each programme, so that no page reads all transfers: in all, and by local day.

One pass over the ledger on one snapshot, member by member, with flat memory. A repeat gives the same. The day of a
booking is the one on which it was recorded: a ledger's day does not change any more once it is over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.common.clock import zone
from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Row, Statement
from app.insights.worth import Worth, basket_of, worth_of_units

COUNTERS = ("issued", "redeemed", "expired", "adjusted", "moved")
_OWN = ("balance", "owed")
_STEP = 2000  # transactions a slice
_FIRST = "00000000-0000-0000-0000-000000000000"
_LAST = "ffffffff-ffff-ffff-ffff-ffffffffffff"
_BOUNDARY = Statement(
    "SELECT member_id FROM ledger_transaction WHERE member_id > :after ORDER BY member_id LIMIT 1 OFFSET :step"
)
_TRANSFERS = Statement(
    """
    SELECT t.programme_id, t.debit, t.credit, t.amount, t.transaction_id, b.recorded_at
    FROM transfer t JOIN ledger_transaction b ON b.member_id = t.member_id AND b.id = t.transaction_id
    WHERE t.member_id > :after AND t.member_id <= :until
    """
)
_PROGRAMMES = Statement("SELECT id, merchant_id, timezone FROM programme")
_CLEAR = (Statement("DELETE FROM ledger_day"), Statement("DELETE FROM ledger_total"))
_TOTAL = Statement(
    """
    INSERT INTO ledger_total (programme_id, merchant_id, rows, issued, redeemed, expired, adjusted, moved, outstanding,
        owed, worth_minor, is_estimated, counted_at)
    VALUES (:programme_id, :merchant_id, :rows, :issued, :redeemed, :expired, :adjusted, :moved, :outstanding,
        :owed, :worth_minor, :is_estimated, :now)
    """
)
_DAY = Statement(
    """
    INSERT INTO ledger_day (programme_id, day, counter, merchant_id, rows, units, first_id, last_id)
    VALUES (:programme_id, :day, :counter, :merchant_id, :rows, :units, :first_id, :last_id)
    """
)


@dataclass(slots=True)
class _Day:
    first_id: str
    last_id: str
    rows: int = 0
    units: int = 0


@dataclass(slots=True)
class _Programme:
    programme_id: str
    merchant_id: str
    zone: ZoneInfo
    rows: int = 0
    held: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_OWN, 0))
    days: dict[tuple[str, str], _Day] = field(default_factory=dict)

    def take(self, debit: str, credit: str, amount: int, transaction_id: str, at: datetime) -> None:
        self.rows += 1
        for account, units in ((credit, amount), (debit, -amount)):
            if account in _OWN:
                self.held[account] += units
        counter, units = (debit, amount) if debit not in _OWN else (credit, -amount)
        if counter in _OWN:
            return  # a debt that was paid from the balance
        key = at.astimezone(self.zone).date().isoformat(), counter
        day = self.days.get(key)
        if day is None:
            day = self.days[key] = _Day(transaction_id, transaction_id)
        day.rows += 1
        day.units += units
        day.first_id = min(day.first_id, transaction_id)
        day.last_id = max(day.last_id, transaction_id)


def count_ledger(scope: Scope, *, on_progress: Callable[[int], None] | None = None) -> int:
    """Count every programme's bookings and put the result in the place of what was there. Returns how many transfers
    were read; a repeat gives the same rows. ``on_progress`` is told the transfers done so far."""
    now = scope.now
    done = 0
    with scope.reading() as tx:
        programmes = {row[0]: _Programme(row[0], row[1], zone(row[2])) for row in tx.rows(_PROGRAMMES, {})}
        for rows in _slices(tx):
            for programme_id, *transfer in rows:
                programmes[programme_id].take(*transfer)
            done += len(rows)
            if on_progress is not None:
                on_progress(done)
        worth = _worth(tx, scope, {one.merchant_id for one in programmes.values() if one.rows})

    def write(tx: Transaction) -> None:
        for statement in _CLEAR:
            tx.run(statement, {})
        counted = [one for one in programmes.values() if one.rows]
        tx.run_many(_TOTAL, [_total(one, worth.get(one.programme_id), now) for one in counted])
        for one in counted:
            tx.run_many(_DAY, [_day(one, key, day) for key, day in sorted(one.days.items())])

    scope.run(write)
    return done


def _slices(tx: Transaction) -> Iterator[list[Row]]:
    after = _FIRST
    while True:
        boundary = tx.rows(_BOUNDARY, {"after": after, "step": _STEP})
        until = boundary[0][0] if boundary else _LAST
        yield tx.rows(_TRANSFERS, {"after": after, "until": until})
        if not boundary:
            return
        after = until


def _worth(tx: Transaction, scope: Scope, merchant_ids: set[str]) -> dict[str, Worth]:
    found: dict[str, Worth] = {}
    for merchant_id in sorted(merchant_ids):
        found |= worth_of_units(tx, merchant_id, basket_of(tx, merchant_id, scope.now.date()))
    return found


def _total(one: _Programme, worth: Worth | None, now: datetime) -> dict[str, Any]:
    sums = dict.fromkeys(COUNTERS, 0)
    for (_, counter), day in one.days.items():
        sums[counter] += day.units
    return {
        **sums,
        "programme_id": one.programme_id,
        "merchant_id": one.merchant_id,
        "rows": one.rows,
        "outstanding": one.held["balance"],
        "owed": -one.held["owed"],
        "worth_minor": None if worth is None else worth.of(one.held["balance"]),
        "is_estimated": worth is not None and worth.is_estimated,
        "now": now,
    }


def _day(one: _Programme, key: tuple[str, str], day: _Day) -> dict[str, Any]:
    return {
        "programme_id": one.programme_id,
        "day": key[0],
        "counter": key[1],
        "merchant_id": one.merchant_id,
        "rows": day.rows,
        "units": day.units,
        "first_id": day.first_id,
        "last_id": day.last_id,
    }
