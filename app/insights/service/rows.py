"""A shop's rows of :class:`MemberValue`, read and written in bulk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np

from app.common.database import Transaction
from app.common.sql import Statement, many
from app.insights.histories import NOBODY, UNKNOWN, Histories
from app.insights.local_time import day_number, day_text
from app.insights.personas import Kind
from app.rewards.configuration import document


class ValueRow(NamedTuple):
    """One member's figures at one shop, as the table holds them."""

    x: int
    first_day: str
    last_day: str
    mean_minor: int | None
    visits_year: int
    spend_year_minor: int
    unpriced_year: int
    cost_year_minor: int
    profit_year_minor: int
    alive: float | None
    expected_visits: float | None
    expected_basket_minor: int | None
    to_come: float | None
    value_minor: int | None
    relationship: str | None
    since_day: str | None
    was: str | None
    rung: str
    rung_since_day: str
    rung_was: str | None
    persona: int | None


class Seen(NamedTuple):
    """What a shop's list of members shows of the same: the chance that she still comes is in thousandths."""

    relationship: str | None
    rung: str | None
    alive: int | None


_NAMES = ValueRow._fields
_SQL_TYPES = {
    **dict.fromkeys(_NAMES, "bigint"),
    **dict.fromkeys(("first_day", "last_day", "relationship", "since_day", "was", "rung", "rung_since_day"), "text"),
    "rung_was": "text",
    **dict.fromkeys(("alive", "expected_visits", "to_come"), "float8"),
}
_READ = Statement(f"SELECT member_id, {', '.join(_NAMES)} FROM member_value WHERE merchant_id = :merchant_id")  # noqa: S608
_SET = ", ".join(f"{name} = excluded.{name}" for name in (*_NAMES, "computed_at"))
_ALL = ("member_id", "merchant_id", *_NAMES, "computed_at")
_PUT = Statement(
    f"INSERT INTO member_value ({', '.join(_ALL)}) SELECT u.member_id, :merchant_id,"  # noqa: S608  names of ours
    f" {', '.join(f'u.{name}' for name in _NAMES)}, :computed_at"
    f" FROM unnest(CAST(:member_id AS uuid[]), {', '.join(f'CAST(:{n} AS {_SQL_TYPES[n]}[])' for n in _NAMES)})"
    f" AS u(member_id, {', '.join(_NAMES)}) ON CONFLICT (member_id, merchant_id) DO UPDATE SET {_SET}",
    sqlite=f"INSERT INTO member_value ({', '.join(_ALL)}) VALUES ({', '.join(f':{name}' for name in _ALL)})"  # noqa: S608
    f" ON CONFLICT (member_id, merchant_id) DO UPDATE SET {_SET}",
)
_SHOWN = Statement("SELECT member_id, relationship, rung, alive, visits FROM shop_member WHERE place_id = :merchant_id")
_KINDS = Statement("SELECT number, members, facts FROM persona WHERE merchant_id = :merchant_id ORDER BY number")
_DROP = Statement(
    "DELETE FROM member_value WHERE merchant_id = :merchant_id AND member_id = ANY(CAST(:members AS uuid[]))",
    sqlite="DELETE FROM member_value WHERE merchant_id = :merchant_id"
    " AND member_id IN (SELECT value FROM json_each(:members))",
)
# Whoever merges or erases a member holds her row; what comes after that sees that she is no more.
_HERE = Statement(
    "SELECT id FROM member WHERE id = ANY(CAST(:members AS uuid[])) AND status IN ('anonymous', 'claimed')"
    " ORDER BY id FOR KEY SHARE",
    sqlite="SELECT id FROM member WHERE id IN (SELECT value FROM json_each(:members))"
    " AND status IN ('anonymous', 'claimed') ORDER BY id",
)


def read_rows(tx: Transaction, merchant_id: str) -> dict[str, ValueRow]:
    """What stands, by member."""
    return {row[0]: ValueRow(*row[1:]) for row in tx.rows(_READ, {"merchant_id": merchant_id})}


def read_shown(tx: Transaction, merchant_id: str) -> tuple[dict[str, Seen], int]:
    """What the shop's list of members shows, and how many on it never came."""
    rows = tx.rows(_SHOWN, {"merchant_id": merchant_id})
    return {row[0]: Seen(*row[1:4]) for row in rows}, sum(row[4] == 0 for row in rows)


def read_kinds(tx: Transaction, merchant_id: str) -> list[Kind]:
    """The shop's kinds of customers."""
    rows = tx.rows(_KINDS, {"merchant_id": merchant_id})
    return [Kind(number, members, dict(document(facts))) for number, members, facts in rows]


def histories_of(rows: Mapping[str, ValueRow]) -> Histories:
    """The members' histories out of what stands, sorted by id."""
    members = sorted(rows)
    if not members:
        return NOBODY
    columns = list(zip(*(rows[member][:7] for member in members), strict=True))
    x, first, last, mean, visits, spend, unpriced = columns
    return Histories(
        members,
        np.array(x, np.int64),
        np.array([day_number(one) for one in first], np.int64),
        np.array([day_number(one) for one in last], np.int64),
        np.array([UNKNOWN if one is None else one for one in mean], np.int64),
        np.array(visits, np.int64),
        np.array(spend, np.int64),
        np.array(unpriced, np.int64),
    )


def history_columns(known: Histories) -> list[Sequence[Any]]:
    """The first columns of rows, out of histories."""
    return [
        known.x.tolist(),
        [day_text(day) for day in known.first.tolist()],
        [day_text(day) for day in known.last.tolist()],
        [None if mean == UNKNOWN else mean for mean in known.mean.tolist()],
        known.visits.tolist(),
        known.spend.tolist(),
        known.unpriced.tolist(),
    ]


def write_rows(tx: Transaction, merchant_id: str, rows: Sequence[tuple[str, ValueRow]], now: datetime) -> list[str]:
    """Put some rows in the place of what was there, of those members who still stand. Returns who they are."""
    if not rows:
        return []
    here = {row[0] for row in tx.rows(_HERE, {"members": many(tx, (member for member, _ in rows))})}
    kept = [(member, row) for member, row in rows if member in here]
    if kept and tx.dialect == "sqlite":
        common = {"merchant_id": merchant_id, "computed_at": now}
        tx.run_many(_PUT, [{"member_id": member, **common, **row._asdict()} for member, row in kept])
    elif kept:
        columns = zip(*(row for _, row in kept), strict=True)
        asked: dict[str, Any] = {name: list(column) for name, column in zip(_NAMES, columns, strict=True)}
        asked |= {"member_id": [member for member, _ in kept], "merchant_id": merchant_id, "computed_at": now}
        tx.run(_PUT, asked)
    return [member for member, _ in kept]


def drop_rows(tx: Transaction, merchant_id: str, members: Sequence[str]) -> None:
    """Take away the rows of members who have nothing at the shop any more."""
    tx.run(_DROP, {"merchant_id": merchant_id, "members": many(tx, members)})
