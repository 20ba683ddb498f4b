"""Retention and patterns as they were counted: a few hundred rows at most, however many visits there were."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.common.scope import Scope
from app.common.sql import Statement

QUARTERS = 4
"""So many of the latest quarters a shop is told of."""

_PROGRESS = Statement(
    "SELECT members, gone, usual_gap, broken, counted_at FROM pattern_progress WHERE merchant_id = :merchant_id"
)
_COHORTS = Statement(
    "SELECT cohort, month, members, visits FROM cohort_month WHERE merchant_id = :merchant_id AND cohort >= :since"
)
_MONTHS = Statement(
    "SELECT month, kind, members, visits, amount_minor, amount_visits FROM pattern_month"
    " WHERE merchant_id = :merchant_id AND month >= :since"
)
_ACQUIRED = Statement(
    "SELECT month, source, members FROM acquisition_month WHERE merchant_id = :merchant_id AND month >= :since"
)
_RETAINED = Statement(
    "SELECT month, members, gone FROM retention_month WHERE merchant_id = :merchant_id AND month >= :since"
)
_BARS = Statement("SELECT least, members, broken FROM rhythm_bar WHERE merchant_id = :merchant_id ORDER BY least")
_CONSENT = Statement("SELECT agreed_at FROM crossing_consent WHERE merchant_id = :merchant_id")
_QUARTERS = Statement("SELECT quarter FROM crossing_quarter ORDER BY quarter DESC LIMIT :count")
_TOTALS = Statement(
    """
    SELECT quarter, other_name, members, weekday FROM crossing_total
    WHERE merchant_id = :merchant_id AND quarter >= :since ORDER BY quarter DESC, members DESC, other_name, other_id
    """
)


@dataclass(frozen=True, slots=True)
class Came:
    """Members and visits of one kind in one month; money in minor units, of ``amount_visits``."""

    members: int = 0
    visits: int = 0
    amount_minor: int = 0
    amount_visits: int = 0

    @property
    def basket_minor(self) -> float | None:
        """What a visit came to, of those whose amount is known."""
        return self.amount_minor / self.amount_visits if self.amount_visits else None


@dataclass(frozen=True, slots=True)
class Retention:
    """A shop's retention: ``cells`` are members by (cohort, month), ``kinds`` what came by (month, kind), ``sources``
    new members by (month, source), ``months`` by month the members at its beginning and those who went in it."""

    counted_at: datetime | None = None
    members: int = 0
    gone: int = 0
    cells: Mapping[tuple[str, str], int] = field(default_factory=dict)
    kinds: Mapping[tuple[str, str], Came] = field(default_factory=dict)
    sources: Mapping[tuple[str, str], int] = field(default_factory=dict)
    months: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rhythms:
    """A shop's rhythms: ``bars`` are (least gap in days, members, those away for longer)."""

    counted_at: datetime | None = None
    usual_gap: int | None = None
    broken: int = 0
    bars: tuple[tuple[int, int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another shop with which the own one has at least ``members`` in common, in a quarter as 2026-Q3."""

    quarter: str
    name: str
    members: int
    weekday: int | None


@dataclass(frozen=True, slots=True)
class Crossing:
    """Whether the shop takes part and since when, which quarters were made, and what it is told."""

    agreed_at: datetime | None
    quarters: tuple[str, ...]
    neighbours: tuple[Neighbour, ...]


def retention_of(scope: Scope, *, since: str) -> Retention:
    """The retention of the scope's shop, from the month ``since`` on (as 2026-03)."""
    asked = {"merchant_id": scope.merchant_id, "since": since}
    with scope.reading() as tx:
        progress = tx.rows(_PROGRESS, asked)
        if not progress:
            return Retention()
        return Retention(
            counted_at=progress[0][4],
            members=int(progress[0][0]),
            gone=int(progress[0][1]),
            cells={(row[0], row[1]): int(row[2]) for row in tx.rows(_COHORTS, asked)},
            kinds={(row[0], row[1]): Came(*map(int, row[2:])) for row in tx.rows(_MONTHS, asked)},
            sources={(row[0], row[1]): int(row[2]) for row in tx.rows(_ACQUIRED, asked)},
            months={row[0]: (int(row[1]), int(row[2])) for row in tx.rows(_RETAINED, asked)},
        )


def rhythms_of(scope: Scope) -> Rhythms:
    """The rhythms of the members of the scope's shop."""
    asked = {"merchant_id": scope.merchant_id}
    with scope.reading() as tx:
        progress = tx.rows(_PROGRESS, asked)
        if not progress:
            return Rhythms()
        _, _, usual_gap, broken, counted_at = progress[0]
        bars = tuple((int(row[0]), int(row[1]), int(row[2])) for row in tx.rows(_BARS, asked))
        return Rhythms(counted_at, usual_gap, int(broken), bars)


def crossing_of(scope: Scope) -> Crossing:
    """What the scope's shop is told of the members that it has in common with others."""
    asked = {"merchant_id": scope.merchant_id}
    with scope.reading() as tx:
        agreed = tx.rows(_CONSENT, asked)
        quarters = tuple(row[0] for row in tx.rows(_QUARTERS, {"count": QUARTERS}))
        found = tx.rows(_TOTALS, {**asked, "since": quarters[-1]}) if agreed and quarters else []
    return Crossing(agreed[0][0] if agreed else None, quarters, tuple(Neighbour(*row) for row in found))
