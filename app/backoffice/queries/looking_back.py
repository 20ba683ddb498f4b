"""What a shop looks back on: sums over days that were counted before, of its own locations alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from app.backoffice.queries.places import Spot, spots_in
from app.common.clock import zone
from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Statement, many
from app.insights.worth import Basket, Worth, basket_of, typed_basket, worth_of_units
from app.merchants.models import Merchant

_IN = "location_id IN (SELECT value FROM json_each(:places))"
_ANY = "location_id = ANY(CAST(:places AS uuid[]))"
_SUMS = (
    "coalesce(sum(visits), 0), coalesce(sum(new_visits), 0), coalesce(sum(amount_minor), 0),"
    " coalesce(sum(amount_visits), 0), coalesce(sum(units), 0), coalesce(sum(redemptions), 0),"
    " coalesce(sum(redeemed_units), 0), coalesce(sum(redeemed_minor), 0), coalesce(sum(unpriced), 0)"
)
_WITHIN = "day >= :first AND day <= :last"


def _both(text: str) -> Statement:
    return Statement(text.replace("{where}", _ANY), sqlite=text.replace("{where}", _IN))


_DAYS = _both(f"SELECT day, {_SUMS} FROM visit_hour WHERE {{where}} AND {_WITHIN} GROUP BY day ORDER BY day")  # noqa: S608
_HOURS = _both(f"SELECT day, hour, sum(visits) FROM visit_hour WHERE {{where}} AND {_WITHIN} GROUP BY day, hour")  # noqa: S608
_PLACES = _both(f"SELECT location_id, {_SUMS} FROM visit_hour WHERE {{where}} AND {_WITHIN} GROUP BY location_id")  # noqa: S608
_REWARDS = _both(
    f"""
    SELECT d.reward_id, w.name, sum(d.redemptions), sum(d.units), sum(d.worth_minor), sum(d.unpriced)
    FROM reward_day d JOIN reward w ON w.id = d.reward_id
    WHERE d.{{where}} AND {_WITHIN} GROUP BY d.reward_id, w.name ORDER BY 3 DESC, w.name
    """  # noqa: S608  constants
)
_PROMOTIONS = _both(
    f"""
    SELECT p.id, p.name, p.starts_at, p.ends_at, p.is_active, sum(d.visits), sum(d.units), sum(d.amount_minor),
        sum(d.amount_visits), count(DISTINCT d.day)
    FROM promotion_day d JOIN promotion p ON p.id = d.promotion_id
    WHERE d.{{where}} AND {_WITHIN} GROUP BY p.id, p.name, p.starts_at, p.ends_at, p.is_active ORDER BY 6 DESC, p.name
    """  # noqa: S608  constants
)
_PROGRAMMES = Statement(
    """
    SELECT p.id, p.name, p.kind, s.outstanding, s.owed, s.holders FROM programme p
    LEFT JOIN programme_standing s ON s.programme_id = p.id
    WHERE p.merchant_id = :merchant_id ORDER BY p.position, p.id
    """
)
_PROGRAMME_DAYS = Statement(
    """
    SELECT d.programme_id, d.day, d.outstanding, d.expired FROM programme_day d
    JOIN programme p ON p.id = d.programme_id
    WHERE p.merchant_id = :merchant_id AND d.day >= :first AND d.day <= :last ORDER BY d.day
    """
)
_FIRST_DAY = Statement("SELECT min(day) FROM visit_hour WHERE merchant_id = :merchant_id")


@dataclass(frozen=True, slots=True)
class Sums:
    """What came together: money in minor units, less refunds. ``amount_visits``: of how many visits it is known."""

    visits: int = 0
    new: int = 0
    amount_minor: int = 0
    amount_visits: int = 0
    units: int = 0
    redemptions: int = 0
    redeemed_units: int = 0
    redeemed_minor: int = 0
    unpriced: int = 0

    def __add__(self, other: Sums) -> Sums:
        return Sums(*(one + another for one, another in zip(self.values(), other.values(), strict=True)))

    def values(self) -> tuple[int, ...]:
        return (
            *(self.visits, self.new, self.amount_minor, self.amount_visits, self.units),
            *(self.redemptions, self.redeemed_units, self.redeemed_minor, self.unpriced),
        )

    @property
    def returning(self) -> int:
        """Visits of members who had been there before."""
        return self.visits - self.new

    @property
    def basket_minor(self) -> float | None:
        """What a visit came to, of those whose amount is known."""
        return self.amount_minor / self.amount_visits if self.amount_visits else None


@dataclass(frozen=True, slots=True)
class RewardRow:
    """A reward and how often it was given."""

    name: str
    redemptions: int
    units: int
    worth_minor: int
    unpriced: int


@dataclass(frozen=True, slots=True)
class PromotionRow:
    """A promotion and what it did: on ``days`` days it gave ``units`` more to ``visits`` visits."""

    promotion_id: str
    name: str
    starts_at: datetime | None
    ends_at: datetime | None
    is_active: bool
    visits: int
    units: int
    amount_minor: int
    amount_visits: int
    days: int


@dataclass(frozen=True, slots=True)
class Owed:
    """What members hold of a programme, and how it went: (day, units held or None, units that ended that day)."""

    programme_id: str
    name: str
    kind: str
    outstanding: int
    debt: int
    holders: int
    worth: Worth
    days: tuple[tuple[date, int | None, int], ...]


@dataclass(frozen=True, slots=True)
class Span:
    """From a local day to another, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def before(self) -> Span:
        """The days just before, as many; of whole months the month, of a year the year before."""
        is_month = self.first.day == 1 and (self.last + timedelta(days=1)).day == 1
        if is_month and self.first.month == self.last.month:
            last = self.first - timedelta(days=1)
            return Span(last.replace(day=1), last)
        if self.days > 300:
            return Span(_year_before(self.first), _year_before(self.last))
        return Span(self.first - timedelta(days=self.days), self.first - timedelta(days=1))


