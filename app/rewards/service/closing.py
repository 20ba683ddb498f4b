"""What members still hold when a business has stopped for good."""

from __future__ import annotations

from collections.abc import Callable

from app.cards import changes
from app.common.batch import Batch
from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Statement
from app.ledger.posting import Posting
from app.ledger.seals import Sealer
from app.ledger.writing import gather, load_lots, lock_accounts

REASON = "shop_stopped"
_SLICE = 500
_PROGRAMMES = Statement("SELECT id FROM programme WHERE merchant_id = :merchant_id")
_HOLDERS = Statement(
    """
    SELECT DISTINCT a.member_id FROM account a JOIN programme p ON p.id = a.programme_id
    WHERE p.merchant_id = :merchant_id AND a.balance > 0 AND a.member_id > :after ORDER BY a.member_id LIMIT :count
    """
)
_END_VOUCHERS = Statement(
    """
    UPDATE voucher SET status = 'expired', ended_at = :now, hold_location_id = NULL, hold_device_id = NULL,
        hold_until = NULL, hold_id = NULL, hold_release_at = NULL
    WHERE merchant_id = :merchant_id AND status = 'issued'
    """
)
_NOBODY = "00000000-0000-0000-0000-000000000000"


def end_balances(scope: Scope, merchant_id: str, *, on_progress: Callable[[int], None] | None = None) -> int:
    """Book as expired all that members still hold in a merchant's programmes, a transaction for each member, and end
    their open vouchers. Returns the units that ended. A repeat finds nothing more, and goes on where one broke off."""
    with scope.reading() as tx:
        programmes = {row[0] for row in tx.rows(_PROGRAMMES, {"merchant_id": merchant_id})}
    gone = done = 0
    after = _NOBODY
    while True:
        with scope.reading() as tx:
            asked = {"merchant_id": merchant_id, "after": after, "count": _SLICE}
            holders = [row[0] for row in tx.rows(_HOLDERS, asked)]
        for member_id in holders:
            gone += _end_member(scope, merchant_id, member_id, programmes)
            done += 1
            if on_progress is not None:
                on_progress(done)
        if len(holders) < _SLICE:
            break
        after = holders[-1]
    scope.run(lambda tx: tx.run(_END_VOUCHERS, {"merchant_id": merchant_id, "now": scope.now}))
    return gone


def _end_member(scope: Scope, merchant_id: str, member_id: str, programmes: set[str]) -> int:
    def work(tx: Transaction) -> int:
        posting = Posting(Sealer(scope.keys.ledger), scope.now)
        gone = 0
        for programme_id, account in lock_accounts(tx, member_id).items():
            if programme_id not in programmes or not account.balance:
                continue
            load_lots(tx, account)
            booking = posting.book("expire", member_id, occurred_at=posting.now, merchant_id=merchant_id, reason=REASON)
            gone += account.balance
            booking.redeem(account, account.balance, counter="expired")
        batch = Batch()
        gather(posting, batch)
        batch.write(tx)
        if gone:
            changes.changed(tx, member_id, merchant_id=merchant_id, now=scope.now)
        return gone

    return scope.run(work)
