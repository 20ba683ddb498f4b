"""When a shop is open, in its own zone. Pure: the moment is handed in.

The document: ``{"mon": [["08:00", "12:30"], ["13:30", "18:00"]], …}``, days left out are closed, an end that lies
before its start is on the next day (a bar until 02:00), ``"24:00"`` ends a day. ``"closed_on_holidays": true`` closes
the shop on its country's public holidays; ``"dates": {"2026-12-24": [["08:00", "14:00"]]}`` overrules both for one day.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

import holidays

from app.common.clock import zone
from app.merchants.errors import OpeningHoursInvalidError

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST_SPANS = 6
MOST_DATES = 400
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00", re.ASCII)
_DAY = 24 * 60
ONE_DAY = timedelta(days=1)

Span = tuple[int, int]  # minutes from the local midnight on which it begins; the end may pass 1440


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """Opening hours, checked. Without any hours at all nothing is known, which is not the same as closed."""

    week: Mapping[str, tuple[Span, ...]]
    dates: Mapping[date, tuple[Span, ...]]
    closed_on_holidays: bool

    @property
    def is_known(self) -> bool:
        """Whether anybody ever said when the shop is open."""
        return bool(self.week or self.dates)


def parse(document: Mapping[str, Any]) -> OpeningHours:
    """Read a document of opening hours.

    Raises :class:`OpeningHoursInvalidError` with the path of the first fault, whatever the document holds.
    """
    week: dict[str, tuple[Span, ...]] = {}
    dates: dict[date, tuple[Span, ...]] = {}
    closed = False
    for key, value in document.items():
        if key in WEEKDAYS:
            week[key] = _spans(value, key)
        elif key == "closed_on_holidays":
            if not isinstance(value, bool):
                raise OpeningHoursInvalidError(path=key)
            closed = value
        elif key == "dates":
            dates = _dates(value)
        else:
            raise OpeningHoursInvalidError(path=str(key)[:40])
    return OpeningHours(week, dates, closed)


def is_open(hours: OpeningHours, at: datetime, *, timezone: str, country: str) -> bool | None:
    """Whether a shop is open at the aware moment ``at``; ``None`` where its hours are not known.

    ``timezone`` is an IANA name, ``country`` an ISO 3166 code for public holidays.
    """
    if not hours.is_known:
        return None
    local = at.astimezone(zone(timezone))
    minute = local.hour * 60 + local.minute
    today, yesterday = local.date(), local.date() - ONE_DAY
    return any(start <= minute < end for start, end in _on(hours, today, country)) or any(
        minute < end - _DAY for _, end in _on(hours, yesterday, country)
    )


def today(hours: OpeningHours, at: datetime, *, timezone: str, country: str) -> list[list[str]]:
    """The spans of the local day of ``at``, as ``[["08:00", "18:00"]]``; empty when closed."""
    day = at.astimezone(zone(timezone)).date()
    return [[_clock(start), _clock(end)] for start, end in _on(hours, day, country)]


def days(hours: OpeningHours, first: date, count: int, *, country: str) -> list[tuple[date, list[list[str]]]]:
    """The spans of ``count`` local days from ``first`` on; none where it is closed."""
    found = []
    for number in range(count):
        day = first + number * ONE_DAY
        found.append((day, [[_clock(start), _clock(end)] for start, end in _on(hours, day, country)]))
    return found


def changes_at(hours: OpeningHours, at: datetime, *, timezone: str, country: str) -> datetime | None:
    """When a shop that is open at ``at`` closes, or one that is closed opens, in its own zone; ``None`` where neither
    happens within two weeks."""
    where = zone(timezone)
    local = at.astimezone(where)
    now = local.hour * 60 + local.minute
    spans = [
        (number * _DAY + start, number * _DAY + end)
        for number in range(-1, 15)
        for start, end in _on(hours, local.date() + number * ONE_DAY, country)
    ]
    closes = now
    for start, end in sorted(spans):  # a span that begins where another ends goes on
        if start <= closes < end:
            closes = end
    opens = min((start for start, _ in spans if start > now), default=None)
    minute = closes if closes > now else opens
    if minute is None or minute > now + 14 * _DAY:
        return None
    midnight = datetime.combine(local.date(), datetime.min.time())
    return (midnight + timedelta(minutes=minute)).replace(tzinfo=where)


def _on(hours: OpeningHours, day: date, country: str) -> tuple[Span, ...]:
    if day in hours.dates:
        return hours.dates[day]
    if hours.closed_on_holidays and day in _holidays(country, day.year):
        return ()
    return hours.week.get(WEEKDAYS[day.weekday()], ())


@lru_cache(maxsize=256)
def _holidays(country: str, year: int) -> frozenset[date]:
    try:
        return frozenset(holidays.country_holidays(country, years=year))
    except NotImplementedError:  # a country without a calendar has no holidays that we could know of
        return frozenset()


def _dates(value: Any) -> dict[date, tuple[Span, ...]]:
    if not isinstance(value, Mapping) or len(value) > MOST_DATES:
        raise OpeningHoursInvalidError(path="dates")
    found: dict[date, tuple[Span, ...]] = {}
    for text, spans in value.items():
        try:
            day = date.fromisoformat(text)
        except (TypeError, ValueError):
            raise OpeningHoursInvalidError(path="dates") from None
        found[day] = _spans(spans, f"dates.{day}")
    return found


def _spans(value: Any, path: str) -> tuple[Span, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) > MOST_SPANS:
        raise OpeningHoursInvalidError(path=path)
    spans: list[Span] = []
    for number, pair in enumerate(value):
        here = f"{path}[{number}]"
        if not isinstance(pair, Sequence) or isinstance(pair, str) or len(pair) != 2:
            raise OpeningHoursInvalidError(path=here)
        start, end = _minute(pair[0], here), _minute(pair[1], here)
        if start in (_DAY, end):
            raise OpeningHoursInvalidError(path=here)
        if end < start:
            end += _DAY
        if spans and start < spans[-1][1]:
            raise OpeningHoursInvalidError(path=here)
        spans.append((start, end))
    return tuple(spans)


def _minute(text: Any, path: str) -> int:
    if not isinstance(text, str) or _CLOCK.fullmatch(text) is None:
        raise OpeningHoursInvalidError(path=path)
    return int(text[:2]) * 60 + int(text[3:])


def _clock(minute: int) -> str:
    return "24:00" if minute == _DAY else f"{minute // 60 % 24:02}:{minute % 60:02}"
