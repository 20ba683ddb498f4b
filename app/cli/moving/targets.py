"""Where rows go to: an empty database, marked until everything in it has been proved."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Protocol

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from app.cli.backups import archive
from app.cli.backups.making import SCHEMA_TABLE, connect_postgresql
from app.cli.migrating import UNPROVED, migrate
from app.cli.moving.errors import MoveError
from app.cli.moving.rows import Row, Shape, for_postgresql, for_sqlite
from app.cli.moving.sources import IN_USE, refuse_others

MARK = "unfinished_move"
BROKEN_OFF = "A move to {} was broken off: `zegel db move --replace URL` clears what it left there and begins again."

Write = Callable[[Shape, Iterable[list[Row]]], None]


class Target(Protocol):
    """A database that is filled."""

    url: str  # where it is until it is finished

    def refuse(self, *, is_replaced: bool) -> None:
        """Raises :class:`MoveError` unless it is empty, or holds what a broken move left and may be cleared."""

    def begin(self, source: str) -> None:
        """Mark it, and make the tables of this version."""

    def filling(self, tables: list[str]) -> Any:
        """A block in which the rows are written, all or none; gives how to write a table's."""

    def finish(self, version: str) -> None:
        """Take the mark away: it can be served from."""


def target_at(url: str) -> Target:
    """The target that a URL names."""
    return SqliteTarget(url) if make_url(url).get_backend_name() == "sqlite" else PostgresqlTarget(url)


