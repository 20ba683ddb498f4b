"""By when a request must be answered: within a month (Art. 12(3) GDPR), and two more where it is told why."""

from __future__ import annotations

import calendar
from datetime import datetime

MONTHS = 1


def months_after(moment: datetime, months: int) -> datetime:
    """The same day and time some months later (earlier, where negative); the last of the month where it has no such
    day."""
    index = moment.year * 12 + moment.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return moment.replace(year=year, month=month, day=min(moment.day, calendar.monthrange(year, month)[1]))
