"""Reading what a refresh needs of one shop: in few statements, each by an index, and as columns of numbers."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

import numpy as np

from app.common.clock import zone
from app.common.database import Transaction
from app.common.sql import Statement, many
from app.insights.counting import worth_of
from app.insights.histories import UNKNOWN, Visits, local_visits
from app.insights.local_time import DAY, EPOCH, local_seconds
from app.insights.purchases import Ints
from app.insights.worth import Worth

OVERLAP = timedelta(minutes=10)
"""A booking's id is older than its commit: so much of what was read is read again."""
FIRST = "00000000-0000-0000-0000-000000000000"
_SLICE = 20_000

_HERE = "location_id IN (SELECT l.id FROM location l WHERE l.merchant_id = :merchant_id)"
_SECOND = "CAST(floor(extract(epoch FROM {0})) AS bigint)"
_SQLITE_SECOND = "CAST(strftime('%s', {0}) AS INTEGER)"


def _statement(text: str) -> Statement:
    """``{second}`` is the visit's moment in seconds, ``{members}`` "one of the ids in :members"."""
    return Statement(
        text.format(second=_SECOND.format("v.occurred_at"), members="= ANY(CAST(:members AS uuid[]))"),
        sqlite=text.format(
            second=_SQLITE_SECOND.format("v.occurred_at"), members="IN (SELECT value FROM json_each(:members))"
        ),
    )


_COLUMNS = "SELECT v.member_id, {second}, v.amount_minor - v.refunded_minor FROM visit v"
_ALL_VISITS = _statement(f"{_COLUMNS} WHERE v.{_HERE} AND v.reversed_at IS NULL")
_SOME_VISITS = _statement(
    f"{_COLUMNS} WHERE v.member_id {{members}} AND v.merchant_id = :merchant_id AND v.reversed_at IS NULL"
)
_SLID = _statement(
    f"SELECT DISTINCT v.member_id FROM visit v WHERE v.{_HERE}"  # noqa: S608  constants
    " AND v.occurred_at >= :since AND v.occurred_at < :until AND v.reversed_at IS NULL"
)
_REDEEMED = (
    "SELECT v.member_id, {second}, v.cost, v.programme_id, CAST(v.value AS text) FROM voucher v"  # noqa: S608
    f" WHERE v.redeemed_{_HERE} AND v.redeemed_at >= :since AND v.status = 'redeemed'"
)
_VOUCHERS = Statement(
    _REDEEMED.format(second=_SECOND.format("v.redeemed_at")),
    sqlite=_REDEEMED.format(second=_SQLITE_SECOND.format("v.redeemed_at")),
)
# One look into each location's index, not one through everything that was ever booked.
_BOOKED = Statement(
    f"SELECT DISTINCT t.member_id FROM location_transaction t WHERE t.{_HERE} AND t.transaction_id > :after"  # noqa: S608
)
_NEWEST = Statement(
    """
    SELECT max(x.newest) FROM (
        SELECT (SELECT CAST(t.transaction_id AS text) FROM location_transaction t WHERE t.location_id = l.id
            ORDER BY t.transaction_id DESC LIMIT 1) AS newest
        FROM location l WHERE l.merchant_id = :merchant_id
    ) x
    """
)
_MAIL_COST = Statement("SELECT mail_cost_minor FROM contact_setting WHERE merchant_id = :merchant_id")
_MAILS = Statement(
    """
    SELECT c.member_id, count(*) FROM shop_member s
    JOIN contact c ON c.member_id = s.member_id AND c.merchant_id = s.merchant_id AND c.at >= :since
    WHERE s.place_id = :merchant_id AND c.way = 'email' AND c.status = 'sent' GROUP BY c.member_id
    """
)
_RATINGS = Statement(
    """
    SELECT f.member_id, f.score, f.words IS NOT NULL FROM location l
    JOIN location_feedback x ON x.location_id = l.id
    JOIN feedback f ON f.member_id = x.member_id AND f.id = x.feedback_id
    WHERE l.merchant_id = :merchant_id ORDER BY f.created_at, f.id
    """
)
_OTHERS = Statement("SELECT id, merged_into, status FROM member WHERE status IN ('merged', 'erased')")
_INVITED = Statement("SELECT merchant_id, member_id, rewarded FROM invitation WHERE rewarded > 0")
_WAITING = Statement(
    "SELECT merchant_id, count(*) FROM accepted_invitation WHERE status = 'waiting' GROUP BY merchant_id"
)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is read once for all shops: into whom merged members went, who has left, whom each merchant's members
    brought, and how many accepted an invitation and have not come yet."""

    survivor: Mapping[str, str]
    aliases: Mapping[str, Sequence[str]]
    erased: frozenset[str]
    invited: Mapping[str, Mapping[str, int]]
    waiting: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Rewards:
    """Rewards that were redeemed: whose, on which local day, and what they came to in minor units."""

    members: Sequence[str]
    day: Ints
    minor: Ints


def surroundings(tx: Transaction) -> Surroundings:
    """Read them."""
    survivor: dict[str, str] = {}
    aliases: dict[str, list[str]] = {}
    erased = set()
    for member_id, into, status in tx.rows(_OTHERS, {}):
        if status == "erased":
            erased.add(member_id)
        else:
            survivor[member_id] = into
            aliases.setdefault(into, []).append(member_id)
    invited: dict[str, dict[str, int]] = {}
    for merchant_id, member_id, rewarded in tx.rows(_INVITED, {}):
        invited.setdefault(merchant_id, {})[member_id] = int(rewarded)
    waiting = {merchant_id: int(count) for merchant_id, count in tx.rows(_WAITING, {})}
    return Surroundings(survivor, aliases, frozenset(erased), invited, waiting)


def all_visits(tx: Transaction, merchant_id: str, timezone: str, around: Surroundings) -> Visits:
    """Every visit of a shop that stands, of those who have not left; those of merged members are the survivor's."""
    return _visits(tx, _ALL_VISITS, {"merchant_id": merchant_id}, timezone, around)


