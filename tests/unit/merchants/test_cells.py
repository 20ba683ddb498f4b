"""Cells and circles on the globe."""

from __future__ import annotations

from itertools import pairwise
from math import asin, atan2, cos, degrees, pi, radians, sin
from random import Random

import pytest

from app.merchants import cells

Place = tuple[float, float]


def beside(place: Place, distance: float, bearing: float) -> Place:
    """The place that lies so many metres from another in a direction (radians)."""
    angle, lat, lon = distance / cells.EARTH_RADIUS, radians(place[0]), radians(place[1])
    up = asin(max(-1.0, min(1.0, sin(lat) * cos(angle) + cos(lat) * sin(angle) * cos(bearing))))
    east = lon + atan2(sin(bearing) * sin(angle) * cos(lat), cos(angle) - sin(lat) * sin(up))
    return degrees(up), (degrees(east) + 540) % 360 - 180


def drawn(chance: Random) -> Place:
    """Mostly anywhere, often at a pole or the date line."""
    kind = chance.random()
    if kind < 0.2:
        return chance.choice((90.0, -90.0, 89.9999, -89.9999, 89.5)), chance.uniform(-180, 180)
    if kind < 0.4:
        return chance.uniform(-80, 80), chance.choice((180.0, -180.0, 179.9999, -179.9999))
    return degrees(asin(chance.uniform(-1, 1))), chance.uniform(-180, 180)


def test_a_circles_cells_hold_every_place_in_it() -> None:
    chance = Random(7)
    for _ in range(20_000):
        middle = drawn(chance)
        place = beside(middle, 10 ** chance.uniform(-1, 7.3) * chance.random(), chance.uniform(0, 2 * pi))
        reach = cells.squared_chord(cells.point_of(*middle), cells.point_of(*place))
        ranges = cells.cover(*middle, reach)
        cell = cells.cell_of(*place)
        assert any(low <= cell <= high for low, high in ranges), (middle, place)
        assert all(one[1] + 1 < other[0] for one, other in pairwise(ranges))
        assert len(ranges) <= 36


def test_a_circle_takes_few_cells_and_little_more_than_itself() -> None:
    reach = cells.squared_chord_of(800)
    ranges = cells.cover(51.05, 3.72, reach)
    assert len(ranges) <= 16
    covered = sum(high - low + 1 for low, high in ranges) / 4**cells.BITS * 360 * 180
    circle = pi * (800 / 111_195) ** 2 / cos(radians(51.05))
    assert 1 <= covered / circle <= 4


@pytest.mark.parametrize("distance", [0, 0.1, 1, 1_000, 1_000_000, 10_000_000, 20_000_000])
def test_chords_and_metres_are_one_another(distance: float) -> None:
    there = cells.metres(cells.squared_chord_of(distance))
    assert there == pytest.approx(distance, rel=1e-6, abs=1e-6)


def test_what_lies_on_the_other_side_is_within_the_whole_earth() -> None:
    assert cells.squared_chord_of(cells.EARTH_RADIUS * 4) == cells.WHOLE_EARTH
    assert cells.cover(10, 20, cells.WHOLE_EARTH) == [(0, 4**cells.BITS - 1)]
    one, other = cells.point_of(10, 20), cells.point_of(-10, -160)
    assert cells.squared_chord(one, other) == pytest.approx(4)


def test_east_and_west_of_the_date_line_are_one_meridian() -> None:
    assert cells.cell_of(10, 180) == cells.cell_of(10, -180)
    assert cells.cell_of(90, 0) < 4**cells.BITS
