"""What the rules look at, read from the bookings by the indexes that are there."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.common.database import Transaction
from app.common.errors import DomainError
from app.common.sql import Statement, many
from app.merchants import opening_hours
from app.rewards.configuration import document
from app.risk.seen import SeenPlace, SeenReversal, SeenVisit

OVERLAP = timedelta(minutes=10)
"""A booking's id is older than its commit: so much of what was read is read again."""
NOTHING = "00000000-0000-0000-0000-000000000000"
_SLICE = 5000

_COLUMNS = """v.occurred_at, v.recorded_at, v.member_id, v.number, v.transaction_id, v.merchant_id, v.location_id,
    v.device_id, v.staff_id, v.source, v.earned"""
_STANDS = "v.reversed_at IS NULL AND v.source <> 'import'"
_AT_LOCATION = Statement(
    f"""SELECT {_COLUMNS} FROM visit v WHERE v.location_id = :location_id AND v.occurred_at >= :since
    AND v.occurred_at < :until AND {_STANDS} ORDER BY v.occurred_at, v.id"""  # noqa: S608  constants
)
_OF_MEMBERS = Statement(
    f"""SELECT {_COLUMNS} FROM visit v JOIN merchant m ON m.id = v.merchant_id
    WHERE v.member_id = ANY(CAST(:ids AS uuid[])) AND v.occurred_at >= :since AND v.occurred_at < :until
    AND m.sandbox_of IS NULL AND {_STANDS} ORDER BY v.occurred_at, v.id""",  # noqa: S608  constants
    sqlite=f"""SELECT {_COLUMNS} FROM visit v JOIN merchant m ON m.id = v.merchant_id
    WHERE v.member_id IN (SELECT value FROM json_each(:ids)) AND v.occurred_at >= :since AND v.occurred_at < :until
    AND m.sandbox_of IS NULL AND {_STANDS} ORDER BY v.occurred_at, v.id""",  # noqa: S608  constants
)
_VISITORS = Statement(
    "SELECT DISTINCT member_id FROM account WHERE visits > 0 AND last_visit_at >= :since AND member_id > :after"
    " ORDER BY member_id LIMIT :count"
)
_OFTEN = Statement(
    f"""SELECT v.staff_id FROM visit v WHERE v.member_id = ANY(CAST(:ids AS uuid[])) AND v.location_id = :location_id
    AND v.merchant_id = :merchant_id AND v.occurred_at >= :since AND v.staff_id IS NOT NULL AND {_STANDS}
    GROUP BY v.staff_id, v.number HAVING count(*) >= :least""",  # noqa: S608  constants
    sqlite=f"""SELECT v.staff_id FROM visit v WHERE v.member_id IN (SELECT value FROM json_each(:ids))
    AND v.location_id = :location_id AND v.merchant_id = :merchant_id AND v.occurred_at >= :since
    AND v.staff_id IS NOT NULL AND {_STANDS} GROUP BY v.staff_id, v.number HAVING count(*) >= :least""",  # noqa: S608
)
_CAME_AGAIN = Statement(
    "SELECT member_id FROM visit WHERE member_id = ANY(CAST(:ids AS uuid[])) AND merchant_id = :merchant_id"
    " GROUP BY member_id HAVING count(*) > 1",
    sqlite="SELECT member_id FROM visit WHERE member_id IN (SELECT value FROM json_each(:ids))"
    " AND merchant_id = :merchant_id GROUP BY member_id HAVING count(*) > 1",
)
_PROMOTIONS = Statement("SELECT id, rule FROM promotion WHERE merchant_id = :merchant_id")
_REVERSALS = Statement(
    """
    SELECT r.occurred_at, r.recorded_at, r.member_id, r.id, r.merchant_id, r.location_id, r.device_id, r.staff_id,
        b.occurred_at, b.kind,
        (SELECT coalesce(sum(f.amount), 0) FROM transfer f WHERE f.member_id = b.member_id AND f.transaction_id = b.id)
    FROM location_transaction t
    JOIN ledger_transaction r ON r.member_id = t.member_id AND r.id = t.transaction_id
    JOIN ledger_transaction b ON b.member_id = r.reverses_member_id AND b.id = r.reverses_id
    WHERE t.location_id = :location_id AND t.transaction_id >= :bound AND t.kind = 'reverse'
        AND r.occurred_at >= :since AND r.occurred_at < :until
        AND (b.kind = 'redeem' OR EXISTS (
            SELECT 1 FROM voucher w WHERE w.member_id = r.member_id AND w.merchant_id = r.merchant_id
            AND w.redeemed_at >= b.occurred_at AND w.redeemed_at <= r.occurred_at))
    ORDER BY r.occurred_at, r.id
    """
)
_PLACES = """
    SELECT l.id, l.merchant_id, l.timezone, m.country, l.opening_hours, l.lat, l.lon
    FROM location l JOIN merchant m ON m.id = l.merchant_id WHERE m.sandbox_of IS NULL
"""
_ALL_PLACES = Statement(f"{_PLACES} ORDER BY l.id")
_OFFSETS = Statement("SELECT id, clock_offset_ms FROM device WHERE location_id = :location_id")
_WAITING = Statement(
    """
    SELECT l.id, p.upto FROM location l JOIN merchant m ON m.id = l.merchant_id
    LEFT JOIN risk_progress p ON p.location_id = l.id
    WHERE m.sandbox_of IS NULL AND EXISTS (
        SELECT 1 FROM location_transaction t
        WHERE t.location_id = l.id AND (p.upto IS NULL OR t.transaction_id > p.upto))
    ORDER BY l.id
    """
)
_BOOKED = Statement(
    """
    SELECT t.transaction_id, t.member_id, t.kind, b.occurred_at FROM location_transaction t
    JOIN ledger_transaction b ON b.member_id = t.member_id AND b.id = t.transaction_id
    WHERE t.location_id = :location_id AND t.transaction_id > :after AND b.recorded_at >= :since
    ORDER BY t.transaction_id LIMIT :count
    """
)
_CARDS = Statement(
    "SELECT number, id FROM card WHERE number = ANY(CAST(:numbers AS text[]))",
    sqlite="SELECT number, id FROM card WHERE number IN (SELECT value FROM json_each(:numbers))",
)


