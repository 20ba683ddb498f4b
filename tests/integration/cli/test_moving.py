"""Moving to the other kind of database: nothing lost, nothing changed, nothing half done that looks whole."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url, select

from app.cli.backups.making import connect_postgresql
from app.cli.moving import moving
from app.cli.moving.errors import MoveError
from app.cli.moving.moving import Moved
from app.cli.moving.rows import canonical
from app.common import health
from app.common.database import Database
from app.common.database.engines import open_engine
from app.common.ids import new_id
from app.common.scope import Scope
from app.common.sql import Statement
from app.ledger import anchors
from app.ledger.verifying import verify
from app.tables import metadata
from config import ROOT, Settings
from tests.books import assert_books_balance
from tests.clocks import FixedClock
from tests.databases import PostgresqlTemplate
from tests.factories import Holder, Shop, make_holder, make_shop, redeem, reverse, visit
from tests.integration.cli.calling import caller, failed, told

ODD_TEXT = "'; \"\\N\\\t\n\r é 🧾 \u202e \\x00 end "
ODD_DOCUMENT = {"z": [1, 1.5, 1e-300, 12345678901234567890, None, True, "é\n\\u0041"], "a": {"": {}}, "B": 0.1}
ODD_TIMES = (datetime(1, 1, 2, tzinfo=UTC), datetime(2026, 3, 29, 1, 0, 0, 1, UTC), datetime(9999, 12, 30, tzinfo=UTC))
ODD_NAMES = ("Zebra", "apple", "_x", "émile", "a b", "a-b", "aa", "10", "9")


@pytest.fixture
def to(database_url: str, tmp_path: Path, postgresql_template: PostgresqlTemplate) -> Iterator[str]:
    """An empty place of the other kind."""
    if not database_url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path / 'moved.sqlite3'}"
        return
    url = postgresql_template.empty()
    yield url
    postgresql_template.drop(url)


@pytest.fixture
def shop(scope: Scope) -> Shop:
    return make_shop(scope, points="1", reward={"cost": 5})


@pytest.fixture
def holder(scope: Scope) -> Holder:
    return make_holder(scope)


@pytest.fixture
def history(scope: Scope, shop: Shop, holder: Holder, clock: FixedClock) -> None:
    """A few days of a shop, and rows with everything that two kinds of database may see differently."""
    other = make_holder(scope)
    for day in range(3):
        for card in (holder, other):
            assert visit(shop.counter(), card, amount_minor=1050 + day).ok
        clock.advance(days=1)
    assert redeem(shop.counter(), holder, shop.reward_ids[0]).ok
    returned = visit(shop.counter(), other, amount_minor=700)
    assert reverse(shop.counter(), returned.transaction_id).ok
    with scope.transaction() as tx:
        for number, at in enumerate(ODD_TIMES):
            values = {
                "id": new_id(),
                "topic": ODD_TEXT,
                "payload": json.dumps([ODD_DOCUMENT, "plain", 5][number]),
                "at": at,
                "tries": (-(2**63), 0, 2**63 - 1)[number],
            }
            tx.run(
                Statement(
                    "INSERT INTO outbox (id, topic, payload, created_at, available_at, tries)"
                    " VALUES (:id, :topic, CAST(:payload AS jsonb), :at, :at, :tries)",
                    sqlite="INSERT INTO outbox (id, topic, payload, created_at, available_at, tries)"
                    " VALUES (:id, :topic, :payload, :at, :at, :tries)",
                ),
                values,
            )
        for name in ODD_NAMES:
            tx.run(
                Statement("INSERT INTO job_run (name, started_at) VALUES (:name, :at)"), {"name": name, "at": clock()}
            )
        tx.run(
            Statement("INSERT INTO member_key (member_id, wrapped) VALUES (:id, :bytes)"),
            {"id": make_holder_alone(scope), "bytes": bytes(range(256))},
        )
        tx.run(
            Statement("UPDATE location SET lat = :lat, lon = :lon WHERE id = :id"),
            {"lat": 51.05434219999999, "lon": 0.1 + 0.2, "id": shop.location_id},
        )


def make_holder_alone(scope: Scope) -> str:
    """A member without a key of its own yet."""
    with scope.transaction() as tx:
        rows = tx.rows(
            Statement("SELECT id FROM member WHERE id NOT IN (SELECT member_id FROM member_key) ORDER BY id LIMIT 1"),
            {},
        )
    return str(rows[0][0])


def move(
    settings: Settings, to: str, clock: FixedClock, *, is_replaced: bool = False, progress: Any = lambda *_: None
) -> Moved:
    return moving.move(
        settings.database_url,
        to,
        settings.var,
        settings.keys,
        is_replaced=is_replaced,
        now=clock(),
        progress=progress,
    )


def rows_of(url: str) -> dict[str, list[Any]]:
    """Every row of every table as the application reads it, by way of its models and not of what moved them."""
    engine = open_engine(url)
    try:
        with engine.connect() as connection:
            return {
                table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
                for table in metadata.sorted_tables
            }
    finally:
        engine.dispose()


def scope_on(url: str, settings: Settings, clock: FixedClock) -> Scope:
    return Scope(Database(open_engine(url)), settings.keys, clock=clock)


def test_every_row_and_every_sum_is_the_same(
    scope: Scope, settings: Settings, clock: FixedClock, shop: Shop, holder: Holder, history: None, to: str
) -> None:
    before = rows_of(settings.database_url)
    scope.database.close()

    moved = move(settings, to, clock)

    after = rows_of(to)
    assert [name for name in before if before[name] != after[name]] == []
    assert {name: len(rows) for name, rows in before.items()} == {n: t.rows for n, t in moved.tables.items()}
    payloads = [row[3] for row in after["outbox"]]
    assert all(document in payloads for document in (ODD_DOCUMENT, "plain", 5))
    there = scope_on(to, settings, clock)
    try:
        assert_books_balance(there)
        assert (moved.transactions, moved.accounts) == (9, 2)
        # The shop goes on there, with the database's own guards in place.
        again = dataclasses.replace(shop, scope=there)
        before_it = visit(again.counter(), holder, amount_minor=500)
        assert before_it.ok
        assert before_it.balance == 30 - 5 + 5
        assert verify(there).mismatches == []
        with pytest.raises(Exception, match=r"append-only|permission denied"), there.transaction() as tx:
            tx.run(Statement("DELETE FROM transfer"), {})
    finally:
        there.database.close()
    assert rows_of(settings.database_url) == before


def test_and_back_again(
    scope: Scope, settings: Settings, clock: FixedClock, history: None, to: str, tmp_path: Path
) -> None:
    """To the other kind, and from there to a laptop's copy."""
    before = rows_of(settings.database_url)
    scope.database.close()
    first = move(settings, to, clock)
    copy = f"sqlite:///{tmp_path / 'laptop.sqlite3'}"
    second = move(dataclasses.replace(settings, database_url=to), copy, clock)
    assert second.tables == first.tables
    assert rows_of(copy) == before
    assert (tmp_path / "laptop.sqlite3").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.glob(".laptop*")] == []


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


