"""When a member's silence has become unlikely for her, from the days on which she came. Pure.

The usual gap is the median of her latest gaps, as everywhere (:func:`app.rewards.shop_members.figures.usual_gap`). It
is exceeded every other time, so nobody is missed by then: she is once the silence is longer than nine in ten of her own
gaps (the 90 % quantile, linear between two of them, R's type 7: Hyndman and Fan 1996) and at least a week over the
usual one.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from itertools import pairwise
from statistics import median_high

from app.rewards.shop_members.figures import JUDGED, LEAST

QUANTILE = 0.9
OVER = 7  # days over the usual gap, at the least
SOONEST, LATEST = 14, 120  # days of silence: before, it is pressing; after, she has gone
LATE_BY = 21  # so many days after its day a come-back message still makes sense
_EPOCH = date(1970, 1, 1)
_WEEKDAY_SHARE = 0.4
_WEEKDAY_LEAST = 3


def patience(days: Sequence[int]) -> int | None:
    """After how many days of silence a member with a visit on these days (since 1970, any order) is missed; None for
    fewer than four days, and for a rhythm so slow that the moment would lie beyond 120 days."""
    latest = sorted(set(days))[-JUDGED:]
    if len(latest) < LEAST:
        return None
    gaps = sorted(later - earlier for earlier, later in pairwise(latest))
    wait = max(math.ceil(_quantile(gaps)), median_high(gaps) + OVER, SOONEST)
    return wait if wait <= LATEST else None


def usual_weekday(days: Sequence[int]) -> int | None:
    """The weekday (Monday 0) on which she mostly comes: at least three times and two of five; None where there is
    none. Of two with as many the one she came on last."""
    latest = sorted(set(days))[-JUDGED:]
    counts = Counter(_weekday(day) for day in reversed(latest))
    if not counts:
        return None
    weekday, count = counts.most_common(1)[0]
    return weekday if count >= _WEEKDAY_LEAST and count >= _WEEKDAY_SHARE * len(latest) else None


def missed_from(days: Sequence[int], *, without_rhythm: int | None, closed: Collection[date] = ()) -> date | None:
    """The first day on which she is missed. ``closed`` are days on which the shop was shut: nobody is silent then, and
    they do not count. ``without_rhythm``: the days of silence for who came too seldom to have a rhythm, None to leave
    those alone. None where there is no such day."""
    if not days:
        return None
    wait = patience(days)
    if wait is None:
        if len(set(days)) >= LEAST or without_rhythm is None:
            return None
        wait = without_rhythm
    last = _EPOCH + timedelta(days=max(days))
    if not closed:
        return last + timedelta(days=wait)
    day = last
    while wait > 0:
        day += timedelta(days=1)
        wait -= day not in closed
    return day


def is_missed_on(day: date, days: Sequence[int], *, without_rhythm: int | None, closed: Collection[date] = ()) -> bool:
    """Whether ``day`` is one for a come-back message: she is missed, not for longer than three weeks already, and it is
    the weekday on which she mostly comes, if she has one."""
    since = missed_from(days, without_rhythm=without_rhythm, closed=closed)
    if since is None or not since <= day <= since + timedelta(days=LATE_BY):
        return False
    weekday = usual_weekday(days)
    return weekday is None or weekday == day.weekday()


def good_hour(hours: Sequence[float]) -> int:
    """The local hour to write at, from the local hours of the day at which she came: two before the middle one,
    between 9 and 17; 10 where nothing is known."""
    if not hours:
        return 10
    middle = sorted(hours)[len(hours) // 2]
    return min(max(int(middle) - 2, 9), 17)


def _quantile(gaps: Sequence[int]) -> float:
    place = (len(gaps) - 1) * QUANTILE
    below = math.floor(place)
    above = min(below + 1, len(gaps) - 1)
    return gaps[below] + (gaps[above] - gaps[below]) * (place - below)


def _weekday(day: int) -> int:
    return (day + _EPOCH.weekday()) % 7
