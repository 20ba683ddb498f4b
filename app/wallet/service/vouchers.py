"""Vouchers in the member's own hands: taken for units, reserved for one shop's tablet, given back."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from app.cards.models import Member
from app.common.batch import Batch
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.scope import Scope
from app.ledger.accounts import AccountState
from app.ledger.posting import Posting
from app.ledger.seals import Sealer
from app.ledger.writing import LOCK_HERE, accounts_by_programme, expire_due, gather
from app.merchants.models import Location, Merchant
from app.rewards import vouchers
from app.rewards.configuration import configuration
from app.rewards.errors import SpendingLockedError, VoucherHeldError, VoucherOverError, VoucherUsedError
from app.rewards.models import Reward
from app.rewards.spending import take_reward
from app.rewards.undoing import cancel_voucher
from app.rewards.vouchers import VoucherRow

HOLD_LIFE = timedelta(hours=4)


def take_voucher(scope: Scope, *, reward_id: str, quantity: int = 1) -> str:
    """Spend units of the scope's member on a reward and issue its voucher. Returns the voucher's id.

    ``quantity`` more than one is for rewards that may be taken several times at once. Each call takes another. Raises
    ``NotFoundError``, ``SpendingLockedError``, ``NotEnoughError``, ``RewardNotOfferedError``, ``RewardSoldOutError``,
    ``RewardLimitError``, ``RewardTierError``.
    """
    return scope.run(lambda tx: _take(tx, scope, reward_id, quantity))


def hold_voucher(scope: Scope, *, voucher_id: str, location_id: str) -> None:
    """Reserve a voucher for one location's tablets for four hours: they can redeem it without a network, and nobody
    else can meanwhile. Reserving it there again goes on for four hours from now.

    Raises ``NotFoundError``, ``SpendingLockedError``, ``VoucherUsedError``, ``VoucherOverError``, and
    ``VoucherHeldError`` while it is reserved elsewhere.
    """
    scope.run(lambda tx: _hold(tx, scope, voucher_id, location_id))


def give_back_voucher(scope: Scope, *, voucher_id: str) -> None:
    """Give an unused voucher back; its units return, each with its old expiry.

    Raises ``NotFoundError``, ``VoucherUsedError``, ``VoucherOverError`` (a repeat too), and ``VoucherHeldError`` while
    a tablet may redeem it without a network.
    """
    scope.run(lambda tx: _give_back(tx, scope, voucher_id))


def _take(tx: Transaction, scope: Scope, reward_id: str, quantity: int) -> str:
    merchant = tx.session.execute(
        select(Merchant.id, Merchant.config_version, Merchant.sandbox_of)
        .join(Reward, Reward.merchant_id == Merchant.id)
        .where(Reward.id == reward_id)
    ).first()
    if merchant is None or (merchant.sandbox_of is not None) is not scope.is_sandbox:
        raise NotFoundError(what="reward")
    _require_unlocked(tx, scope)
    config = configuration(tx, merchant.id, merchant.config_version)
    posting, batch, accounts = _begin(tx, scope, merchant.id)
    voucher, _, _ = take_reward(
        tx,
        posting,
        batch,
        config,
        accounts,
        member_id=scope.member_id or "",
        reward_id=reward_id,
        quantity=quantity,
        occurred_at=scope.now,
        source="member",
        location_id=None,
        device_id=None,
        staff_id=None,
    )
    gather(posting, batch)
    batch.write(tx)
    return voucher.id


def _hold(tx: Transaction, scope: Scope, voucher_id: str, location_id: str) -> None:
    voucher = _own(tx, scope, voucher_id)
    location = tx.session.execute(
        select(Location.merchant_id).where(Location.id == location_id, Location.is_active.is_(True))
    ).first()
    if location is None or location.merchant_id != voucher.merchant_id:
        raise NotFoundError(what="location")
    _require_unlocked(tx, scope)
    if voucher.is_held(scope.now) and voucher.hold_location_id != location_id:
        raise VoucherHeldError
    batch = Batch()
    until = scope.now + HOLD_LIFE
    if voucher.expires_at is not None:
        until = min(until, voucher.expires_at)
    batch.change(vouchers.HOLD, (location_id, None, until, voucher.member_id, voucher.id, "issued"))
    batch.write(tx)


def _give_back(tx: Transaction, scope: Scope, voucher_id: str) -> None:
    voucher = _own(tx, scope, voucher_id)
    if voucher.is_held(scope.now):
        raise VoucherHeldError
    posting, batch, accounts = _begin(tx, scope, voucher.merchant_id)
    account = accounts.get(voucher.programme_id)
    if voucher.issue_transaction_id is None or account is None:
        raise VoucherOverError  # a present cost nothing, so there is nothing to return
    cancel_voucher(tx, posting, batch, voucher, account, scope=scope, reason="given_back")
    # What came back may be due already.
    expire_due(tx, posting, [account], scope.now)
    gather(posting, batch)
    batch.write(tx)


def _begin(tx: Transaction, scope: Scope, merchant_id: str) -> tuple[Posting, Batch, dict[str, AccountState]]:
    accounts = accounts_by_programme(tx, LOCK_HERE, scope.member_id or "", merchant_id)
    posting = Posting(Sealer(scope.keys.ledger), scope.now)
    expire_due(tx, posting, accounts.values(), scope.now)
    return posting, Batch(), accounts


def _own(tx: Transaction, scope: Scope, voucher_id: str) -> VoucherRow:
    """The member's voucher, locked and still good."""
    voucher = vouchers.find_by_id(tx, voucher_id)
    if voucher is None or voucher.member_id != scope.member_id:
        raise NotFoundError(what="voucher")
    if voucher.status == "redeemed":
        raise VoucherUsedError
    if voucher.status != "issued" or (voucher.expires_at is not None and voucher.expires_at <= scope.now):
        raise VoucherOverError
    return voucher


def _require_unlocked(tx: Transaction, scope: Scope) -> None:
    if tx.session.scalar(select(Member.is_spending_locked).where(Member.id == scope.member_id)):
        raise SpendingLockedError
