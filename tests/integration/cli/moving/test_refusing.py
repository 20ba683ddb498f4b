"""A move that can't be whole is refused before anything is touched."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from app.cli.backups.making import connect_postgresql
from app.cli.moving.errors import MoveError
from app.common.scope import Scope
from app.common.sql import Statement
from config import Settings
from tests.clocks import FixedClock
from tests.factories import Holder, Shop, visit
from tests.integration.cli.moving.carrying import (
    ODD_NAMES,
    move,
    rows_of,
)


def test_it_is_refused_while_the_source_is_in_use(
    scope: Scope, settings: Settings, clock: FixedClock, shop: Shop, holder: Holder, to: str
) -> None:
    assert visit(shop.counter(), holder, amount_minor=500).ok  # its connection stays in the pool
    with pytest.raises(MoveError, match="in use"):
        move(settings, to, clock)
    assert is_untouched(to)


def test_nobody_writes_to_the_source_meanwhile(
    scope: Scope, settings: Settings, clock: FixedClock, history: None, to: str
) -> None:
    scope.database.close()
    refused: list[str] = []

    def try_to_write(stage: str, done: int, _: int) -> None:
        if stage != "Copying" or refused:
            return
        if settings.is_sqlite:
            with pytest.raises(sqlite3.OperationalError, match="locked") as error:
                sqlite3.connect(str(make_url(settings.database_url).database), timeout=0).execute(
                    "UPDATE merchant SET name = 'other'"
                )
            refused.append(str(error.value))
            return
        with connect_postgresql(settings.database_url) as connection:
            connection.execute("SET lock_timeout = '50ms'")
            with pytest.raises(psycopg.errors.LockNotAvailable) as late:
                connection.execute("UPDATE merchant SET name = 'other'")
            refused.append(str(late.value))

    move(settings, to, clock, progress=try_to_write)
    assert len(refused) == 1


def is_untouched(url: str) -> bool:
    if url.startswith("sqlite"):
        place = Path(str(make_url(url).database))
        return not place.exists() and not place.with_name(f".{place.name}.moving").exists()
    with connect_postgresql(url) as connection:
        return connection.execute("SELECT 1 FROM pg_tables WHERE schemaname = 'public'").fetchone() is None


def test_a_target_that_is_not_empty_is_refused(
    scope: Scope, settings: Settings, clock: FixedClock, history: None, to: str
) -> None:
    scope.database.close()
    move(settings, to, clock)
    before = rows_of(to)
    for is_replaced in (False, True):  # what is whole is never cleared
        with pytest.raises(MoveError, match=r"not empty|There is a database"):
            move(settings, to, clock, is_replaced=is_replaced)
    assert rows_of(to) == before


def test_a_target_of_somebody_else_is_refused(
    scope: Scope, settings: Settings, clock: FixedClock, shop: Shop, to: str, tmp_path: Path
) -> None:
    scope.database.close()
    if settings.is_sqlite:
        with connect_postgresql(to) as connection:
            connection.execute("CREATE TABLE invoices (id int)")
        with pytest.raises(MoveError, match="not Zegel's"):
            move(settings, to, clock, is_replaced=True)
        return
    (tmp_path / "moved.sqlite3").write_text("a diary")
    with pytest.raises(MoveError, match="There is a database"):
        move(settings, to, clock, is_replaced=True)
    assert (tmp_path / "moved.sqlite3").read_text() == "a diary"


def test_a_target_with_empty_tables_will_do(
    scope: Scope, settings: Settings, clock: FixedClock, history: None, to: str
) -> None:
    if not settings.is_sqlite:
        return
    from tests.databases import migrate

    migrate(to)
    scope.database.close()
    assert move(settings, to, clock).transactions == 9


def test_a_server_that_sorts_as_people_do_compares_the_same_rows(
    scope: Scope, settings: Settings, clock: FixedClock, history: None, to: str
) -> None:
    """With another collation, rows under keys of letters come in another order: not when they are compared."""
    if not settings.is_sqlite:
        return
    scope.database.close()
    name = f"{make_url(to).database}_icu"
    dutch = make_url(to).set(database=name).render_as_string(hide_password=False)
    with connect_postgresql(to) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'nl-BE'".encode())
        try:
            assert move(settings, dutch, clock).tables["job_run"].rows >= len(ODD_NAMES)
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def test_its_own_place_is_refused(scope: Scope, settings: Settings, clock: FixedClock) -> None:
    scope.database.close()
    with pytest.raises(MoveError, match="name another"):
        move(settings, settings.database_url, clock)


def test_a_target_that_is_not_there_is_told(
    scope: Scope, settings: Settings, clock: FixedClock, tmp_path: Path
) -> None:
    scope.database.close()
    with pytest.raises(MoveError, match="can't be reached"):
        move(settings, "postgresql+psycopg://postgres@127.0.0.1:9/nowhere", clock)
    with pytest.raises(MoveError, match="no folder"):
        move(settings, f"sqlite:///{tmp_path / 'none' / 'x.sqlite3'}", clock)


def test_a_source_of_another_version_is_refused(
    scope: Scope, settings: Settings, clock: FixedClock, shop: Shop, to: str
) -> None:
    with scope.transaction() as tx:
        tx.run(Statement("UPDATE schema_version SET version_num = '0001'"), {})
    scope.database.close()
    with pytest.raises(MoveError, match="zegel db upgrade"):
        move(settings, to, clock)
    assert is_untouched(to)


def test_a_table_that_would_stay_behind_is_told(
    scope: Scope, settings: Settings, clock: FixedClock, shop: Shop, to: str
) -> None:
    with scope.transaction() as tx:
        tx.run(Statement("CREATE TABLE extra (id text)"), {}) if settings.is_sqlite else None
    scope.database.close()
    if not settings.is_sqlite:
        with connect_postgresql(settings.database_url) as connection:
            connection.execute("CREATE TABLE extra (id text)")
    with pytest.raises(MoveError, match="extra"):
        move(settings, to, clock)
