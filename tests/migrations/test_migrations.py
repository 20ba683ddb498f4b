"""Migrations make what the models say, take it away again, and leave the triggers that refuse to change a booking."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from app.common.database import open_engine
from app.extensions import MIGRATIONS
from app.tables import metadata
from tests.conftest import DIALECTS, ENVIRONMENT
from tests.databases import PostgresqlTemplate, migrate

APPEND_ONLY = ("ledger_transaction", "transfer", "audit_event", "consent_event", "programme_version")
TRIGGERS = {
    "sqlite": text("SELECT name FROM sqlite_master WHERE type = 'trigger'"),
    "postgresql": text("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"),
}
REFUSALS = {"sqlite": ("update", "delete"), "postgresql": ("change", "truncate")}


@pytest.fixture(params=DIALECTS)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite3'}"
        return
    template: PostgresqlTemplate = request.getfixturevalue("postgresql_template")
    url = template.empty()
    yield url
    template.drop(url)


def downgrade(url: str) -> None:
    settings = Config(MIGRATIONS / "alembic.ini")
    engine = open_engine(url)
    with engine.connect() as connection:
        settings.attributes["connection"] = connection
        command.downgrade(settings, "base")
        connection.commit()
    engine.dispose()


def triggers(connection: Connection) -> set[str]:
    return {row[0] for row in connection.execute(TRIGGERS[connection.dialect.name])}


def expected_triggers(dialect: str) -> set[str]:
    return {f"{table}_refuses_{act}" for table in APPEND_ONLY for act in REFUSALS[dialect]}


def test_the_models_are_what_the_migrations_make(database_url: str) -> None:
    engine = open_engine(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": "schema_version", "compare_type": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_a_column_that_no_migration_makes_is_seen(database_url: str) -> None:
    engine = open_engine(database_url)
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("RESET ROLE"))  # the service's own role may not change tables
        connection.execute(text("ALTER TABLE member DROP COLUMN last_seen_at"))
        context = MigrationContext.configure(connection, opts={"version_table": "schema_version"})
        found = compare_metadata(context, metadata)
        assert [(change[0], change[2], change[3].name) for change in found] == [
            ("add_column", "member", "last_seen_at")
        ]
        connection.rollback()
    engine.dispose()


def test_up_down_up(empty_url: str) -> None:
    migrate(empty_url)
    downgrade(empty_url)
    engine = open_engine(empty_url)
    with engine.connect() as connection:
        assert set(inspect(connection).get_table_names()) <= {"schema_version"}
        assert triggers(connection) == set()
    engine.dispose()
    migrate(empty_url)
    engine = open_engine(empty_url)
    with engine.connect() as connection:
        assert set(metadata.tables) <= set(inspect(connection).get_table_names())
        assert triggers(connection) == expected_triggers(connection.dialect.name)
    engine.dispose()


def test_two_processes_that_start_at_once_migrate_once(empty_url: str, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        **ENVIRONMENT,
        "ZEGEL_VAR": str(tmp_path / "var"),
        "DATABASE_URL": empty_url,
        "PYTHONPATH": str(MIGRATIONS.parent),
    }
    upgrade = [sys.executable, "-c", "from app.cli import main; main()", "db", "upgrade"]
    running = [
        subprocess.Popen(upgrade, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    ended = [(process.communicate(timeout=120), process.returncode) for process in running]
    assert [code for _, code in ended] == [0, 0], ended
    engine = open_engine(empty_url)
    with engine.connect() as connection:
        assert triggers(connection) == expected_triggers(connection.dialect.name)
    engine.dispose()
