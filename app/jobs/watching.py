"""Keeping the figures that the operator's overview and health pages are read from."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app.common import backup_runs, sizes
from app.common.sql import Statement
from app.insights import platform_days
from app.jobs.context import JobContext

BOUNCES_KEPT = timedelta(days=400)
_FORGET = Statement("DELETE FROM mail_bounce WHERE bounced_at < :before")


def look(context: JobContext) -> dict[str, Any]:
    """Note how the platform is now, and count its last days."""
    scope = context.scope()
    scope.run(lambda tx: backup_runs.give_up_silent(tx, now=scope.now))
    return {"days": platform_days.count(scope, on_progress=context.go_on), **platform_days.look(scope)}


def count_by_night(context: JobContext) -> dict[str, Any]:
    """Count every day of the platform once more: what slipped through by day is found, and what came late."""
    return {"days": platform_days.rebuild(context.scope(), on_progress=context.go_on)}


def measure(context: JobContext) -> dict[str, Any]:
    """Note how large the database is."""
    scope = context.scope()
    with scope.transaction() as tx:
        tx.run(_FORGET, {"before": scope.now - BOUNCES_KEPT})
    return dict(sizes.measure(scope))
