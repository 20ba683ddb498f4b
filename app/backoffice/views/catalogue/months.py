"""Which month the calendar shows."""

from __future__ import annotations

from datetime import date, datetime

from app.backoffice.doors import place, scope
from app.common.clock import zone

_FAR = 1_200  # months before and after now that the calendar shows


def month_of(text: str | None) -> date:
    """The first day of the month that is asked for; of this one where none is, or one far away."""
    today = scope().now.astimezone(zone(place().timezone)).date().replace(day=1)
    try:
        wanted = datetime.strptime(text or "", "%Y-%m").date()  # noqa: DTZ007
    except ValueError:
        return today
    apart = (wanted.year - today.year) * 12 + wanted.month - today.month
    return wanted if abs(apart) <= _FAR and wanted.year > 1 else today


def shifted(month: date, by: int) -> str:
    """The month so many after another, as it stands in an address."""
    index = month.year * 12 + month.month - 1 + by
    return f"{index // 12:04}-{index % 12 + 1:02}"
