"""Undoing a visit or a correction from a member's page, by the rules that earned it."""

from __future__ import annotations

from app.backoffice.queries.members.detail import member_row
from app.cards import changes
from app.cards.queries import aliases
from app.common import audit
from app.common.batch import Batch
from app.common.database import Transaction
from app.common.errors import InvalidError, NotFoundError
from app.common.ids import is_id
from app.common.scope import Scope
from app.ledger.accounts import AccountState
from app.ledger.errors import AlreadyReversedError, NotReversibleError
from app.ledger.posting import Booking
from app.rewards.configuration import MerchantConfig, current_configuration
from app.rewards.history import History
from app.rewards.reversals import begin_reversal, finish_reversal
from app.rewards.undoing import (
    BookedRow,
    find_booked,
    get_visit,
    is_reversed,
    undo_adjustment,
    undo_visit,
)

LONGEST_REASON = 200


def take_back(scope: Scope, member_id: str, transaction_id: str, *, reason: str) -> int:
    """Undo a visit or a correction whole. Returns the units that are owed now, because they were spent already.

    It never fails for want of balance. Raises NotFoundError for a booking that is not this member's at the scope's
    shop, ``AlreadyReversedError`` (for a repeat too), ``NotReversibleError``, ``InvalidError`` for no reason.
    """
    why = " ".join(reason.split())
    if not 0 < len(why) <= LONGEST_REASON:
        raise InvalidError(errors={"reason": ["a reason is needed"]})

    def work(tx: Transaction) -> int:
        member_row(tx, scope, member_id)
        booked = find_own(tx, scope, member_id, transaction_id)
        config = current_configuration(tx, scope.merchant_id or "")
        batch = Batch()
        booking, accounts = book_undoing(tx, scope, config, batch, member_id, booked, reason=why)
        batch.write(tx)
        changes.changed(tx, member_id, merchant_id=config.id, now=scope.now)
        audit.record(
            tx,
            scope,
            "transaction.reversed",
            "transaction",
            booked.id,
            after={"kind": booked.kind, "reason": why, "transaction_id": booking.id, "member_id": member_id},
        )
        return sum(account.owed for account in accounts.values())

    return scope.run(work)


def find_own(tx: Transaction, scope: Scope, member_id: str, transaction_id: str) -> BookedRow:
    """A booking of the member, or of whoever was merged into her, at the scope's shop. Raises NotFoundError."""
    if is_id(transaction_id):
        for owner in aliases(tx.session, member_id):
            booked = find_booked(tx, owner, transaction_id)
            if booked is None or booked.merchant_id != scope.merchant_id:
                continue
            if scope.location_id is None or booked.location_id in (None, scope.location_id):
                return booked
    raise NotFoundError(what="transaction")


def book_undoing(
    tx: Transaction,
    scope: Scope,
    config: MerchantConfig,
    batch: Batch,
    member_id: str,
    booked: BookedRow,
    *,
    reason: str,
) -> tuple[Booking, dict[str, AccountState]]:
    """Plan undoing a booking whole, with its webhook event; the caller writes the batch. Raises why it can't be."""
    posting, booking, accounts = begin_reversal(
        tx, scope, config, member_id, booked, location_id=booked.location_id, reason=reason
    )
    if booked.kind == "earn" and booked.visit_id is not None:
        visit = get_visit(tx, booked.member_id, booked.visit_id)
        if visit.reversed_at is not None:
            raise AlreadyReversedError
        history = History(tx, scope.keys)
        undo_visit(
            tx, posting, batch, booking, config, accounts, booked, visit, history, scope=scope, refund_minor=None
        )
    elif booked.kind == "adjust":
        if is_reversed(tx, booked):
            raise AlreadyReversedError
        undo_adjustment(tx, posting, batch, booking, accounts, booked, scope=scope)
    else:
        raise NotReversibleError
    finish_reversal(
        tx,
        batch,
        config,
        posting,
        booking,
        accounts,
        booked,
        member_id=member_id,
        location_id=booked.location_id,
        reason=reason,
    )
    return booking, accounts
