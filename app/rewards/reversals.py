"""The frame of every reversal, at the counter and in the back office: what stands before and behind the undoing."""

from __future__ import annotations

from collections.abc import Mapping

from app.common import outbox
from app.common.batch import Batch
from app.common.database import Transaction
from app.common.money import format_amount
from app.common.scope import Scope
from app.ledger.accounts import AccountState
from app.ledger.errors import AlreadyReversedError, NotReversibleError
from app.ledger.posting import Booking, Posting
from app.ledger.seals import Sealer
from app.ledger.writing import LOCATION_TRANSACTION, LOCK_HERE, accounts_by_programme, expire_due, gather
from app.merchants import webhooks
from app.rewards.configuration import MerchantConfig
from app.rewards.history import History
from app.rewards.undoing import BookedRow, get_visit, is_reversed, undo_adjustment, undo_visit

REVERSED = "transaction.reversed"  # the webhook event


def begin_reversal(
    transaction: Transaction,
    scope: Scope,
    config: MerchantConfig,
    member_id: str,
    booked: BookedRow,
    *,
    location_id: str | None,
    reason: str,
    transaction_id: str | None = None,
) -> tuple[Posting, Booking, dict[str, AccountState]]:
    """Lock the member's accounts at the merchant, book what is due as expired, and open the reversal of a booking; what
    it takes and gives is still to be booked, and :func:`finish_reversal` closes it. Expired is booked first, as in
    every transaction that touches an account."""
    accounts = accounts_by_programme(transaction, LOCK_HERE, member_id, config.id)
    posting = Posting(Sealer(scope.keys.ledger), scope.now)
    expire_due(transaction, posting, accounts.values(), posting.now)
    booking = posting.book(
        "reverse",
        member_id,
        transaction_id=transaction_id,
        occurred_at=posting.now,
        merchant_id=config.id,
        location_id=location_id,
        device_id=scope.device_id,
        staff_id=scope.staff_id,
        visit_id=booked.visit_id,
        voucher_id=booked.voucher_id,
        reverses_member_id=booked.member_id,
        reverses_id=booked.id,
        reason=reason,
    )
    return posting, booking, accounts


def finish_reversal(
    transaction: Transaction,
    batch: Batch,
    config: MerchantConfig,
    posting: Posting,
    booking: Booking,
    accounts: Mapping[str, AccountState],
    booked: BookedRow,
    *,
    member_id: str,
    location_id: str | None,
    reason: str,
    refund_minor: int | None = None,
) -> None:
    """Put a reversal into the batch: what came back and is over already, its place in the location's list, its rows,
    and its webhook event where the merchant listens. The caller writes the batch."""
    expire_due(transaction, posting, accounts.values(), posting.now)
    if location_id is not None:
        batch.insert(LOCATION_TRANSACTION, (location_id, booking.id, member_id, "reverse", posting.now))
    gather(posting, batch)
    if REVERSED in config.events:
        data = {
            "transaction_id": booking.id,
            "reverses": booked.id,
            "kind": booked.kind,
            "visit_id": booked.visit_id,
            "amount": None if refund_minor is None else format_amount(refund_minor, config.currency),
            "currency": config.currency,
            "reason": reason,
            "member_id": member_id,
            "location_id": location_id,
            "occurred_at": posting.now.isoformat(),
        }
        batch.insert(
            outbox.TABLE, webhooks.event_row(merchant_id=config.id, event=REVERSED, data=data, now=posting.now)
        )


def book_undoing(
    tx: Transaction,
    scope: Scope,
    config: MerchantConfig,
    batch: Batch,
    member_id: str,
    booked: BookedRow,
    *,
    reason: str,
    transaction_id: str | None = None,
) -> tuple[Booking, dict[str, AccountState]]:
    """Plan undoing a visit or what was given or taken by hand, whole, with its webhook event; the caller writes the
    batch. Raises AlreadyReversedError, NotReversibleError, VoucherReservedError."""
    posting, booking, accounts = begin_reversal(
        tx,
        scope,
        config,
        member_id,
        booked,
        location_id=booked.location_id,
        reason=reason,
        transaction_id=transaction_id,
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
