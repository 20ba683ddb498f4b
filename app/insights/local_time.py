"""Local time for very many moments at once: the zone is asked for its changes of the clock only. Pure numbers."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

import numpy as np

from app.common.clock import zone
from app.insights.purchases import Ints

DAY = 86_400
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ORDINAL = EPOCH.date().toordinal()


def local_seconds(seconds: Ints, timezone: str) -> Ints:
    """Seconds since 1970 in UTC as those that the shop's clock showed: whole days of them are local days."""
    if len(seconds) == 0:
        return seconds
    first, last = (int(moment) // (366 * DAY) for moment in (seconds.min(), seconds.max()))
    begins, offsets = _changes(timezone, first, last + 1)
    return seconds + offsets[np.searchsorted(begins, seconds, side="right") - 1]


@lru_cache(maxsize=8192)
def day_number(text: str) -> int:
    """Days since 1970 of an ISO date."""
    return date.fromisoformat(text).toordinal() - _ORDINAL


@lru_cache(maxsize=8192)
def day_text(number: int) -> str:
    """The ISO date of so many days since 1970."""
    return date.fromordinal(number + _ORDINAL).isoformat()


def seconds_of(moment: datetime) -> int:
    """Whole seconds since 1970 of an aware moment."""
    return int((moment - EPOCH).total_seconds())


@lru_cache(maxsize=256)
def _changes(timezone: str, first: int, last: int) -> tuple[Ints, Ints]:
    """When the clock of a zone changes between two years (of 366 days, since 1970), and by how much it then differs."""
    there = zone(timezone)

    def offset(second: int) -> int:
        shift = (EPOCH + timedelta(seconds=second)).astimezone(there).utcoffset()
        return 0 if shift is None else int(shift.total_seconds())

    begins, offsets = [first * 366 * DAY], [offset(first * 366 * DAY)]
    for day in range(first * 366 + 1, (last + 1) * 366 + 1):
        now = offset(day * DAY)
        if now == offsets[-1]:
            continue
        low, high = (day - 1) * DAY, day * DAY
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if offset(middle) == offsets[-1] else (low, middle)
        begins.append(high)
        offsets.append(now)
    begins[0] = np.iinfo(np.int64).min
    return np.array(begins, np.int64), np.array(offsets, np.int64)
