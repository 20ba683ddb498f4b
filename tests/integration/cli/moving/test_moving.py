"""Moving to the other kind of database: nothing lost, nothing changed."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import make_url

from app.cli.backups.making import connect_postgresql
from app.cli.moving.errors import MoveError
from app.cli.moving.rows import canonical
from app.common import health
from app.common.scope import Scope
from app.common.sql import Statement
from app.ledger import anchors
from app.ledger.verifying import verify
from config import ROOT, Settings
from tests.books import assert_books_balance
from tests.clocks import FixedClock
from tests.factories import Holder, Shop, visit
from tests.integration.cli.calling import caller, failed, told
from tests.integration.cli.moving.carrying import (
    ODD_DOCUMENT,
    move,
    rows_of,
    scope_on,
)


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
