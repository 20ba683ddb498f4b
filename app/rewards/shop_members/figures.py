"""From a member's visits to what a list shows of her: pure, so that the job and its test reckon alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from itertools import pairwise
from statistics import median_high
from typing import NamedTuple

SHOWN = 40  # days with a visit that the strip can show
JUDGED = 21  # of the latest of them her habit is read, so that who comes more often now is seen as she is now
LEAST = 4  # days with a visit, before there is a habit
SLACK = 3  # days: who comes daily is not away after two
_EPOCH = date(1970, 1, 1).toordinal()


class Visited(NamedTuple):
    """A visit that stands: ``spent_minor`` is its amount less what was refunded, None where no amount is known."""

    location_id: str
    occurred_at: datetime
    spent_minor: int | None


@dataclass(frozen=True, slots=True)
class Figures:
    """``gap_days`` is the usual time between two days with a visit, None for too few; from ``overdue_at`` on she is
    away for longer than that. ``recent`` are days since 1970 in the shop's zone, the oldest first."""

    visits: int
    spend_minor: int
    first_at: datetime
    seen_at: datetime
    gap_days: int | None
    overdue_at: datetime | None
    recent: tuple[int, ...]


def figures(visits: Iterable[Visited], zone: tzinfo) -> Figures | None:
    """The figures of these visits, in whatever order they come; None without a visit."""
    known = sorted(visits, key=lambda one: one.occurred_at)
    if not known:
        return None
    first_at, seen_at = known[0].occurred_at, known[-1].occurred_at
    days = sorted({one.occurred_at.astimezone(zone).date().toordinal() - _EPOCH for one in known})
    gap = usual_gap(days)
    return Figures(
        visits=len(known),
        spend_minor=sum(one.spent_minor or 0 for one in known),
        first_at=first_at,
        seen_at=seen_at,
        gap_days=gap,
        overdue_at=None if gap is None else seen_at + timedelta(days=max(2 * gap, gap + SLACK)),
        recent=tuple(days[-SHOWN:]),
    )


def usual_gap(days: list[int]) -> int | None:
    """The usual number of days between two of these sorted, different days: the median of the latest; None for fewer
    than four days."""
    latest = days[-JUDGED:]
    if len(latest) < LEAST:
        return None
    return median_high(later - earlier for earlier, later in pairwise(latest))
