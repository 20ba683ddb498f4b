"""Counting what members hold: units outstanding, how full the cards are, who is away for longer than usual, and what
ended unspent. Kept beside the accounts, so that a page need not read them all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from app.common.clock import zone
from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Statement

LOST_AFTER = timedelta(days=365)  # whoever was away for longer is nobody to write to
PARTS = 10  # bars for points: tenths of the cheapest reward

_CHANGED = Statement(
    """
    SELECT p.id, p.merchant_id, p.goal, p.timezone FROM programme p
    LEFT JOIN programme_standing s ON s.programme_id = p.id
    WHERE s.programme_id IS NULL OR EXISTS (
        SELECT 1 FROM rollup_progress r WHERE r.merchant_id = p.merchant_id AND r.rolled_at > s.counted_at
    )
    ORDER BY p.id
    """
)
_ALL = Statement("SELECT id, merchant_id, goal, timezone FROM programme ORDER BY id")
_BALANCES = Statement(
    "SELECT balance, count(*), sum(owed) FROM account WHERE programme_id = :programme_id GROUP BY balance"
)
_CHEAPEST = Statement("SELECT min(cost) FROM reward WHERE programme_id = :programme_id AND is_active = :yes")
# By the read model of members: who is away for longer than usual. Nobody is waited for after a year.
_LATE = Statement(
    "SELECT count(*) FROM shop_member WHERE place_id = :merchant_id AND overdue_at <= :now AND overdue_at > :lost"
)
_EXPIRED = Statement(
    """
    SELECT b.occurred_at, t.amount FROM transfer t
    JOIN ledger_transaction b ON b.member_id = t.member_id AND b.id = t.transaction_id
    WHERE t.programme_id = :programme_id AND t.credit = 'expired'
    """
)
_STAND = Statement(
    """
    INSERT INTO programme_standing (programme_id, merchant_id, outstanding, owed, holders, late, counted_at)
    VALUES (:programme_id, :merchant_id, :outstanding, :owed, :holders, :late, :now)
    ON CONFLICT (programme_id) DO UPDATE SET outstanding = :outstanding, owed = :owed, holders = :holders,
        late = :late, counted_at = :now
    """
)
_CLEAR = Statement("DELETE FROM programme_balance WHERE programme_id = :programme_id")
_BAR = Statement(
    "INSERT INTO programme_balance (programme_id, least, merchant_id, members)"
    " VALUES (:programme_id, :least, :merchant_id, :members)"
)
_DAY = Statement(
    """
    INSERT INTO programme_day (programme_id, day, merchant_id, outstanding, expired)
    VALUES (:programme_id, :day, :merchant_id, :outstanding, 0)
    ON CONFLICT (programme_id, day) DO UPDATE SET outstanding = :outstanding
    """
)
_ENDED = Statement(
    """
    INSERT INTO programme_day (programme_id, day, merchant_id, outstanding, expired)
    VALUES (:programme_id, :day, :merchant_id, NULL, :expired)
    ON CONFLICT (programme_id, day) DO UPDATE SET expired = :expired
    """
)

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Counting:
    """A programme to count."""

    programme_id: str
    merchant_id: str
    goal: int | None
    timezone: str


def count_holdings(scope: Scope, *, on_progress: Progress | None = None) -> int:
    """Count what members hold in every programme of a merchant where something was booked since the last count.

    Returns how many programmes. A repeat counts nothing more.
    """
    with scope.reading() as tx:
        programmes = [Counting(*row) for row in tx.rows(_CHANGED, {})]
    for done, programme in enumerate(programmes, start=1):
        _count(scope, programme)
        if on_progress is not None:
            on_progress(done)
    return len(programmes)


def count_by_night(scope: Scope, *, on_progress: Progress | None = None) -> int:
    """Count every programme, and what of it ended unspent on which day. Returns how many programmes; a repeat gives the
    same."""
    with scope.reading() as tx:
        programmes = [Counting(*row) for row in tx.rows(_ALL, {})]
    for done, programme in enumerate(programmes, start=1):
        with scope.reading() as tx:
            ended = _ended_by_day(tx, programme)
        _count(scope, programme)
        scope.run(partial(_write_ended, programme, ended))
        if on_progress is not None:
            on_progress(done)
    return len(programmes)


def _ended_by_day(tx: Transaction, programme: Counting) -> dict[str, int]:
    there = zone(programme.timezone)
    found: dict[str, int] = {}
    for occurred_at, units in tx.rows(_EXPIRED, {"programme_id": programme.programme_id}):
        # What ends at midnight ended with the day before.
        day = (occurred_at.astimezone(there) - timedelta(microseconds=1)).date().isoformat()
        found[day] = found.get(day, 0) + units
    return found


def _write_ended(programme: Counting, ended: Mapping[str, int], tx: Transaction) -> None:
    here = {"programme_id": programme.programme_id, "merchant_id": programme.merchant_id}
    tx.run_many(_ENDED, [{**here, "day": day, "expired": units} for day, units in sorted(ended.items())])


def _count(scope: Scope, programme: Counting) -> None:
    here = {"programme_id": programme.programme_id, "merchant_id": programme.merchant_id}

    now = scope.now
    with scope.reading() as tx:
        rows = [(int(balance), int(many), int(owed or 0)) for balance, many, owed in tx.rows(_BALANCES, here)]
        cheapest = programme.goal or tx.rows(_CHEAPEST, {**here, "yes": True})[0][0] or PARTS
        late = tx.rows(_LATE, {"merchant_id": programme.merchant_id, "now": now, "lost": now - LOST_AFTER})[0][0]
    bars = fill_bars(((balance, many) for balance, many, _ in rows), cheapest, is_card=programme.goal is not None)
    standing = {
        **here,
        "outstanding": sum(balance * many for balance, many, _ in rows),
        "owed": sum(owed for *_, owed in rows),
        "holders": sum(many for balance, many, _ in rows if balance),
        "late": int(late),
        "now": now,
    }
    day = now.astimezone(zone(programme.timezone)).date().isoformat()

    def write(tx: Transaction) -> None:
        tx.run(_STAND, standing)
        tx.run(_CLEAR, here)
        tx.run_many(_BAR, [{**here, "least": least, "members": members} for least, members in sorted(bars.items())])
        tx.run(_DAY, {**here, "day": day, "outstanding": standing["outstanding"]})

    scope.run(write)


def fill_bars(balances: Iterable[tuple[int, int]], cheapest: int, *, is_card: bool) -> dict[int, int]:
    """Members by how much they have: (units, members) put into one bar for each number of stamps, or for points into
    tenths of the cheapest reward, everybody who can have it in the last."""
    width = 1 if is_card else max(1, cheapest // PARTS)
    bars: dict[int, int] = {}
    for balance, many in balances:
        least = min(balance // width * width, cheapest if is_card else cheapest // width * width)
        bars[least] = bars.get(least, 0) + many
    return bars
