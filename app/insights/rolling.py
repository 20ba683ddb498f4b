"""Counting visits and rewards by hour and day, so that no report ever reads all visits.

A day of a location is always counted anew as a whole, from the visits and vouchers themselves: a repeat changes
nothing, and a visit that comes late or is undone is right once its day has been counted again. Which days that are, the
location's list of bookings tells: everything that was booked since the last count names its day.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from app.common.clock import zone
from app.common.database import LostRaceError, Transaction
from app.common.scope import Scope
from app.common.sql import Statement
from app.common.types import decode_time
from app.insights.counting import Counted, Place, count_days

OVERLAP = timedelta(minutes=10)
"""A booking's id is older than its commit: so much of what was read is read again."""
SETTLED_AFTER = timedelta(days=4)  # each night's second look at the last days reaches back so far
_SLICE = 5000
_CHUNK = 31  # days counted in one go when everything is counted anew
_NOTHING = "00000000-0000-0000-0000-000000000000"

_PLACES = """
    SELECT l.id, l.merchant_id, l.timezone, m.currency, p.upto, p.revision
    FROM location l JOIN merchant m ON m.id = l.merchant_id
    LEFT JOIN rollup_progress p ON p.location_id = l.id
"""
_WAITING = Statement(
    f"""
    {_PLACES}
    WHERE EXISTS (
        SELECT 1 FROM location_transaction t
        WHERE t.location_id = l.id AND (p.upto IS NULL OR t.transaction_id > p.upto)
    )
    ORDER BY l.id
    """  # noqa: S608  constants
)
_ALL = Statement(f"{_PLACES} ORDER BY l.id")
_ONE = Statement(f"{_PLACES} WHERE l.id = :location_id")
_BOOKED = Statement(
    """
    SELECT t.transaction_id, b.occurred_at, r.occurred_at, v.occurred_at, w.redeemed_at, v.member_id
    FROM location_transaction t
    JOIN ledger_transaction b ON b.member_id = t.member_id AND b.id = t.transaction_id
    LEFT JOIN ledger_transaction r ON r.member_id = b.reverses_member_id AND r.id = b.reverses_id
    LEFT JOIN visit v ON v.member_id = coalesce(b.reverses_member_id, b.member_id) AND v.id = b.visit_id
    LEFT JOIN voucher w ON w.member_id = b.member_id AND w.id = b.voucher_id
    WHERE t.location_id = :location_id AND t.transaction_id > :after
    ORDER BY t.transaction_id LIMIT :count
    """
)
_FIRST_VISITS = Statement(
    """
    SELECT occurred_at, location_id FROM visit
    WHERE member_id = :member_id AND merchant_id = :merchant_id AND reversed_at IS NULL
    ORDER BY occurred_at, id LIMIT :count
    """
)
_OLDEST = Statement("SELECT min(occurred_at) FROM visit WHERE location_id = :location_id")
_OLDEST_REWARD = Statement(
    "SELECT min(redeemed_at) FROM voucher WHERE redeemed_location_id = :location_id AND status = 'redeemed'"
)
_NEWEST = Statement(
    "SELECT transaction_id FROM location_transaction WHERE location_id = :location_id"
    " ORDER BY transaction_id DESC LIMIT 1"
)
_COUNTED = Statement("SELECT 1 FROM rollup_progress WHERE merchant_id = :merchant_id LIMIT 1")
_BEGIN = Statement(
    "INSERT INTO rollup_progress (location_id, merchant_id, upto, revision, rolled_at)"
    " VALUES (:location_id, :merchant_id, :nothing, 0, :now) ON CONFLICT DO NOTHING"
)
_ADVANCE = Statement(
    "UPDATE rollup_progress SET upto = :upto, revision = revision + 1, rolled_at = :now"
    " WHERE location_id = :location_id AND revision = :revision"
)
_TABLES = ("visit_hour", "promotion_day", "reward_day")
_CLEAR = {
    table: Statement(f"DELETE FROM {table} WHERE location_id = :location_id AND day >= :first AND day <= :last")  # noqa: S608
    for table in _TABLES
}
_CLEAR_ALL = {
    table: Statement(f"DELETE FROM {table} WHERE location_id = :location_id")  # noqa: S608  constants
    for table in _TABLES
}
_HOUR = Statement(
    """
    INSERT INTO visit_hour (location_id, day, hour, merchant_id, visits, new_visits, amount_minor, amount_visits, units,
        redemptions, redeemed_units, redeemed_minor, unpriced)
    VALUES (:location_id, :day, :hour, :merchant_id, :visits, :new_visits, :amount_minor, :amount_visits, :units,
        :redemptions, :redeemed_units, :redeemed_minor, :unpriced)
    """
)
_PROMOTION_DAY = Statement(
    """
    INSERT INTO promotion_day (location_id, day, promotion_id, merchant_id, visits, units, amount_minor, amount_visits)
    VALUES (:location_id, :day, :promotion_id, :merchant_id, :visits, :units, :amount_minor, :amount_visits)
    """
)
_REWARD_DAY = Statement(
    """
    INSERT INTO reward_day (location_id, day, reward_id, merchant_id, redemptions, units, worth_minor, unpriced)
    VALUES (:location_id, :day, :reward_id, :merchant_id, :redemptions, :units, :worth_minor, :unpriced)
    """
)