def visits_of(tx: Transaction, merchant_id: str, timezone: str, around: Surroundings, members: Iterable[str]) -> Visits:
    """The same of some members, and of whoever was merged into them."""
    asked = sorted({one for member in members for one in (member, *around.aliases.get(member, ()))})
    return _visits(tx, _SOME_VISITS, {"merchant_id": merchant_id, "members": many(tx, asked)}, timezone, around)


def touched(
    tx: Transaction, merchant_id: str, around: Surroundings, *, after: str, left_year: tuple[datetime, datetime]
) -> set[str]:
    """Whose figures may differ: those for whom something was booked since, and those of whom a visit has left the year
    between two moments. Survivors stand for whom they took in."""
    since, until = left_year
    found = {row[0] for row in tx.rows(_BOOKED, {"merchant_id": merchant_id, "after": earlier(after)})}
    if since < until:
        asked = {"merchant_id": merchant_id, "since": since, "until": until}
        found |= {row[0] for row in tx.rows(_SLID, asked)}
    return {around.survivor.get(member, member) for member in found}


def newest(tx: Transaction, merchant_id: str) -> str | None:
    """The last booking of a shop."""
    found: str | None = tx.rows(_NEWEST, {"merchant_id": merchant_id})[0][0]
    return found


def rewards_since(
    tx: Transaction,
    merchant_id: str,
    timezone: str,
    around: Surroundings,
    *,
    since: datetime,
    currency: str,
    basket_minor: int,
    worth: Mapping[str, Worth],
) -> Rewards:
    """What members redeemed at a shop since a moment, and what it came to: the amount that was promised, a percentage
    of the usual basket, or what its units are worth; nothing where nobody said."""
    members, seconds, minor = [], [], []
    known: dict[tuple[str, int, str], int] = {}
    for member_id, second, cost, programme_id, value in tx.rows(
        _VOUCHERS, {"merchant_id": merchant_id, "since": since}
    ):
        key = (value, cost, programme_id)
        amount = known.get(key)
        if amount is None:
            amount = known[key] = _worth(json.loads(value), cost, currency, basket_minor, worth.get(programme_id))
        members.append(around.survivor.get(member_id, member_id))
        seconds.append(second)
        minor.append(amount)
    local = local_seconds(np.array(seconds, np.int64), timezone)
    return Rewards(members, local // DAY, np.array(minor, np.int64))


def mails_since(tx: Transaction, merchant_id: str, around: Surroundings, since: datetime) -> tuple[dict[str, int], int]:
    """How many mails each member had from a shop since a moment, and what one costs in minor units: nobody is counted
    where they cost nothing."""
    rows = tx.rows(_MAIL_COST, {"merchant_id": merchant_id})
    price = int(rows[0][0]) if rows else 0
    found: dict[str, int] = {}
    if price:
        for member_id, count in tx.rows(_MAILS, {"merchant_id": merchant_id, "since": since}):
            member = around.survivor.get(member_id, member_id)
            found[member] = found.get(member, 0) + int(count)
    return found, price


def ratings(tx: Transaction, merchant_id: str, around: Surroundings) -> dict[str, tuple[int, bool]]:
    """The last score that each member gave a shop, and whether with words."""
    return {
        around.survivor.get(member_id, member_id): (int(score), bool(has_words))
        for member_id, score, has_words in tx.rows(_RATINGS, {"merchant_id": merchant_id})
    }


def earlier(identifier: str) -> str:
    """The smallest id that was made up to :data:`OVERLAP` before this one."""
    moment = (uuid.UUID(identifier).int >> 80) - int(OVERLAP.total_seconds() * 1000)
    return str(uuid.UUID(int=max(0, moment) << 80))


def _visits(
    tx: Transaction, statement: Statement, asked: Mapping[str, Any], timezone: str, around: Surroundings
) -> Visits:
    cursor = tx.cursor()
    cursor.execute(statement.sqlite if tx.dialect == "sqlite" else statement.postgresql, asked)
    places: dict[str, int] = {}
    parts: list[tuple[Ints, Ints, Ints]] = []
    while rows := cursor.fetchmany(_SLICE):
        ids, seconds, spent = zip(*rows, strict=True)
        parts.append(
            (
                np.fromiter((places.setdefault(one, len(places)) for one in ids), np.int64, len(ids)),
                np.array(seconds, np.int64),
                np.fromiter((UNKNOWN if one is None else one for one in spent), np.int64, len(ids)),
            )
        )
    if not parts:
        nothing = np.zeros(0, np.int64)
        return Visits([], nothing, nothing, nothing)
    who, second, spent_minor = (np.concatenate(column) for column in zip(*parts, strict=True))
    members = list(places)
    if not around.survivor.keys().isdisjoint(places) or not around.erased.isdisjoint(places):
        settled: dict[str, int] = {}
        owners = (around.survivor.get(one, one) for one in members)
        to = np.array(
            [-1 if one in around.erased else settled.setdefault(one, len(settled)) for one in owners], np.int64
        )
        who = to[who]
        stays = who >= 0
        who, second, spent_minor, members = who[stays], second[stays], spent_minor[stays], list(settled)
    return local_visits(members, who, second, spent_minor, timezone)


def _worth(value: Any, cost: int, currency: str, basket_minor: int, unit: Worth | None) -> int:
    amount = worth_of(value, currency)
    if amount is not None:
        return amount
    percent = value.get("percent") if value else None
    if percent is not None:
        return round(basket_minor * int(percent) / 100)
    return (unit.of(cost) or 0) if unit is not None else 0


def beginning_of(local_day: int, timezone: str) -> datetime:
    """The moment at which a local day (since 1970) begins."""
    return datetime.combine((EPOCH + timedelta(days=int(local_day))).date(), time(), zone(timezone)).astimezone(UTC)
