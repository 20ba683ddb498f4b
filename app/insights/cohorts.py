"""Cohorts: of those who began in one month, how many came one, two, three months later. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.insights.rhythm import named, number_of

KEPT_WITHIN = 3
"""Whoever came in one of so many months before is kept; after longer, back."""


@dataclass(frozen=True, slots=True)
class Cohort:
    """Those who began in ``month``: ``came[n]`` of the ``members`` came n months later, 0 being the month itself. It
    ends with the last month that is over, so no share in it can still grow but by visits that come late."""

    month: str
    members: int
    came: Sequence[int]

    def share(self, later: int) -> float | None:
        """The share of them that came so many months later; None where that month is not over."""
        return self.came[later] / self.members if later < len(self.came) and self.members else None


def cohorts(cells: Mapping[tuple[str, str], int], *, now: str, most: int) -> list[Cohort]:
    """The latest ``most`` cohorts before the month ``now``, the oldest first, from counts of members by (cohort,
    month). Months in which nobody began are left out."""
    last = number_of(now) - 1
    found = []
    for number in range(last - most + 1, last + 1):
        month = named(number)
        members = cells.get((month, month), 0)
        if members:
            came = [cells.get((month, named(later)), 0) for later in range(number, last + 1)]
            found.append(Cohort(month, members, came))
    return found


def came_later(found: Iterable[Cohort], later: int) -> tuple[int, int]:
    """Of all these cohorts that have lived for so many months: how many came in the month so much later, and of how
    many."""
    known = [one for one in found if later < len(one.came)]
    return sum(one.came[later] for one in known), sum(one.members for one in known)


def kind_of(first_month: str, previous_month: str | None, month: str) -> str:
    """Who somebody is in a month: ``new``, ``kept`` or ``back``. ``previous_month`` is the last one before in which she
    came."""
    if first_month == month or previous_month is None:
        return "new"
    return "kept" if number_of(month) - number_of(previous_month) <= KEPT_WITHIN else "back"
