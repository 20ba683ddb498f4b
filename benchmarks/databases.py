"""Databases for one benchmark: made, filled, copied for the floor, and dropped at the end."""

from __future__ import annotations

import base64
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import make_url

import config
from app.common.database import Database
from app.common.database.engines import open_engine
from app.common.scope import Scope

KINDS = ("sqlite", "postgresql")
ROOT = Path(__file__).resolve().parent.parent
SERVER = os.environ.get("TEST_DATABASE_URL") or "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"


@dataclass(frozen=True, slots=True)
class Place:
    """A migrated database, and the environment in which the service runs on it as in production."""

    kind: str
    url: str
    environment: dict[str, str]

    @contextmanager
    def scope(self) -> Iterator[Scope]:
        """The system's scope on it; on SQLite no server may be writing meanwhile."""
        settings = config.load(self.environment)
        database = Database(open_engine(self.url))
        try:
            yield Scope(database, settings.keys)
        finally:
            database.close()


class Ground:
    """Makes databases of one kind; leaving it drops them all."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.folder = Path(tempfile.mkdtemp(prefix="zegel-bench-"))
        self._names: list[str] = []
        self._keys = {
            name: "k1:" + base64.b64encode(secrets.token_bytes(32)).decode()
            for name in ("SECRET_KEY", "LEDGER_KEY", "DATA_KEY")
        }

    def __enter__(self) -> Ground:
        return self

    def __exit__(self, *_: object) -> None:
        for name in self._names:
            _server("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
        shutil.rmtree(self.folder, ignore_errors=True)

    def migrated(self) -> Place:
        """A new database with every table and nothing in them."""
        if self.kind == "sqlite":
            place = self._place(f"sqlite:///{self.folder / (uuid.uuid4().hex + '.sqlite3')}")
        else:
            place = self._place(self._named())
            _server("CREATE DATABASE {}", self._names[-1])
        zegel(place.environment, "db", "upgrade")
        return place

    def copy(self, place: Place) -> Place:
        """The same once more. Nobody may be connected to ``place``."""
        if self.kind == "sqlite":
            path = self.folder / (uuid.uuid4().hex + ".sqlite3")
            shutil.copyfile(place.url.removeprefix("sqlite:///"), path)
            return self._place(f"sqlite:///{path}")
        url = self._named()
        _server("CREATE DATABASE {} TEMPLATE {}", self._names[-1], make_url(place.url).database or "")
        return self._place(url)

    def _named(self) -> str:
        self._names.append(f"zegel_bench_{os.getpid()}_{uuid.uuid4().hex[:8]}")
        return make_url(SERVER).set(database=self._names[-1]).render_as_string(hide_password=False)

    def _place(self, url: str) -> Place:
        environment = (
            os.environ
            | self._keys
            | {
                "ZEGEL_ENV": "production",
                "ZEGEL_VAR": str(self.folder / "var"),
                "PUBLIC_URL": "https://bench.example",
                "DATABASE_URL": url,
                "PYTHONPATH": str(ROOT),
            }
        )
        return Place(self.kind, url, environment)


def zegel(environment: dict[str, str], *arguments: str) -> None:
    """Run one of the commands to its end."""
    subprocess.run([*COMMAND, *arguments], env=environment, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


COMMAND = (sys.executable, "-c", "from app.cli import main; main()")


def _server(text: str, *names: str) -> None:
    url = make_url(SERVER).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
        connection.execute(sql.SQL(text).format(*map(sql.Identifier, names)))
