"""A backup from the screen: one at a time, made by the job runner, the last few kept, and good for a restore."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from app.cli.backups.from_screen import make_asked
from app.common import backup_runs
from app.common.database import Transaction
from app.common.ids import new_id
from app.common.scope import Scope
from app.common.settings import Settings as AnySettings
from app.common.sql import Statement
from app.jobs import backing_up
from app.jobs.context import JobContext
from config import Settings
from tests.clocks import FixedClock
from tests.factories import make_holder, make_shop, visit

RUNS = Statement("SELECT status, file, error, lane FROM backup_run ORDER BY asked_at, id")


@pytest.fixture
def context(settings: Settings, scope: Scope, clock: FixedClock) -> JobContext:
    return JobContext(settings, scope.database, clock, back_up=make_asked)


def ask(scope: Scope) -> str | None:
    asking = replace(scope, actor_kind="operator", actor_id=new_id())
    return asking.run(lambda tx: backup_runs.ask(tx, asking))


def runs(scope: Scope) -> list[Any]:
    with scope.reading() as tx:
        return tx.rows(RUNS, {})


def test_what_was_asked_for_is_made_and_noted(context: JobContext, scope: Scope, settings: Settings) -> None:
    shop = make_shop(scope, points="1")
    assert visit(shop.counter(), make_holder(scope), amount_minor=500).ok
    assert not backing_up.run_waiting(context)
    assert ask(scope) is not None
    assert backing_up.run_waiting(context)
    [(status, file, error, lane)] = runs(scope)
    assert (status, error, lane) == ("done", None, None)
    made = settings.var / backup_runs.FOLDER / file
    assert made.stat().st_size > 1000
    assert made.stat().st_mode & 0o077 == 0, "nobody but the service reads it"
    assert (settings.var / "last-backup.json").exists()
    assert not backing_up.run_waiting(context)


def test_one_is_made_at_a_time(context: JobContext, scope: Scope) -> None:
    assert ask(scope) is not None
    assert ask(scope) is None
    taken = []
    begin = threading.Barrier(4)

    def take() -> None:
        begin.wait()
        taken.append(backup_runs.take(context.scope()))

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(one is not None for one in taken) == 1
    assert ask(scope) is None, "one that runs keeps the next one out too"


def test_what_fails_is_noted_and_the_next_one_may_come(context: JobContext, scope: Scope) -> None:
    def fail(*_: Any) -> Mapping[str, Any]:
        raise OSError(28, "No space left on device")

    ask(scope)
    assert backing_up.run_waiting(replace(context, back_up=fail))
    [(status, file, error, _)] = runs(scope)
    assert (status, file) == ("failed", None)
    assert "No space left" in error
    assert ask(scope) is not None


def test_one_whose_process_died_is_given_up(context: JobContext, scope: Scope, clock: FixedClock) -> None:
    ask(scope)
    asked = backup_runs.take(context.scope())
    assert asked is not None
    clock.advance(minutes=9)
    backup_runs.tell(scope, asked.id, 1, 10)

    def give_up(tx: Transaction) -> int:
        return backup_runs.give_up_silent(tx, now=scope.now)

    clock.advance(minutes=9)
    assert scope.run(give_up) == 0, "it was heard of nine minutes ago"
    clock.advance(minutes=2)
    assert scope.run(give_up) == 1
    assert not backup_runs.end(scope, asked.id, file="late.zip", size=1), "what was given up is not done afterwards"
    assert [row[0] for row in runs(scope)] == ["failed"]


def test_the_last_few_are_kept_and_other_files_stay(
    context: JobContext, scope: Scope, settings: Settings, clock: FixedClock
) -> None:
    def touch(_: AnySettings, target: Path, __: datetime, ___: Any) -> Mapping[str, Any]:
        target.write_bytes(b"backup")
        return {}

    folder = settings.var / backup_runs.FOLDER
    folder.mkdir(parents=True)
    (folder / "by-hand.zip").write_bytes(b"mine")
    for _ in range(backup_runs.KEPT + 2):
        ask(scope)
        assert backing_up.run_waiting(replace(context, back_up=touch))
        clock.advance(hours=1)
    files = {row[1] for row in runs(scope) if row[0] == "done"}
    assert {path.name for path in folder.iterdir()} == files | {"by-hand.zip"}
    assert len(files) == backup_runs.KEPT
    assert [row[0] for row in runs(scope)][:2] == ["removed", "removed"]


def test_a_process_that_cant_make_one_leaves_it_to_another(context: JobContext, scope: Scope) -> None:
    ask(scope)
    assert not backing_up.run_waiting(replace(context, back_up=None))
    assert [row[0] for row in runs(scope)] == ["waiting"]
