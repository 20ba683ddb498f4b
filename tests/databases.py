"""Fresh databases for tests: migrated once for each process, then copied for each test. On PostgreSQL a copy takes a
second, so one that a test gives back is emptied and used again, unless the test changed more than rows."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from alembic import command
from alembic.config import Config
from psycopg import sql
from sqlalchemy import make_url

from app.common.database.engines import open_engine
from app.extensions import MIGRATIONS

SERVER = os.environ.get("TEST_DATABASE_URL") or "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"


# All that makes up the tables, as one line: columns, triggers, constraints, indexes, functions, rights, the revision.
SHAPE = """
    SELECT md5(string_agg(line, E'\\n' ORDER BY line)) FROM (
        SELECT concat_ws(' ', 'column', c.relname, a.attname, a.atttypid, a.attnotnull, pg_get_expr(d.adbin, d.adrelid))
            FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
            LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
            WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
        UNION ALL SELECT concat_ws(' ', 'trigger', tgrelid::regclass, tgname, tgenabled)
            FROM pg_trigger WHERE NOT tgisinternal
        UNION ALL SELECT concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid))
            FROM pg_constraint WHERE connamespace = 'public'::regnamespace
        UNION ALL SELECT concat_ws(' ', 'index', pg_get_indexdef(i.indexrelid), i.indisvalid)
            FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relnamespace = 'public'::regnamespace
        UNION ALL SELECT concat_ws(' ', 'function', proname, md5(prosrc))
            FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        UNION ALL SELECT concat_ws(' ', 'wall', p.polrelid::regclass, polname, obj_description(p.oid, 'pg_policy'))
            FROM pg_policy p
        UNION ALL SELECT concat_ws(' ', 'relation', relname, relkind, relacl, relrowsecurity)
            FROM pg_class WHERE relnamespace = 'public'::regnamespace
        UNION ALL SELECT concat_ws(' ', 'schema', nspname) FROM pg_namespace WHERE nspname !~ '^pg_'
        UNION ALL SELECT concat_ws(' ', 'revision', version_num) FROM schema_version
    ) AS lines (line)
"""
# What a test left behind in bytes above which emptying costs more than a new copy.
MOST_LEFT = 4_000_000


def migrate(url: str, revision: str = "head") -> None:
    """Bring the database at ``url`` to a revision."""
    settings = Config(MIGRATIONS / "alembic.ini")
    engine = open_engine(url)
    try:
        with engine.connect() as connection:
            settings.attributes["connection"] = connection
            command.upgrade(settings, revision)
            connection.commit()
    finally:
        engine.dispose()


def synced(url: str) -> None:
    """Let commits to a PostgreSQL test database reach the disk, as on a server that is set up well: for who looks."""
    known = make_url(url)
    with psycopg.connect(known.set(drivername="postgresql").render_as_string(False), autocommit=True) as connection:
        connection.execute(
            sql.SQL("ALTER DATABASE {} SET synchronous_commit = on").format(sql.Identifier(known.database or ""))
        )


class SqliteTemplate:
    """A migrated file that is copied for each test."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "template.sqlite3"
        migrate(f"sqlite:///{self.file}")
        # Closing the last connection has written the log back: the file alone is the whole database.
        assert not self.file.with_name(self.file.name + "-wal").exists()

    @contextmanager
    def copy(self, folder: Path) -> Iterator[str]:
        target = folder / "zegel.sqlite3"
        shutil.copyfile(self.file, target)
        yield f"sqlite:///{target}"

    def close(self) -> None:
        self.file.unlink()


class PostgresqlTemplate:
    """A migrated database that PostgreSQL itself copies for each test. No server is an error, never a skip."""

    def __init__(self) -> None:
        self._server = make_url(SERVER)
        self._connection = psycopg.connect(
            self._server.set(drivername="postgresql").render_as_string(hide_password=False),
            autocommit=True,
            connect_timeout=5,
        )
        self.name = self._fresh_name()
        self._spare: list[str] = []
        try:
            self._run("CREATE DATABASE {}", self.name)
            migrate(self._url(self.name))
            with self._open(self.name) as connection:
                self._shape, self._size = self._look(connection)
                tables = connection.execute(
                    "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_version'"
                ).fetchall()
            # Replicas run neither triggers nor foreign keys: append-only tables too can be emptied, in any order.
            deletions = [sql.SQL("DELETE FROM {}").format(sql.Identifier(table)) for (table,) in tables]
            self._emptying = sql.SQL("; ").join([sql.SQL("SET session_replication_role = replica"), *deletions])
        except BaseException:
            self.close()
            raise

    @contextmanager
    def copy(self, folder: Path) -> Iterator[str]:
        if self._spare:
            name = self._spare.pop()
        else:
            name = self._fresh_name()
            self._run("CREATE DATABASE {} TEMPLATE {}", name, self.name)
            # What a test commits need not survive the machine's power, only the processes that it kills.
            self._run("ALTER DATABASE {} SET synchronous_commit = off", name)
        try:
            yield self._url(name)
        finally:
            if self._emptied(name):
                self._spare.append(name)
            else:
                self._run("DROP DATABASE {} WITH (FORCE)", name)

    def empty(self) -> str:
        """The URL of a new database without any table; the caller drops it with :meth:`drop`."""
        name = self._fresh_name()
        self._run("CREATE DATABASE {}", name)
        return self._url(name)

    def drop(self, url: str) -> None:
        self._run("DROP DATABASE {} WITH (FORCE)", make_url(url).database or "")

    def close(self) -> None:
        for name in (*self._spare, self.name):
            self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
        self._connection.close()

    def _fresh_name(self) -> str:
        return f"zegel_test_{os.getpid()}_{uuid.uuid4().hex[:12]}"

    def _url(self, name: str) -> str:
        return self._server.set(database=name).render_as_string(hide_password=False)

    def _run(self, text: str, *names: str) -> None:
        self._connection.execute(sql.SQL(text).format(*map(sql.Identifier, names)))

    def _open(self, name: str) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(make_url(self._url(name)).set(drivername="postgresql").render_as_string(False))

    def _look(self, connection: psycopg.Connection[tuple[Any, ...]]) -> tuple[str, int]:
        """What the tables are, and how many bytes the database takes."""
        (shape,) = connection.execute(SHAPE).fetchone() or ("",)
        (size,) = connection.execute("SELECT pg_database_size(current_database())").fetchone() or (0,)
        return shape, size

    def _emptied(self, name: str) -> bool:
        """Whether the database is as the template again. Whoever is still connected is not any more."""
        try:
            with self._open(name) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
                shape, size = self._look(connection)
                if shape != self._shape or size > self._size + MOST_LEFT:
                    return False
                connection.execute(self._emptying)
        except psycopg.Error:
            return False
        return True
