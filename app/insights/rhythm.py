"""A member's rhythm: how often she comes, when she is away for longer than that, and when she is gone. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple

GONE_GAPS = 3
"""Away for more than so many of her usual gaps, a member counts as gone,"""
GONE_LEAST = timedelta(days=30)
"""though never sooner than this: a baker's daily customer who is on holiday has not left."""
GONE_WITHOUT = timedelta(days=180)
"""Away for so long, a member counts as gone who came too seldom to have a usual gap."""
BARS = (1, 2, 3, 4, 5, 6, 7, 8, 11, 15, 22, 29, 43, 61, 91)
"""The least gaps, in days, of the bars into which rhythms are put; the last has no end."""


class Kept(NamedTuple):
    """What a shop knows of a member's rhythm, as on her row of its list. Moments are aware."""

    first_at: datetime
    seen_at: datetime
    gap_days: int | None
    overdue_at: datetime | None


@dataclass(frozen=True, slots=True)
class Tally:
    """A shop's members at one moment. ``bars``: by the least gap of a bar, how many have such a rhythm, and how many of
    these are away for longer than it but not gone. ``months``: by local month, how many members there were when it
    began, and how many went in it."""

    members: int
    gone: int
    usual_gap: int | None
    broken: int
    bars: Mapping[int, tuple[int, int]]
    months: Mapping[str, tuple[int, int]]


def gone_at(seen_at: datetime, gap_days: int | None) -> datetime:
    """From when on a member counts as gone who was last seen at ``seen_at``."""
    if gap_days is None:
        return seen_at + GONE_WITHOUT
    return seen_at + max(GONE_LEAST, timedelta(days=GONE_GAPS * gap_days))


def bar_of(gap_days: int) -> int:
    """The least gap of the bar into which a gap of so many days goes."""
    return BARS[max(0, bisect_right(BARS, gap_days) - 1)]


def next_bar(least: int) -> int | None:
    """Where the bar after that one begins; None after the last."""
    at = BARS.index(least) + 1
    return BARS[at] if at < len(BARS) else None


def tally(rows: Iterable[Kept], *, now: datetime, local: tzinfo) -> Tally:
    """Count a shop's members at ``now``. Who was gone and has come again was, by this, never gone: only absences that
    last count."""
    came: list[datetime] = []
    went: list[datetime] = []
    gaps: list[int] = []
    bars: dict[int, list[int]] = {}
    broken = 0
    for row in rows:
        came.append(row.first_at)
        ends = gone_at(row.seen_at, row.gap_days)
        is_gone = ends <= now
        if is_gone:
            went.append(ends)
        if row.gap_days is not None and not is_gone:
            gaps.append(row.gap_days)
            bar = bars.setdefault(bar_of(row.gap_days), [0, 0])
            bar[0] += 1
            if row.overdue_at is not None and row.overdue_at <= now:
                bar[1] += 1
                broken += 1
    came.sort()
    went.sort()
    gaps.sort()
    months: dict[str, tuple[int, int]] = {}
    if came:
        for month, start, end in months_between(came[0], now, local):
            before = bisect_left(went, start)
            months[month] = bisect_left(came, start) - before, bisect_left(went, end) - before
    return Tally(
        members=len(came) - len(went),
        gone=len(went),
        usual_gap=gaps[len(gaps) // 2] if gaps else None,
        broken=broken,
        bars={least: (bar[0], bar[1]) for least, bar in sorted(bars.items())},
        months=months,
    )


def months_between(first: datetime, last: datetime, local: tzinfo) -> list[tuple[str, datetime, datetime]]:
    """The local months from that of ``first`` to that of ``last``: as 2026-03, with the moments at which each begins
    and the next one does."""
    at, end = first.astimezone(local), last.astimezone(local)
    number, until = at.year * 12 + at.month - 1, end.year * 12 + end.month - 1
    return [(named(one), _start(one, local), _start(one + 1, local)) for one in range(number, until + 1)]


def month_of(moment: datetime, local: tzinfo) -> str:
    """The local month of a moment, as 2026-03."""
    there = moment.astimezone(local)
    return f"{there.year:04}-{there.month:02}"


def number_of(month: str) -> int:
    """A month (or a day in it, as ISO) as a number, so that the next one is one more."""
    return int(month[:4]) * 12 + int(month[5:7]) - 1


def named(number: int) -> str:
    """The month behind a number of :func:`number_of`."""
    return f"{number // 12:04}-{number % 12 + 1:02}"


def _start(number: int, local: tzinfo) -> datetime:
    return datetime(number // 12, number % 12 + 1, 1, tzinfo=local)
