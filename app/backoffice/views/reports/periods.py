"""Which days a report is of, as the address says it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from flask import request

from app.backoffice.queries.looking_back import Span
from app.backoffice.views.reports import words
from app.backoffice.views.reports.words import _

DEFAULT = "28d"
MOST_DAYS = 1100


@dataclass(frozen=True, slots=True)
class Period:
    """The chosen days, the word for the choice, and in what steps a chart over them goes: day, week or month."""

    key: str
    span: Span
    step: str

    @property
    def told(self) -> str:
        """The days in words."""
        return words.span(self.span.first, self.span.last)


def choices() -> list[tuple[str, str]]:
    """What can be chosen, with its words."""
    return [
        ("7d", _("Last 7 days")),
        ("28d", _("Last 4 weeks")),
        ("84d", _("Last 12 weeks")),
        ("month", _("This month")),
        ("last-month", _("Last month")),
        ("year", _("This year")),
        ("12m", _("Last 12 months")),
        ("own", _("Days of my own")),
    ]


def chosen(today: date) -> Period:
    """The period of this request's address; what can't be read is the last four weeks."""
    key = request.args.get("period", DEFAULT)
    if key == "own":
        first, last = _day(request.args.get("first")), _day(request.args.get("last"))
        if first is not None and last is not None:
            first, last = min(first, last), max(first, last)
            return _period("own", max(first, last - timedelta(days=MOST_DAYS)), last)
        key = DEFAULT
    if key == "month":
        return _period(key, today.replace(day=1), today)
    if key == "last-month":
        last = today.replace(day=1) - timedelta(days=1)
        return _period(key, last.replace(day=1), last)
    if key == "year":
        return _period(key, today.replace(month=1, day=1), today)
    if key == "12m":
        return _period(key, _months_back(today.replace(day=1), 11), today)
    days = {"7d": 7, "84d": 84}.get(key, 28)
    return _period(key if days != 28 else DEFAULT, today - timedelta(days=days - 1), today)


def _period(key: str, first: date, last: date) -> Period:
    days = (last - first).days + 1
    return Period(key, Span(first, last), "day" if days <= 35 else "week" if days <= 190 else "month")


def steps(period: Period) -> list[Span]:
    """The days of the period, its weeks from Monday on, or its months, the first and last perhaps not whole."""
    found: list[Span] = []
    first = period.span.first
    while first <= period.span.last:
        if period.step == "day":
            last = first
        elif period.step == "week":
            last = first + timedelta(days=6 - first.weekday())
        else:
            last = _months_back(first.replace(day=1), -1) - timedelta(days=1)
        found.append(Span(first, min(last, period.span.last)))
        first = last + timedelta(days=1)
    return found


def _months_back(first: date, months: int) -> date:
    number = first.year * 12 + first.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
