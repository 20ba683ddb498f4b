"""What an alarm should go off at: a handful of numbers, cheap enough to be asked for every few seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from app.admin.queries.health import job_states, parked, read_backups
from app.admin.queries.ledger_state import ledger_state
from app.common import sizes
from app.common.database import Transaction
from app.common.sql import Statement

_DAY = timedelta(days=1)
_NEVER = float("inf")

_TABLETS = Statement(
    "SELECT offline, tablets FROM platform_day WHERE counted_at IS NOT NULL ORDER BY counted_at DESC LIMIT 1"
)
_REFUSED = Statement("SELECT count(*) FROM mail_bounce WHERE bounced_at > :since")
_CASES = Statement("SELECT count(*) FROM risk_case WHERE status IN ('open', 'asked')")


@dataclass(frozen=True, slots=True)
class Watch:
    """``late``: by job, the seconds since it should have run. Ages are infinite for what never happened.
    ``differences``: what the last verification of the ledger found, 0 where it found none or has not run."""

    late: Mapping[str, float]
    failing: int
    given_up: int
    offline: int
    tablets: int
    backup_age: float
    verified_age: float
    differences: int
    refused: int
    cases: int
    database_bytes: int


def read_watch(tx: Transaction, now: datetime, var: Path) -> Watch:
    """All of it. ``var`` is the folder of the service's files."""
    jobs = job_states(tx, now)
    last_backup = read_backups(tx, now, var).last_at
    ledger = ledger_state(tx)
    seen = tx.rows(_TABLETS, {})
    offline, tablets = seen[0] if seen else (0, 0)
    return Watch(
        late={job.name: job.late_by.total_seconds() for job in jobs},
        failing=sum(job.error is not None for job in jobs),
        given_up=parked(tx),
        offline=int(offline or 0),
        tablets=int(tablets or 0),
        backup_age=_NEVER if last_backup is None else (now - last_backup).total_seconds(),
        verified_age=_NEVER if ledger is None or ledger.error else (now - ledger.at).total_seconds(),
        differences=0 if ledger is None else ledger.differences or 0,
        refused=int(tx.rows(_REFUSED, {"since": now - _DAY})[0][0]),
        cases=int(tx.rows(_CASES, {})[0][0]),
        database_bytes=sizes.size(tx),
    )
