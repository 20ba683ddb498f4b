"""Vouchers in the member's own hands: taken for units, reserved for one shop's tablet, given back."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import exists, func, select

from app.cards import changes, security, waiting
from app.cards.models import MemberSession
from app.common.batch import Batch
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.ids import is_id, new_id
from app.common.scope import Scope
from app.ledger.accounts import AccountState
from app.ledger.posting import Posting
from app.ledger.seals import Sealer
from app.ledger.writing import LOCK_HERE, accounts_by_programme, expire_due, gather
from app.merchants.models import Device, Location, Merchant
from app.rewards import brakes, vouchers
from app.rewards.configuration import configuration, current_configuration
from app.rewards.errors import (
    VoucherHeldError,
    VoucherNotReservedError,
    VoucherOverError,
    VoucherReservedError,
    VoucherUsedError,
)
from app.rewards.models import Reward
from app.rewards.spending import find_reward, require_here, take_reward
from app.rewards.undoing import cancel_voucher
from app.rewards.vouchers import VoucherRow

# A tablet that was silent for longer has perhaps been put away, and only it can end a reservation.
SILENT = timedelta(days=30)
# How long a voucher waits for a shop that has no tablet: tills ask the service each time, so a clock may end it.
HOLD_LIFE = timedelta(hours=4)


def take_voucher(scope: Scope, *, reward_id: str, quantity: int = 1) -> str:
    """Spend units of the scope's member on a reward and issue its voucher. Returns the voucher's id.

    ``quantity`` more than one is for rewards that may be taken several times at once. Each call takes another. Raises
    ``NotFoundError``, ``SpendingLockedError``, ``DailyCapReachedError``, ``SpendingWaitsError``, ``NotEnoughError``,
    ``RewardNotOfferedError``, ``RewardSoldOutError``, ``RewardLimitError``, ``RewardTierError``.
    """
    waiting.require_no_wait(scope)
    return scope.run(lambda tx: _take(tx, scope, reward_id, quantity))


def hold_voucher(scope: Scope, *, voucher_id: str, location_id: str, device_id: str | None = None) -> None:
    """Reserve a voucher for one tablet, which can then redeem it without a network; nobody else can meanwhile.

    Without ``device_id`` it is the location's tablet that was heard of last. No clock ends it: the member asks for its
    end (:func:`release_voucher`), and the tablet, which may have redeemed it already, answers. Reserving it for the
    same tablet again changes nothing. Where the location has no tablet, or none that was heard of within thirty days,
    the voucher waits four hours for its tills, which need the network; doing so again begins the four hours anew.

    Raises ``NotFoundError``, ``SpendingLockedError``, ``SpendingWaitsError``, ``VoucherUsedError``,
    ``VoucherOverError``, ``RewardOnlineError``, ``RewardPlaceError`` where the reward is not given there, and
    ``VoucherHeldError`` while it is reserved for another tablet or shop or its end was asked for.
    """
    waiting.require_no_wait(scope)
    scope.run(lambda tx: _hold(tx, scope, voucher_id, location_id, device_id))


def release_voucher(scope: Scope, *, voucher_id: str) -> None:
    """Ask for the end of a voucher's reservation. It ends once its tablet, when it has a network and has told all that
    it redeemed before, confirms; where it waits for tills alone, at once. Asking again changes nothing.

    Raises ``NotFoundError``, ``VoucherUsedError``, ``VoucherNotReservedError``.
    """
    scope.run(lambda tx: _ask_back(tx, scope, voucher_id))


def give_back_voucher(scope: Scope, *, voucher_id: str) -> None:
    """Give an unused voucher back; its units return, each with its old expiry.

    Raises ``NotFoundError``, ``VoucherUsedError``, ``VoucherOverError`` (a repeat too), ``VoucherReservedError`` while
    a tablet may redeem it without a network, and ``VoucherHeldError`` while a till holds it.
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
    member_id = scope.member_id or ""
    own = brakes.brakes_of(tx, member_id)
    brakes.require_unlocked(own)
    config = configuration(tx, merchant.id, merchant.config_version)
    reward, programme = find_reward(config, reward_id)
    brakes.require_within_cap(
        tx,
        own,
        member_id=member_id,
        worth=own.worth(reward.worth_minor(quantity), config.currency),
        now=scope.now,
        timezone=programme.timezone,
    )
    posting, batch, accounts = _begin(tx, scope, merchant.id)
    voucher, _, _ = take_reward(
        tx,
        posting,
        batch,
        config,
        accounts,
        member_id=member_id,
        reward_id=reward_id,
        quantity=quantity,
        occurred_at=scope.now,
        source=brakes.TAKEN,
        location_id=None,
        device_id=None,
        staff_id=None,
    )
    gather(posting, batch)
    batch.write(tx)
    changes.changed(tx, member_id, merchant_id=merchant.id, now=scope.now)
    if _is_elsewhere_too(tx, scope):
        # Whoever holds her other phone would else learn of it last.
        security.tell(
            tx,
            scope.now,
            member_id,
            "spent",
            merchant_id=merchant.id,
            reward_id=reward_id,
            voucher_id=voucher.id,
            session_id=scope.session_id,
        )
    return voucher.id


