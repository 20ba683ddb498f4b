"""Rows gathered while a use case decides, and written together: one statement on PostgreSQL, so that a booking costs
one round trip, and prepared statements one after the other on SQLite, where a round trip costs nothing."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import count
from typing import Any

from psycopg.errors import DivisionByZero

from app.common.database import LostRaceError, Transaction


class Table:
    """Where rows go. ``rank`` orders tables so that referenced rows come first."""

    __slots__ = ("columns", "insert_postgresql", "insert_sqlite", "name", "rank", "values_postgresql")

    def __init__(self, name: str, rank: int, columns: str) -> None:
        names = columns.split()
        self.name = name
        self.rank = rank
        self.columns = names
        self.insert_sqlite = f"INSERT INTO {name} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"  # noqa: S608  constants
        self.values_postgresql = "(" + ", ".join(["%s"] * len(names)) + ")"
        self.insert_postgresql = f"INSERT INTO {name} ({', '.join(names)}) VALUES {self.values_postgresql}"  # noqa: S608


class Change:
    """An UPDATE that must touch exactly one row; touching none means that another transaction was faster.

    ``sets`` and ``where`` are column names; the values come in that order.
    """

    __slots__ = ("postgresql", "rank", "sqlite")

    def __init__(self, table: str, rank: int, *, sets: str, where: str, also: str = "") -> None:
        def text(mark: str) -> str:
            assignments = ", ".join(f"{name} = {mark}" for name in sets.split())
            conditions = " AND ".join(f"{name} = {mark}" for name in where.split())
            return f"UPDATE {table} SET {assignments} WHERE {conditions}{also}"  # noqa: S608  constants

        self.rank = rank
        self.sqlite = text("?")
        self.postgresql = text("%s")


class Guard:
    """A row that must still stand as it was read when the batch is written, and stay so until the transaction ends.

    ``holds`` is the condition besides its id. SQLite has one writer, which read the row in this same transaction.
    """

    __slots__ = ("many", "one")

    def __init__(self, table: str, *, holds: str) -> None:
        self.one = f"SELECT 1 FROM {table} WHERE id = %s AND {holds} FOR KEY SHARE"  # noqa: S608  constants
        self.many = f"SELECT id FROM {table} WHERE id = ANY(%s::uuid[]) AND {holds} ORDER BY id FOR KEY SHARE"  # noqa: S608


Row = tuple[Any, ...]
_MARK = re.compile("%s")


class Batch:
    """What one use case will write."""

    __slots__ = ("_changes", "_guards", "_inserts")

    def __init__(self) -> None:
        self._inserts: dict[Table, list[Row]] = {}
        self._changes: dict[Change, list[Row]] = {}
        self._guards: dict[Guard, set[str]] = {}

    def insert(self, table: Table, row: Row) -> None:
        """Add a row, its values in the order of the table's columns."""
        rows = self._inserts.get(table)
        if rows is None:
            self._inserts[table] = [row]
        else:
            rows.append(row)

    def change(self, change: Change, values: Row) -> None:
        """Add a guarded update."""
        self._changes.setdefault(change, []).append(values)

    def guard(self, guard: Guard, row_id: str) -> None:
        """Write only if that row stands; once is enough for each."""
        self._guards.setdefault(guard, set()).add(row_id)

    def write(self, transaction: Transaction) -> None:
        """Write everything gathered. Raises :class:`LostRaceError` when an update or a guard did not find its row as it
        was."""
        inserts = sorted(self._inserts.items(), key=_rank)
        changes = sorted(self._changes.items(), key=_rank)
        if not inserts and not changes:
            return
        cursor, _ = transaction.writing()
        if transaction.dialect == "sqlite":
            for table, rows in inserts:
                if len(rows) == 1:
                    cursor.execute(table.insert_sqlite, rows[0])
                else:
                    cursor.executemany(table.insert_sqlite, rows)
            for change, values in changes:
                for row in values:
                    cursor.execute(change.sqlite, row)
                    if cursor.rowcount != 1:
                        raise LostRaceError(change.sqlite)
            return
        shape = (
            tuple((table, len(rows)) for table, rows in inserts),
            tuple((change, len(values)) for change, values in changes),
            tuple((guard, len(ids)) for guard, ids in self._guards.items()),
        )
        parameters: list[Any] = []
        for _, rows in inserts:
            for row in rows:
                parameters += row
        for _, values in changes:
            for row in values:
                parameters += row
        for ids in self._guards.values():
            parameters += sorted(ids)
        try:
            cursor.execute(_statement(shape), parameters)
        except DivisionByZero:
            raise LostRaceError("an update or a guard did not find its row as it was") from None

    def write_bulk(self, transaction: Transaction) -> None:
        """Write thousands of rows at once: COPY on PostgreSQL, ``executemany`` on SQLite. Same guards as ``write``."""
        cursor = transaction.cursor()
        postgresql = transaction.dialect != "sqlite"
        # COPY is refused to a role that row-level security applies to, be it that it lets all rows pass.
        copies = postgresql and not _is_held(cursor, next(iter(self._inserts), None))
        for guard, ids in self._guards.items() if postgresql else ():
            cursor.execute(guard.many, (sorted(ids),))
            if len(cursor.fetchall()) != len(ids):
                raise LostRaceError(guard.many)
        for table, rows in sorted(self._inserts.items(), key=_rank):
            if copies:
                with cursor.copy(f"COPY {table.name} ({', '.join(table.columns)}) FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)
            else:
                cursor.executemany(table.insert_postgresql if postgresql else table.insert_sqlite, rows)
        for change, values in sorted(self._changes.items(), key=_rank):
            cursor.executemany(change.postgresql if postgresql else change.sqlite, values)
            if cursor.rowcount != len(values):
                raise LostRaceError("an update found its row changed")


def _is_held(cursor: Any, table: Table | None) -> bool:
    if table is None:
        return False
    cursor.execute("SELECT row_security_active(%s)", (table.name,))
    return bool(cursor.fetchone()[0])


def _rank(entry: tuple[Any, Any]) -> int:
    rank: int = entry[0].rank
    return rank


@lru_cache(maxsize=512)
def _statement(
    shape: tuple[tuple[tuple[Table, int], ...], tuple[tuple[Change, int], ...], tuple[tuple[Guard, int], ...]],
) -> str:
    # Data-modifying parts of one statement see the same snapshot, and foreign keys are checked at its end.
    numbers = count(1)

    def numbered(text: str) -> str:
        return _MARK.sub(lambda _: f"${next(numbers)}", text)

    parts: list[str] = []
    for table, rows in shape[0]:
        values = numbered(", ".join([table.values_postgresql] * rows))
        name = f"i{len(parts)}"
        parts.append(f"{name} AS (INSERT INTO {table.name} ({', '.join(table.columns)}) VALUES {values})")  # noqa: S608
    found: list[str] = []
    guarded = [(f"{change.postgresql} RETURNING 1", times) for change, times in shape[1]]
    guarded += [(guard.one, times) for guard, times in shape[2]]
    for text, times in guarded:
        for _ in range(times):
            name = f"g{len(parts)}"
            parts.append(f"{name} AS ({numbered(text)})")
            found.append(f"(SELECT count(*) FROM {name})")  # noqa: S608
    statement = "WITH " + ", ".join(parts) + " SELECT 1"
    if found:
        # A row that was not found as it was must undo the whole statement, which may be the whole transaction.
        statement += f" / (CASE WHEN {' + '.join(found)} = {len(found)} THEN 1 ELSE 0 END)"
    return statement
