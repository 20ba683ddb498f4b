"""Where rows come from: a database that nobody else writes to meanwhile, read in the order of its keys."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Protocol

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from app.cli.backups.making import SCHEMA_TABLE, connect_postgresql, tables_of
from app.cli.moving.errors import MoveError
from app.cli.moving.rows import Row, Shape, from_sqlite

SLICE = 2_000  # rows that are in memory at a time
IN_USE = "{} is in use: stop `zegel serve` and `zegel worker`, then move."
_TIMES = "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"


class Source(Protocol):
    """A database that is held still and read."""

    def tables(self) -> set[str]:
        """The names of its tables."""

    def version(self) -> str | None:
        """The migration that it is at; none for a database without our tables."""

    def count(self, table: str) -> int:
        """How many rows a table has."""

    def slices(self, shape: Shape) -> Iterator[list[Row]]:
        """A table's rows in the order of its key, in the form that both kinds share."""


@contextmanager
def held(url: str) -> Iterator[Source]:
    """The database at ``url``, which nobody can write to until the block ends. Changes nothing in it.

    Raises :class:`MoveError` while somebody else has it open.
    """
    if make_url(url).get_backend_name() == "sqlite":
        path = Path(str(make_url(url).database))
        if not path.exists():
            raise MoveError(f"There is no database at {path}.")
        with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as connection:
            try:
                # In this mode the first look at the file takes its exclusive lock, which no other connection bears.
                connection.execute("PRAGMA locking_mode=EXCLUSIVE")
                connection.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError:
                raise MoveError(IN_USE.format("The database")) from None
            yield SqliteRows(connection)
            connection.execute("ROLLBACK")
        return
    with connect_postgresql(url) as connection_:
        refuse_others(connection_)
        source = PostgresqlRows(connection_)
        names = source.tables()
        connection_.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        with connection_.transaction():
            # The snapshot is taken by the first statement after the locks: nothing is written after it.
            _lock(connection_, names)
            yield source


@contextmanager
def opened(url: str) -> Iterator[Source]:
    """The database at ``url``, only read: what was written to it is looked at again."""
    if make_url(url).get_backend_name() == "sqlite":
        with closing(sqlite3.connect(str(make_url(url).database), isolation_level=None)) as connection:
            connection.execute("BEGIN")
            yield SqliteRows(connection)
        return
    with connect_postgresql(url) as connection_:
        connection_.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection_.read_only = True
        with connection_.transaction():
            yield PostgresqlRows(connection_)


def refuse_others(connection: psycopg.Connection[Any]) -> None:
    """Raises :class:`MoveError` where anybody else is connected to this connection's database."""
    row = connection.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND backend_type = 'client backend'"
    ).fetchone()
    if row is not None and row[0]:
        raise MoveError(IN_USE.format("The database"))


def _lock(connection: psycopg.Connection[Any], names: set[str]) -> None:
    if not names:
        return
    tables = sql.SQL(", ").join(map(sql.Identifier, sorted(names)))
    try:
        connection.execute(sql.SQL("LOCK TABLE {} IN SHARE MODE NOWAIT").format(tables))
    except psycopg.errors.LockNotAvailable:
        raise MoveError(IN_USE.format("The database")) from None
    except psycopg.errors.InsufficientPrivilege:
        raise MoveError("The login of DATABASE_URL may not lock its tables: use the one that migrates.") from None


class SqliteRows:
    """Reads a SQLite database."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def tables(self) -> set[str]:
        return set(tables_of(self._connection))

    def version(self) -> str | None:
        if SCHEMA_TABLE not in self.tables():
            return None
        row = self._connection.execute("SELECT version_num FROM schema_version").fetchone()
        return None if row is None else str(row[0])

    def count(self, table: str) -> int:
        return int(self._connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0])  # noqa: S608

    def slices(self, shape: Shape) -> Iterator[list[Row]]:
        columns = ", ".join(f'"{name}"' for name in shape.columns)
        key = ", ".join(f'"{shape.columns[place]}"' for place in shape.key)
        turn = from_sqlite(shape)
        cursor = self._connection.execute(f'SELECT {columns} FROM "{shape.name}" ORDER BY {key}')  # noqa: S608
        while rows := cursor.fetchmany(SLICE):
            yield [turn(row) for row in rows]


class PostgresqlRows:
    """Reads a PostgreSQL database in the transaction that is open on its connection."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def tables(self) -> set[str]:
        cursor = self._connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {name for (name,) in cursor.fetchall()}

    def version(self) -> str | None:
        if SCHEMA_TABLE not in self.tables():
            return None
        row = self._connection.execute("SELECT version_num FROM schema_version").fetchone()
        return None if row is None else str(row[0])

    def count(self, table: str) -> int:
        row = self._connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
        return 0 if row is None else int(row[0])

    def slices(self, shape: Shape) -> Iterator[list[Row]]:
        columns = sql.SQL(", ").join(_told(name, kind) for name, kind in zip(shape.columns, shape.kinds, strict=True))
        key = sql.SQL(", ").join(_ordered(shape.columns[place], shape.kinds[place]) for place in shape.key)
        query = sql.SQL("SELECT {} FROM {} ORDER BY {}").format(columns, sql.Identifier(shape.name), key)
        with self._connection.cursor(name="moving") as cursor:
            cursor.itersize = SLICE
            cursor.execute(query)
            while rows := cursor.fetchmany(SLICE):
                yield [tuple(row) for row in rows]


def _told(name: str, kind: str) -> sql.Composable:
    column = sql.Identifier(name)
    if kind == "time":
        return sql.SQL(_TIMES).format(column)
    return sql.SQL("{}::text").format(column) if kind in ("id", "json") else column


def _ordered(name: str, kind: str) -> sql.Composable:
    # Letters in the order of their bytes, as SQLite has them.
    return sql.SQL('{} COLLATE "C"' if kind == "text" else "{}").format(sql.Identifier(name))
