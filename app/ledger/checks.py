"""What verifying the ledger found, kept for the pages of the operators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from app.common.database import Transaction
from app.common.ids import new_id
from app.common.scope import Scope
from app.ledger.models import LedgerCheck
from app.ledger.verifying import Verification

KEPT = 400  # about a year of nights
NOTED = 20  # differences that are kept of one verification


@dataclass(frozen=True, slots=True)
class Check:
    """One verification of the whole ledger; ``found`` are the first of its differences."""

    started_at: datetime
    finished_at: datetime
    transactions: int
    accounts: int
    mismatches: int
    found: Sequence[Mapping[str, Any]]

    @property
    def seconds(self) -> int:
        """How long it took."""
        return round((self.finished_at - self.started_at).total_seconds())


def note_check(scope: Scope, started_at: datetime, result: Verification) -> None:
    """Keep what a verification found; of very old ones nothing. Each call keeps one more."""

    def work(tx: Transaction) -> None:
        tx.session.add(
            LedgerCheck(
                id=new_id(),
                started_at=started_at,
                finished_at=scope.now,
                transactions=result.transactions,
                accounts=result.accounts,
                mismatches=len(result.mismatches),
                found=result.mismatches[:NOTED],
            )
        )
        tx.session.flush()
        old = tx.session.scalars(select(LedgerCheck.id).order_by(LedgerCheck.id.desc()).offset(KEPT)).all()
        tx.session.execute(delete(LedgerCheck).where(LedgerCheck.id.in_(old)))

    scope.run(work)


def last_checks(scope: Scope, count: int = 7) -> list[Check]:
    """The last verifications, the newest first."""
    with scope.reading() as tx:
        rows = tx.session.scalars(select(LedgerCheck).order_by(LedgerCheck.id.desc()).limit(count))
        return [
            Check(row.started_at, row.finished_at, row.transactions, row.accounts, row.mismatches, row.found)
            for row in rows
        ]
