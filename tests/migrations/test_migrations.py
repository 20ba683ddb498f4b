"""From an empty database to today's tables and back, on both databases; and no two processes in each other's way."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Connection, Engine, inspect, text

from app.common.database.engines import open_engine
from app.common.ids import new_id
from app.extensions import MIGRATIONS
from app.tables import metadata
from config import ROOT
from tests.conftest import ENVIRONMENT
from tests.databases import PostgresqlTemplate

APPEND_ONLY = (
    *("ledger_transaction", "transfer", "audit_event", "consent_event", "programme_version"),
    *("platform_brand", "terms_version", "terms_acceptance"),
)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without a table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite3'}"
        return
    template: PostgresqlTemplate = request.getfixturevalue("postgresql_template")
    url = template.empty()
    yield url
    template.drop(url)


@pytest.fixture
def engine(empty_url: str) -> Iterator[Engine]:
    made = open_engine(empty_url)
    yield made
    made.dispose()


def go(engine: Engine, revision: str) -> None:
    """Bring the database to a revision, up or down."""
    settings = Config(MIGRATIONS / "alembic.ini")
    with engine.connect() as connection:
        settings.attributes["connection"] = connection
        context = MigrationContext.configure(connection, opts={"version_table": "schema_version"})
        now = context.get_current_revision() or "base"
        connection.rollback()
        is_down = revision == "base" or (now != "base" and revision != "head" and revision < now)
        (command.downgrade if is_down else command.upgrade)(settings, revision)
        connection.commit()


def triggers(connection: Connection) -> set[tuple[str, str]]:
    if connection.dialect.name == "sqlite":
        rows = connection.execute(text("SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'"))
    else:
        rows = connection.execute(
            text(
                "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
                " WHERE NOT t.tgisinternal"
            )
        )
    return {(row[0], row[1]) for row in rows}


def shape(engine: Engine) -> dict[str, Any]:
    """Everything about the schema that a migration can leave behind."""
    with engine.connect() as connection:
        looking = inspect(connection)
        tables = {
            table: {
                # Without their order: a column that is put back comes last.
                "columns": {
                    one["name"]: (str(one["type"]), one["nullable"], one["default"])
                    for one in looking.get_columns(table)
                },
                "key": looking.get_pk_constraint(table)["constrained_columns"],
                "foreign": sorted(str(sorted(one.items(), key=str)) for one in looking.get_foreign_keys(table)),
                "unique": sorted(str(one["column_names"]) for one in looking.get_unique_constraints(table)),
                "checks": sorted(f"{one['name']}: {one['sqltext']}" for one in looking.get_check_constraints(table)),
                "indexes": sorted(f"{one['name']}: {one['column_names']}" for one in looking.get_indexes(table)),
            }
            for table in looking.get_table_names()
            if table != "schema_version"
        }
        return {"tables": tables, "triggers": sorted(triggers(connection))}


def test_the_migrations_make_what_the_models_say(engine: Engine) -> None:
    go(engine, "head")
    with engine.connect() as connection:
        options = {"version_table": "schema_version", "compare_type": True, "compare_server_default": False}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []
        looking = inspect(connection)
        for table in metadata.sorted_tables:  # of which the comparison above knows nothing
            meant = {one.name for one in table.constraints if isinstance(one, CheckConstraint)}
            assert {one["name"] for one in looking.get_check_constraints(table.name)} == meant, table.name


# Long released ones are not written any more: they go with the long proofs.
@pytest.mark.parametrize("since", ["0007", pytest.param("base", marks=pytest.mark.prove)])
def test_each_step_can_be_taken_back_and_again(engine: Engine, since: str) -> None:
    steps = ["base", *[one.revision for one in ScriptDirectory(str(MIGRATIONS)).walk_revisions()][::-1]]
    steps = steps[steps.index(since) :]
    if since != "base":
        go(engine, since)
    shapes = {since: shape(engine)}
    for revision in steps[1:]:
        go(engine, revision)
        shapes[revision] = shape(engine)
    for revision in steps[-2::-1]:
        go(engine, revision)
        assert shape(engine) == shapes[revision], revision
    assert since != "base" or shapes["base"]["tables"] == {}
    for revision in steps[1:]:
        go(engine, revision)
        assert shape(engine) == shapes[revision], revision


def test_the_append_only_tables_have_their_triggers_after_every_way_up(engine: Engine) -> None:
    go(engine, "head")
    with engine.connect() as connection:
        first = triggers(connection)
    assert {table for table, _ in first} == set(APPEND_ONLY)
    assert len(first) == 2 * len(APPEND_ONLY)
    go(engine, "base")
    with engine.connect() as connection:
        assert triggers(connection) == set()
    go(engine, "head")
    with engine.connect() as connection:
        assert triggers(connection) == first


def test_processes_that_upgrade_at_once_wait_for_each_other(empty_url: str, tmp_path: Path, engine: Engine) -> None:
    environment = {**os.environ, **ENVIRONMENT, "ZEGEL_VAR": str(tmp_path / "var"), "DATABASE_URL": empty_url}
    asked = [sys.executable, "-m", "flask", "--app", "wsgi", "zegel", "db", "upgrade"]
    upgrading = [
        subprocess.Popen(asked, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    for process in upgrading:
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors.decode()
    with engine.connect() as connection:
        assert {table for table, _ in triggers(connection)} == set(APPEND_ONLY)
        assert connection.execute(text("SELECT count(*) FROM schema_version")).scalar() == 1


def test_sessions_from_before_they_were_kept_go_on_and_never_wait(engine: Engine) -> None:
    go(engine, "0003")
    named, nameless, family, other = (new_id() for _ in range(4))
    with engine.begin() as connection:
        for member_id in (named, nameless):
            connection.execute(
                text("INSERT INTO member (id, created_at) VALUES (:id, '2026-03-01 12:00:00+00:00')"), {"id": member_id}
            )
        connection.execute(
            text(
                "INSERT INTO login (blind, kind, member_id, verified_at)"
                " VALUES (:blind, 'email', :id, '2026-03-01 12:00:00+00:00')"
            ),
            {"blind": b"1", "id": named},
        )
        tokens = [
            (b"1", family, named, "2026-03-01 12:00:00.000000", None),
            (b"2", family, named, "2026-03-02 12:00:00.000000", None),
            (b"3", other, nameless, "2026-03-01 12:00:00.000000", None),
            (b"4", new_id(), nameless, "2026-03-01 12:00:00.000000", "2026-03-01 13:00:00.000000"),
        ]
        for token in tokens:
            connection.execute(
                text(
                    "INSERT INTO refresh_token (token_hash, family_id, member_id, created_at, expires_at, ended_at)"
                    " VALUES (:hash, :family, :member, :made, '2026-09-01 12:00:00.000000', :ended)"
                ),
                dict(zip(("hash", "family", "member", "made", "ended"), token, strict=True)),
            )
    go(engine, "0004")
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT id, member_id, began, created_at = settled_at, created_at < last_used_at, waits_until IS NULL"
                " FROM member_session ORDER BY began"
            )
        )
        told = [(str(row[0]), str(row[1]), row[2], *(bool(fact) for fact in row[3:])) for row in rows]
    assert told == [
        (other, nameless, "anonymous", True, False, True),
        (family, named, "code", True, True, True),
    ]
