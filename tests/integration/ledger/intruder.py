"""Somebody with the database's own superuser rights, and no ledger key."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import errors
from psycopg.types.string import TextLoader
from sqlalchemy import make_url

REFUSALS = (
    sqlite3.IntegrityError,
    errors.RestrictViolation,
    errors.InsufficientPrivilege,
    errors.FeatureNotSupported,  # TRUNCATE of a table that others refer to
    errors.CheckViolation,
)


class Intruder:
    """Raw statements with ``?`` parameters, each committed at once. ``breaks_in``: no triggers and no foreign keys."""

    def __init__(self, url: str, *, breaks_in: bool) -> None:
        self.is_sqlite = url.startswith("sqlite")
        self.connection: Any
        if self.is_sqlite:
            self.connection = sqlite3.connect(make_url(url).database or "", isolation_level=None)
            self.connection.execute(f"PRAGMA foreign_keys={'OFF' if breaks_in else 'ON'}")
            self.connection.execute("PRAGMA recursive_triggers=ON")
            if breaks_in:
                names = self.rows("SELECT name FROM sqlite_master WHERE type = 'trigger'")
                for (name,) in names:
                    self.run(f"DROP TRIGGER {name}")
        else:
            plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
            self.connection = psycopg.connect(plain, autocommit=True)
            self.connection.adapters.register_loader("uuid", TextLoader)
            if breaks_in:
                self.run("SET session_replication_role = replica")

    def run(self, statement: str, params: Sequence[Any] = ()) -> int:
        cursor = self.connection.cursor()
        cursor.execute(self._text(statement), params)
        return int(cursor.rowcount)

    def rows(self, statement: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        cursor = self.connection.cursor()
        cursor.execute(self._text(statement), params)
        return [tuple(row) for row in cursor.fetchall()]

    def copy(self, table: str) -> list[dict[str, Any]]:
        """All rows of a table."""
        cursor = self.connection.cursor()
        cursor.execute(f"SELECT * FROM {table}")
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def put_back(self, table: str, rows: Sequence[dict[str, Any]]) -> None:
        """Make a table's rows exactly these."""
        self.run(f"DELETE FROM {table}")
        for row in rows:
            self.insert(table, row)

    def insert(self, table: str, row: dict[str, Any]) -> None:
        self.run(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", list(row.values()))

    def _text(self, statement: str) -> str:
        return statement if self.is_sqlite else statement.replace("%", "%%").replace("?", "%s")


@contextmanager
def intruder(url: str, *, breaks_in: bool) -> Iterator[Intruder]:
    made = Intruder(url, breaks_in=breaks_in)
    try:
        yield made
    finally:
        made.connection.close()
