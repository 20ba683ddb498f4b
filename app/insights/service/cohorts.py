"""Counting months of a shop: cohorts, who was new, kept or back, what brought them, and rhythms.

A month is always counted anew as a whole, from the visits themselves, so a repeat changes nothing. Which months those
are the bookings since the last count tell; a visit that came late, was undone or changed hands by a merge names every
later month of its member too, for her first visit may be another one now. Merged members are one, the survivor.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import partial
from typing import Any

from app.common.clock import zone
from app.common.database import LostRaceError, Transaction
from app.common.scope import Scope
from app.common.sql import Statement, many
from app.common.types import decode_time
from app.insights.cohorts import kind_of
from app.insights.rhythm import Kept, Tally, month_of, months_between, tally

OVERLAP = timedelta(minutes=10)
"""A booking's id is older than its commit: so much of what was read is read again."""
_NOTHING = "00000000-0000-0000-0000-000000000000"
_SLICE = 5000
_CHUNK = 500
_TRIES = 5

_SHOPS = Statement(
    """
    SELECT m.id, m.timezone, p.upto, p.revision, p.counted_at FROM merchant m
    LEFT JOIN pattern_progress p ON p.merchant_id = m.id
    WHERE EXISTS (
        SELECT 1 FROM location l JOIN location_transaction t ON t.location_id = l.id WHERE l.merchant_id = m.id
    ) AND (CAST(:merchant_id AS uuid) IS NULL OR m.id = CAST(:merchant_id AS uuid))
    ORDER BY m.id
    """,
    sqlite="""
    SELECT m.id, m.timezone, p.upto, p.revision, p.counted_at FROM merchant m
    LEFT JOIN pattern_progress p ON p.merchant_id = m.id
    WHERE EXISTS (
        SELECT 1 FROM location l JOIN location_transaction t ON t.location_id = l.id WHERE l.merchant_id = m.id
    ) AND (:merchant_id IS NULL OR m.id = :merchant_id)
    ORDER BY m.id
    """,
)
_LOCATIONS = Statement("SELECT id FROM location WHERE merchant_id = :merchant_id ORDER BY id")
_BOOKED = Statement(
    """
    SELECT t.transaction_id, coalesce(m.merged_into, v.member_id), v.occurred_at FROM location_transaction t
    JOIN ledger_transaction b ON b.member_id = t.member_id AND b.id = t.transaction_id
    LEFT JOIN visit v ON v.member_id = coalesce(b.reverses_member_id, b.member_id) AND v.id = b.visit_id
    LEFT JOIN member m ON m.id = v.member_id
    WHERE t.location_id = :location_id AND t.transaction_id > :after ORDER BY t.transaction_id LIMIT :count
    """
)
_NEWEST = Statement(
    "SELECT transaction_id FROM location_transaction WHERE location_id = :location_id"
    " ORDER BY transaction_id DESC LIMIT 1"
)
_OLDEST = Statement("SELECT min(occurred_at) FROM visit WHERE location_id = :location_id")
_MERGED = Statement(
    """
    SELECT v.occurred_at FROM merge g JOIN visit v ON v.member_id IN (g.member_id, g.merged_member_id)
    WHERE (g.merged_at > :since OR g.undone_at > :since) AND v.merchant_id = :merchant_id
    """
)
_HERS_TEXT = """
    SELECT v.occurred_at FROM member m JOIN visit v ON v.member_id = m.id
    WHERE ({0} OR {1}) AND v.merchant_id = :merchant_id AND v.occurred_at >= :since
"""
_HERS = Statement(
    _HERS_TEXT.format("m.id = ANY(CAST(:members AS uuid[]))", "m.merged_into = ANY(CAST(:members AS uuid[]))"),
    sqlite=_HERS_TEXT.format(
        "m.id IN (SELECT value FROM json_each(:members))", "m.merged_into IN (SELECT value FROM json_each(:members))"
    ),
)
# One row for whoever came in the month. What was before it is looked up by an index, for the member herself; for those
# that were merged into her, who are few, it is asked for apart.
_CAME_TEXT = """
    SELECT x.member_id, x.visits, x.amount_minor, x.amount_visits,
        (SELECT min(e.occurred_at) FROM visit e WHERE e.member_id = x.member_id AND e.merchant_id = :merchant_id
            AND e.reversed_at IS NULL),
        (SELECT max(e.occurred_at) FROM visit e WHERE e.member_id = x.member_id AND e.merchant_id = :merchant_id
            AND e.reversed_at IS NULL AND e.occurred_at < :start)
    FROM (
        SELECT coalesce(m.merged_into, v.member_id) AS member_id, count(*) AS visits,
            coalesce(sum(v.amount_minor - v.refunded_minor), 0) AS amount_minor, count(v.amount_minor) AS amount_visits
        FROM visit v JOIN member m ON m.id = v.member_id
        WHERE v.location_id {0} AND v.occurred_at >= :start AND v.occurred_at < :end AND v.reversed_at IS NULL
        GROUP BY coalesce(m.merged_into, v.member_id)
    ) x
"""
_CAME = Statement(
    _CAME_TEXT.format("= ANY(CAST(:places AS uuid[]))"),
    sqlite=_CAME_TEXT.format("IN (SELECT value FROM json_each(:places))"),
)
_ALIASES_TEXT = """
    SELECT m.merged_into, min(e.occurred_at), max(CASE WHEN e.occurred_at < :start THEN e.occurred_at END)
    FROM member m JOIN visit e ON e.member_id = m.id
    WHERE m.merged_into {0} AND e.merchant_id = :merchant_id AND e.reversed_at IS NULL GROUP BY m.merged_into
"""
_ALIASES = Statement(
    _ALIASES_TEXT.format("= ANY(CAST(:members AS uuid[]))"),
    sqlite=_ALIASES_TEXT.format("IN (SELECT value FROM json_each(:members))"),
)
_BROUGHT_TEXT = """
    SELECT m.id, EXISTS (
            SELECT 1 FROM accepted_invitation a WHERE a.member_id = m.id AND a.merchant_id = :merchant_id
        ), EXISTS (
            SELECT 1 FROM visit v
            WHERE v.member_id = m.id AND v.merchant_id = :merchant_id AND v.source = 'import'
        ), c.batch_id, c.kind
    FROM member m LEFT JOIN card c ON c.member_id = m.id WHERE m.id {0} ORDER BY c.issued_at, c.number
"""
_BROUGHT = Statement(
    _BROUGHT_TEXT.format("= ANY(CAST(:members AS uuid[]))"),
    sqlite=_BROUGHT_TEXT.format("IN (SELECT value FROM json_each(:members))"),
)
_MEMBERS = Statement(
    "SELECT first_at, seen_at, gap_days, overdue_at FROM shop_member WHERE place_id = :merchant_id AND visits > 0"
)
_BEGIN = Statement(
    "INSERT INTO pattern_progress (merchant_id, upto, revision, counted_at) VALUES (:merchant_id, :upto, 0, :now)"
    " ON CONFLICT DO NOTHING"
)
_ADVANCE = Statement(
    """
    UPDATE pattern_progress SET upto = :upto, members = :members, gone = :gone, usual_gap = :usual_gap,
        broken = :broken, revision = revision + 1, counted_at = :now
    WHERE merchant_id = :merchant_id AND revision = :revision
    """
)
_MONTHLY = ("cohort_month", "pattern_month", "acquisition_month")
_CLEAR_MONTH = [
    Statement(f"DELETE FROM {table} WHERE merchant_id = :merchant_id AND month = :month")  # noqa: S608  constants
    for table in _MONTHLY
]
_CLEAR = [
    Statement(f"DELETE FROM {table} WHERE merchant_id = :merchant_id")  # noqa: S608  constants
    for table in ("retention_month", "rhythm_bar")
]
_COHORT = Statement(
    "INSERT INTO cohort_month (merchant_id, cohort, month, members, visits)"
    " VALUES (:merchant_id, :cohort, :month, :members, :visits)"
)
_PATTERN = Statement(
    "INSERT INTO pattern_month (merchant_id, month, kind, members, visits, amount_minor, amount_visits)"
    " VALUES (:merchant_id, :month, :kind, :members, :visits, :amount_minor, :amount_visits)"
)
_ACQUIRED = Statement(
    "INSERT INTO acquisition_month (merchant_id, month, source, members)"
    " VALUES (:merchant_id, :month, :source, :members)"
)
_RETAINED = Statement(
    "INSERT INTO retention_month (merchant_id, month, members, gone) VALUES (:merchant_id, :month, :members, :gone)"
)
_BAR = Statement(
    "INSERT INTO rhythm_bar (merchant_id, least, members, broken) VALUES (:merchant_id, :least, :members, :broken)"
)

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class _Shop:
    merchant_id: str
    timezone: str
    upto: str | None
    revision: int | None
    counted_at: datetime | None


