"""Taking a reward for units: what must hold, the booking, and the voucher that stands for it. Counter and wallet share
this; they differ in where the voucher goes."""

from __future__ import annotations

from datetime import datetime

from app.common.batch import Batch
from app.common.database import Transaction
from app.common.ids import new_id
from app.ledger.accounts import AccountState
from app.ledger.errors import NotEnoughError
from app.ledger.posting import Booking, Posting
from app.ledger.writing import load_lots
from app.rewards import vouchers
from app.rewards.belonging import segments_of
from app.rewards.configuration import MerchantConfig, ProgrammeConfig, RewardConfig
from app.rewards.errors import (
    RewardLimitError,
    RewardNotOfferedError,
    RewardOnlineError,
    RewardPlaceError,
    RewardSegmentError,
    RewardSoldOutError,
    RewardTierError,
    RewardUnknownError,
)
from app.rewards.rules import may_redeem
from app.rewards.vouchers import VoucherRow


def find_reward(config: MerchantConfig, reward_id: str) -> tuple[RewardConfig, ProgrammeConfig]:
    """A reward of the merchant and its programme. Raises :class:`RewardUnknownError`."""
    reward = config.rewards.get(reward_id)
    programme = config.programme(reward.programme_id) if reward is not None else None
    if reward is None or programme is None:
        raise RewardUnknownError
    return reward, programme


def require_offered(
    transaction: Transaction,
    reward: RewardConfig,
    programme: ProgrammeConfig,
    account: AccountState | None,
    member_id: str,
    at: datetime,
    quantity: int,
    *,
    location_id: str | None = None,
) -> None:
    """Raise the reason why this member can't have this reward now, at ``location_id`` where it is asked for at a
    counter; units and stock left aside."""
    if not reward.is_offered(at) or not may_redeem(programme.rules_at(at)[1], at):
        raise RewardNotOfferedError
    if quantity != 1 and not reward.is_flexible:
        raise RewardNotOfferedError
    if reward.tier is not None and (account is None or account.tier != reward.tier):
        raise RewardTierError(tier=reward.tier)
    if location_id is not None:
        require_here(reward, location_id)
    if reward.segment_id is not None and reward.segment_id not in segments_of(transaction, member_id):
        raise RewardSegmentError
    limit = reward.per_member_limit
    if limit is not None and vouchers.had(transaction, member_id, reward.id) + quantity > limit:
        raise RewardLimitError(limit=limit)


def require_here(reward: RewardConfig, location_id: str) -> None:
    """Raise the reason why a location's counter gives no such reward, for units or for a voucher."""
    if reward.has_codes:
        raise RewardOnlineError
    if not reward.is_at(location_id):
        raise RewardPlaceError


def take_reward(
    transaction: Transaction,
    posting: Posting,
    batch: Batch,
    config: MerchantConfig,
    accounts: dict[str, AccountState],
    *,
    member_id: str,
    reward_id: str,
    quantity: int,
    occurred_at: datetime,
    source: str,
    location_id: str | None,
    device_id: str | None,
    staff_id: str | None,
    redeemed_at: datetime | None = None,
    hold_until: datetime | None = None,
) -> tuple[VoucherRow, RewardConfig, Booking]:
    """Plan a redemption of units and its voucher: redeemed at once with ``redeemed_at``, held with ``hold_until``,
    else issued to the member.

    ``accounts`` are locked. Raises the reasons of :func:`require_offered`, :class:`NotEnoughError` and
    :class:`RewardSoldOutError`.
    """
    reward, programme = find_reward(config, reward_id)
    account = accounts.get(programme.id)
    require_offered(transaction, reward, programme, account, member_id, posting.now, quantity, location_id=location_id)
    cost = reward.cost * quantity
    if account is None or account.balance < cost:
        raise NotEnoughError(needed=cost, balance=account.balance if account else 0)
    if not vouchers.take_from_stock(transaction, batch, reward, quantity):
        raise RewardSoldOutError
    load_lots(transaction, account)
    voucher_id = new_id()
    booking = posting.book(
        "redeem",
        member_id,
        occurred_at=occurred_at,
        merchant_id=config.id,
        location_id=location_id,
        device_id=device_id,
        staff_id=staff_id,
        voucher_id=voucher_id,
    )
    booking.redeem(account, cost)
    voucher = vouchers.issue(
        batch,
        reward=reward,
        member_id=member_id,
        merchant_id=config.id,
        currency=config.currency,
        timezone=programme.timezone,
        source=source,
        cost=cost,
        quantity=quantity,
        transaction_id=booking.id,
        now=posting.now,
        voucher_id=voucher_id,
        redeemed_at=redeemed_at,
        location_id=location_id,
        device_id=device_id,
        hold_until=hold_until,
    )
    return voucher, reward, booking
