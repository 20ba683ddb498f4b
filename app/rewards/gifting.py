"""Units given for something else than a visit: a lot of their own, and vouchers for the cards they fill."""

from __future__ import annotations

from app.common.batch import Batch
from app.common.database import Transaction
from app.ledger.accounts import AccountState
from app.ledger.errors import NotEnoughError
from app.ledger.posting import Booking, Posting
from app.ledger.writing import load_lots
from app.rewards.configuration import MerchantConfig, ProgrammeConfig
from app.rewards.filling import fill_cards
from app.rewards.outcomes import Unlocked
from app.rewards.rules import expires_at


def give(
    transaction: Transaction,
    posting: Posting,
    batch: Batch,
    config: MerchantConfig,
    programme: ProgrammeConfig,
    accounts: dict[str, AccountState],
    *,
    member_id: str,
    units: int,
    reason: str,
    location_id: str | None = None,
    device_id: str | None = None,
    staff_id: str | None = None,
    transaction_id: str | None = None,
) -> tuple[Booking, list[Unlocked]]:
    """Plan the ``adjust`` that gives ``units`` (> 0) for ``reason``, and the vouchers of what it fills. Where
    somebody enters them at a counter, ``location_id``, ``device_id`` and ``staff_id`` say where and who.
    ``transaction_id`` is a new id, made here unless told.

    ``accounts`` are the member's by programme, locked; a new one is added. They expire like what is earned now. A debt
    is paid from them first. Nothing is written here.
    """
    account = accounts.get(programme.id)
    if account is None:
        account = AccountState.open(member_id=member_id, programme_id=programme.id, now=posting.now)
        accounts[programme.id] = account
    load_lots(transaction, account)
    now = posting.now
    booking = posting.book(
        "adjust",
        member_id,
        transaction_id=transaction_id,
        occurred_at=now,
        merchant_id=config.id,
        location_id=location_id,
        device_id=device_id,
        staff_id=staff_id,
        reason=reason,
    )
    rules = programme.rules_at(now)[1]
    over = expires_at(rules, now.astimezone(rules.zone).date())
    booking.earn(account, units, earned_at=now, expires_at=over, counter="adjusted")
    unlocked = fill_cards(
        transaction,
        posting,
        batch,
        config,
        programme,
        account,
        occurred_at=now,
        location_id=location_id,
        device_id=device_id,
        staff_id=staff_id,
        reason=reason,
    )
    return booking, unlocked


def give_or_take(
    transaction: Transaction,
    posting: Posting,
    batch: Batch,
    config: MerchantConfig,
    programme: ProgrammeConfig,
    accounts: dict[str, AccountState],
    *,
    member_id: str,
    units: int,
    reason: str,
    transaction_id: str,
    staff_id: str | None = None,
) -> list[Unlocked]:
    """Plan the ``adjust`` that gives ``units`` (> 0, see :func:`give`) or takes them (< 0), and return the vouchers of
    what it fills. Nothing is written here. Raises NotEnoughError for taking more than there is."""
    if units > 0:
        return give(
            transaction,
            posting,
            batch,
            config,
            programme,
            accounts,
            member_id=member_id,
            units=units,
            reason=reason,
            staff_id=staff_id,
            transaction_id=transaction_id,
        )[1]
    account = accounts.get(programme.id)
    if account is None:
        raise NotEnoughError(needed=-units, balance=0)
    load_lots(transaction, account)
    booking = posting.book(
        "adjust",
        member_id,
        transaction_id=transaction_id,
        occurred_at=posting.now,
        merchant_id=config.id,
        staff_id=staff_id,
        reason=reason,
    )
    booking.redeem(account, -units, counter="adjusted")
    return []
