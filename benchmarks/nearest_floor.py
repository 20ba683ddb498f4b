"""The least that finding the nearest shops must do: one query by an index for their rows, and those as JSON. On
PostgreSQL a GiST index gives points in the order of their distance in degrees; on SQLite an R*Tree gives those in a box
that is told beforehand. Neither is right near a pole or across the date line, and neither knows who is open."""

from __future__ import annotations

import math
from typing import Any

from sqlalchemy import text

from app.common.database import Database

_COLUMNS = """
    l.id, l.name, m.category, m.id, m.name, m.hue, m.logo_svg IS NOT NULL, l.street, l.postcode, l.city, m.country,
    l.lat, l.lon
"""
_PUBLIC = "l.is_listed AND l.is_active AND m.is_listed AND m.status = 'active' AND m.sandbox_of IS NULL"
_POSTGRESQL = f"""
    SELECT {_COLUMNS} FROM location l JOIN merchant m ON m.id = l.merchant_id WHERE {_PUBLIC}
    ORDER BY point(l.lon, l.lat) <-> point(%(lon)s, %(lat)s) LIMIT %(count)s
"""
_SQLITE = f"""
    SELECT {_COLUMNS} FROM floor_place p CROSS JOIN location l ON l.rowid = p.id
        CROSS JOIN merchant m ON m.id = l.merchant_id
    WHERE p.east >= :lon - :east AND p.west <= :lon + :east AND p.north >= :lat - :north AND p.south <= :lat + :north
        AND {_PUBLIC}
    ORDER BY (l.lat - :lat) * (l.lat - :lat) + (l.lon - :lon) * (l.lon - :lon) * :flat LIMIT :count
"""
_NAMES = (
    *("location_id", "name", "category", "merchant_id", "merchant_name", "hue", "has_logo", "street", "postcode"),
    *("city", "country", "lat", "lon"),
)


def prepare(database: Database) -> None:
    """Make the floor's own index in that database, and let PostgreSQL tidy up."""
    if database.dialect == "sqlite":
        with database.engine.begin() as connection:
            connection.execute(text("CREATE VIRTUAL TABLE floor_place USING rtree(id, west, east, south, north)"))
            connection.execute(text("INSERT INTO floor_place SELECT rowid, lon, lon, lat, lat FROM location"))
        return
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # The service's own role may not make an index. The last is what PostgreSQL does by itself after a while.
        for statement in (
            "RESET ROLE",
            "CREATE INDEX floor_place ON location USING gist (point(lon, lat))",
            "VACUUM ANALYZE",
        ):
            connection.execute(text(statement))


class Nearest:
    """The floor's query on a connection of its own."""

    def __init__(self, database: Database) -> None:
        self._kept = database.engine.raw_connection()  # else the pool would hand it to somebody else as well
        connection: Any = self._kept.driver_connection
        self._statement = _SQLITE if database.dialect == "sqlite" else _POSTGRESQL
        if database.dialect != "sqlite":
            connection.rollback()
            connection.autocommit = True
        self._cursor = connection.cursor()

    def rows(self, spot: tuple[float, float], box: tuple[float, float], count: int) -> list[Any]:
        """The ``count`` nearest to ``spot`` (degrees); ``box`` has half sides north and east in degrees, for SQLite."""
        told = {"lat": spot[0], "lon": spot[1], "north": box[0], "east": box[1], "count": count}
        self._cursor.execute(self._statement, told | {"flat": math.cos(math.radians(spot[0])) ** 2})
        found: list[Any] = self._cursor.fetchall()
        return found

    def items(self, spot: tuple[float, float], box: tuple[float, float], count: int) -> list[dict[str, Any]]:
        """The same for JSON."""
        return [dict(zip(_NAMES, row, strict=True)) for row in self.rows(spot, box, count)]
