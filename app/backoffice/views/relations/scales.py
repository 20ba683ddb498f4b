"""Where things stand on the map, as shares of its width and height. The browser reckons the same
(`frontend/charts/relations.ts`), and both are held to the same numbers by tests.

Visits lie on a square root, profit on a square root to either side of nothing: most members come seldom and bring
little, and those are to be told apart too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

SIDE = 0.02  # free at the left and the right
TOP, BOTTOM = 0.1, 0.1  # free above and below: there the groups' names stand
_VISITS = (0, 1, 3, 6, 12, 20, 30, 40, 60, 80, 100, 150, 200, 300, 400)
_PROFITS = (10, 25, 50, 100, 150, 200, 300, 500, 750, 1000, 1500, 2000, 3000, 5000, 7500, 10000, 20000, 50000, 100000)


@dataclass(frozen=True, slots=True)
class Scales:
    """``most`` visits stand at the right edge; ``low`` and ``high`` profit in minor units below and above."""

    most: float
    low: float
    high: float

    def across(self, visits: float) -> float:
        """The share of the width at which so many visits stand."""
        return SIDE + (1 - 2 * SIDE) * sqrt(min(max(visits, 0.0), self.most) / self.most)

    def down(self, profit_minor: float) -> float:
        """The share of the height, from above, at which so much profit stands."""
        low, high = _bent(self.low), _bent(self.high)
        value = _bent(min(max(profit_minor, self.low), self.high))
        return TOP + (1 - TOP - BOTTOM) * (1 - (value - low) / (high - low))


def scales_for(visits: Sequence[float], profits: Sequence[int], line_visits: float, line_profit: float) -> Scales:
    """Scales that hold all members and both lines."""
    return Scales(
        max(12.0, *visits, line_visits * 1.25) if visits else max(12.0, line_visits * 2),
        float(min([0, *profits, line_profit])),
        float(max([10_000, *profits, line_profit * 1.25])),
    )


def visit_marks(scales: Scales) -> list[int]:
    """Round numbers of visits whose labels don't lie on one another."""
    return _apart([one for one in _VISITS if one <= scales.most], scales.across, 0.055)


def profit_marks(scales: Scales, unit: int) -> list[int]:
    """Round profits in minor units, of which ``unit`` make one; nothing is among them."""
    above = [one * unit for one in _PROFITS if one * unit <= scales.high]
    below = [-one * unit for one in _PROFITS if -one * unit >= scales.low]
    return [*reversed(_apart([0, *below], scales.down, 0.055)[1:]), *_apart([0, *above], scales.down, 0.055)]


def _apart(values: Sequence[int], place: object, least: float) -> list[int]:
    assert callable(place)
    found = list(values[:1])
    for value in values[1:]:
        if abs(place(value) - place(found[-1])) >= least:
            found.append(value)
    return found


def _bent(value: float) -> float:
    return sqrt(value) if value >= 0 else -sqrt(-value)
