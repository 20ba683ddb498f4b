"""Transactions that read, then write one batch: all or nothing, found out by guards, and run again with locks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from app.common.batch import Batch, Change, Guard, Table
from app.common.database import Database, LostRaceError, Transaction
from app.common.ids import new_id
from app.common.sql import Statement

JOB = Table("job_run", 0, "name started_at error")
ERROR = Change("job_run", 1, sets="error", where="name error")
STANDING = Guard("outbox", holds="done_at IS NULL")
NOW = datetime(2026, 3, 4, tzinfo=UTC)
JOBS = Statement("SELECT name, error FROM job_run ORDER BY name")


END_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def jobs_of_a_new_connection(database: Database) -> list[Any]:
    database.engine.dispose()
    return jobs(database)


def jobs(database: Database) -> list[Any]:
    with database.reading() as tx:
        return [tuple(row) for row in tx.rows(JOBS, {})]


def adding(name: str, change: tuple[str, str] | None = None) -> Callable[[Transaction], bool]:
    def work(tx: Transaction) -> bool:
        batch = Batch()
        batch.insert(JOB, (name, NOW, "none"))
        if change is not None:
            batch.change(ERROR, ("changed", *change))
        batch.write(tx)
        return tx.locks

    return work


def test_what_is_written_stays(database: Database) -> None:
    database.run_single(adding("a"))
    database.run_single(adding("b", change=("a", "none")))
    assert jobs(database) == [("a", "changed"), ("b", "none")]


def test_a_guard_that_fails_undoes_the_whole_batch_and_it_is_tried_again_with_locks(database: Database) -> None:
    database.run_single(adding("a"))
    tries: list[bool] = []

    def work(tx: Transaction) -> None:
        tries.append(tx.locks)
        adding("b", change=("a", "something else" if len(tries) == 1 else "none"))(tx)

    database.run_single(work)
    assert len(tries) == 2
    assert tries[-1] is True
    assert jobs(database) == [("a", "changed"), ("b", "none")]


def test_a_guard_that_never_holds_is_told_and_leaves_nothing(database: Database) -> None:
    with pytest.raises(LostRaceError):
        database.run_single(adding("b", change=("nobody", "none")))
    assert jobs(database) == []


def test_a_row_that_no_longer_stands_undoes_the_batch_on_postgresql(database: Database) -> None:
    if database.dialect == "sqlite":
        return  # its one writer read the row in this very transaction

    def work(tx: Transaction) -> None:
        batch = Batch()
        batch.insert(JOB, ("a", NOW, None))
        batch.guard(STANDING, new_id())
        batch.write(tx)

    with pytest.raises(LostRaceError):
        database.run_single(work)
    assert jobs(database) == []


def test_a_fault_after_the_reading_leaves_nothing_open(database: Database) -> None:
    def fails(tx: Transaction) -> None:
        tx.rows(JOBS, {})
        raise ValueError("a fault of ours")

    for _ in range(40):  # more than there are connections
        with pytest.raises(ValueError, match="a fault of ours"):
            database.run_single(fails)
    database.run_single(adding("a"))
    with database.transaction() as tx:  # on SQLite the lock was given back
        adding("b")(tx)
    assert [name for name, _ in jobs(database)] == ["a", "b"]


def test_a_connection_that_was_lost_is_opened_again_on_postgresql(database: Database) -> None:
    """As after a restart of the server: nothing was written, so nobody need hear of it."""
    database.run_single(adding("a"))
    if database.dialect == "postgresql":
        url = database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(url) as other:
            other.execute(END_OTHERS)
    seen: list[int] = []

    def reads_first(tx: Transaction) -> None:
        seen.append(len(tx.rows(JOBS, {})))
        adding("b")(tx)

    database.run_single(reads_first)
    assert seen == [1]
    assert [name for name, _ in jobs_of_a_new_connection(database)] == ["a", "b"]


@pytest.mark.parametrize(
    "act",
    [
        adding("b"),
        lambda tx: tx.run(JOBS, {}),
        lambda tx: tx.run_many(JOBS, [{}]),
        lambda tx: tx.cursor(),
        lambda tx: tx.session,
    ],
    ids=["second batch", "run", "run_many", "cursor", "session"],
)
def test_a_second_write_is_refused(act: Callable[[Transaction], Any], database: Database) -> None:
    """Without a transaction around both, one could be there without the other."""

    def work(tx: Transaction) -> None:
        adding("a")(tx)
        act(tx)

    with pytest.raises(RuntimeError):
        database.run_single(work)


def test_work_that_waits_for_the_commit_is_done_after_it(database: Database) -> None:
    seen: list[Any] = []

    def work(tx: Transaction) -> None:
        tx.after_commit(lambda: seen.append(jobs(database)))
        adding("a")(tx)
        assert seen == []

    database.run_single(work)
    assert seen == [[("a", "none")]]
