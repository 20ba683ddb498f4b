"""What was worked out of a shop's members. Every query takes one merchant, and sees that one's rows alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.common.database import Transaction
from app.common.sql import Statement
from app.insights.models import GROUPS, RUNGS, MemberValue, MerchantModel, Persona
from app.insights.relationships import Lines
from app.rewards.segments import AT_RISK_BELOW, AT_RISK_FROM

_LINES = Statement(
    """
    SELECT k.visits_line, k.profit_line_minor, s.visits_line, s.profit_line_minor FROM merchant_model k
    LEFT JOIN relationship_setting s ON s.merchant_id = k.merchant_id WHERE k.merchant_id = :merchant_id
    """
)
MOST_DRAWN = 600
"""So many members are dots of a page; of more, about so many are drawn, and the browser asks for all."""
_END = 3  # hexadecimal digits at the end of an id
_DOTS = Statement(
    """
    SELECT member_id, expected_visits, profit_year_minor, relationship FROM member_value
    WHERE merchant_id = :merchant_id AND relationship IS NOT NULL
    """
)
# Ids end in what was drawn at random: of all members about as many have such an end as it is a share of all ends.
_SOME = Statement(
    """
    SELECT member_id, expected_visits, profit_year_minor, relationship FROM member_value
    WHERE merchant_id = :merchant_id AND relationship IS NOT NULL
        AND substr(CAST(member_id AS text), 34) COLLATE "C" < :end
    """,
    sqlite="""
    SELECT member_id, expected_visits, profit_year_minor, relationship FROM member_value
    WHERE merchant_id = :merchant_id AND relationship IS NOT NULL AND substr(member_id, 34) < :end
    """,
)
_STANDING = Statement(
    """
    SELECT relationship, count(*), sum(profit_year_minor) FROM member_value
    WHERE merchant_id = :merchant_id AND relationship IS NOT NULL GROUP BY relationship
    """
)
_GROUPS = Statement(
    """
    SELECT relationship, count(*), sum(profit_year_minor), sum(value_minor) FROM member_value
    WHERE merchant_id = :merchant_id AND relationship IS NOT NULL GROUP BY relationship
    """
)
_MONTHS = Statement(
    """
    SELECT month, relationship, sum(members) FROM relationship_month
    WHERE merchant_id = :merchant_id GROUP BY month, relationship
    """
)
_MOVED = Statement(
    "SELECT month, was, relationship, members, profit_minor FROM relationship_month"
    " WHERE merchant_id = :merchant_id AND month >= :since ORDER BY month, was, relationship"
)
_CLIMBED = Statement(
    "SELECT month, was, rung, members FROM rung_month"
    " WHERE merchant_id = :merchant_id AND month >= :since ORDER BY month, was, rung"
)
_RUNGS = Statement("SELECT rung, count(*) FROM member_value WHERE merchant_id = :merchant_id GROUP BY rung")
_AT_RISK = Statement(
    """
    SELECT v.member_id, v.alive, v.value_minor FROM shop_member s
    JOIN member_value v ON v.member_id = s.member_id AND v.merchant_id = s.place_id
    WHERE s.place_id = :merchant_id AND s.gap_days IS NOT NULL AND s.alive >= :least AND s.alive < :most
    ORDER BY v.value_minor DESC, v.member_id LIMIT :count
    """
)


@dataclass(frozen=True, slots=True)
class LinesInForce:
    """The lines that divide the groups, and those that the data set by themselves."""

    visits: float
    profit_minor: int
    data_visits: float
    data_profit_minor: int


@dataclass(frozen=True, slots=True)
class Dots:
    """Every member on the map, as columns of equal length; ``group`` counts in :data:`GROUPS`."""

    member_id: tuple[str, ...]
    expected_visits: tuple[float, ...]
    profit_minor: tuple[int, ...]
    group: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class GroupView:
    """One group: its members, what stayed of them in the last twelve months, what they are worth, their share of the
    members and of the profit (0 to 1), and by how many members it grew since the month before so many."""

    group: str
    members: int
    profit_minor: int
    value_minor: int
    share: float
    profit_share: float
    change: int | None


@dataclass(frozen=True, slots=True)
class Moved:
    """So many members went from one group or rung to another within a month; ``was`` empty: they were new."""

    month: str
    was: str
    now: str
    members: int
    profit_minor: int = 0


@dataclass(frozen=True, slots=True)
class Ladder:
    """How many members stand on each rung, and how many prospects there are: with an account and no visit yet, and
    invited ones who have not come."""

    rungs: Mapping[str, int]
    opened: int
    invited: int


@dataclass(frozen=True, slots=True)
class PersonaView:
    """A kind of customer; ``facts`` as :mod:`app.insights.personas` tells them."""

    number: int
    members: int
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AtRisk:
    """A regular of whom it is doubtful whether she still comes."""

    member_id: str
    alive: float
    value_minor: int | None


def model_of(tx: Transaction, merchant_id: str) -> MerchantModel | None:
    """What was fitted to a shop; None before the first refresh."""
    return tx.session.get(MerchantModel, merchant_id)


def equity_of(tx: Transaction, merchant_id: str) -> int | None:
    """The shop's customer equity in minor units: the sum of its members' values at the last refresh."""
    model = model_of(tx, merchant_id)
    return None if model is None else model.equity_minor


def value_of(tx: Transaction, merchant_id: str, member_id: str) -> MemberValue | None:
    """What one member is to a shop; None where nothing is known of her there."""
    return tx.session.get(MemberValue, (member_id, merchant_id))


def lines_of(tx: Transaction, merchant_id: str) -> LinesInForce | None:
    """The lines in force; None before the first refresh."""
    rows = tx.rows(_LINES, {"merchant_id": merchant_id})
    if not rows:
        return None
    visits, profit, own_visits, own_profit = rows[0]
    return LinesInForce(
        visits if own_visits is None else own_visits, profit if own_profit is None else own_profit, visits, profit
    )


def data_lines(tx: Transaction, merchant_id: str) -> Lines | None:
    """The lines that the data set by themselves."""
    found = lines_of(tx, merchant_id)
    return None if found is None else Lines(found.data_visits, found.data_profit_minor)


def dots(tx: Transaction, merchant_id: str, *, share: float = 1.0) -> Dots:
    """All members of a shop for its map, or about such a ``share`` of them (0 to 1), evenly chosen and the same each
    time; empty where there is too little to say."""
    if share < 1:
        rows = tx.rows(_SOME, {"merchant_id": merchant_id, "end": f"{int(share * 16**_END):0{_END}x}"})
    else:
        rows = tx.rows(_DOTS, {"merchant_id": merchant_id})
    if not rows:
        return Dots((), (), (), ())
    ids, expected, profit, groups = zip(*rows, strict=True)
    places = {name: place for place, name in enumerate(GROUPS)}
    return Dots(ids, expected, profit, tuple(places[one] for one in groups))


def standing(tx: Transaction, merchant_id: str) -> dict[str, tuple[int, int]]:
    """How many members are in each group, and their profit of the last twelve months in minor units."""
    return {row[0]: (int(row[1]), int(row[2])) for row in tx.rows(_STANDING, {"merchant_id": merchant_id})}


def share_drawn(members: int) -> float:
    """Which share of so many members a page draws: a page holds as many dots as an owner can tell apart."""
    return min(1.0, MOST_DRAWN / members) if members else 1.0


def count_rungs(tx: Transaction, merchant_id: str) -> dict[str, int]:
    """How many members stand on each rung, counted."""
    return {rung: int(many) for rung, many in tx.rows(_RUNGS, {"merchant_id": merchant_id})}


def groups(tx: Transaction, merchant_id: str, *, since_month: str) -> list[GroupView]:
    """The four groups in the order of :data:`GROUPS`, and how they grew since the end of ``since_month`` (as 2026-08;
    where nothing is known of that month, ``change`` is None)."""
    asked = {"merchant_id": merchant_id}
    counted = {row[0]: tuple(int(value or 0) for value in row[1:]) for row in tx.rows(_GROUPS, asked)}
    then: dict[str, dict[str, int]] = {}
    for month, group, members in tx.rows(_MONTHS, asked):
        then.setdefault(month, {})[group] = int(members)
    before = then.get(since_month)
    members = sum(one[0] for one in counted.values())
    profit = sum(one[1] for one in counted.values())
    return [
        GroupView(
            group=group,
            members=many,
            profit_minor=stayed,
            value_minor=value,
            share=many / members if members else 0.0,
            profit_share=stayed / profit if profit > 0 else 0.0,
            change=None if before is None else many - before.get(group, 0),
        )
        for group in GROUPS
        for many, stayed, value in (counted.get(group, (0, 0, 0)),)
    ]


def movement(tx: Transaction, merchant_id: str, *, since_month: str) -> list[Moved]:
    """Between which groups members went in each month from ``since_month`` on."""
    return [Moved(*row) for row in tx.rows(_MOVED, {"merchant_id": merchant_id, "since": since_month})]


def climbing(tx: Transaction, merchant_id: str, *, since_month: str) -> list[Moved]:
    """The same for the rungs of the ladder."""
    return [Moved(*row) for row in tx.rows(_CLIMBED, {"merchant_id": merchant_id, "since": since_month})]


def ladder(tx: Transaction, merchant_id: str) -> Ladder:
    """How many stand on each rung now."""
    model = model_of(tx, merchant_id)
    drawn = None if model is None else model.drawn
    counted = count_rungs(tx, merchant_id) if drawn is None else drawn["rungs"]
    return Ladder(
        {rung: counted.get(rung, 0) for rung in RUNGS},
        0 if model is None else model.prospects_opened,
        0 if model is None else model.prospects_invited,
    )


def personas(tx: Transaction, merchant_id: str) -> list[PersonaView]:
    """The shop's kinds of customers, the largest first."""
    rows = tx.session.scalars(select(Persona).where(Persona.merchant_id == merchant_id).order_by(Persona.number))
    return [PersonaView(one.number, one.members, one.facts) for one in rows]


def at_risk(tx: Transaction, merchant_id: str, *, count: int) -> list[AtRisk]:
    """Regulars whose coming is doubtful, the most valuable first: at most ``count``."""
    asked = {"merchant_id": merchant_id, "least": AT_RISK_FROM, "most": AT_RISK_BELOW, "count": count}
    return [AtRisk(*row) for row in tx.rows(_AT_RISK, asked)]


def refreshed_at(tx: Transaction, merchant_id: str) -> datetime | None:
    """When a shop was refreshed last."""
    model = model_of(tx, merchant_id)
    return None if model is None else model.refreshed_at
