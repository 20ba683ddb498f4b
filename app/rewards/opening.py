"""Opening balances: the units of an old paper card, entered once for each member and programme."""

from __future__ import annotations

from app.common.batch import Batch, Change, Table
from app.common.database import Transaction
from app.common.sql import Statement
from app.ledger.accounts import AccountState
from app.ledger.posting import Booking, Posting
from app.rewards.configuration import MerchantConfig, ProgrammeConfig
from app.rewards.errors import OpeningNotOfferedError, OpeningTakenError, OpeningTooMuchError
from app.rewards.gifting import give
from app.rewards.outcomes import Unlocked

REASON = "opening_balance"  # of the booking, and of those that turn a card which it fills into a voucher
OPENING_BALANCE = Table(
    "opening_balance", 55, "member_id programme_id units transaction_id location_id device_id staff_id entered_at"
)
_ENTER_AGAIN = Change(
    "opening_balance",
    55,
    sets="units transaction_id location_id device_id staff_id entered_at",
    where="member_id programme_id transaction_id",
)
_COLUMNS = """
    SELECT o.member_id, o.transaction_id, EXISTS (SELECT 1 FROM ledger_transaction r
        WHERE r.reverses_member_id = o.member_id AND r.reverses_id = o.transaction_id)
    FROM opening_balance o WHERE o.programme_id = :programme_id AND o.member_id IN
"""
# Who was merged counts with the survivor: a second card must not bring a second opening balance.
ENTERED = Statement(
    _COLUMNS  # noqa: S608  constants
    + "(SELECT CAST(:member_id AS uuid) UNION ALL SELECT id FROM member WHERE merged_into = :member_id)",
    sqlite=_COLUMNS  # noqa: S608
    + "(SELECT :member_id UNION ALL SELECT id FROM member WHERE merged_into = :member_id)",
)


def enter(
    transaction: Transaction,
    posting: Posting,
    batch: Batch,
    config: MerchantConfig,
    programme: ProgrammeConfig,
    accounts: dict[str, AccountState],
    *,
    member_id: str,
    units: int,
    location_id: str,
    device_id: str | None,
    staff_id: str | None,
) -> tuple[Booking, list[Unlocked]]:
    """Plan the one ``adjust`` that brings ``units`` (> 0) of an old card, and the vouchers of what it fills.

    ``accounts`` are the member's, locked; a new one is added. One that was undone may be entered again. Raises
    :class:`OpeningNotOfferedError`, :class:`OpeningTooMuchError` and, for a second one, :class:`OpeningTakenError`.
    """
    most = config.opening_units_most(programme)
    if most <= 0:
        raise OpeningNotOfferedError
    if units > most:
        raise OpeningTooMuchError(most=most)
    entered = transaction.rows(ENTERED, {"member_id": member_id, "programme_id": programme.id})
    if any(not is_undone for _, _, is_undone in entered):
        raise OpeningTakenError
    booking, unlocked = give(
        transaction,
        posting,
        batch,
        config,
        programme,
        accounts,
        member_id=member_id,
        units=units,
        reason=REASON,
        location_id=location_id,
        device_id=device_id,
        staff_id=staff_id,
    )
    row = (units, booking.id, location_id, device_id, staff_id, posting.now)
    undone = [transaction_id for owner, transaction_id, _ in entered if owner == member_id]
    if undone:
        batch.change(_ENTER_AGAIN, (*row, member_id, programme.id, undone[0]))
    else:
        batch.insert(OPENING_BALANCE, (member_id, programme.id, *row))
    return booking, unlocked
