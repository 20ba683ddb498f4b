"""How many members are active at each shop: those who collected there within thirty days."""

from __future__ import annotations

from app.billing.accounts import ACTIVE_FOR, account_of
from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Statement

# Over accounts, of which there are far fewer than visits.
_COUNT = Statement(
    """
    SELECT m.id, (
        SELECT count(DISTINCT a.member_id) FROM account a JOIN programme p ON p.id = a.programme_id
        WHERE p.merchant_id = m.id AND a.last_visit_at > :since
    )
    FROM merchant m WHERE m.sandbox_of IS NULL AND m.status <> 'closed'
    """
)


def count_active_members(scope: Scope) -> int:
    """Count for every shop, and write it down. Returns how many shops were counted. A repeat counts again."""
    now = scope.now
    with scope.reading() as tx:
        counted = tx.rows(_COUNT, {"since": now - ACTIVE_FOR})
    for merchant_id, number in counted:

        def work(tx: Transaction, merchant_id: str = merchant_id, number: int = number) -> None:
            account = account_of(tx, merchant_id)
            account.active_members, account.counted_at = int(number), now

        scope.run(work)
    return len(counted)