@dataclass(slots=True)
class Booked:
    """What was booked at a location since the rules looked: up to which booking, since when, whose, and whether
    something was undone."""

    upto: str
    since: datetime | None
    members: set[str]
    has_reversal: bool


def waiting_locations(tx: Transaction) -> list[tuple[str, str | None]]:
    """Locations with bookings at which no rule has looked, each with the last that was looked at."""
    return [(row[0], row[1]) for row in tx.rows(_WAITING, {})]


def booked_since(tx: Transaction, location_id: str, upto: str | None, *, since: datetime) -> Booked:
    """What came after ``upto``, with a little of what came before; nothing that was booked before ``since``."""
    after = earlier(upto) if upto is not None else NOTHING
    found = Booked(upto or NOTHING, None, set(), False)
    while True:
        rows = tx.rows(_BOOKED, {"location_id": location_id, "after": after, "since": since, "count": _SLICE})
        for transaction_id, member_id, kind, occurred_at in rows:
            found.members.add(member_id)
            found.has_reversal |= kind == "reverse"
            found.since = occurred_at if found.since is None else min(found.since, occurred_at)
            found.upto = max(found.upto, transaction_id)
        if len(rows) < _SLICE:
            return found
        after = rows[-1][0]


def read_places(tx: Transaction) -> dict[str, SeenPlace]:
    """All locations of real shops, by id."""
    return {place.location_id: place for place in (_place(row) for row in tx.rows(_ALL_PLACES, {}))}


def with_clocks(tx: Transaction, place: SeenPlace) -> SeenPlace:
    """The place with what its devices' clocks are off."""
    offsets = {row[0]: int(row[1]) for row in tx.rows(_OFFSETS, {"location_id": place.location_id}) if row[1]}
    return SeenPlace(
        place.location_id,
        place.merchant_id,
        place.timezone,
        place.country,
        place.hours,
        place.lat,
        place.lon,
        offsets,
    )


