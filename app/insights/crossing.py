"""What may be told of the members that two shops have in common. Pure.

The rule, for the pairs of shops in one quarter of a year, where n members came to both of a pair: nothing is told
unless n is at least ten, and unless each shop has at least ten members beside them, for a shop knows its own number,
and what a subtraction leaves is a total too. What is told is n rounded down to a multiple of ten. And all that a shop
is told adds up to no more than it has members, the largest totals first: else it would follow that some come to three
shops.

The weekday on which most of them came to both on the same day is told only where twenty are told, ten did so on that
weekday, and ten never did. Nothing else is told: no total over several shops or quarters, none of a part of the
members, no mark for what was held back. Why no number from one to nine follows from it stands in docs/decisions/0065.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

LEAST = 10
"""Fewer members are never told, neither those in common nor those that are left; totals are multiples of it."""


@dataclass(frozen=True, slots=True)
class Told:
    """What both shops of a pair are told: at least so many in common, and the weekday (0 is Monday) or None."""

    members: int
    weekday: int | None = None


@dataclass(slots=True)
class Shared:
    """What is counted of a pair, and told to nobody: members in common, and by weekday how many of them came to both on
    one such day."""

    members: int = 0
    weekdays: dict[int, int] = field(default_factory=dict)


def tell(shared: Shared, own: int, others: int, *, least: int = LEAST) -> Told | None:
    """What may be told of a pair whose shops had ``own`` and ``others`` members in the quarter; None: nothing."""
    if shared.members < least or min(own, others) - shared.members < least:
        return None
    members = shared.members // least * least
    weekday = None
    if members >= 2 * least and shared.weekdays:
        best = min(shared.weekdays, key=lambda one: (-shared.weekdays[one], one))
        if shared.weekdays[best] >= least and shared.members - shared.weekdays[best] >= least:
            weekday = best
    return Told(members, weekday)


def count_shared(members: Iterable[Mapping[int, int]]) -> tuple[dict[int, int], dict[tuple[int, int], Shared]]:
    """From each member's shops (by number) with the days of her visits there as a bit each (bit 0 is a Monday): how
    many members each shop has, and what each pair (the lower number first) has in common."""
    sizes: dict[int, int] = {}
    pairs: dict[tuple[int, int], Shared] = {}
    for shops in members:
        seen = sorted(shops)
        for at, one in enumerate(seen):
            sizes[one] = sizes.get(one, 0) + 1
            for other in seen[at + 1 :]:
                shared = pairs.setdefault((one, other), Shared())
                shared.members += 1
                both = shops[one] & shops[other]
                for weekday in {bit % 7 for bit in range(both.bit_length()) if both >> bit & 1} if both else ():
                    shared.weekdays[weekday] = shared.weekdays.get(weekday, 0) + 1
    return sizes, pairs


def tell_all(members: Iterable[Mapping[int, int]], *, least: int = LEAST) -> dict[tuple[int, int], Told]:
    """All that is told of a quarter, by pair of shops. ``least`` is smaller only where a test tries all worlds."""
    sizes, pairs = count_shared(members)
    found = {pair: tell(shared, sizes[pair[0]], sizes[pair[1]], least=least) for pair, shared in pairs.items()}
    kept: dict[tuple[int, int], Told] = {}
    room = dict(sizes)
    for pair, told in sorted(found.items(), key=lambda one: (-one[1].members if one[1] else 0, one[0])):
        if told is not None and all(room[shop] >= told.members for shop in pair):
            kept[pair] = told
            for shop in pair:
                room[shop] -= told.members
    return kept


def quarter_of(day: date) -> str:
    """The quarter of a day, as 2026-Q3."""
    return f"{day.year:04}-Q{(day.month + 2) // 3}"


def quarter_before(day: date) -> str:
    """The quarter before that of the day."""
    first, _ = bounds(quarter_of(day))
    return quarter_of(date(first.year - (first.month == 1), (first.month - 2) % 12 + 1, 1))


def bounds(quarter: str) -> tuple[date, date]:
    """The first day of a quarter, and the first one after it."""
    year, month = int(quarter[:4]), int(quarter[-1]) * 3 - 2
    return date(year, month, 1), date(year + (month == 10), (month + 2) % 12 + 1, 1)