KILLED = """
import os, signal, sys
import config
from app.cli.moving import moving
from app.common.clock import system_clock

settings, stage = config.load(), sys.argv[2]

def progress(at, done, total):
    if at == stage and done * 2 >= total:
        os.kill(os.getpid(), signal.SIGKILL)

moving.move(settings.database_url, sys.argv[1], settings.var, settings.keys, is_replaced=False, now=system_clock(),
            progress=progress)
"""


@pytest.mark.parametrize("stage", ["Copying", "Comparing", "Verifying"])
def test_killed_in_the_middle_it_says_so_and_begins_again(
    scope: Scope, settings: Settings, environment: dict[str, str], clock: FixedClock, history: None, to: str, stage: str
) -> None:
    before = rows_of(settings.database_url)
    scope.database.close()
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, to, stage], env={**os.environ, **environment}, cwd=ROOT, capture_output=True
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    # Nobody takes what is there for a database to serve from.
    if to.startswith("sqlite"):
        assert not Path(str(make_url(to).database)).exists()
    elif stage != "Copying":
        there = scope_on(to, settings, clock)
        with there.reading() as tx:
            assert health.schema_version(tx) == "moving"
        there.database.close()
        upgraded = caller({**environment, "DATABASE_URL": to})("db", "upgrade")
        assert "broken off" in failed(upgraded)
        with pytest.raises(MoveError, match="broken off"):
            move(dataclasses.replace(settings, database_url=to), settings.database_url, clock)
    else:
        assert all(rows == [] for rows in rows_of(to).values())

    with pytest.raises(MoveError, match=r"broken off.*--replace"):
        move(settings, to, clock)
    assert move(settings, to, clock, is_replaced=True).transactions == 9
    assert rows_of(to) == before == rows_of(settings.database_url)


