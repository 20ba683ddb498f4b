"""Which jobs there are, and when each is due (times in UTC)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app.jobs.context import JobContext
from app.jobs.rounds import Job, daily
from app.jobs.tidying import forget_answers, tidy
from app.ledger import anchors, verifying

OUTBOX = "outbox"  # not by the clock: it runs all the time and notes so
OUTBOX_EXPECTED = timedelta(minutes=5)
_MISMATCHES_NOTED = 20


class LedgerDiffersError(Exception):
    """The nightly verification found differences; the job's note holds the first of them."""


def anchor(context: JobContext) -> dict[str, Any]:
    """Write the heads of all changed accounts outside the database."""
    written = anchors.write(context.scope(), context.settings.var / anchors.FOLDER)
    return {"heads": written.heads, "file": written.path.name, "digest": written.digest}


def verify_ledger(context: JobContext) -> dict[str, Any]:
    """Recompute every balance, lot and seal. Raises :class:`LedgerDiffersError`."""
    scope = context.scope()
    heads = anchors.read_heads(context.settings.var / anchors.FOLDER, scope.keys.ledger)
    found = verifying.verify(scope, anchored=heads, on_progress=context.go_on)
    if found.mismatches:
        first = found.mismatches[:_MISMATCHES_NOTED]
        raise LedgerDiffersError(f"{len(found.mismatches)} differences, among them {first}")
    return {"transactions": found.transactions, "accounts": found.accounts}


_DAY = timedelta(days=1)
_GRACE = timedelta(hours=2)
JOBS: tuple[Job, ...] = (
    Job("forget-answers", daily(1, 40), forget_answers, timedelta(hours=2), _DAY + _GRACE),
    Job("tidy", daily(1, 50), tidy, timedelta(hours=2), _DAY + _GRACE),
    Job("anchor-ledger", daily(2, 0), anchor, timedelta(hours=2), _DAY + _GRACE),
    Job("verify-ledger", daily(2, 30), verify_ledger, timedelta(hours=12), _DAY + 6 * _GRACE),
)
