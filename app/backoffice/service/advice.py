"""What somebody does not want to be told of again today."""

from __future__ import annotations

from datetime import timedelta

from app.common.clock import zone
from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Statement

KINDS = ("late", "near", "reviews", "sold_out", "tablet_waits", "tablet_silent")

_PUT = Statement(
    "INSERT INTO set_aside (staff_id, kind, until) VALUES (:staff_id, :kind, :until)"
    " ON CONFLICT (staff_id, kind) DO UPDATE SET until = :until"
)


def set_aside(scope: Scope, kind: str, *, timezone: str) -> None:
    """Put one kind of thing to do aside for the scope's person until the local tomorrow. It tells of nobody and changes
    nothing in the shop, so it leaves no event. A repeat changes nothing."""
    until = (scope.now.astimezone(zone(timezone)).date() + timedelta(days=1)).isoformat()

    def work(tx: Transaction) -> None:
        tx.run(_PUT, {"staff_id": scope.staff_id, "kind": kind, "until": until})

    scope.run(work)