Progress = Callable[[int], None]


def roll_up(scope: Scope, *, on_progress: Progress | None = None) -> int:
    """Count what was booked since the last time at every location. Returns how many days of locations were counted.

    A location that was never counted is counted whole. A repeat counts nothing more. ``on_progress`` is told the days
    done so far.
    """
    with scope.reading() as tx:
        waiting = [Place(*row) for row in tx.rows(_WAITING, {})]
    done = 0
    for place in waiting:
        done += _first_count(scope, place) if place.upto is None else _catch_up(scope, place)
        if on_progress is not None:
            on_progress(done)
    return done


def count_again(scope: Scope, *, days: timedelta = SETTLED_AFTER, on_progress: Progress | None = None) -> int:
    """Count the last days of every location once more, whatever was booked: what slipped through is found by night.
    Returns how many locations."""
    with scope.reading() as tx:
        places = [Place(*row) for row in tx.rows(_ALL, {})]
    done = 0
    for place in places:
        if place.upto is not None:
            today = scope.now.astimezone(zone(place.timezone)).date()
            _recount(scope, place.location_id, today - days, today)
            done += 1
        if on_progress is not None:
            on_progress(done)
    return done


def rebuild(scope: Scope, *, merchant_id: str | None = None, on_progress: Progress | None = None) -> int:
    """Throw away what was counted, of one merchant or of all, and count everything anew. Returns the days counted.

    Reports that are read meanwhile may show too little. A repeat gives the same rows.
    """
    with scope.reading() as tx:
        places = [Place(*row) for row in tx.rows(_ALL, {})]
    done = 0
    for place in places:
        if merchant_id in (None, place.merchant_id):
            done += _rebuild(scope, place)
            if on_progress is not None:
                on_progress(done)
    return done


def _first_count(scope: Scope, place: Place) -> int:
    """Count a location that never was. Where others of its merchant were, a first visit there may be none any more:
    then every booking is looked at, so that their days are counted again too."""
    with scope.reading() as tx:
        others = tx.rows(_COUNTED, {"merchant_id": place.merchant_id})
    if not others:
        return _rebuild(scope, place)
    scope.run(partial(_begin, scope, place))
    return _catch_up(scope, place)


def _begin(scope: Scope, place: Place, tx: Transaction) -> None:
    values = {"location_id": place.location_id, "merchant_id": place.merchant_id, "nothing": _NOTHING, "now": scope.now}
    tx.run(_BEGIN, values)


def _catch_up(scope: Scope, place: Place) -> int:
    dirty, upto = _touched(scope, place)
    for location_id, day in sorted(dirty):
        _recount(scope, location_id, day, day)
    _move(scope, place.location_id, upto)
    return len(dirty)


def _touched(scope: Scope, place: Place) -> tuple[set[tuple[str, date]], str]:
    """The days that bookings since the last count belong to, and the last of these bookings."""
    after = _earlier(place.upto or _NOTHING)
    upto = place.upto or _NOTHING
    there = zone(place.timezone)
    dirty: set[tuple[str, date]] = set()
    visitors: dict[str, tuple[datetime, int]] = {}
    with scope.reading() as tx:
        while True:
            rows = tx.rows(_BOOKED, {"location_id": place.location_id, "after": after, "count": _SLICE})
            for row in rows:
                for moment in row[1:5]:
                    if moment is not None:
                        dirty.add((place.location_id, moment.astimezone(there).date()))
                if row[5] is not None:
                    since, many = visitors.get(row[5], (row[3], 0))
                    visitors[row[5]] = min(since, row[3]), many + 1
            if rows:
                after = rows[-1][0]
                upto = max(upto, after)
            if len(rows) < _SLICE:
                break
        zones = {found.location_id: found.timezone for found in (Place(*row) for row in tx.rows(_ALL, {}))}
        # A visit before the one that was the first, or the first one undone: another visit is the first now.
        for member_id, (since, many) in visitors.items():
            asked = {"member_id": member_id, "merchant_id": place.merchant_id, "count": many + 1}
            for occurred_at, location_id in tx.rows(_FIRST_VISITS, asked):
                if occurred_at >= since:
                    dirty.add((location_id, occurred_at.astimezone(zone(zones[location_id])).date()))
    return dirty, upto