def test_a_row_that_came_out_differently_is_found(
    scope: Scope, settings: Settings, clock: FixedClock, history: None, to: str
) -> None:
    scope.database.close()

    def tamper(stage: str, done: int, _: int) -> None:
        if stage != "Comparing" or done:
            return
        statement = "UPDATE merchant SET name = name || '.'"
        if to.startswith("sqlite"):
            place = Path(str(make_url(to).database))
            with sqlite3.connect(place.with_name(f".{place.name}.moving")) as connection:
                connection.execute(statement)
            connection.close()
            return
        with connect_postgresql(to) as there:
            there.execute(statement)

    with pytest.raises(MoveError, match=r"^merchant came out differently"):
        move(settings, to, clock, progress=tamper)


def test_a_ledger_that_was_tampered_with_is_not_called_good(
    scope: Scope, settings: Settings, clock: FixedClock, history: None, to: str
) -> None:
    with scope.transaction() as tx:
        tx.run(Statement("UPDATE account SET balance = 500"), {})
    scope.database.close()
    with pytest.raises(MoveError, match=r"ledger differs .* before the move"):
        move(settings, to, clock)
    with pytest.raises(MoveError, match="broken off"):
        move(settings, to, clock)


def test_the_anchors_go_along_and_a_cut_tail_is_found(
    scope: Scope, settings: Settings, clock: FixedClock, history: None, shop: Shop, holder: Holder, to: str
) -> None:
    folder = anchors.folder_of(settings.var, settings.database_url)
    anchors.write(scope, folder)
    clock.advance(days=1)
    assert visit(shop.counter(), holder, amount_minor=500).ok
    anchors.write(scope, folder)
    scope.database.close()
    older = anchors.folder_of(settings.var, to)
    older.mkdir(parents=True)
    (older / "2020-01-01.jsonl.gz").write_bytes((folder / min(p.name for p in folder.iterdir())).read_bytes())

    assert move(settings, to, clock).anchors == 2

    heads = anchors.read_heads(anchors.folder_of(settings.var, to), settings.keys.ledger)
    assert heads == anchors.read_heads(folder, settings.keys.ledger)
    assert [path.name for path in older.glob("before-move-*/*")] == ["2020-01-01.jsonl.gz"]
    there = scope_on(to, settings, clock)
    try:
        assert verify(there, anchored=heads).mismatches == []
        anchors.write(there, anchors.folder_of(settings.var, to))  # the chain of files goes on
    finally:
        there.database.close()


def test_what_the_other_kind_can_not_hold_is_told(
    scope: Scope, settings: Settings, clock: FixedClock, shop: Shop, to: str
) -> None:
    if not settings.is_sqlite:
        return
    with scope.transaction() as tx:
        tx.run(Statement("UPDATE merchant SET name = :name"), {"name": "a\0b"})
    scope.database.close()
    with pytest.raises(MoveError, match="A row of merchant"):
        move(settings, to, clock)


def test_on_the_command_line(
    scope: Scope, environment: dict[str, str], settings: Settings, history: None, to: str
) -> None:
    scope.database.close()
    zegel = caller(environment)
    facts = told(zegel("db", "move", to, "--json"))
    assert facts["transactions"] == 9
    assert facts["rows"] == sum(table["rows"] for table in facts["each"].values())
    assert facts["each"]["transfer"]["sha256"] != facts["each"]["account"]["sha256"]
    again = zegel("db", "move", to)
    assert failed(again).endswith("The present database is as it was.")
    assert "zegel:secret" not in json.dumps(facts)
    moved = caller({**environment, "DATABASE_URL": to})
    assert "Everything agrees." in moved("ledger", "verify").stdout
    assert told(moved("db", "upgrade", "--json"))


def test_the_line_to_set_is_the_last_one(
    scope: Scope, environment: dict[str, str], history: None, to: str, tmp_path: Path
) -> None:
    scope.database.close()
    done = caller(environment)("db", "move", f"sqlite:///{tmp_path / 'new.sqlite3'}")
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[-1] == f"DATABASE_URL=sqlite:///{tmp_path / 'new.sqlite3'}"


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ('{"a": 1, "b": 2.50}', '{"b":2.5,"a":1.0}', True),
        ("1e3", "1000", True),
        ("0.1", "0.10000000000000001", False),
        ("12345678901234567890123456789012345", "12345678901234567890123456789012346", False),
        ('"1"', "1", False),
        ("-0.0", "0", True),
        ("[1, 2]", "[2, 1]", False),
    ],
)
def test_documents_are_the_same_by_what_they_say(one: str, other: str, is_same: bool) -> None:
    assert (canonical(one) == canonical(other)) is is_same
