"""Fresh databases for tests: migrated once for each process, then copied for each test."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from psycopg import sql
from sqlalchemy import make_url

from app.common.database import open_engine
from app.extensions import MIGRATIONS

SERVER = os.environ.get("TEST_DATABASE_URL") or "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"


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
        try:
            self._run("CREATE DATABASE {}", self.name)
            migrate(self._url(self.name))
        except BaseException:
            self.close()
            raise

    @contextmanager
    def copy(self, folder: Path) -> Iterator[str]:
        name = self._fresh_name()
        self._run("CREATE DATABASE {} TEMPLATE {}", name, self.name)
        try:
            yield self._url(name)
        finally:
            self._run("DROP DATABASE {} WITH (FORCE)", name)

    def empty(self) -> str:
        """The URL of a new database without any table; the caller drops it with :meth:`drop`."""
        name = self._fresh_name()
        self._run("CREATE DATABASE {}", name)
        return self._url(name)

    def drop(self, url: str) -> None:
        self._run("DROP DATABASE {} WITH (FORCE)", make_url(url).database or "")

    def close(self) -> None:
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name)
        self._connection.close()

    def _fresh_name(self) -> str:
        return f"zegel_test_{os.getpid()}_{uuid.uuid4().hex[:12]}"

    def _url(self, name: str) -> str:
        return self._server.set(database=name).render_as_string(hide_password=False)

    def _run(self, text: str, *names: str) -> None:
        self._connection.execute(sql.SQL(text).format(*map(sql.Identifier, names)))
