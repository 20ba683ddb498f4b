"""What a day usually looks like, and where the present one will end. Pure numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

HOURS = 24
LEAST_DAYS = 3  # fewer tell nothing about what is usual
LOW, MIDDLE, HIGH = 0.1, 0.5, 0.9
PRIOR = 4.0  # visits' worth of trust in the usual day, before the present one says otherwise


@dataclass(frozen=True, slots=True)
class Usual:
    """Of the same weekday lately: how many had come by each full hour (0 to 24), in few, in most, in many cases."""

    low: tuple[float, ...]
    middle: tuple[float, ...]
    high: tuple[float, ...]
    days: int

    def by(self, hour: float) -> float:
        """How many have usually come by that hour of the day (10.5 is half past ten)."""
        before = min(max(floor(hour), 0), HOURS)
        share = min(max(hour - before, 0.0), 1.0)
        return self.middle[before] + (self.middle[min(before + 1, HOURS)] - self.middle[before]) * share


def usual_day(days: Sequence[Sequence[int]]) -> Usual | None:
    """From days of 24 counts each; None where there are too few. The middle of sums is drawn, so that a line through it
    never falls."""
    if len(days) < LEAST_DAYS:
        return None
    sums = []
    for counts in days:
        total, so_far = 0, [0]
        for count in counts:
            total += count
            so_far.append(total)
        sums.append(so_far)
    by_hour = [sorted(one[hour] for one in sums) for hour in range(HOURS + 1)]
    return Usual(
        low=tuple(_quantile(found, LOW) for found in by_hour),
        middle=tuple(_quantile(found, MIDDLE) for found in by_hour),
        high=tuple(_quantile(found, HIGH) for found in by_hour),
        days=len(days),
    )


def forecast(now: int, hour: float, usual: Usual) -> int:
    """How many will have come at the end of the day, of which ``now`` came until ``hour``: what is left of the usual
    day, more or less as the day has gone so far. Never fewer than came."""
    so_far = usual.by(hour)
    pace = (now + PRIOR) / (so_far + PRIOR)
    return max(now, round(now + (usual.middle[HOURS] - so_far) * pace))


def _quantile(ordered: Sequence[int], share: float) -> float:
    place = (len(ordered) - 1) * share
    below, above = floor(place), ceil(place)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
