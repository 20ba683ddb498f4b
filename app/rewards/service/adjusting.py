"""Corrections and goodwill: units given or taken by hand, with a reason that stays visible."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.cards import changes
from app.common import audit
from app.common.batch import Batch
from app.common.database import Transaction
from app.common.errors import InvalidError, NotFoundError
from app.common.scope import Scope
from app.common.sql import Statement
from app.ledger.accounts import AccountState
from app.ledger.posting import Posting
from app.ledger.seals import Sealer
from app.ledger.writing import LOCATION_TRANSACTION, expire_due, gather, load_lots, lock_accounts
from app.rewards.configuration import configuration

_MOST = 1_000_000
_OWNER = Statement("SELECT merchant_id FROM programme WHERE id = :programme_id")
_MEMBER = Statement(
    "SELECT status FROM member WHERE id = :member_id FOR KEY SHARE",  # held, so that no merge comes between
    sqlite="SELECT status FROM member WHERE id = :member_id",
)


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A booked adjustment and the balance after it."""

    transaction_id: str
    balance: int
    owed: int


def adjust(
    scope: Scope,
    *,
    member_id: str,
    programme_id: str,
    units: int,
    reason: str,
    expires_at: datetime | None = None,
) -> Adjustment:
    """Give ``units`` (> 0, as a lot that ends at ``expires_at``) or take them (< 0, at most the balance).

    Raises ``NotFoundError`` for a programme that isn't the scope's merchant's or a member that is none (or an alias),
    ``InvalidError`` for no units or no reason, ``NotEnoughError`` for taking more than there is. Each call books anew.
    """
    if not units or abs(units) > _MOST:
        raise InvalidError(errors={"units": ["between 1 and 1,000,000, or less than 0 to take"]})
    if not reason.strip():
        raise InvalidError(errors={"reason": ["a reason is needed"]})

    def work(transaction: Transaction) -> Adjustment:
        owners = transaction.rows(_OWNER, {"programme_id": programme_id})
        if not owners or scope.merchant_id not in (None, owners[0][0]):
            raise NotFoundError(what="programme")
        members = transaction.rows(_MEMBER, {"member_id": member_id})
        if not members or members[0][0] in ("merged", "erased"):
            raise NotFoundError(what="member")
        config = configuration(transaction, owners[0][0])
        posting = Posting(Sealer(scope.keys.ledger), scope.now)
        accounts = lock_accounts(transaction, member_id)
        account = accounts.get(programme_id)
        if account is None:
            account = AccountState.open(member_id=member_id, programme_id=programme_id, now=posting.now)
        expire_due(transaction, posting, [account], posting.now)
        load_lots(transaction, account)
        booking = posting.book(
            "adjust",
            member_id,
            occurred_at=posting.now,
            merchant_id=config.id,
            location_id=scope.location_id,
            device_id=scope.device_id,
            staff_id=scope.staff_id,
            reason=reason.strip(),
        )
        if units > 0:
            booking.earn(account, units, earned_at=posting.now, expires_at=expires_at, counter="adjusted")
        else:
            booking.redeem(account, -units, counter="adjusted")
        batch = Batch()
        if scope.location_id is not None:
            batch.insert(LOCATION_TRANSACTION, (scope.location_id, booking.id, member_id, "adjust", posting.now))
        gather(posting, batch)
        batch.write(transaction)
        changes.changed(transaction, member_id, merchant_id=config.id, now=posting.now)
        audit.record(
            transaction,
            scope,
            "account.adjusted",
            "account",
            account.id,
            merchant_id=config.id,
            after={"units": units, "reason": reason.strip(), "transaction_id": booking.id},
        )
        return Adjustment(booking.id, account.balance, account.owed)

    return scope.run(work)
