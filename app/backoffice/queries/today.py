"""The day at a glance: read from today's rows alone, and from what was counted before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

from app.backoffice.queries.glance import Advice, Fullness, Heat, Now, Tablet, Tick, Today
from app.backoffice.queries.places import Spot, local_day, open_span, spots_in
from app.common.clock import zone
from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Statement, many
from app.insights import pacing
from app.insights.counting import worth_of
from app.insights.pacing import Usual
from app.insights.worth import Worth, basket_of, worth_of_units
from app.merchants import closing
from app.rewards.configuration import document

WEEKS = 12
MOST_TICKS = 300  # more would be one grey bar
_BIN = 5  # minutes
_IN = "location_id IN (SELECT value FROM json_each(:places))"
_ANY = "location_id = ANY(CAST(:places AS uuid[]))"
_FIRST = """NOT EXISTS (
        SELECT 1 FROM visit e
        WHERE e.member_id = v.member_id AND e.merchant_id = v.merchant_id AND e.reversed_at IS NULL
            AND (e.occurred_at < v.occurred_at OR (e.occurred_at = v.occurred_at AND e.id < v.id))
    )"""
_BINS = """
    SELECT {bin} AS bin, count(*), sum(CASE WHEN {first} THEN 1 ELSE 0 END), max(v.occurred_at)
    FROM visit v WHERE v.{where} AND v.occurred_at >= :start AND v.occurred_at < :end AND v.reversed_at IS NULL
    GROUP BY 1 ORDER BY 1
"""
_SECONDS = "CAST(strftime('%s', v.occurred_at) AS INTEGER)"
_VISITS = Statement(
    _BINS.format(
        bin=f"CAST(floor(extract(epoch FROM v.occurred_at) / {_BIN * 60}) AS bigint)", first=_FIRST, where=_ANY
    ),
    sqlite=_BINS.format(bin=f"{_SECONDS} / {_BIN * 60}", first=_FIRST, where=_IN),
)
_REDEEMED_HERE = """
    SELECT redeemed_at, value FROM voucher
    WHERE redeemed_{where} AND redeemed_at >= :start AND redeemed_at < :end AND status = 'redeemed'
    ORDER BY redeemed_at
"""
_REWARDS = Statement(_REDEEMED_HERE.format(where=_ANY), sqlite=_REDEEMED_HERE.format(where=_IN))
_HOURS_HERE = """
    SELECT day, hour, sum(visits) FROM visit_hour
    WHERE {where} AND day >= :first AND day <= :last GROUP BY day, hour
"""
_HOURS = Statement(_HOURS_HERE.format(where=_ANY), sqlite=_HOURS_HERE.format(where=_IN))
_TABLETS_HERE = """
    SELECT d.name, l.name, d.last_seen_at, d.queue_length, d.app_version FROM device d
    JOIN location l ON l.id = d.location_id
    WHERE d.{where} AND d.kind = 'tablet' AND d.revoked_at IS NULL AND NOT d.is_sandbox ORDER BY l.name, d.name, d.id