def _is_elsewhere_too(tx: Transaction, scope: Scope) -> bool:
    others = exists().where(
        MemberSession.member_id == scope.member_id,
        MemberSession.id != scope.session_id,
        MemberSession.ended_at.is_(None),
    )
    return scope.session_id is not None and bool(tx.session.scalar(select(others)))


def _hold(tx: Transaction, scope: Scope, voucher_id: str, location_id: str, device_id: str | None) -> None:
    # The tablet first, then the voucher: the order of whoever ends a tablet's reservations.
    merchant_id, tablet_id = _tablet(tx, scope, location_id, device_id)
    voucher = _own(tx, scope, voucher_id)
    if merchant_id != voucher.merchant_id:
        raise NotFoundError(what="location")
    reward = current_configuration(tx, merchant_id).rewards[voucher.reward_id]
    require_here(reward, location_id)
    brakes.require_unlocked(brakes.brakes_of(tx, scope.member_id or ""))
    if voucher.is_reserved:
        is_same = device_id in (None, voucher.hold_device_id) and voucher.hold_location_id == location_id
        if not is_same or voucher.hold_release_at is not None:
            raise VoucherHeldError
        return
    # What a till held goes back to the balance, also when its time has run out and nobody has seen to that yet.
    if _is_tills(voucher) and voucher.hold_until is not None:
        raise VoucherHeldError
    if voucher.is_held(scope.now) and voucher.hold_location_id != location_id:
        raise VoucherHeldError
    batch = Batch()
    if tablet_id is None:
        until = scope.now + HOLD_LIFE
        if voucher.expires_at is not None:
            until = min(until, voucher.expires_at)
        batch.change(vouchers.HOLD, (location_id, None, until, voucher.member_id, voucher.id, "issued"))
        batch.write(tx)
        return
    if voucher.hold_until is not None:
        batch.change(vouchers.HOLD, (None, None, None, voucher.member_id, voucher.id, "issued"))
        batch.write(tx)
        batch = Batch()
    batch.change(vouchers.RESERVE, (location_id, tablet_id, new_id(), None, voucher.member_id, voucher.id, "issued"))
    batch.write(tx)


def _tablet(tx: Transaction, scope: Scope, location_id: str, device_id: str | None) -> tuple[str, str | None]:
    """The location's merchant, and its tablet: the one with this id, or the one that was heard of last, if any. It is
    kept as it is until the transaction ends: whoever revokes it comes before, or after and finds the reservation."""
    shop = tx.session.execute(
        select(Location.merchant_id, Merchant.sandbox_of)
        .join(Merchant, Merchant.id == Location.merchant_id)
        .where(Location.id == location_id, Location.is_active.is_(True))
    ).first()
    if shop is None or (shop.sandbox_of is not None) is not scope.is_sandbox:
        raise NotFoundError(what="location")
    tablets = select(Device.id).where(
        Device.location_id == location_id, Device.kind == "tablet", Device.revoked_at.is_(None)
    )
    heard_of = func.coalesce(Device.last_seen_at, Device.created_at)
    if device_id is None:
        wanted = tablets.where(heard_of > scope.now - SILENT).order_by(heard_of.desc(), Device.id.desc()).limit(1)
    elif is_id(device_id):
        wanted = tablets.where(Device.id == device_id)
    else:
        raise NotFoundError(what="device")
    found = tx.session.scalars(wanted.with_for_update(read=True)).first()
    if found is None and device_id is not None:
        raise NotFoundError(what="device")
    return shop.merchant_id, found


def _is_tills(voucher: VoucherRow) -> bool:
    """Whether a till holds it, in the middle of a payment."""
    return voucher.source == "hold"


def _ask_back(tx: Transaction, scope: Scope, voucher_id: str) -> None:
    voucher = vouchers.find_by_id(tx, voucher_id)
    if voucher is None or voucher.member_id != scope.member_id:
        raise NotFoundError(what="voucher")
    if voucher.status == "redeemed":
        raise VoucherUsedError
    batch = Batch()
    if not voucher.is_reserved and voucher.is_held(scope.now) and not _is_tills(voucher):
        batch.change(vouchers.HOLD, (None, None, None, voucher.member_id, voucher.id, "issued"))
        batch.write(tx)
        return
    if not voucher.is_reserved:
        raise VoucherNotReservedError
    if voucher.hold_release_at is not None:
        return
    batch.change(
        vouchers.RESERVE,
        (
            *(voucher.hold_location_id, voucher.hold_device_id, voucher.hold_id, scope.now),
            *(voucher.member_id, voucher.id, "issued"),
        ),
    )
    batch.write(tx)


def _give_back(tx: Transaction, scope: Scope, voucher_id: str) -> None:
    voucher = _own(tx, scope, voucher_id)
    if voucher.is_reserved:
        raise VoucherReservedError
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
    changes.changed(tx, voucher.member_id, merchant_id=voucher.merchant_id, now=scope.now)


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
