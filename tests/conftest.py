"""Fixtures for every test. Whatever asks for ``database_url``, or for something made from it, runs on both databases,
each time on a fresh migrated copy with real commits, so that races and threads are as in the shop."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

import config
import mobile_api
from app.common.database import Database
from app.common.database.engines import open_engine
from app.common.scope import Scope
from app.factory import create_app
from tests import signers
from tests.clocks import FixedClock
from tests.databases import PostgresqlTemplate, SqliteTemplate
from tests.routing import compile_once
from tests.signers import Signers

DIALECTS = ("sqlite", "postgresql")

compile_once()


def _key(seed: int) -> str:
    return "k1:" + base64.b64encode(bytes((seed + 7 * n) % 256 for n in range(32))).decode()


ENVIRONMENT = {
    "ZEGEL_ENV": "test",
    "PUBLIC_URL": "https://card.example",
    "SECRET_KEY": _key(1),
    "LEDGER_KEY": _key(2),
    "DATA_KEY": _key(3),
}


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteTemplate]:
    template = SqliteTemplate(tmp_path_factory.mktemp("sqlite"))
    yield template
    template.close()


@pytest.fixture(scope="session")
def postgresql_template() -> Iterator[PostgresqlTemplate]:
    template = PostgresqlTemplate()
    yield template
    template.close()


@pytest.fixture(params=DIALECTS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh, migrated database of this test alone: once on SQLite, once on PostgreSQL."""
    template: SqliteTemplate | PostgresqlTemplate = request.getfixturevalue(f"{request.param}_template")
    with template.copy(tmp_path) as url:
        yield url


@pytest.fixture
def environment(database_url: str, tmp_path: Path) -> dict[str, str]:
    """The environment variables that make :func:`settings`; for tests that start a process."""
    return {**ENVIRONMENT, "ZEGEL_VAR": str(tmp_path / "var"), "DATABASE_URL": database_url}


@pytest.fixture
def settings(environment: dict[str, str]) -> config.Settings:
    return config.load(environment)


@pytest.fixture(scope="session")
def signers_made(tmp_path_factory: pytest.TempPathFactory) -> Signers:
    """Keys and certificates for passes, and the settings that name them."""
    return signers.make(tmp_path_factory.mktemp("signers"))


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def flask_app(settings: config.Settings, clock: FixedClock) -> Iterator[Flask]:
    """The whole application, on :func:`clock`'s time."""
    flask_app = create_app(settings, mobile_api.init_app, clock=clock)
    flask_app.testing = True
    yield flask_app
    flask_app.extensions["zegel"].database.close()


@pytest.fixture
def client(flask_app: Flask) -> FlaskClient:
    return flask_app.test_client()


@pytest.fixture
def database(request: pytest.FixtureRequest, database_url: str) -> Iterator[Database]:
    """The database: the application's own where the test has one, so that SQLite keeps its one writer."""
    if {"flask_app", "client"} & set(request.fixturenames):
        flask_app: Flask = request.getfixturevalue("flask_app")
        yield flask_app.extensions["zegel"].database
        return
    database = Database(open_engine(database_url))
    yield database
    database.close()


@pytest.fixture
def scope(database: Database, settings: config.Settings, clock: FixedClock) -> Scope:
    """The system's own scope: sees everything. Narrow it with ``dataclasses.replace(scope, merchant_id=…)``."""
    return Scope(database, settings.keys, clock=clock)