"""
_TABLETS = Statement(_TABLETS_HERE.format(where=_ANY), sqlite=_TABLETS_HERE.format(where=_IN))
_PROGRAMMES = Statement(
    """
    SELECT p.id, p.name, p.kind, p.goal, s.outstanding, s.late, s.holders FROM programme p
    LEFT JOIN programme_standing s ON s.programme_id = p.id
    WHERE p.merchant_id = :merchant_id AND p.is_active = :yes ORDER BY p.position, p.id
    """
)
_BALANCES = Statement("SELECT least, members FROM programme_balance WHERE programme_id = :programme_id ORDER BY least")
_NEWEST = Statement(
    "SELECT transaction_id FROM location_transaction WHERE location_id = :location_id"
    " ORDER BY transaction_id DESC LIMIT 1"
)
_REVIEWS_HERE = "SELECT count(*) FROM offline_event WHERE {where} AND status = 'review'"
_REVIEWS = Statement(_REVIEWS_HERE.format(where=_ANY), sqlite=_REVIEWS_HERE.format(where=_IN))
_SOLD_OUT = Statement(
    "SELECT name FROM reward WHERE merchant_id = :merchant_id AND is_active = :yes AND stock = 0 ORDER BY position, id"
)
_ASIDE = Statement("SELECT kind FROM set_aside WHERE staff_id = :staff_id AND until > :today")


_SEEN_LATELY = timedelta(minutes=15)
_SILENT = timedelta(hours=2)


def get_today(scope: Scope, *, timezone: str, currency: str, with_rest: bool = True) -> Today:
    """The day of the scope's shop, or of the one location where the person works. Without ``with_rest`` only what
    changes by the minute: the day so far and the tablets."""
    with scope.reading() as tx:
        spots = spots_in(tx, scope)
        day, name = local_day(scope.now, spots, timezone)
        places = many(tx, [spot.location_id for spot in spots])
        hours = _hours(tx, places, day)
        shut = closing.closed_days(
            tx, scope.merchant_id or "", day - timedelta(weeks=WEEKS), day, location_id=scope.location_id
        )
        now = _now(tx, scope, spots, places, day, name, currency, hours, shut)
        tablets = _tablets(tx, scope, places, is_open=_is_open(now, spots))
        heat, fullness, advice = Heat(range(0), {}, {}, frozenset(), None, 0), None, None
        if with_rest:
            heat = _heat(hours, spots, day, shut)
            fullness, late = _fullness(tx, scope, day)
            advice = _advice(tx, scope, places, day, tablets, fullness, late, bool(shut & _last_week(day)))
    return Today(now, tablets, heat, fullness, advice, tuple(spots), name, currency)


def newest_booking(scope: Scope) -> str:
    """The id of the latest booking at the scope's locations: when it changes, the day's page has news."""
    with scope.reading() as tx:
        return max(
            (
                str(row[0])
                for spot in spots_in(tx, scope)
                for row in tx.rows(_NEWEST, {"location_id": spot.location_id})
            ),
            default="",
        )


def _hours(tx: Transaction, places: object, day: date) -> dict[date, list[int]]:
    """The counted days of the last weeks, 24 numbers each."""
    span = {"places": places, "first": (day - timedelta(weeks=WEEKS)).isoformat(), "last": day.isoformat()}
    found: dict[date, list[int]] = {}
    for told, hour, visits in tx.rows(_HOURS, span):
        found.setdefault(date.fromisoformat(told), [0] * pacing.HOURS)[hour] += int(visits)
    return found


def _now(
    tx: Transaction,
    scope: Scope,
    spots: list[Spot],
    places: object,
    day: date,
    timezone: str,
    currency: str,
    hours: Mapping[date, Sequence[int]],
    shut: set[date],
) -> Now:
    there = zone(timezone)
    start = datetime.combine(day, time(), there)
    end = datetime.combine(day + timedelta(days=1), time(), there)
    span = {"places": places, "start": start.astimezone(UTC), "end": end.astimezone(UTC)}
    local = scope.now.astimezone(there)
    at = local.hour + local.minute / 60
    total = new = 0
    curve: list[tuple[float, int]] = []
    ticks: list[Tick] = []
    last: datetime | None = None
    for number, count, first, newest in tx.rows(_VISITS, span):
        hour = _hour_of(datetime.fromtimestamp(number * _BIN * 60, UTC).astimezone(there))
        total += count
        new += int(first)
        last = newest if isinstance(newest, datetime) else datetime.fromisoformat(newest).replace(tzinfo=UTC)
        curve.append((hour + _BIN / 120, total))
        spread = [hour + (part + 0.5) * _BIN / 60 / count for part in range(count)]
        ticks += [Tick(one, "new" if part < int(first) else "visit") for part, one in enumerate(spread)]
    redeemed = worth = unpriced = 0
    for moment, value in tx.rows(_REWARDS, span):
        redeemed += 1
        told = worth_of(document(value), currency)
        worth += told or 0
        unpriced += told is None
        ticks.append(Tick(_hour_of(moment.astimezone(there)), "reward"))
    same = [
        counts for past, counts in hours.items() if past != day and past.weekday() == day.weekday() and past not in shut
    ]
    usual = pacing.usual_day(same)
    opened = open_span(spots, day)
    drawn = _drawn(opened, usual, curve, at)
    is_over = at >= drawn[1]
    return Now(
        day=day,
        at=scope.now,
        hour=at,
        visits=total,
        new=new,
        redeemed=redeemed,
        redeemed_minor=worth,
        unpriced=unpriced,
        curve=tuple(curve),
        ticks=tuple(ticks) if len(ticks) <= MOST_TICKS else (),
        usual=usual,
        forecast=None if usual is None or is_over else pacing.forecast(total, at, usual),
        span=drawn,
        is_closed=day in shut or (opened is None and any(spot.hours for spot in spots)),
        last_at=last,
    )


def _drawn(
    opened: tuple[float, float] | None, usual: Usual | None, curve: Sequence[tuple[float, int]], at: float
) -> tuple[float, float]:
    """The hours that are drawn: those of opening, and whenever somebody came or usually comes."""
    first, last = opened or (9.0, 18.0)
    if curve:
        first, last = min(first, int(curve[0][0])), max(last, min(24.0, int(curve[-1][0]) + 1.0))
    if usual is not None and opened is None:
        busy = [hour for hour in range(pacing.HOURS) if usual.middle[hour + 1] > usual.middle[hour]]
        if busy:
            first, last = min(first, busy[0]), max(last, busy[-1] + 1.0)
    return float(first), float(last)


def _tablets(tx: Transaction, scope: Scope, places: object, *, is_open: bool) -> tuple[Tablet, ...]:
    found = []
    for name, location, seen_at, queue, _ in tx.rows(_TABLETS, {"places": places}):
        waiting = int(queue or 0)
        age = None if seen_at is None else scope.now - seen_at
        state = "works"
        if age is None or (is_open and age > _SILENT):
            state = "silent"
        elif waiting and age > _SEEN_LATELY:
            state = "waits"
        found.append(Tablet(name, location, seen_at, waiting, state))
    return tuple(found)


def _is_open(now: Now, spots: Sequence[Spot]) -> bool:
    return any(spot.hours for spot in spots) and not now.is_closed and now.span[0] <= now.hour < now.span[1]


def _heat(hours: Mapping[date, Sequence[int]], spots: list[Spot], day: date, shut: set[date]) -> Heat:
    """Averages over whole days: today is still going on, closing days say nothing."""
    counted = {past: counts for past, counts in hours.items() if past != day and past not in shut}
    if not counted:
        return Heat(range(0), {}, {}, frozenset(), None, 0)
    first = min(counted)
    span = [first + timedelta(days=number) for number in range((day - first).days)]
    on = {weekday: sum(d.weekday() == weekday and d not in shut for d in span) for weekday in range(7)}
    sums: dict[tuple[int, int], int] = {}
    for past, counts in counted.items():
        for hour, count in enumerate(counts):
            if count:
                key = past.weekday(), hour
                sums[key] = sums.get(key, 0) + count
    cells = {key: count / max(1, on[key[0]]) for key, count in sums.items()}
    week = [day + timedelta(days=number) for number in range(7)]
    spans = {one.weekday(): open_span(spots, one) for one in week}
    known = any(spans.values())
    closed = frozenset(
        weekday for weekday, found in spans.items() if known and found is None and not _any(cells, weekday)
    )
    busy = [hour for _, hour in cells]
    opens = [int(found[0]) for found in spans.values() if found]
    closes = [int(found[1] + 0.999) for found in spans.values() if found]
    drawn = range(min([*busy, *opens]), max([*(hour + 1 for hour in busy), *closes]))
    per_day = {weekday: sum(value for (which, _), value in cells.items() if which == weekday) for weekday in range(7)}
    return Heat(drawn, cells, per_day, closed, max(cells, key=lambda key: cells[key]), max(1, round(len(span) / 7)))


def _any(cells: Mapping[tuple[int, int], float], weekday: int) -> bool:
    return any(which == weekday for which, _ in cells)


def _fullness(tx: Transaction, scope: Scope, day: date) -> tuple[Fullness | None, int]:
    """Of the first programme, and how many regulars are away for longer than usual, in all of them."""
    merchant_id = scope.merchant_id or ""
    rows = tx.rows(_PROGRAMMES, {"merchant_id": merchant_id, "yes": True})
    late = max((int(row[5] or 0) for row in rows), default=0)
    counted = next((row for row in rows if row[4] is not None), None)
    if counted is None:
        return None, late
    programme_id, name, kind, goal, outstanding, _, _ = counted
    bars = [(int(least), int(members)) for least, members in tx.rows(_BALANCES, {"programme_id": programme_id})]
    worth: Worth | None = worth_of_units(tx, merchant_id, basket_of(tx, merchant_id, day)).get(programme_id)
    # A card that is full turned into a voucher: the fullest lacks one stamp.
    near = sum(members for least, members in bars if goal is not None and least == goal - 1)
    if goal is None and bars:
        width = max(1, bars[-1][0] // 10)
        near = sum(members for least, members in bars if least + width >= bars[-1][0] and least < bars[-1][0])
    return Fullness(
        programme_id=programme_id,
        name=name,
        is_card=kind == "stamps",
        goal=goal,
        bars=tuple(bars),
        near=near,
        outstanding=int(outstanding),
        owed_minor=None if worth is None else worth.of(int(outstanding)),
        is_estimated=worth is not None and worth.is_estimated,
    ), late


def _advice(
    tx: Transaction,
    scope: Scope,
    places: object,
    day: date,
    tablets: Sequence[Tablet],
    fullness: Fullness | None,
    late: int,
    was_shut: bool,
) -> Advice | None:
    """What matters most now, among what the person has not set aside."""
    aside = {row[0] for row in tx.rows(_ASIDE, {"staff_id": scope.staff_id, "today": day.isoformat()})}
    found: list[Advice] = []
    for tablet in tablets:
        if tablet.state == "waits":
            found.append(Advice("tablet_waits", {"name": tablet.name, "queue": tablet.queue}))
        elif tablet.state == "silent":
            found.append(Advice("tablet_silent", {"name": tablet.name, "seen_at": tablet.seen_at}))
    reviews = int(tx.rows(_REVIEWS, {"places": places})[0][0])
    if reviews:
        found.append(Advice("reviews", {"count": reviews}))
    if scope.staff_role != "cashier":
        sold_out = [row[0] for row in tx.rows(_SOLD_OUT, {"merchant_id": scope.merchant_id, "yes": True})]
        if sold_out:
            found.append(Advice("sold_out", {"name": sold_out[0], "count": len(sold_out)}))
        # Nobody is asked back while the shop is shut, or was until a few days ago.
        if late >= 3 and not was_shut:
            found.append(Advice("late", {"count": late}))
        if fullness is not None and fullness.near >= 3:
            found.append(Advice("near", {"count": fullness.near, "is_card": fullness.is_card}))
    return next((one for one in found if one.kind not in aside), None)


def _last_week(day: date) -> set[date]:
    return {day - timedelta(days=number) for number in range(closing.GRACE + 1)}


def _hour_of(local: datetime) -> float:
    return local.hour + local.minute / 60 + local.second / 3600
