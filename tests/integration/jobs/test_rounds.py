"""Jobs by the clock: each slot once, however many workers; late rather than never; a failure is noted and mended."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.common.scope import Scope
from app.common.sql import Statement
from app.jobs import rounds
from app.jobs.context import JobContext
from app.jobs.rounds import Job, daily, every, run_if_due
from config import Settings
from tests.clocks import FixedClock

NOTES = Statement("SELECT name, started_at, finished_at, error FROM job_run ORDER BY name")


@pytest.fixture
def context(settings: Settings, scope: Scope, clock: FixedClock) -> JobContext:
    return JobContext(settings, scope.database, clock)


class Work:
    """Counts its runs; fails where the test says so."""

    def __init__(self) -> None:
        self.runs = 0
        self.failure: Exception | None = None

    def __call__(self, _: JobContext) -> dict[str, Any]:
        self.runs += 1
        if self.failure is not None:
            raise self.failure
        return {"runs": self.runs}

    def job(self, slot: rounds.Slot) -> Job:
        return Job("count", slot, self, longest=timedelta(hours=1), expected=timedelta(days=1))


def notes(scope: Scope) -> list[tuple[Any, ...]]:
    with scope.reading() as tx:
        return tx.rows(NOTES, {})


def test_the_last_slot_of_a_clock() -> None:
    at = datetime(2026, 3, 4, 12, 34, 56, tzinfo=UTC)
    assert daily(2, 30)(at) == datetime(2026, 3, 4, 2, 30, tzinfo=UTC)
    assert daily(13)(at) == datetime(2026, 3, 3, 13, tzinfo=UTC)
    assert daily(12, 34)(at.replace(second=0)) == at.replace(second=0)
    assert every(1)(at) == at.replace(second=0)
    assert every(15)(at) == datetime(2026, 3, 4, 12, 30, tzinfo=UTC)


def test_a_slot_is_run_once(context: JobContext, clock: FixedClock) -> None:
    work = Work()
    job = work.job(daily(2, 30))
    assert run_if_due(context, job)
    for _ in range(5):
        clock.advance(hours=2)
        assert not run_if_due(context, job)
    clock.set(datetime(2026, 3, 5, 2, 29, 59, tzinfo=UTC))
    assert not run_if_due(context, job)
    clock.advance(seconds=1)
    assert run_if_due(context, job)
    assert work.runs == 2


def test_missed_slots_are_made_up_for_once(context: JobContext, clock: FixedClock) -> None:
    work = Work()
    job = work.job(daily(2, 30))
    run_if_due(context, job)
    clock.advance(days=9)
    assert run_if_due(context, job)
    assert not run_if_due(context, job)


def test_many_workers_at_once_run_each_slot_once(context: JobContext, clock: FixedClock) -> None:
    """The look that comes first may be out of date when the claim is made: the claim itself must know the slot."""
    work = Work()
    job = work.job(every(1))
    with ThreadPoolExecutor(8) as workers:
        for slot in range(1, 16):
            start = threading.Barrier(8)

            def come(_: int, start: threading.Barrier = start) -> bool:
                start.wait()
                return run_if_due(context, job)

            assert sum(workers.map(come, range(8))) == 1
            assert work.runs == slot
            clock.advance(minutes=1)


def test_a_claim_knows_its_slot(context: JobContext, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """As above, with the unlucky order made certain: the other worker ends between this one's look and its claim."""
    work = Work()
    job = work.job(every(1))
    assert run_if_due(context, job)
    clock.advance(minutes=1)
    scope = context.scope()
    real = type(scope).run

    def overtaken(self: Scope, act: Any) -> Any:
        monkeypatch.setattr(Scope, "run", real)
        assert run_if_due(context, job)
        return real(self, act)

    monkeypatch.setattr(Scope, "run", overtaken)
    assert not run_if_due(context, job)
    assert work.runs == 2


def test_a_failure_is_noted_and_tried_again_after_a_while(context: JobContext, scope: Scope, clock: FixedClock) -> None:
    work = Work()
    work.failure = ValueError("the shelf is empty")
    job = work.job(daily(2, 30))
    assert run_if_due(context, job)
    assert notes(scope)[0][3] == "ValueError: the shelf is empty"
    assert not run_if_due(context, job)
    work.failure = None
    clock.advance(seconds=rounds.RETRY_AFTER.total_seconds())
    assert run_if_due(context, job)
    assert notes(scope)[0][3] is None
    assert not run_if_due(context, job)


def test_a_run_whose_worker_died_is_taken_over(context: JobContext, scope: Scope, clock: FixedClock) -> None:
    work = Work()
    job = work.job(daily(2, 30))
    assert rounds._claim(context, job, clock.now)  # and its process is gone
    clock.advance(minutes=59)
    assert not run_if_due(context, job)
    clock.advance(minutes=1)
    assert run_if_due(context, job)


def test_where_nobody_else_can_be_running_a_dead_run_is_known_at_once(
    context: JobContext, scope: Scope, clock: FixedClock
) -> None:
    work = Work()
    job = work.job(daily(2, 30))
    assert rounds._claim(context, job, clock.now)
    assert scope.run(rounds.free_unfinished) == 1
    assert notes(scope)[0][3] == "its process ended"
    clock.advance(seconds=rounds.RETRY_AFTER.total_seconds())
    assert run_if_due(context, job)


def test_a_stopped_job_is_done_again_later(context: JobContext, scope: Scope, clock: FixedClock) -> None:
    runs: list[int] = []

    def long(context: JobContext) -> dict[str, Any]:
        runs.append(1)
        context.go_on()
        return {}

    job = Job("long", daily(2), long, timedelta(hours=1), timedelta(days=1))
    context.stopping.set()
    assert run_if_due(context, job)
    assert notes(scope)[0][3] == "stopped before it was done"
    context.stopping.clear()
    clock.advance(hours=1)
    assert run_if_due(context, job)
    assert notes(scope)[0][3] is None
    assert len(runs) == 2
