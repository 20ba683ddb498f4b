"""From a shop's visits to what the models take of each member, for very many at once. Pure NumPy.

A day with visits is one purchase; a member's clock starts with her first. The year is the 365 days that end today.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from app.insights.local_time import DAY, local_seconds
from app.insights.purchases import WEEK, Ints, Summary

YEAR = 365
UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class Visits:
    """Visits that stand, in any order: whose (a place in ``members``), the local second since 1970, and minor units
    (:data:`UNKNOWN` where no amount is known)."""

    members: Sequence[str]
    who: Ints
    second: Ints
    spent: Ints

    def until(self, day: int) -> Visits:
        """Those up to and with a local day."""
        kept = self.second // DAY <= day
        return Visits(self.members, self.who[kept], self.second[kept], self.spent[kept])


def local_visits(members: Sequence[str], who: Ints, second: Ints, spent: Ints, timezone: str) -> Visits:
    """Visits at UTC seconds, put into the shop's zone."""
    return Visits(members, who, local_seconds(second, timezone), spent)


@dataclass(frozen=True, slots=True)
class Histories:
    """One row a member who came, sorted by id. Days are counted since 1970; ``mean`` is of the days of repeat purchase
    with a known amount (:data:`UNKNOWN`: none); ``visits``, ``spend`` (known) and ``unpriced`` (visits without an
    amount) are of the year."""

    members: list[str]
    x: Ints
    first: Ints
    last: Ints
    mean: Ints
    visits: Ints
    spend: Ints
    unpriced: Ints

    @property
    def days(self) -> int:
        """Days with a visit in all."""
        return int(self.x.sum()) + len(self.members)

    def summary(self, today: int) -> Summary:
        """As the models take it."""
        return Summary(
            customer=np.arange(len(self.members)),
            x=self.x.astype(np.float64),
            t_x=(self.last - self.first) / WEEK,
            age=(np.maximum(self.last, today) - self.first) / WEEK,
            mean_amount=np.maximum(self.mean, 0).astype(np.float64),
        )

    def take(self, chosen: Ints) -> Histories:
        """Some of the rows, by their places."""
        arrays = [getattr(self, one.name)[chosen] for one in fields(self)[1:]]
        return Histories([self.members[place] for place in chosen.tolist()], *arrays)


NOBODY = Histories([], *(np.zeros(0, np.int64) for _ in range(7)))


def gather(visits: Visits, today: int) -> Histories:
    """The members' histories as of the end of the local day ``today``; of those who came, sorted by id."""
    if len(visits.who) == 0:
        return NOBODY
    day = visits.second // DAY
    known = visits.spent != UNKNOWN
    spent = np.where(known, visits.spent, 0)
    in_year = day > today - YEAR
    count = len(visits.members)
    span = int(day.max()) + 1
    keys, place = np.unique(visits.who * span + day, return_inverse=True)
    who, when = keys // span, keys % span
    # In whole numbers, which floats hold exactly.
    amount = np.bincount(place, weights=spent, minlength=len(keys))
    priced = np.bincount(place, weights=known, minlength=len(keys)) > 0
    here, first, many = np.unique(who, return_index=True, return_counts=True)
    last = first + many - 1
    repeats = np.ones(len(keys), np.bool_)
    repeats[first] = False
    used = repeats & priced
    total = np.bincount(who[used], weights=amount[used], minlength=count)[here]
    times = np.bincount(who[used], minlength=count)[here]
    mean = np.where(times > 0, np.rint(total / np.maximum(times, 1)), UNKNOWN).astype(np.int64)
    found = Histories(
        [visits.members[one] for one in here.tolist()],
        (many - 1).astype(np.int64),
        when[first],
        when[last],
        mean,
        np.bincount(visits.who[in_year], minlength=count)[here],
        np.bincount(visits.who[in_year], weights=spent[in_year], minlength=count)[here].astype(np.int64),
        np.bincount(visits.who[in_year & ~known], minlength=count)[here],
    )
    return found.take(np.array(sorted(range(len(here)), key=found.members.__getitem__), np.int64))


def replace_some(known: Histories, gone: set[str], fresh: Histories) -> Histories:
    """``known`` without the members in ``gone``, and with those of ``fresh``; sorted by id."""
    kept = np.array([place for place, member in enumerate(known.members) if member not in gone], np.int64)
    rest = known.take(kept)
    members = rest.members + fresh.members
    order = np.array(sorted(range(len(members)), key=members.__getitem__), np.int64)
    arrays = [np.concatenate((getattr(rest, one.name), getattr(fresh, one.name)))[order] for one in fields(known)[1:]]
    return Histories([members[place] for place in order.tolist()], *arrays)
