"""The statements that find public shops: the nearest ones exactly, by an index of cells; others by name or town.

Which cells to look at depends on how far the shops lie, which nobody knows beforehand. So the first guess is what was
right around there last time, or what lies beside the place in the index's own order; both only save looking. A page is
taken from a circle that was looked at as a whole, and a guess that was too small is followed by one that can't be.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from app.common.database import Transaction
from app.common.sql import Statement, many
from app.merchants import cells
from app.merchants.cells import WHOLE_EARTH, Point
from app.merchants.listing import fold, quarter_of_week

# The last one: whether the shop is public still. Its listing says so; but whoever hid it by hand in the database wrote
# in no listing.
COLUMNS = """
    l.id, m.id, l.name, m.name, m.slug, m.category, m.hue, m.logo_svg IS NOT NULL, l.street, l.postcode, l.city,
    m.country, l.lat, l.lon, l.timezone, m.currency, CAST(l.opening_hours AS text),
    coalesce(l.slug, CAST(l.id AS text)),
    l.is_listed AND l.is_active AND m.is_listed AND m.status = 'active' AND m.sandbox_of IS NULL
        AND m.approved_at IS NOT NULL
"""
_JOINED = "JOIN location l ON l.id = n.location_id JOIN merchant m ON m.id = l.merchant_id"
_APART = "(p.x - :x) * (p.x - :x) + (p.y - :y) * (p.y - :y) + (p.z - :z) * (p.z - :z)"
NOBODY = "00000000-0000-0000-0000-000000000000"

_MEMORY = "shops_near"
_OPEN = "shops_open"
_FEW = 0.03
_ZONES = Statement("SELECT DISTINCT timezone FROM shop_listing")
_KEPT = 20_000
_KEPT_CELL = 2 * (cells.BITS - 13)  # radii are kept for cells of 2 to 4 km
_MORE = 1.6  # of the area that was enough around there last time
_AHEAD = 1.3  # of the area that the next page would take if shops lay evenly

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class OpenHour:
    """A quarter of an hour as the listings have it: for each local time at which shops are, their zones, the place of
    its digit, from 1, and the digits that have its bit. ``share`` of all shops may be open then."""

    times: tuple[tuple[tuple[str, ...], int, str], ...]
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Filters:
    """What a shop must be, beside near. ``opened`` leaves in some that are closed, but none of those that are open
    out."""

    words: tuple[str, ...] = ()
    category: str | None = None
    opened: OpenHour | None = None
    merchants: frozenset[str] | None = None
    town: str | None = None

    @property
    def form(self) -> Form:
        """Which statement they take."""
        return (
            len(self.words),
            self.category is not None,
            None if self.opened is None else len(self.opened.times),
            self.merchants is not None,
            self.town is not None,
        )

    def params(self, tx: Transaction) -> dict[str, Any]:
        """The statement's parameters for them."""
        params: dict[str, Any] = {f"word_{number}": word for number, word in enumerate(self.words)}
        if self.category is not None:
            params["category"] = self.category
        if self.opened is not None:
            times = self.opened.times
            params["zones"] = many(tx, [zone for zones, _, _ in times for zone in zones])
            for number, (zones, place, digits) in enumerate(times):
                params |= {f"zones_{number}": many(tx, zones), f"hour_{number}": place, f"digits_{number}": digits}
        if self.merchants is not None:
            params["merchants"] = many(tx, sorted(self.merchants))
        if self.town is not None:
            params["town"] = self.town
        return params


Form = tuple[int, bool, int | None, bool, bool]


@dataclass(frozen=True, slots=True)
class Place:
    """Where the nearest are looked for, and after which shop to go on: its squared chord, its id, and how many there
    are up to it."""

    lat: float
    lon: float
    after: float = -1.0
    after_id: str = NOBODY
    rank: int = 0

    @property
    def point(self) -> Point:
        """It on the unit sphere."""
        return cells.point_of(self.lat, self.lon)


def folded_words(text: str) -> tuple[str, ...]:
    """The words of a search as the listing has them."""
    return tuple(dict.fromkeys(fold(text).split()))


def nearest(tx: Transaction, place: Place, filters: Filters, count: int, *, most: float = WHOLE_EARTH) -> list[Row]:
    """Up to ``count`` listed shops that have a place, in order of distance after the one that ``place`` names: each a
    squared chord and the columns of ``COLUMNS``. ``most`` is the squared chord of a radius.

    Fewer only where there are no more.
    """
    x, y, z = place.point
    where = {"x": x, "y": y, "z": z, "after": place.after, "after_id": place.after_id}
    asked = {**filters.params(tx), **where, "count": count}
    if filters.words or filters.merchants is not None or (filters.opened is not None and filters.opened.share < _FEW):
        # Few match, anywhere: those of the merchants are found by their own index, others by reading all listings.
        return _in_order(tx.rows(_nearest(filters.form, False), asked | {"reach": most}))
    guess = _Guess(tx, place, filters)
    reach = min(most, guess.reach(count))
    if not reach:
        reach = min(most, _enough(tx, place, filters, asked, place.rank + count))
    while True:
        found = _in_order(tx.rows(_nearest(filters.form, True), asked | {"reach": reach, **_ranges(tx, place, reach)}))
        if len(found) == count or reach >= most:
            guess.note(found, count)
            return found
        # It was a guess, or shops have come or gone since the page before: now by what there is, then by everything.
        wider = _enough(tx, place, filters, asked, place.rank + count)
        reach = min(most, wider if wider > reach else WHOLE_EARTH)


