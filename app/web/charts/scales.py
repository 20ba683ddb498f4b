"""Where numbers stand on a chart."""

from __future__ import annotations

import itertools
from math import floor, log10


def nice_ticks(most: float, about: int = 4) -> list[float]:
    """Round numbers from 0 on for an axis that holds ``most``, about so many; the last is at least ``most``.

    Whole numbers, when all that is counted is whole and small.
    """
    if most <= 0:
        return [0.0, 1.0]
    rough = most / about
    size = 10.0 ** floor(log10(rough))
    step = next(size * factor for factor in (1, 2, 2.5, 5, 10) if size * factor >= rough - 1e-12)
    if most >= 1:
        step = max(1.0, step if step != 2.5 else 5.0)  # half a visit is none
    ticks = [0.0]
    while ticks[-1] < most - 1e-9:
        ticks.append(ticks[-1] + step)
    return ticks


def percent(share: float) -> str:
    """A share of the width, for an attribute: ``0.125`` → ``12.5%``."""
    return f"{share * 100:.2f}".rstrip("0").rstrip(".") + "%"


def pixel(value: float) -> str:
    """A length in pixels, for an attribute."""
    return f"{value:.1f}".rstrip("0").rstrip(".")


def apart(places: list[float], least: float) -> list[float]:
    """Heights at which labels don't lie on one another: in their order, each at least so far below the one before."""
    order = sorted(range(len(places)), key=lambda number: places[number])
    moved = list(places)
    for before, after in itertools.pairwise(order):
        moved[after] = max(moved[after], moved[before] + least)
    return moved
