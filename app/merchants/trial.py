"""Shops on trial. Whoever signs up scans at once, but nobody has looked at the shop yet: until the operator approves it
stands in no list, tells members nothing, and gives for so many visits a day and prints so many cards only."""

from __future__ import annotations

from datetime import datetime

from app.common.batch import Batch, Change, Table
from app.common.clock import zone
from app.common.database import Transaction
from app.common.sql import Statement
from app.merchants.errors import TrialVisitsUsedUpError

VISITS_A_DAY = 100
CARDS = 100

_DAY = Table("trial_day", 95, "merchant_id day visits")
# By the number that was read: of two tills with the last visit of a day, one counts it.
_ONE_MORE = Change("trial_day", 95, sets="visits", where="merchant_id day visits")
_READ = Statement("SELECT visits FROM trial_day WHERE merchant_id = :merchant_id AND day = :day")
_APPROVED = Statement("SELECT 1 FROM merchant WHERE id = :merchant_id AND approved_at IS NOT NULL")


def is_approved(tx: Transaction, merchant_id: str) -> bool:
    """Whether the operator has approved the shop."""
    return bool(tx.rows(_APPROVED, {"merchant_id": merchant_id}))


def take_visit(tx: Transaction, batch: Batch | None, merchant_id: str, now: datetime, timezone: str) -> None:
    """Count one more visit of a shop on trial, in the batch of its booking; without a batch only look.

    Raises :class:`TrialVisitsUsedUpError` where the local day has as many as it may.
    """
    day = now.astimezone(zone(timezone)).date().isoformat()
    found = tx.rows(_READ, {"merchant_id": merchant_id, "day": day})
    visits = int(found[0][0]) if found else 0
    if visits >= VISITS_A_DAY:
        raise TrialVisitsUsedUpError(most=VISITS_A_DAY)
    if batch is None:
        return
    if found:
        batch.change(_ONE_MORE, (visits + 1, merchant_id, day, visits))
    else:
        batch.insert(_DAY, (merchant_id, day, 1))