def _year_before(day: date) -> date:
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


@dataclass(frozen=True, slots=True)
class Frame:
    """What every report knows: the locations that it is of, all that could be chosen, today, and the first day on which
    anything was counted."""

    spots: tuple[Spot, ...]
    choices: tuple[Spot, ...]
    today: date
    first_day: date | None
    basket: Basket
    typed: int | None


def get_frame(scope: Scope, *, timezone: str, location_id: str | None = None) -> Frame:
    """The frame of the scope's reports, of all its locations or of the one chosen. Raises NotFoundError for a location
    that is not the scope's."""
    with scope.reading() as tx:
        choices = spots_in(tx, scope)
        spots = spots_in(tx, scope, location_id) if location_id else choices
        today = scope.now.astimezone(zone(timezone)).date()
        first = tx.rows(_FIRST_DAY, {"merchant_id": scope.merchant_id})[0][0]
        basket = basket_of(tx, scope.merchant_id or "", today)
        settings = tx.session.get_one(Merchant, scope.merchant_id).settings
        return Frame(
            tuple(spots),
            tuple(choices),
            today,
            None if first is None else date.fromisoformat(first),
            basket,
            typed_basket(settings),
        )


def sums_by_day(scope: Scope, frame: Frame, span: Span) -> dict[date, Sums]:
    """The sums of each day on which anything was counted."""
    with scope.reading() as tx:
        rows = tx.rows(_DAYS, _asked(tx, frame, span))
    return {date.fromisoformat(row[0]): Sums(*map(int, row[1:])) for row in rows}


def hours_of_week(scope: Scope, frame: Frame, span: Span) -> dict[tuple[int, int], int]:
    """All visits by (weekday, hour)."""
    found: dict[tuple[int, int], int] = {}
    with scope.reading() as tx:
        for told, hour, visits in tx.rows(_HOURS, _asked(tx, frame, span)):
            key = date.fromisoformat(told).weekday(), hour
            found[key] = found.get(key, 0) + int(visits)
    return found


def sums_by_location(scope: Scope, frame: Frame, span: Span) -> dict[str, Sums]:
    """The sums of each location."""
    with scope.reading() as tx:
        rows = tx.rows(_PLACES, _asked(tx, frame, span))
    return {row[0]: Sums(*map(int, row[1:])) for row in rows}


def rewards_given(scope: Scope, frame: Frame, span: Span) -> list[RewardRow]:
    """Rewards by how often they were given."""
    with scope.reading() as tx:
        return [RewardRow(row[1], *map(int, row[2:])) for row in tx.rows(_REWARDS, _asked(tx, frame, span))]


def promotions_compared(scope: Scope, frame: Frame, span: Span) -> list[PromotionRow]:
    """Promotions that gave anything, the most used first."""
    with scope.reading() as tx:
        rows = tx.rows(_PROMOTIONS, _asked(tx, frame, span))
    return [
        PromotionRow(
            promotion_id=row[0],
            name=row[1],
            starts_at=row[2],
            ends_at=row[3],
            is_active=bool(row[4]),
            visits=int(row[5]),
            units=int(row[6]),
            amount_minor=int(row[7]),
            amount_visits=int(row[8]),
            days=int(row[9]),
        )
        for row in rows
    ]


def owed_to_members(scope: Scope, frame: Frame, span: Span) -> list[Owed]:
    """What members of each programme hold, in units and in money as far as rewards say it. It is of the programme as a
    whole: what is earned at one location is spent at another."""
    merchant_id = scope.merchant_id or ""
    with scope.reading() as tx:
        worth = worth_of_units(tx, merchant_id, frame.basket)
        programmes = tx.rows(_PROGRAMMES, {"merchant_id": merchant_id})
        asked = {"merchant_id": merchant_id, "first": span.first.isoformat(), "last": span.last.isoformat()}
        days: dict[str, list[tuple[date, int | None, int]]] = {}
        for programme_id, day, outstanding, expired in tx.rows(_PROGRAMME_DAYS, asked):
            held = None if outstanding is None else int(outstanding)
            days.setdefault(programme_id, []).append((date.fromisoformat(day), held, int(expired)))
    return [
        Owed(
            programme_id,
            name,
            kind,
            int(outstanding or 0),
            int(debt or 0),
            int(holders or 0),
            worth.get(programme_id, Worth(None, is_estimated=False)),
            tuple(days.get(programme_id, ())),
        )
        for programme_id, name, kind, outstanding, debt, holders in programmes
    ]


def total(sums: Mapping[Any, Sums] | Sequence[Sums]) -> Sums:
    """All of them together."""
    found = Sums()
    for one in sums.values() if isinstance(sums, Mapping) else sums:
        found += one
    return found


def _asked(tx: Transaction, frame: Frame, span: Span) -> dict[str, object]:
    return {
        "places": many(tx, [spot.location_id for spot in frame.spots]),
        "first": span.first.isoformat(),
        "last": span.last.isoformat(),
    }
