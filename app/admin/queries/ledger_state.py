"""Whether the books agreed when they were last recomputed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Statement
from app.common.types import decode_time
from app.rewards.configuration import document

JOB = "verify-ledger"
_RUN = Statement("SELECT finished_at, result, error FROM job_run WHERE name = :name AND finished_at IS NOT NULL")


@dataclass(frozen=True, slots=True)
class LedgerState:
    """The last verification: ``differences`` is 0 when all agreed, None where it broke off for another reason."""

    at: datetime
    transactions: int | None
    differences: int | None
    error: str | None


def read_ledger_state(scope: Scope) -> LedgerState | None:
    """The last verification that ended; None before the first night."""
    with scope.reading() as tx:
        return ledger_state(tx)


def ledger_state(tx: Transaction) -> LedgerState | None:
    """As :func:`read_ledger_state`, in an open transaction."""
    rows = tx.rows(_RUN, {"name": JOB})
    if not rows:
        return None
    finished, result, error = rows[0]
    told = document(result) or {}
    at = decode_time(finished) if isinstance(finished, str) else finished
    differences = told.get("differences") if error is not None else 0
    return LedgerState(at, told.get("transactions"), differences, error)