@dataclass(slots=True)
class _Month:
    """One month as counted: rows of its three tables."""

    month: str
    cohorts: dict[str, Counter[str]]
    kinds: dict[str, Counter[str]]
    sources: Counter[str]


def count_patterns(
    scope: Scope, *, merchant_id: str | None = None, is_whole: bool = False, on_progress: Progress | None = None
) -> int:
    """Count what was booked since the last time, for every shop or for one, and every rhythm anew: that goes on without
    visits. ``is_whole``: all months, whatever was counted. Returns how many months of shops were counted; a repeat
    gives the same rows. ``on_progress`` is told the shops done so far."""
    with scope.reading() as tx:
        shops = [_Shop(*row) for row in tx.rows(_SHOPS, {"merchant_id": merchant_id})]
    months = 0
    for done, shop in enumerate(shops, start=1):
        months += _count(scope, shop.merchant_id, is_whole=is_whole)
        if on_progress is not None:
            on_progress(done)
    return months


def count_step(scope: Scope, merchant_id: str, _upto: str | None, go_on: Callable[[], object]) -> None:
    """Count one shop when its members' values are refreshed: see :mod:`app.insights.service.steps`."""
    count_patterns(scope, merchant_id=merchant_id)
    go_on()


def _count(scope: Scope, merchant_id: str, *, is_whole: bool) -> int:
    for _ in range(_TRIES):
        with scope.reading() as tx:
            shop = _Shop(*tx.rows(_SHOPS, {"merchant_id": merchant_id})[0])
            upto, counted, standing = _read(tx, scope, shop, is_whole=is_whole)
        if scope.run(partial(_write, scope, shop, upto, counted, standing)):
            return len(counted)
    raise LostRaceError("somebody else keeps counting this shop's months")