def without_place(tx: Transaction, after_id: str, filters: Filters, count: int) -> list[Row]:
    """Up to ``count`` listed shops whose place nobody told, by id after ``after_id``: each None and its columns."""
    rows = tx.rows(_without_place(filters.form), {**filters.params(tx), "after_id": after_id, "count": count})
    return sorted(rows, key=lambda row: row[1])


def by_name(tx: Transaction, after: tuple[str, str], filters: Filters, count: int) -> list[Row]:
    """Up to ``count`` listed shops by folded name and id, after these two: each the folded name and its columns."""
    params = {**filters.params(tx), "after": after[0], "after_id": after[1], "count": count}
    return _in_order(tx.rows(_by_name(filters.form), params))


def _in_order(rows: list[Row]) -> list[Row]:
    """By what they are put in order by, and by id: a join may have mixed them, and fifty are sorted here in no time."""
    return sorted(rows, key=lambda row: row[:2])


class _Guess:
    """How far ``count`` shops reached around here last time, kept by the process for plain searches."""

    def __init__(self, tx: Transaction, place: Place, filters: Filters) -> None:
        self._place = place
        self._kept: OrderedDict[tuple[int, str | None], float] = tx.memory.setdefault(_MEMORY, OrderedDict())
        self._key = (cells.cell_of(place.lat, place.lon) >> _KEPT_CELL, filters.category)
        self._is_plain = filters.opened is None and filters.town is None

    def reach(self, count: int) -> float:
        """A squared chord that is probably enough; 0 where nothing is known."""
        if self._place.rank:
            # Squared chords grow as areas do.
            return self._place.after * (self._place.rank + count) / self._place.rank * _AHEAD
        return self._kept.get(self._key, 0.0) * _MORE * count / 51 if self._is_plain else 0.0

    def note(self, found: list[Row], count: int) -> None:
        """Keep what was enough, as if it had been for a page of 50 and the one after."""
        if self._is_plain and not self._place.rank and len(found) == count:
            self._kept[self._key] = found[-1][0] * 51 / count
            if len(self._kept) > _KEPT:
                self._kept.pop(next(iter(self._kept)), None)


def _enough(tx: Transaction, place: Place, filters: Filters, asked: dict[str, Any], wanted: int) -> float:
    """A squared chord within which at least ``wanted`` shops match, if there are so many: that of the last one of those
    that lie beside the place in the order of cells."""
    params = asked | {"cell": cells.cell_of(place.lat, place.lon), "count": wanted}
    apart = sorted(row[0] for row in tx.rows(_beside(filters.form), params))
    return apart[wanted - 1] if len(apart) >= wanted else WHOLE_EARTH


def open_hour(tx: Transaction, now: datetime) -> OpenHour:
    """The quarter of an hour of a moment, and how many shops may be open in it: asked once in each quarter by each
    process, since both only save looking."""
    quarter = int(now.timestamp()) // 900
    known: tuple[int, OpenHour] | None = tx.memory.get(_OPEN)
    if known is None or known[0] != quarter:
        found: dict[tuple[int, str], list[str]] = {}
        for (timezone,) in sorted(tx.rows(_ZONES, {})):
            found.setdefault(quarter_of_week(now, timezone), []).append(timezone)
        times = tuple((tuple(zones), place + 1, digits) for (place, digits), zones in sorted(found.items()))
        counting = Filters(opened=OpenHour(times))
        [(shops, opened)] = tx.rows(_share(counting.form), counting.params(tx))
        known = tx.memory[_OPEN] = (quarter, OpenHour(times, (opened or 0) / shops if shops else 0.0))
    return known[1]


def _ranges(tx: Transaction, place: Place, reach: float) -> dict[str, object]:
    found = cells.cover(place.lat, place.lon, reach)
    if tx.dialect == "sqlite":
        return {"ranges": json.dumps(found)}
    return {"lows": [low for low, _ in found], "highs": [high for _, high in found]}


