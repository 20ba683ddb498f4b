"""Whether the service can do its work: the database answers, its migrations are those of this code, the jobs run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.common import outbox
from app.common.database import Transaction
from app.common.sql import Statement
from app.common.types import decode_time

_VERSION = Statement("SELECT version_num FROM schema_version")
# What was given up after many tries waits for a person, not for the runner: `zegel doctor` tells of it.
_WAITING = Statement("SELECT count(*), min(created_at) FROM outbox WHERE done_at IS NULL AND available_at < :parked")
_LAST_JOB = Statement("SELECT max(finished_at) FROM job_run WHERE error IS NULL")
_FAILING = Statement("SELECT name FROM job_run WHERE error IS NOT NULL ORDER BY name")


@dataclass(frozen=True, slots=True)
class Backlog:
    """What the job runner has before it: messages that wait, and since when the oldest does."""

    waiting: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Jobs:
    """How the background jobs do. ``last_at``: when one last ended well; ``failing``: those whose last run did not."""

    backlog: Backlog
    last_at: datetime | None
    failing: tuple[str, ...]


def schema_version(tx: Transaction) -> str | None:
    """The migration that the database is at; None for one that was never migrated to its end."""
    found = tx.rows(_VERSION, {})
    return str(found[0][0]) if found else None


def backlog(tx: Transaction) -> Backlog:
    """How much waits in the outbox."""
    waiting, oldest = tx.rows(_WAITING, {"parked": outbox.PARKED})[0]
    return Backlog(waiting, _instant(oldest))


def jobs(tx: Transaction) -> Jobs:
    """How the background jobs do."""
    last = tx.rows(_LAST_JOB, {})[0][0]
    failing = tuple(name for (name,) in tx.rows(_FAILING, {}))
    return Jobs(backlog(tx), _instant(last), failing)


def _instant(value: datetime | str | None) -> datetime | None:
    return decode_time(value) if isinstance(value, str) else value