def _read(tx: Transaction, scope: Scope, shop: _Shop, *, is_whole: bool) -> tuple[str, Sequence[_Month], Tally]:
    """What is to be written of a shop, and the last booking that is in it."""
    local, now = zone(shop.timezone), scope.now
    places = [row[0] for row in tx.rows(_LOCATIONS, {"merchant_id": shop.merchant_id})]
    if is_whole or shop.upto is None or shop.counted_at is None:
        spans, upto = _all_months(tx, places, now, local)
    else:
        spans, upto = _touched(tx, shop, places, now, local)
    counted = [_count_month(tx, shop, places, span, local) for span in spans]
    members = (Kept(*row) for row in tx.rows(_MEMBERS, {"merchant_id": shop.merchant_id}))
    return upto, counted, tally(members, now=now, local=local)


Span = tuple[str, datetime, datetime]


def _all_months(tx: Transaction, places: Sequence[str], now: datetime, local: tzinfo) -> tuple[list[Span], str]:
    oldest, upto = [], _NOTHING
    for location_id in places:
        asked = {"location_id": location_id}
        oldest += [_moment(row[0]) for row in tx.rows(_OLDEST, asked) if row[0] is not None]
        upto = max([upto, *(row[0] for row in tx.rows(_NEWEST, asked))])
    if not oldest:
        return [], upto
    return months_between(min(oldest), now + timedelta(days=1), local), upto  # a tablet's clock may be ahead


def _touched(
    tx: Transaction, shop: _Shop, places: Sequence[str], now: datetime, local: tzinfo
) -> tuple[list[Span], str]:
    """The months that bookings since the last count belong to, and the last of these bookings."""
    assert shop.upto is not None
    assert shop.counted_at is not None
    upto = shop.upto
    moments: list[datetime] = []
    since: dict[str, datetime] = {}
    for location_id in places:
        after = _earlier(shop.upto)
        while True:
            rows = tx.rows(_BOOKED, {"location_id": location_id, "after": after, "count": _SLICE})
            for _, member_id, occurred_at in rows:
                if occurred_at is not None:
                    moments.append(occurred_at)
                    since[member_id] = min(occurred_at, since.get(member_id, occurred_at))
            if rows:
                after = rows[-1][0]
                upto = max(upto, after)
            if len(rows) < _SLICE:
                break
    [(_, this_month, _)] = months_between(now, now, local)
    late = {member_id: at for member_id, at in since.items() if at < this_month}
    for chunk in _chunks(sorted(late)):
        asked = {"merchant_id": shop.merchant_id, "members": many(tx, chunk), "since": min(late[one] for one in chunk)}
        moments += [row[0] for row in tx.rows(_HERS, asked)]
    merged = {"merchant_id": shop.merchant_id, "since": shop.counted_at - OVERLAP}
    moments += [row[0] for row in tx.rows(_MERGED, merged)]
    wanted = {month_of(one, local) for one in moments}
    if not wanted:
        return [], upto
    return [span for span in months_between(min(moments), max(moments), local) if span[0] in wanted], upto