class SqliteTarget:
    """A file that is written beside its place, under another name, until it is proved."""

    def __init__(self, url: str) -> None:
        self._place = Path(str(make_url(url).database)).absolute()
        self._side = self._place.with_name(f".{self._place.name}.moving")
        self.url = f"sqlite:///{self._side}"

    def refuse(self, *, is_replaced: bool) -> None:
        if self._place.exists() and self._place.stat().st_size:
            raise MoveError(f"There is a database at {self._place}: name a file that is not there yet.")
        if not self._place.parent.is_dir():
            raise MoveError(f"There is no folder {self._place.parent}.")
        if self._side.exists():
            if not is_replaced:
                raise MoveError(BROKEN_OFF.format(self._place))
            self._clear()

    def begin(self, source: str) -> None:
        os.close(os.open(self._side, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        migrate(self.url, "head")

    @contextmanager
    def filling(self, tables: list[str]) -> Iterator[Write]:
        with closing(sqlite3.connect(self._side, isolation_level=None)) as connection:
            # Its name says that it is unfinished: what a power cut leaves of it is thrown away.
            for pragma in ("synchronous=OFF", "foreign_keys=OFF", "locking_mode=EXCLUSIVE"):
                connection.execute(f"PRAGMA {pragma}")
            connection.execute("BEGIN IMMEDIATE")
            for table in reversed(tables):
                connection.execute(f'DELETE FROM "{table}"')  # noqa: S608  what a migration puts there by itself

            def write(shape: Shape, slices: Iterable[list[Row]]) -> None:
                turn = for_sqlite(shape)
                names = ", ".join(f'"{name}"' for name in shape.columns)
                marks = ", ".join("?" * len(shape.columns))
                statement = f'INSERT INTO "{shape.name}" ({names}) VALUES ({marks})'  # noqa: S608
                for rows in slices:
                    connection.executemany(statement, [turn(row) for row in rows])

            yield write
            connection.execute("UPDATE schema_version SET version_num = ?", (UNPROVED,))
            connection.execute("COMMIT")
            broken = connection.execute("PRAGMA foreign_key_check").fetchone()
            if broken is not None:
                raise MoveError(f"A row of {broken[0]} names one of {broken[2]} that is not there.")
            connection.execute("ANALYZE")

    def finish(self, version: str) -> None:
        with closing(sqlite3.connect(self._side, isolation_level=None)) as connection:
            connection.execute("UPDATE schema_version SET version_num = ?", (version,))
            wrong = connection.execute("PRAGMA integrity_check").fetchone()[0]
            if wrong != "ok":
                raise MoveError(f"The file that was written is damaged ({wrong}): is the disk?")
            connection.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
        with self._side.open("rb") as file:
            os.fsync(file.fileno())
        if self._place.exists() and self._place.stat().st_size:
            raise MoveError(f"Meanwhile somebody made a database at {self._place}: name another file.")
        self._side.rename(self._place)
        archive.settle(self._place.parent)
        self._clear()

    def _clear(self) -> None:
        for ending in ("", "-wal", "-shm", "-journal", "-migrating"):
            self._side.with_name(self._side.name + ending).unlink(missing_ok=True)


class PostgresqlTarget:
    """A database on a server, made by whoever runs that."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._name = make_url(url).database or "postgres"

    def refuse(self, *, is_replaced: bool) -> None:
        try:
            connection = connect_postgresql(self.url)
        except psycopg.OperationalError as error:
            told = str(error).strip().splitlines()[-1]
            raise MoveError(
                f"{self._name} can't be reached ({told}): make the database first, and check URL."
            ) from None
        with connection:
            tables = self._tables(connection)
            if MARK in tables:
                if not is_replaced:
                    raise MoveError(BROKEN_OFF.format(self._name))
                self._clear(connection)
                return
            full = [name for name in tables if name != SCHEMA_TABLE and self._has_rows(connection, name)]
            if full:
                raise MoveError(f"{self._name} is not empty ({full[0]} has rows): name a database that was just made.")
            if self._other_than_ours(connection):
                raise MoveError(f"{self._name} has tables that are not Zegel's: name a database that was just made.")
            try:
                refuse_others(connection)
            except MoveError:
                raise MoveError(IN_USE.format(self._name)) from None

    def begin(self, source: str) -> None:
        with connect_postgresql(self.url) as connection:
            connection.execute(
                f"CREATE TABLE {MARK} (source text NOT NULL, begun_at timestamptz NOT NULL DEFAULT now())"
            )
            connection.execute(f"INSERT INTO {MARK} (source) VALUES (%s)", (source,))  # noqa: S608
        migrate(self.url, "head")

    @contextmanager
    def filling(self, tables: list[str]) -> Iterator[Write]:
        with connect_postgresql(self.url) as connection:
            connection.execute("SET timezone = 'UTC'")
            with connection.transaction(), connection.cursor() as cursor:
                for table in reversed(tables):
                    if self._has_rows(connection, table):  # what a migration puts there by itself
                        cursor.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))

                def write(shape: Shape, slices: Iterable[list[Row]]) -> None:
                    turn = for_postgresql(shape)
                    names = sql.SQL(", ").join(map(sql.Identifier, shape.columns))
                    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(shape.name), names)
                    # One COPY a table: rows of one table that name each other are checked at its end.
                    with cursor.copy(statement) as copy:
                        for rows in slices:
                            for row in rows:
                                copy.write_row(turn(row))

                yield write
                cursor.execute("UPDATE schema_version SET version_num = %s", (UNPROVED,))
            connection.execute("ANALYZE")

    def finish(self, version: str) -> None:
        with connect_postgresql(self.url) as connection, connection.transaction():
            connection.execute("UPDATE schema_version SET version_num = %s", (version,))
            connection.execute(f"DROP TABLE {MARK}")

    def _tables(self, connection: psycopg.Connection[Any]) -> list[str]:
        rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
        return [name for (name,) in rows]

    def _other_than_ours(self, connection: psycopg.Connection[Any]) -> bool:
        tables = self._tables(connection)
        return bool(tables) and SCHEMA_TABLE not in tables

    def _has_rows(self, connection: psycopg.Connection[Any], table: str) -> bool:
        row = connection.execute(sql.SQL("SELECT EXISTS (SELECT 1 FROM {})").format(sql.Identifier(table))).fetchone()
        return bool(row and row[0])

    def _clear(self, connection: psycopg.Connection[Any]) -> None:
        """Take away every table and function that the broken move made: bookings can't be deleted, tables can."""
        functions = connection.execute(
            "SELECT p.oid::regprocedure::text FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace"
            " AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')"
        ).fetchall()
        # The mark goes last and in the same transaction: cut short, it is still there.
        with connection.transaction():
            for table in self._tables(connection):
                connection.execute(sql.SQL("DROP TABLE {} CASCADE").format(sql.Identifier(table)))
            for (function,) in functions:
                connection.execute(f"DROP FUNCTION {function} CASCADE".encode())