@lru_cache(maxsize=256)
def _nearest(form: Form, is_ranged: bool) -> Statement:
    def made(dialect: str) -> str:
        columns, only = "p.location_id, p.x, p.y, p.z", _filtered(form, dialect)
        if not is_ranged:
            among = f"(SELECT {columns} FROM shop_listing p WHERE p.cell IS NOT NULL{only}) p"  # noqa: S608
        elif dialect == "sqlite":
            # CROSS JOIN keeps SQLite from reading all shops for each range.
            among = f"""
                (SELECT {columns} FROM json_each(:ranges) r CROSS JOIN shop_listing p
                WHERE p.cell BETWEEN json_extract(r.value, '$[0]') AND json_extract(r.value, '$[1]'){only}) p
            """  # noqa: S608
        else:
            # OFFSET 0 keeps PostgreSQL from measuring all shops before it looks at the ranges.
            among = f"""
                unnest(CAST(:lows AS bigint[]), CAST(:highs AS bigint[])) AS r (low, high) CROSS JOIN LATERAL
                (SELECT {columns} FROM shop_listing p WHERE p.cell BETWEEN r.low AND r.high{only} OFFSET 0) p
            """  # noqa: S608
        return f"""
            SELECT n.apart, {COLUMNS} FROM (
                SELECT location_id, apart FROM (SELECT p.location_id, {_APART} AS apart FROM {among}) c
                WHERE apart <= :reach AND (apart > :after OR (apart = :after AND location_id > :after_id))
                ORDER BY apart, location_id LIMIT :count
            ) n {_JOINED}
        """  # noqa: S608  constants; what is asked for are parameters

    return Statement(made("postgresql"), sqlite=made("sqlite"))


@lru_cache(maxsize=256)
def _beside(form: Form) -> Statement:
    def side(dialect: str, condition: str, order: str) -> str:
        return f"""
            SELECT apart FROM (
                SELECT {_APART} AS apart FROM shop_listing p WHERE p.cell {condition}{_filtered(form, dialect)}
                ORDER BY p.cell {order} LIMIT :count
            ) s
        """  # noqa: S608  constants; what is asked for are parameters

    def made(dialect: str) -> str:
        return side(dialect, ">= :cell", "ASC") + "UNION ALL" + side(dialect, "< :cell", "DESC")

    return Statement(made("postgresql"), sqlite=made("sqlite"))


@lru_cache(maxsize=256)
def _without_place(form: Form) -> Statement:
    def made(dialect: str) -> str:
        return f"""
            SELECT NULL, {COLUMNS} FROM (
                SELECT p.location_id FROM shop_listing p
                WHERE p.cell IS NULL AND p.location_id > :after_id{_filtered(form, dialect)}
                ORDER BY p.location_id LIMIT :count
            ) n {_JOINED}
        """  # noqa: S608  constants; what is asked for are parameters

    return Statement(made("postgresql"), sqlite=made("sqlite"))


@lru_cache(maxsize=256)
def _by_name(form: Form) -> Statement:
    def made(dialect: str) -> str:
        return f"""
            SELECT n.name, {COLUMNS} FROM (
                SELECT p.location_id, p.name FROM shop_listing p
                WHERE (p.name, p.location_id) > (:after, :after_id){_filtered(form, dialect)}
                ORDER BY p.name, p.location_id LIMIT :count
            ) n {_JOINED}
        """  # noqa: S608  constants; what is asked for are parameters

    return Statement(made("postgresql"), sqlite=made("sqlite"))


@lru_cache(maxsize=64)
def _share(form: Form) -> Statement:
    def made(dialect: str) -> str:
        condition = _filtered(form, dialect).removeprefix(" AND ")
        return f"SELECT count(*), sum(CASE WHEN {condition} THEN 1 ELSE 0 END) FROM shop_listing p"  # noqa: S608

    return Statement(made("postgresql"), sqlite=made("sqlite"))


def _filtered(form: Form, dialect: str) -> str:
    """The conditions of a form, each beginning with AND."""
    words, has_category, times, has_merchants, has_town = form
    within = "instr" if dialect == "sqlite" else "strpos"

    def among(column: str, name: str, type_: str) -> str:
        if dialect == "sqlite":
            return f"{column} IN (SELECT value FROM json_each(:{name}))"  # noqa: S608
        return f"{column} = ANY(CAST(:{name} AS {type_}[]))"

    found = [f"{within}(p.words, :word_{number}) > 0" for number in range(words)]
    if has_category:
        found.append("p.category = :category")
    if times is not None:
        ways = [
            f"{among('p.timezone', f'zones_{number}', 'text')}"
            f" AND {within}(:digits_{number}, substr(p.open_hours, CAST(:hour_{number} AS integer), 1)) > 0"
            for number in range(times)
        ]
        # A zone that came since the zones were asked for.
        ways.append(f"NOT {among('p.timezone', 'zones', 'text')}")
        found.append(f"({' OR '.join(ways)})")
    if has_merchants:
        found.append(among("p.merchant_id", "merchants", "uuid"))
    if has_town:
        found.append("p.town = :town")
    return "".join(f" AND {condition}" for condition in found)
