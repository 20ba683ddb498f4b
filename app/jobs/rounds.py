"""Jobs that come round by the clock, and the note of each run, by which a slot is done once however many workers there
are, and late rather than never where none was running at its time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from app.common.database import Transaction
from app.common.sql import Statement
from app.jobs.context import JobContext, StoppedError

log = logging.getLogger("zegel.jobs")

RETRY_AFTER = timedelta(minutes=10)
Slot = Callable[[datetime], datetime]
Work = Callable[[JobContext], Mapping[str, Any]]

# A slot is free when it was not begun since it came due; when the last run failed a while ago; or when its worker has
# been silent for longer than the job may take.
_CLAIM = Statement(
    """
    INSERT INTO job_run (name, started_at) VALUES (:name, :now)
    ON CONFLICT (name) DO UPDATE SET started_at = :now, finished_at = NULL
    WHERE (job_run.finished_at IS NOT NULL AND job_run.error IS NULL AND job_run.started_at < :slot)
       OR (job_run.finished_at IS NOT NULL AND job_run.error IS NOT NULL AND job_run.finished_at <= :retry)
       OR (job_run.finished_at IS NULL AND job_run.started_at <= :silent)
    """
)
_DUE = Statement("SELECT started_at, finished_at, error FROM job_run WHERE name = :name")
_FINISH = Statement(
    "UPDATE job_run SET finished_at = :now, result = :result, error = :error"
    " WHERE name = :name AND started_at = :started_at"
)
_FREE = Statement("UPDATE job_run SET finished_at = started_at, error = 'its process ended' WHERE finished_at IS NULL")
_BEAT = Statement(
    """
    INSERT INTO job_run (name, started_at, finished_at, result) VALUES (:name, :now, :now, :result)
    ON CONFLICT (name) DO UPDATE SET started_at = :now, finished_at = :now, result = :result, error = NULL
    """
)
_PLAN = Statement(
    """
    INSERT INTO job_plan (name, expected_seconds, noted_at) VALUES (:name, :expected, :now)
    ON CONFLICT (name) DO UPDATE SET expected_seconds = :expected, noted_at = :now
    """
)
_FORGET_PLAN = Statement("DELETE FROM job_plan WHERE noted_at < :now")


@dataclass(frozen=True, slots=True)
class Job:
    """``slot`` gives the last moment at or before another at which the job was due; ``longest`` is how long it may
    take. ``expected`` is how old its last good run may be before somebody should look."""

    name: str
    slot: Slot
    work: Work
    longest: timedelta
    expected: timedelta


def every(minutes: int) -> Slot:
    """Due at each multiple of so many minutes of the hour or day."""

    def slot(now: datetime) -> datetime:
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        passed = int((now - midnight).total_seconds()) // (minutes * 60)
        return midnight + timedelta(minutes=minutes * passed)

    return slot


def daily(hour: int, minute: int = 0) -> Slot:
    """Due once a day at that time in UTC."""

    def slot(now: datetime) -> datetime:
        today = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
        return today if today <= now else today - timedelta(days=1)

    return slot


def run_if_due(context: JobContext, job: Job) -> bool:
    """Run the job's present slot if nobody has. Returns whether it ran here; a failure is noted and logged, not raised.

    A slot that was missed while no worker ran is made up for, once.
    """
    started_at = context.clock()
    if not _claim(context, job, started_at):
        return False
    result: Mapping[str, Any] | None = None
    error: str | None = None
    try:
        result = job.work(context)
        log.info("job done: %s %s", job.name, dict(result))
    except StoppedError:
        error = "stopped before it was done"
    except Exception as failure:
        error = f"{type(failure).__name__}: {failure}"[:500]
        result = getattr(failure, "result", None)  # what a failure found, where it tells
        log.exception("job failed: %s", job.name)
    finally:
        _finish(context, job.name, started_at, result, error)
    return True


def free_unfinished(tx: Transaction) -> int:
    """Note every run without an end as broken off: only where no other process can be running one."""
    return tx.run(_FREE, {})


def note_plan(tx: Transaction, expected: Mapping[str, timedelta], *, now: datetime) -> None:
    """Note which jobs there are, and how old the last run of each may be: health pages and alarms are told by that. A
    repeat replaces the note; a job that is no more is forgotten."""
    tx.run_many(
        _PLAN,
        [{"name": name, "expected": int(age.total_seconds()), "now": now} for name, age in sorted(expected.items())],
    )
    tx.run(_FORGET_PLAN, {"now": now})


def beat(tx: Transaction, name: str, *, now: datetime, result: Mapping[str, Any]) -> None:
    """Note that something which runs all the time is running."""
    tx.run(_BEAT, {"name": name, "now": now, "result": _document(result)})


def _claim(context: JobContext, job: Job, now: datetime) -> bool:
    moments = {
        "slot": job.slot(now),
        "retry": now - RETRY_AFTER,
        "silent": now - job.longest,
    }
    scope = context.scope()
    # Nearly every minute nothing is due: a look that takes no lock comes first.
    with scope.reading() as tx:
        rows = tx.rows(_DUE, {"name": job.name})
    if rows:
        begun, finished, error = rows[0]
        if finished is None:
            is_due = begun <= moments["silent"]
        else:
            is_due = finished <= moments["retry"] if error is not None else begun < moments["slot"]
        if not is_due:
            return False
    return scope.run(lambda tx: tx.run(_CLAIM, {"name": job.name, "now": now, **moments})) == 1


def _finish(
    context: JobContext, name: str, started_at: datetime, result: Mapping[str, Any] | None, error: str | None
) -> None:
    values = {
        "name": name,
        "started_at": started_at,
        "now": context.clock(),
        "result": None if result is None else _document(result),
        "error": error,
    }
    context.scope().run(lambda tx: tx.run(_FINISH, values))


def _document(result: Mapping[str, Any]) -> str:
    return orjson.dumps(dict(result)).decode()
