"""Which jobs there are, and when each is due (times in UTC)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app.jobs.context import JobContext
from app.jobs.rounds import Job, daily, every
from app.jobs.tidying import tidy
from app.ledger import anchors, verifying
from app.rewards.service import upkeep
from app.scanning.service import holds

OUTBOX = "outbox"  # not by the clock: it runs all the time and notes so
OUTBOX_EXPECTED = timedelta(minutes=5)
_MISMATCHES_NOTED = 20


class LedgerDiffersError(Exception):
    """The nightly verification found differences; the job's note holds the first of them."""


def release_holds(context: JobContext) -> dict[str, Any]:
    """Give back what holds that ran out had reserved."""
    return {"released": holds.release_run_out_holds(context.scope())}


def expire(context: JobContext) -> dict[str, Any]:
    """Book lots and vouchers whose time is over as expired."""
    scope = context.scope()
    units = upkeep.expire_lots(scope, on_progress=context.go_on)
    return {"units": units, "vouchers": upkeep.expire_vouchers(scope)}


def prune_replies(context: JobContext) -> dict[str, Any]:
    """Drop the stored bodies of answers older than 90 days."""
    return {"bodies": upkeep.prune_replies(context.scope())}


def anchor(context: JobContext) -> dict[str, Any]:
    """Write the heads of all changed accounts outside the database."""
    written = anchors.write(context.scope(), anchors.folder_of(context.settings.var, context.settings.database_url))
    return {"heads": written.heads, "file": written.path.name, "digest": written.digest}


def verify_ledger(context: JobContext) -> dict[str, Any]:
    """Recompute every balance, lot and seal. Raises :class:`LedgerDiffersError`."""
    scope = context.scope()
    heads = anchors.read_heads(
        anchors.folder_of(context.settings.var, context.settings.database_url), scope.keys.ledger
    )
    found = verifying.verify(scope, anchored=heads, on_progress=context.go_on)
    if found.mismatches:
        first = found.mismatches[:_MISMATCHES_NOTED]
        raise LedgerDiffersError(f"{len(found.mismatches)} differences, among them {first}")
    return {"transactions": found.transactions, "accounts": found.accounts}


_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
JOBS: tuple[Job, ...] = (
    Job("release-holds", every(1), release_holds, longest=_HOUR / 6, expected=_HOUR / 6),
    # Hourly, since a day ends at midnight of each programme's own zone.
    Job("expire", every(60), expire, longest=2 * _HOUR, expected=3 * _HOUR),
    Job("prune-replies", daily(1, 40), prune_replies, longest=2 * _HOUR, expected=_DAY + 2 * _HOUR),
    Job("tidy", daily(1, 50), tidy, longest=2 * _HOUR, expected=_DAY + 2 * _HOUR),
    Job("anchor-ledger", daily(2, 0), anchor, longest=2 * _HOUR, expected=_DAY + 2 * _HOUR),
    Job("verify-ledger", daily(2, 30), verify_ledger, longest=12 * _HOUR, expected=_DAY + 12 * _HOUR),
)
