"""Places on the globe as numbers that a plain index keeps in order: in which cell a place lies, and which cells a
circle touches. Pure.

A cell's number is its column and row in a grid over longitude and latitude with their bits mixed (a Z-order curve), so
that every coarser cell is one unbroken range of numbers. Distances are compared as squared chords through the unit
sphere: they grow with the distance along the ground, and mean the same at the poles and across the date line.
"""

from __future__ import annotations

from math import asin, cos, degrees, floor, log2, radians, sin, sqrt

EARTH_RADIUS = 6_371_008.8  # metres, the mean radius of IUGG
WHOLE_EARTH = 4.0  # the squared chord to the other side
BITS = 28  # of the column and of the row: a cell is at most 15 cm wide
MOST_ACROSS = 4  # cells that a circle's width is cut into; the ones at its edges may stick out

Point = tuple[float, float, float]
Range = tuple[int, int]

_SIDE = 1 << BITS
_SPREAD = [sum((byte >> bit & 1) << 2 * bit for bit in range(8)) for byte in range(256)]
_SAFE = 1e-7  # degrees by which a circle's box is wider than computed, so that no rounding cuts anything off


def point_of(lat: float, lon: float) -> Point:
    """The place (degrees) as a point of the unit sphere."""
    across = cos(radians(lat))
    return across * cos(radians(lon)), across * sin(radians(lon)), sin(radians(lat))


def cell_of(lat: float, lon: float) -> int:
    """The number of the cell in which a place (degrees) lies."""
    return _mixed(_column(lon, BITS), _row(lat, BITS))


def squared_chord(one: Point, other: Point) -> float:
    """How far two points are apart, squared; from 0 to 4."""
    return sum((here - there) * (here - there) for here, there in zip(one, other, strict=True))


def metres(squared: float) -> float:
    """The distance along the ground that a squared chord stands for."""
    return 2 * EARTH_RADIUS * asin(min(1.0, sqrt(max(0.0, squared)) / 2))


def squared_chord_of(distance: float) -> float:
    """The squared chord of a distance along the ground (metres)."""
    half = distance / (2 * EARTH_RADIUS)
    return WHOLE_EARTH if half >= asin(1) else 4 * sin(half) ** 2


def cover(lat: float, lon: float, squared: float) -> list[Range]:
    """Ranges of cell numbers, in order and apart, that hold every place within a squared chord of a place (degrees).

    They hold others too: about twice the circle. At most some 36 ranges, mostly a dozen.
    """
    angle = 2 * asin(min(1.0, sqrt(max(0.0, squared)) / 2))
    high = degrees(angle) + _SAFE
    if high >= 90:
        return [(0, _SIDE * _SIDE - 1)]
    south, north = lat - high, lat + high
    wide = 180.0
    if south > -90 and north < 90:
        wide = degrees(asin(min(1.0, sin(radians(high)) / cos(radians(lat))))) + _SAFE
    # As fine as it goes while the wider side is cut into at most MOST_ACROSS.
    share = max(wide / 180, high / 90)
    level = max(0, min(BITS, floor(log2(MOST_ACROSS / share))))
    columns = _columns(lon - wide, lon + wide, level) if wide < 180 else range(1 << level)
    rows = range(_row(max(south, -90.0), level), _row(min(north, 90.0), level) + 1)
    across = [_spread(column) for column in columns]
    up = [_spread(row) << 1 for row in rows]
    rest = 2 * (BITS - level)
    return _joined(sorted({column | row for row in up for column in across}), rest)


def _columns(west: float, east: float, level: int) -> list[int]:
    """The columns from west to east, also across the date line."""
    side = 1 << level
    first = floor((west + 180) / 360 * side)
    last = floor((east + 180) / 360 * side)
    return [column % side for column in range(first, min(last, first + side - 1) + 1)]


def _column(lon: float, level: int) -> int:
    side = 1 << level
    # 180 degrees east and west are one meridian.
    return floor((lon + 180) / 360 * side) % side


def _row(lat: float, level: int) -> int:
    side = 1 << level
    return min(side - 1, max(0, floor((lat + 90) / 180 * side)))


def _mixed(column: int, row: int) -> int:
    return _spread(column) | _spread(row) << 1


def _spread(number: int) -> int:
    """The bits of a number of at most 32 bits with a free place after each."""
    return (
        _SPREAD[number & 255]
        | _SPREAD[number >> 8 & 255] << 16
        | _SPREAD[number >> 16 & 255] << 32
        | _SPREAD[number >> 24] << 48
    )


def _joined(cells: list[int], rest: int) -> list[Range]:
    """Coarse cells, in order, as ranges of the finest ones; neighbours become one."""
    ranges: list[Range] = []
    first = last = cells[0]
    for cell in cells[1:]:
        if cell != last + 1:
            ranges.append((first << rest, (last + 1 << rest) - 1))
            first = cell
        last = cell
    ranges.append((first << rest, (last + 1 << rest) - 1))
    return ranges
