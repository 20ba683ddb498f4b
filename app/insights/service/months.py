"""Who went from one group or rung to another within a month, and how it was before anybody looked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from app.insights.histories import Histories, Visits, gather
from app.insights.local_time import day_number, day_text
from app.insights.service.rows import ValueRow

LOOKED_BACK = 6
"""Months for which a shop's first refresh says how it was: with the models and lines of today."""

Step = tuple[str | None, str, int]
"""Group, rung, and profit in minor units."""
Judge = Callable[[Histories, int], Sequence[Step]]
"""What the members of some histories were at the end of a local day."""


@dataclass(frozen=True, slots=True)
class Past:
    """How it was: movement in the months before this one, and for each member the group and rung at the end of last
    month and since when she has been in that."""

    months: list[dict[str, Any]]
    rung_months: list[dict[str, Any]]
    last: Mapping[str, Step]
    since: Mapping[str, tuple[str, str]]


def look_back(merchant_id: str, visits: Visits, today: date, judge: Judge) -> Past:
    """Judge a shop's members as they stood at the end of each of the last months."""
    months: list[dict[str, Any]] = []
    rung_months: list[dict[str, Any]] = []
    before: dict[str, Step] = {}
    since: dict[str, tuple[str, str]] = {}
    for count, end in enumerate(_ends(today)):
        number = day_number(end.isoformat())
        known = gather(visits.until(number), number)
        now = dict(zip(known.members, judge(known, number), strict=True))
        since = _since(known, now, before, since, end.isoformat(), is_first=count == 0)
        if count and now:
            moved = [(before.get(member), step) for member, step in now.items()]
            month = end.isoformat()[:7]
            months += count_groups(merchant_id, month, [(_group(was), *one[::2]) for was, one in moved])
            rung_months += count_rungs(
                merchant_id, month, [(None if was is None else was[1], one[1]) for was, one in moved]
            )
        before = now
    return Past(months, rung_months, before, since)


def count_groups(
    merchant_id: str, month: str, moved: Sequence[tuple[str | None, str | None, int]]
) -> list[dict[str, Any]]:
    """From (group before, group now, profit) of each member to rows."""
    counts: Counter[tuple[str, str]] = Counter()
    profits: Counter[tuple[str, str]] = Counter()
    for was, now, profit in moved:
        if now is not None:
            counts[was or "", now] += 1
            profits[was or "", now] += profit
    here = {"merchant_id": merchant_id, "month": month}
    return [
        {**here, "was": was, "relationship": now, "members": counts[was, now], "profit_minor": profits[was, now]}
        for was, now in sorted(counts)
    ]


def count_rungs(merchant_id: str, month: str, moved: Sequence[tuple[str | None, str]]) -> list[dict[str, Any]]:
    """From (rung before, rung now) of each member to rows."""
    counts = Counter((was or "", now) for was, now in moved)
    return [
        {"merchant_id": merchant_id, "month": month, "was": was, "rung": now, "members": counts[was, now]}
        for was, now in sorted(counts)
    ]


def moved_groups(merchant_id: str, month: str, rows: Mapping[str, ValueRow]) -> list[dict[str, Any]]:
    """The present month's, from the members' rows."""
    return count_groups(
        merchant_id, month, [(row.was, row.relationship, row.profit_year_minor) for row in rows.values()]
    )


def moved_rungs(merchant_id: str, month: str, rows: Mapping[str, ValueRow]) -> list[dict[str, Any]]:
    """The same for the rungs."""
    return count_rungs(merchant_id, month, [(row.rung_was, row.rung) for row in rows.values()])


def _ends(today: date) -> list[date]:
    """The last days of the months before this one, one more than are told of, the oldest first."""
    found = []
    first = today.replace(day=1)
    for _ in range(LOOKED_BACK + 1):
        end = first - timedelta(days=1)
        found.append(end)
        first = end.replace(day=1)
    return found[::-1]


def _group(step: Step | None) -> str | None:
    return None if step is None else step[0]


def _since(
    known: Histories,
    now: Mapping[str, Step],
    before: Mapping[str, Step],
    since: Mapping[str, tuple[str, str]],
    end: str,
    *,
    is_first: bool,
) -> dict[str, tuple[str, str]]:
    """Since when each is in her group and on her rung, as far as the ends of months tell."""
    found = {}
    for member, first in zip(known.members, known.first.tolist(), strict=True):
        was, (group, rung, _) = before.get(member), now[member]
        if was is None:
            # At the first look she may have been there for long.
            found[member] = (end, end) if is_first else (day_text(first),) * 2
            continue
        began = since[member]
        found[member] = (began[0] if was[0] == group else end, began[1] if was[1] == rung else end)
    return found
