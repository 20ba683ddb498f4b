"""What the wallet's tests book, and what they ask of the books afterwards."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction

from sqlalchemy import select

from app.common.batch import Batch
from app.common.ids import new_id
from app.common.scope import Scope
from app.ledger.accounts import AccountState
from app.ledger.models import Account, Lot
from app.ledger.posting import Posting
from app.ledger.seals import Sealer
from app.ledger.verifying import verify
from app.ledger.writing import expire_due, gather, load_lots, lock_accounts


def acting(scope: Scope, member_id: str) -> Scope:
    """The scope in which a member's own requests run."""
    return replace(scope, actor_kind="member", actor_id=member_id, member_id=member_id)


def earn(
    scope: Scope,
    member_id: str,
    programme_id: str,
    units: int,
    *,
    expires_at: datetime | None = None,
    remainder: str = "0",
) -> str:
    """Book an earn as the counter would. Returns the transaction's id."""
    with scope.transaction() as tx:
        posting, batch = Posting(Sealer(scope.keys.ledger), scope.now), Batch()
        account = _account(scope, tx, member_id, programme_id)
        booking = posting.book("earn", member_id, occurred_at=scope.now)
        booking.earn(account, units, earned_at=scope.now, expires_at=expires_at)
        account.remainder = Fraction(remainder)
        account.visits += 1
        account.units_earned += units
        account.first_visit_at = account.first_visit_at or scope.now
        account.last_visit_at = scope.now
        posting.touch(account)
        gather(posting, batch)
        batch.write(tx)
    return booking.id


def redeem(scope: Scope, member_id: str, programme_id: str, units: int) -> None:
    """Spend units, the first to expire first."""
    with scope.transaction() as tx:
        posting, batch = Posting(Sealer(scope.keys.ledger), scope.now), Batch()
        account = _account(scope, tx, member_id, programme_id)
        load_lots(tx, account)
        posting.book("redeem", member_id, occurred_at=scope.now).redeem(account, units)
        gather(posting, batch)
        batch.write(tx)


def owe(scope: Scope, member_id: str, programme_id: str, units: int) -> None:
    """Take back more than there is, so that a debt is left."""
    with scope.transaction() as tx:
        posting, batch = Posting(Sealer(scope.keys.ledger), scope.now), Batch()
        account = _account(scope, tx, member_id, programme_id)
        load_lots(tx, account)
        posting.book("adjust", member_id, occurred_at=scope.now).take_back(
            account, units, origin_ids=(), counter="issued"
        )
        gather(posting, batch)
        batch.write(tx)


def expire(scope: Scope, member_id: str) -> None:
    """Book what is due, as the nightly job does."""
    with scope.transaction() as tx:
        posting, batch = Posting(Sealer(scope.keys.ledger), scope.now), Batch()
        expire_due(tx, posting, lock_accounts(tx, member_id).values(), scope.now)
        gather(posting, batch)
        batch.write(tx)


def _account(scope: Scope, tx: object, member_id: str, programme_id: str) -> AccountState:
    known = lock_accounts(tx, member_id).get(programme_id)  # type: ignore[arg-type]
    return known or AccountState.open(member_id=member_id, programme_id=programme_id, now=scope.now)


@dataclass(frozen=True)
class Holding:
    """One account as it stands, with what is left in its lots."""

    balance: int
    owed: int
    remainder: Fraction
    visits: int
    units_earned: int
    lots: tuple[tuple[int, datetime | None], ...]


def holdings(scope: Scope, member_id: str) -> dict[str, Holding]:
    """All accounts of a member by programme."""
    with scope.reading() as tx:
        found = {}
        for account in tx.session.scalars(select(Account).where(Account.member_id == member_id)):
            lots = tx.session.execute(
                select(Lot.remaining, Lot.expires_at).where(
                    Lot.member_id == member_id, Lot.account_id == account.id, Lot.remaining > 0
                )
            )
            found[account.programme_id] = Holding(
                account.balance,
                account.owed,
                Fraction(account.remainder, account.remainder_per),
                account.visits,
                account.units_earned,
                tuple(sorted((tuple(lot) for lot in lots), key=lambda lot: (lot[1] is None, str(lot[1]), lot[0]))),
            )
        return found


def assert_books_are_clean(scope: Scope) -> None:
    """The ledger verifies, every balance, lot and seal."""
    assert verify(scope).mismatches == []


PROGRAMME, OTHER_PROGRAMME = new_id(), new_id()
