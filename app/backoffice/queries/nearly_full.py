"""How many members of the scope's shop are one stamp short of a full card: counted by the jobs, read from a row."""

from __future__ import annotations

from app.common.scope import Scope
from app.common.sql import Statement

_NEAR = Statement(
    """
    SELECT coalesce(sum(b.members), 0) FROM programme p
    JOIN programme_balance b ON b.programme_id = p.id AND b.least = p.goal - 1
    WHERE p.merchant_id = :merchant_id AND p.goal > 1
    """
)


def nearly_full(scope: Scope) -> int:
    """Of all its stamp cards together."""
    with scope.reading() as tx:
        return int(tx.rows(_NEAR, {"merchant_id": scope.merchant_id})[0][0])
