"""What time does by itself: lots and vouchers that are over are booked so, and answers told long ago are pruned."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from app.common.batch import Batch
from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Statement
from app.ledger.posting import Posting
from app.ledger.seals import Sealer
from app.ledger.writing import expire_due, gather, lock_accounts

REPLIES_KEPT = timedelta(days=90)
_SLICE = 500
_DUE_LOTS = Statement(
    "SELECT DISTINCT member_id FROM account WHERE next_expiry_at <= :now AND member_id > :after"
    " ORDER BY member_id LIMIT :count"
)
_EXPIRE_VOUCHERS = Statement(
    "UPDATE voucher SET status = 'expired', ended_at = :now, hold_location_id = NULL, hold_device_id = NULL,"
    " hold_until = NULL WHERE status = 'issued' AND expires_at <= :now"
)
_PRUNE = Statement(
    "UPDATE idempotency_key SET body = NULL WHERE body IS NOT NULL AND answer_to IS NOT NULL AND created_at < :before"
)
_NOBODY = "00000000-0000-0000-0000-000000000000"


def expire_lots(scope: Scope, *, on_progress: Callable[[int], None] | None = None) -> int:
    """Book as expired whatever lot is due, one transaction for each member. Returns the units that expired.

    A repeat finds nothing more. ``on_progress`` is told how many members are done.
    """
    gone = done = 0
    after = _NOBODY
    while True:
        with scope.reading() as reading:
            due = [row[0] for row in reading.rows(_DUE_LOTS, {"now": scope.now, "after": after, "count": _SLICE})]
        for member_id in due:
            gone += _expire_member(scope, member_id)
            done += 1
            if on_progress is not None:
                on_progress(done)
        if len(due) < _SLICE:
            return gone
        after = due[-1]


def _expire_member(scope: Scope, member_id: str) -> int:
    def work(transaction: Transaction) -> int:
        posting = Posting(Sealer(scope.keys.ledger), scope.now)
        accounts = lock_accounts(transaction, member_id)
        gone = expire_due(transaction, posting, accounts.values(), posting.now)
        batch = Batch()
        gather(posting, batch)
        batch.write(transaction)
        return gone

    return scope.run(work)


def expire_vouchers(scope: Scope) -> int:
    """Mark the vouchers whose time is over; their units were spent when they were issued. Returns how many. A repeat
    finds nothing more."""
    now = scope.now
    return scope.run(lambda transaction: transaction.run(_EXPIRE_VOUCHERS, {"now": now}))


def prune_replies(scope: Scope) -> int:
    """Drop the stored bodies of bookings older than 90 days; they are rebuilt from the ledger when somebody asks again.
    Keys, fingerprints and refusals stay. Returns how many were dropped."""
    before = scope.now - REPLIES_KEPT
    return scope.run(lambda transaction: transaction.run(_PRUNE, {"before": before}))
