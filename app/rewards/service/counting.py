"""The count of what was taken of each reward: of all by night, and by day of those with many new ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Statement
from app.rewards import counting

SETTLED = timedelta(hours=1)  # no transaction is under way for so long
_KEEP = Statement(
    """
    INSERT INTO reward_count (reward_id, merchant_id, taken, redeemed, counted_to, counted_at)
    VALUES (:reward_id, :merchant_id, :taken, :redeemed, :counted_to, :now)
    ON CONFLICT (reward_id) DO UPDATE SET taken = :taken, redeemed = :redeemed, counted_to = :counted_to,
        counted_at = :now
    """
)


def count_rewards(scope: Scope, *, only_behind: bool = False, on_progress: Callable[[int], None] | None = None) -> int:
    """Count anew how often every reward was taken and redeemed, one transaction for each. Returns how many rewards.

    ``only_behind``: those alone of which many were issued since their count. A repeat counts again and comes to the
    same. ``on_progress`` is told how many are done.
    """
    before = _first_id(scope.now - SETTLED)
    with scope.reading() as tx:
        rewards = [
            one for one in counting.rewards_to_count(tx) if not only_behind or counting.is_behind(tx, one[0], before)
        ]

    def work(tx: Transaction, *, reward_id: str, merchant_id: str) -> None:
        last = counting.last_voucher(tx, reward_id, before)
        if last is None:
            return
        found = counting.count_taken(tx, reward_id, last)
        kept = {"taken": found.taken, "redeemed": found.redeemed, "counted_to": last, "now": scope.now}
        tx.run(_KEEP, {"reward_id": reward_id, "merchant_id": merchant_id, **kept})

    for done, (reward_id, merchant_id) in enumerate(rewards, 1):
        scope.run(partial(work, reward_id=reward_id, merchant_id=merchant_id))
        if on_progress is not None:
            on_progress(done)
    return len(rewards)


def _first_id(at: datetime) -> str:
    """The smallest id that could have been made at a moment."""
    stamp = f"{int(at.timestamp() * 1000):012x}"
    return f"{stamp[:8]}-{stamp[8:]}-7000-8000-000000000000"
