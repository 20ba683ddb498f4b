"""Days that come once a year. Pure."""

from __future__ import annotations

import calendar
from datetime import date


def falls_on(month: int, day: int, today: date) -> bool:
    """Whether a yearly day is kept today: who was born on 29 February has it on the 28th in other years."""
    if (month, day) == (2, 29) and not calendar.isleap(today.year):
        day = 28
    return (today.month, today.day) == (month, day)


def origins(today: date, years: int) -> list[date]:
    """The days of the last ``years`` years whose anniversary is today, the latest first. On 28 February of a common
    year the 29th of a leap year is among them."""
    found = []
    for back in range(1, years + 1):
        year = today.year - back
        if (today.month, today.day) == (2, 29):
            if calendar.isleap(year):
                found.append(date(year, 2, 29))
            continue
        found.append(date(year, today.month, today.day))
        if (today.month, today.day) == (2, 28) and calendar.isleap(year) and not calendar.isleap(today.year):
            found.append(date(year, 2, 29))
    return found