def _count_month(tx: Transaction, shop: _Shop, places: Sequence[str], span: Span, local: tzinfo) -> _Month:
    month, start, end = span
    asked = {"merchant_id": shop.merchant_id, "places": many(tx, places), "start": start, "end": end}
    came = tx.rows(_CAME, asked)
    aliases: dict[str, tuple[datetime, datetime | None]] = {}
    for chunk in _chunks([row[0] for row in came]):
        for member_id, first, previous in tx.rows(_ALIASES, {**asked, "members": many(tx, chunk)}):
            aliases[member_id] = _moment(first), None if previous is None else _moment(previous)
    made = _Month(month, {}, {}, Counter())
    new: list[str] = []
    for member_id, visits, amount_minor, amount_visits, first, previous in came:
        firsts = [] if first is None else [_moment(first)]
        before = [] if previous is None else [_moment(previous)]
        if member_id in aliases:
            firsts.append(aliases[member_id][0])
            before += [one for one in aliases[member_id][1:] if one is not None]
        began = month_of(min(firsts), local)
        kind = kind_of(began, month_of(max(before), local) if before else None, month)
        if kind == "new":
            new.append(member_id)
        made.cohorts.setdefault(began, Counter()).update(members=1, visits=int(visits))
        made.kinds.setdefault(kind, Counter()).update(
            members=1, visits=int(visits), amount_minor=int(amount_minor), amount_visits=int(amount_visits)
        )
    for chunk in _chunks(new):
        brought: dict[str, str] = {}
        here = {"merchant_id": shop.merchant_id, "members": many(tx, chunk)}
        for member_id, is_invited, is_listed, batch_id, card in tx.rows(_BROUGHT, here):
            brought.setdefault(member_id, _source(bool(is_invited), bool(is_listed), batch_id, card))
        made.sources.update(brought.values())
    return made


def _source(is_invited: bool, is_listed: bool, batch_id: str | None, card: str | None) -> str:
    if is_invited:
        return "invitation"
    if is_listed:
        return "list"
    if batch_id is not None:
        return "cards"
    return "app" if card == "digital" else "counter"


def _write(scope: Scope, shop: _Shop, upto: str, counted: Sequence[_Month], standing: Tally, tx: Transaction) -> bool:
    """Put what was counted in the place of what was there; False where another count was faster."""
    here = {"merchant_id": shop.merchant_id}
    if shop.revision is None:
        tx.run(_BEGIN, {**here, "upto": _NOTHING, "now": scope.now})
    figures = {
        "members": standing.members,
        "gone": standing.gone,
        "usual_gap": standing.usual_gap,
        "broken": standing.broken,
    }
    values = {**here, **figures, "upto": upto, "revision": shop.revision or 0, "now": scope.now}
    if tx.run(_ADVANCE, values) != 1:
        return False
    for one in counted:
        for statement in _CLEAR_MONTH:
            tx.run(statement, {**here, "month": one.month})
    for statement in _CLEAR:
        tx.run(statement, here)
    for one in counted:
        row = {**here, "month": one.month}
        tx.run_many(_COHORT, [{**row, "cohort": cohort, **sums} for cohort, sums in sorted(one.cohorts.items())])
        tx.run_many(_PATTERN, [{**row, "kind": kind, **sums} for kind, sums in sorted(one.kinds.items())])
        tx.run_many(_ACQUIRED, [{**row, "source": key, "members": n} for key, n in sorted(one.sources.items())])
    months = [{**here, "month": month, "members": n, "gone": gone} for month, (n, gone) in standing.months.items()]
    tx.run_many(_RETAINED, months)
    bars = [{**here, "least": least, "members": n, "broken": late} for least, (n, late) in standing.bars.items()]
    tx.run_many(_BAR, bars)
    return True


def _chunks(values: Sequence[str]) -> Iterable[Sequence[str]]:
    return (values[at : at + _CHUNK] for at in range(0, len(values), _CHUNK))


def _earlier(identifier: str) -> str:
    """The smallest id that was made up to :data:`OVERLAP` before this one."""
    moment = (uuid.UUID(identifier).int >> 80) - int(OVERLAP.total_seconds() * 1000)
    return str(uuid.UUID(int=max(0, moment) << 80))


def _moment(value: Any) -> datetime:
    # SQLite does not tell the type of a minimum.
    found: datetime = decode_time(value) if isinstance(value, str) else value
    return found