def _recount(scope: Scope, location_id: str, first: date, last: date) -> None:
    """Count some days of a location and put the result in the place of what was there. Where another count was faster,
    it is done again."""

    def once() -> bool:
        with scope.reading() as tx:
            place = Place(*tx.rows(_ONE, {"location_id": location_id})[0])
            if place.revision is None:
                return True  # never counted: whoever counts it first counts these days too
            counted = count_days(tx, place, first, last)

        def write(tx: Transaction) -> bool:
            if not _advance(tx, scope, place, place.upto or _NOTHING):
                return False
            asked = {"location_id": location_id, "first": first.isoformat(), "last": last.isoformat()}
            for statement in _CLEAR.values():
                tx.run(statement, asked)
            _insert(tx, place, counted)
            return True

        return scope.run(write)

    for _ in range(8):
        if once():
            return
    raise LostRaceError("somebody else keeps counting this location")


def _rebuild(scope: Scope, place: Place) -> int:
    """Count all of a location's days, a month at a time."""
    location_id = place.location_id
    asked = {"location_id": location_id}
    there = zone(place.timezone)
    with scope.reading() as tx:
        newest = tx.rows(_NEWEST, asked)
        oldest = [row[0] for statement in (_OLDEST, _OLDEST_REWARD) for row in tx.rows(statement, asked) if row[0]]

    def begin(tx: Transaction) -> None:
        _begin(scope, place, tx)
        for statement in _CLEAR_ALL.values():
            tx.run(statement, asked)

    scope.run(begin)
    done = 0
    if oldest:
        first = min(_moment(one) for one in oldest).astimezone(there).date()
        last = scope.now.astimezone(there).date() + timedelta(days=1)  # a tablet's clock may be ahead
        while first <= last:
            end = min(last, first + timedelta(days=_CHUNK - 1))
            _recount(scope, location_id, first, end)
            done += (end - first).days + 1
            first = end + timedelta(days=1)
    _move(scope, location_id, newest[0][0] if newest else _NOTHING)
    return done


def _move(scope: Scope, location_id: str, upto: str) -> None:
    """Note how far the location is counted."""

    def work(tx: Transaction) -> None:
        place = Place(*tx.rows(_ONE, {"location_id": location_id})[0])
        if not _advance(tx, scope, place, max(upto, place.upto or _NOTHING)):
            raise LostRaceError("somebody else counted this location")

    scope.run(work)


def _advance(tx: Transaction, scope: Scope, place: Place, upto: str) -> bool:
    values = {"location_id": place.location_id, "revision": place.revision, "upto": upto, "now": scope.now}
    return tx.run(_ADVANCE, values) == 1


def _insert(tx: Transaction, place: Place, counted: Counted) -> None:
    here = {"location_id": place.location_id, "merchant_id": place.merchant_id}
    tx.run_many(_HOUR, [{**here, "day": day, "hour": hour, **row} for (day, hour), row in counted.hours.items()])
    tx.run_many(
        _PROMOTION_DAY,
        [{**here, "day": day, "promotion_id": which, **row} for (day, which), row in counted.promotions.items()],
    )
    tx.run_many(
        _REWARD_DAY,
        [{**here, "day": day, "reward_id": which, **row} for (day, which), row in counted.rewards.items()],
    )


def _earlier(identifier: str) -> str:
    """The smallest id that was made up to :data:`OVERLAP` before this one."""
    moment = (uuid.UUID(identifier).int >> 80) - int(OVERLAP.total_seconds() * 1000)
    return str(uuid.UUID(int=max(0, moment) << 80))


def _moment(value: Any) -> datetime:
    # SQLite does not tell the type of a minimum.
    found: datetime = decode_time(value) if isinstance(value, str) else value
    return found