def visits_at(tx: Transaction, place: SeenPlace, since: datetime, until: datetime) -> list[SeenVisit]:
    """The visits of a location that stand, in order of time."""
    asked = {"location_id": place.location_id, "since": since, "until": until}
    rows = tx.rows(_AT_LOCATION, asked)
    promotions = _welcome_promotions(tx, place.merchant_id) if rows else frozenset()
    visits = [_visit(row, promotions) for row in rows]
    new = {visit.member_id for visit in visits if visit.is_welcome}
    if not new:
        return visits
    who = {"ids": many(tx, new), "merchant_id": place.merchant_id}
    again = {row[0] for row in tx.rows(_CAME_AGAIN, who)}
    return [
        visit._replace(is_welcome=False) if visit.is_welcome and visit.member_id in again else visit for visit in visits
    ]


def visits_of(tx: Transaction, members: Collection[str], since: datetime, until: datetime) -> list[SeenVisit]:
    """All visits of these members, wherever, in order of time."""
    if not members:
        return []
    rows = tx.rows(_OF_MEMBERS, {"ids": many(tx, members), "since": since, "until": until})
    return [_visit(row, frozenset()) for row in rows]


def members_after(tx: Transaction, after: str, *, since: datetime, count: int) -> list[str]:
    """The next members by id who came since then."""
    return [row[0] for row in tx.rows(_VISITORS, {"after": after, "since": since, "count": count})]


def favouring_staff(
    tx: Transaction, place: SeenPlace, members: Collection[str], *, since: datetime, least: int
) -> set[str]:
    """Who of the staff awarded to one card of one of these members so often that a share says something."""
    if not members:
        return set()
    asked = {
        "ids": many(tx, members),
        "location_id": place.location_id,
        "merchant_id": place.merchant_id,
        "since": since,
        "least": least,
    }
    return {row[0] for row in tx.rows(_OFTEN, asked)}


def reversals_at(tx: Transaction, place: SeenPlace, since: datetime, until: datetime) -> list[SeenReversal]:
    """What was undone at a location after something was given for it."""
    bound = str(uuid.UUID(int=int(since.timestamp() * 1000) << 80))
    asked = {"location_id": place.location_id, "bound": bound, "since": since, "until": until}
    return [SeenReversal._make((*row[:10], int(row[10]))) for row in tx.rows(_REVERSALS, asked)]


def card_ids(tx: Transaction, numbers: Iterable[str]) -> dict[str, str]:
    """From numbers to the cards' ids."""
    wanted = sorted(set(numbers))
    return {row[0]: row[1] for row in tx.rows(_CARDS, {"numbers": many(tx, wanted)})} if wanted else {}


def earlier(identifier: str) -> str:
    """The smallest id that was made up to :data:`OVERLAP` before this one."""
    moment = (uuid.UUID(identifier).int >> 80) - int(OVERLAP.total_seconds() * 1000)
    return str(uuid.UUID(int=max(0, moment) << 80))


def _place(row: Sequence[Any]) -> SeenPlace:
    location_id, merchant_id, timezone, country, hours, lat, lon = row
    try:
        parsed = opening_hours.parse(document(hours) or {})
    except DomainError:
        parsed = opening_hours.parse({})
    return SeenPlace(location_id, merchant_id, timezone, country, parsed, lat, lon)


def _welcome_promotions(tx: Transaction, merchant_id: str) -> frozenset[str]:
    return frozenset(
        f"promotion:{promotion_id}"
        for promotion_id, rule in tx.rows(_PROMOTIONS, {"merchant_id": merchant_id})
        if (document(rule).get("conditions") or {}).get("first_visit")
    )


def _visit(row: Sequence[Any], promotions: frozenset[str]) -> SeenVisit:
    units, is_welcome = 0, False
    for earned in document(row[10]) or ():
        units += int(earned.get("units", 0))
        if promotions and not is_welcome:
            is_welcome = any(part[0] in promotions for part in earned.get("parts", ()))
    return SeenVisit._make((*row[:10], units, is_welcome))
