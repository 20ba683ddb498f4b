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
from app.rewards.configuration import current_configuration
from app.rewards.reversals import book_undoing
from app.rewards.undoing import BookedRow, find_booked

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
