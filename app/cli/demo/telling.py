"""What the year's bookings have to tell: messages are made, and those that members would have read by now are read."""

from __future__ import annotations

from datetime import timedelta

import config
from app.common.scope import Scope
from app.common.sql import Statement
from app.jobs.context import JobContext
from app.jobs.draining import drain

# Longer ago than this, and everybody has looked at the app since.
LOOKED = timedelta(days=5)
_READ = Statement("UPDATE member_message SET read_at = created_at WHERE read_at IS NULL AND created_at < :before")


def tell(scope: Scope, settings: config.Settings) -> None:
    """Do what waits beside the bookings, and mark old messages as read. A repeat changes nothing."""
    drain(JobContext(settings, scope.database))
    before = scope.now - LOOKED
    scope.run(lambda tx: tx.run(_READ, {"before": before}))
