"""A reward given to one member by hand: for a cake that was burnt, or a friend who brought a friend."""

from __future__ import annotations

from dataclasses import replace

from app.backoffice.queries.members.detail import member_row
from app.campaigns.kinds import REWARD_UNLOCKED
from app.campaigns.telling import Told, hold_member, tell
from app.common import audit
from app.common.batch import Batch
from app.common.database import Transaction
from app.common.errors import InvalidError, NotFoundError
from app.common.ids import is_id, new_id
from app.common.scope import Scope
from app.common.sql import Statement
from app.merchants.webhooks import announce
from app.rewards import vouchers
from app.rewards.configuration import RewardConfig, current_configuration
from app.rewards.errors import (
    RewardNotOfferedError,
    RewardPlaceError,
    RewardSoldOutError,
    VoucherHeldError,
    VoucherOverError,
    VoucherReservedError,
    VoucherUsedError,
)
from app.rewards.spending import find_reward

LONGEST_REASON = 200
LONGEST_DAYS = 3_650
GIFT = "gift"  # the source of such vouchers
_SAY = Statement(
    "UPDATE voucher SET reason = :reason, given_by = :staff_id WHERE member_id = :member_id AND id = :voucher_id"
)


def give_reward(
    scope: Scope, *, member_id: str, reward_id: str, reason: str, days: int | None = None, gift_id: str | None = None
) -> str:
    """Issue a voucher for a reward to one of the shop's members, for nothing, and tell her. Returns its id.

    Neither tier nor segment nor limit is asked, the stock is. ``days``: how long it is good, else as the reward says.
    ``gift_id`` becomes the voucher's id: the same one again gives nothing more. Raises NotFoundError (no member of this
    shop, or no such reward), InvalidError (no reason), RewardNotOfferedError, RewardSoldOutError, and RewardPlaceError
    for somebody of one location where it is not given.
    """
    said = reason.strip()
    if not 0 < len(said) <= LONGEST_REASON:
        raise InvalidError(errors={"reason": ["reason_expected"]})
    if days is not None and not 0 < days <= LONGEST_DAYS:
        raise InvalidError(errors={"days": ["out_of_range"]})
    voucher_id = gift_id if is_id(gift_id) and gift_id is not None else new_id()

    def work(tx: Transaction) -> str:
        member_row(tx, scope, member_id)
        known = vouchers.find_by_id(tx, voucher_id, lock=False)
        if known is not None:
            if known.member_id != member_id or known.merchant_id != scope.merchant_id:
                raise NotFoundError(what="voucher")
            return voucher_id
        if hold_member(tx, member_id) != member_id:
            raise NotFoundError(what="member")
        config = current_configuration(tx, scope.merchant_id or "")
        reward, programme = find_reward(config, reward_id)
        _require_given(scope, reward)
        batch = Batch()
        if not vouchers.take_from_stock(tx, batch, reward):
            raise RewardSoldOutError
        issued = vouchers.issue(
            batch,
            reward=reward if days is None else replace(reward, voucher_days=days),
            member_id=member_id,
            merchant_id=config.id,
            currency=config.currency,
            timezone=programme.timezone,
            source=GIFT,
            cost=0,
            transaction_id=None,
            now=scope.now,
            voucher_id=voucher_id,
        )
        batch.write(tx)
        whose = {"member_id": member_id, "voucher_id": voucher_id}
        tx.run(_SAY, {**whose, "reason": said, "staff_id": scope.staff_id})
        # What was said stays with the voucher, and goes with its member.
        after = {"name": reward.name, "reward_id": reward.id, "member_id": member_id}
        audit.record(tx, scope, "voucher.given", "voucher", voucher_id, merchant_id=config.id, after=after)
        data = {"voucher_id": issued.id, "reward_id": reward.id, "name": reward.name, "member_id": member_id}
        announce(tx, merchant_id=config.id, event="reward.unlocked", data=data, now=scope.now)
        told = {"voucher_id": issued.id, "reward_name": reward.name}
        tell(tx, scope, member_id, Told(REWARD_UNLOCKED, f"voucher:{issued.id}", told, config.id))
        return voucher_id

    return scope.run(work)


def withdraw_gift(scope: Scope, *, member_id: str, voucher_id: str) -> None:
    """Take a gift back that its member has not used. A repeat is refused.

    Raises NotFoundError (no such gift of this shop's), VoucherUsedError, VoucherOverError, and VoucherReservedError or
    VoucherHeldError while a tablet or a till may be giving it.
    """

    def work(tx: Transaction) -> None:
        member_row(tx, scope, member_id)
        voucher = vouchers.find_by_id(tx, voucher_id)
        if (
            voucher is None
            or voucher.member_id != member_id
            or voucher.merchant_id != scope.merchant_id
            or voucher.source != GIFT
        ):
            raise NotFoundError(what="voucher")
        _require_given(scope, current_configuration(tx, voucher.merchant_id).rewards[voucher.reward_id], is_back=True)
        if voucher.status == "redeemed":
            raise VoucherUsedError
        if voucher.status != "issued" or voucher.is_over(scope.now):
            raise VoucherOverError
        if voucher.is_reserved:
            raise VoucherReservedError
        if voucher.is_held(scope.now):
            raise VoucherHeldError
        batch = Batch()
        batch.change(vouchers.END, ("cancelled", scope.now, *[None] * 8, member_id, voucher_id, "issued"))
        vouchers.put_into_stock(tx, batch, voucher.reward_id, voucher.quantity)
        batch.write(tx)
        audit.record(
            tx,
            scope,
            "voucher.withdrawn",
            "voucher",
            voucher_id,
            merchant_id=voucher.merchant_id,
            after={"reward_id": voucher.reward_id, "member_id": member_id},
        )

    scope.run(work)


def _require_given(scope: Scope, reward: RewardConfig, *, is_back: bool = False) -> None:
    if not is_back and not reward.is_offered(scope.now):
        raise RewardNotOfferedError
    if scope.location_id is not None and reward.location_ids and scope.location_id not in reward.location_ids:
        raise RewardPlaceError
