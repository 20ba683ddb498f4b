"""On which days a business is shut beside its weekly rest, and what that moves. Pure but for the reading of periods.

A day is a closing day of a location when one of its periods covers it, or when it keeps public holidays and the day is
one. It is a closing day of the business when no location is open that day: a card can be used at any of them.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import holidays

from app.common.database import Transaction
from app.common.sql import Statement
from app.merchants import opening_hours
from app.merchants.errors import OpeningHoursInvalidError

GRACE = 7
"""So many days after the last closing day end what would end on a closing day or within these days after it."""
ONE_DAY = timedelta(days=1)

_PERIODS = Statement(
    """
    SELECT location_id, first_day, last_day FROM closing_period
    WHERE merchant_id = :merchant_id AND last_day >= :first AND first_day <= :last
    """
)
_LOCATIONS = Statement(
    """
    SELECT l.id, l.opening_hours, m.country FROM location l JOIN merchant m ON m.id = l.merchant_id
    WHERE l.merchant_id = :merchant_id AND l.is_active = :yes
    """
)


@dataclass(frozen=True, slots=True)
class Closed:
    """Closing days that follow on one another."""

    first: date
    last: date


def closed_days(
    tx: Transaction, merchant_id: str, first: date, last: date, *, location_id: str | None = None
) -> set[date]:
    """The closing days from ``first`` to ``last`` of one location, or without it of the whole business."""
    asked = {"merchant_id": merchant_id, "first": first.isoformat(), "last": last.isoformat()}
    periods = [
        (where, date.fromisoformat(begins), date.fromisoformat(ends))
        for where, begins, ends in tx.rows(_PERIODS, asked)
    ]
    found: set[date] | None = None
    for where, hours, country in tx.rows(_LOCATIONS, {"merchant_id": merchant_id, "yes": True}):
        if location_id not in (None, where):
            continue
        days = {
            day
            for there, begins, ends in periods
            if there in (None, where)
            for day in _days(max(begins, first), min(ends, last))
        }
        days |= _holidays_kept(json.loads(hours) if isinstance(hours, str) else hours, country, first, last)
        found = days if found is None else found & days
    return found or set()


def is_shut(tx: Transaction, merchant_id: str, day: date) -> bool:
    """Whether the business is shut that day, or was until lately: nobody is asked to come back then. Messages of that
    kind ask here first."""
    return bool(closed_days(tx, merchant_id, day - ONE_DAY * GRACE, day))


def runs(days: Collection[date]) -> list[Closed]:
    """Days put together where one follows on another."""
    found: list[Closed] = []
    for day in sorted(days):
        if found and day == found[-1].last + ONE_DAY:
            found[-1] = Closed(found[-1].first, day)
        else:
            found.append(Closed(day, day))
    return found


def extended(last_day: date, closings: Sequence[Closed]) -> date:
    """The last day on which something can be used that could be used until ``last_day``: where that is a closing day,
    or one of the seven after, the seventh after it. Never earlier; what was extended once is not extended again."""
    moved = True
    while moved:
        moved = False
        for one in closings:
            until = one.last + ONE_DAY * GRACE
            if one.first <= last_day < until:
                last_day, moved = until, True
    return last_day


def holidays_of(country: str, year: int, language: str | None = None) -> dict[date, str]:
    """A country's public holidays with their names, in the language where there is one; none for a country without a
    calendar."""
    told = {"nl": "nl", "fr": "fr", "de": "de", "en": "en_US"}.get(language or "")
    try:
        return dict(holidays.country_holidays(country, years=year, language=told))
    except NotImplementedError:
        return {}


def _holidays_kept(hours: Mapping[str, Any], country: str, first: date, last: date) -> set[date]:
    try:
        kept = opening_hours.parse(hours)
    except OpeningHoursInvalidError:
        return set()
    days: set[date] = set()
    if kept.closed_on_holidays:
        days = {
            day
            for year in range(first.year, last.year + 1)
            for day in holidays_of(country, year)
            if first <= day <= last and day not in kept.dates
        }
    # A single date without hours is a closing day too.
    return days | {day for day, spans in kept.dates.items() if not spans and first <= day <= last}


def _days(first: date, last: date) -> Iterable[date]:
    return (first + ONE_DAY * number for number in range((last - first).days + 1))
