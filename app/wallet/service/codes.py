"""The webshop code behind a voucher: promised when the voucher is issued, given when its member asks to see it."""

from __future__ import annotations

from sqlalchemy import select

from app.cards import waiting
from app.common.batch import Batch
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.scope import Scope
from app.common.sql import Statement
from app.ledger.posting import Posting
from app.ledger.seals import Sealer
from app.ledger.writing import gather
from app.merchants.webhooks import announce
from app.rewards import brakes, vouchers
from app.rewards.errors import RewardCodesGoneError, RewardHasNoCodesError, VoucherOverError
from app.rewards.models import Reward, RewardCode

_FREE = Statement(
    "SELECT id FROM reward_code WHERE reward_id = :reward_id AND voucher_id IS NULL ORDER BY id LIMIT 1"
    " FOR UPDATE SKIP LOCKED",
    sqlite="SELECT id FROM reward_code WHERE reward_id = :reward_id AND voucher_id IS NULL ORDER BY id LIMIT 1",
)
_GIVE = Statement(
    "UPDATE reward_code SET voucher_id = :voucher_id, given_at = :now"
    " WHERE reward_id = :reward_id AND id = :id AND voucher_id IS NULL"
)


def show_code(scope: Scope, *, voucher_id: str) -> None:
    """Give a voucher of the scope's member its code of the webshop. From now on the voucher is redeemed: whoever has
    seen the code can use it, so it can't be given back. A repeat changes nothing; the code is in the voucher's view.

    Raises ``NotFoundError``, ``SpendingWaitsError``, ``SpendingLockedError``, ``RewardHasNoCodesError``,
    ``VoucherOverError``, and ``RewardCodesGoneError`` when the shop's list holds fewer codes than it has promised.
    """
    waiting.require_no_wait(scope)
    scope.run(lambda tx: _show(tx, scope, voucher_id))


def _show(tx: Transaction, scope: Scope, voucher_id: str) -> None:
    voucher = vouchers.find_by_id(tx, voucher_id)
    if voucher is None or voucher.member_id != scope.member_id:
        raise NotFoundError(what="voucher")
    reward = tx.session.get_one(Reward, voucher.reward_id)
    if not reward.has_codes:
        raise RewardHasNoCodesError
    if tx.session.scalar(select(RewardCode.id).where(RewardCode.voucher_id == voucher_id)) is not None:
        return
    if voucher.status != "issued" or voucher.is_over(scope.now):
        raise VoucherOverError
    brakes.require_unlocked(brakes.brakes_of(tx, voucher.member_id))
    # Two members at once: the second passes over the row that the first has locked.
    free = tx.rows(_FREE, {"reward_id": reward.id})
    given = {"reward_id": reward.id, "voucher_id": voucher_id, "now": scope.now}
    if not free or tx.run(_GIVE, {**given, "id": free[0][0]}) != 1:
        raise RewardCodesGoneError
    posting, batch = Posting(Sealer(scope.keys.ledger), scope.now), Batch()
    booking = posting.book(
        "redeem",
        voucher.member_id,
        occurred_at=scope.now,
        merchant_id=voucher.merchant_id,
        location_id=None,
        device_id=None,
        staff_id=None,
        voucher_id=voucher.id,
    )
    batch.change(
        vouchers.REDEEM,
        (
            *("redeemed", booking.id, scope.now, None, None, None, None, None, None),
            *(voucher.member_id, voucher.id, "issued"),
        ),
    )
    gather(posting, batch)
    batch.write(tx)
    if scope.is_sandbox:
        return
    announce(
        tx,
        merchant_id=voucher.merchant_id,
        event="voucher.redeemed",
        now=scope.now,
        data={
            "redemption_id": voucher.id,
            "voucher_id": voucher.id,
            "transaction_id": booking.id,
            "reward_id": reward.id,
            "name": reward.name,
            "kind": reward.kind,
            "value": dict(voucher.value),
            "member_id": voucher.member_id,
            "location_id": None,
            "device_id": None,
            "occurred_at": scope.now.isoformat(),
        },
    )
