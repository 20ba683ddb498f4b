"""Undoing one of this location's transactions, whole or by a refunded amount."""

from __future__ import annotations

from app.common.batch import Batch
from app.common.database import Transaction
from app.common.ids import is_id
from app.common.sql import Statement
from app.ledger.accounts import AccountState
from app.ledger.errors import AlreadyReversedError, NotReversibleError
from app.ledger.posting import Booking, Posting
from app.rewards import vouchers
from app.rewards.configuration import MerchantConfig, configuration
from app.rewards.errors import VoucherOverError, VoucherUsedError
from app.rewards.evaluator import RefundTooLargeError, RefundWithoutAmountError
from app.rewards.history import History
from app.rewards.reversals import begin_reversal, finish_reversal
from app.rewards.undoing import (
    BookedRow,
    cancel_voucher,
    find_booked,
    get_visit,
    is_reversed,
    survivor_of,
    undo_adjustment,
    undo_visit,
)
from app.scanning import rebuilding
from app.scanning.approving import require_staff
from app.scanning.counter import Counter, balances
from app.scanning.errors import TransactionUnknownError
from app.scanning.identifying import context
from app.scanning.replies import Keyed, Render, RenderRefusal, answered, fingerprint, keep, replay
from app.scanning.requests import ReversalRequest
from app.scanning.results import Reply, ReversalResult

_HERE = Statement(
    "SELECT member_id FROM location_transaction WHERE location_id = :location_id AND transaction_id = :transaction_id"
)


def reverse(
    counter: Counter, request: ReversalRequest, *, key: str, render: Render, render_refusal: RenderRefusal
) -> Reply:
    """Undo a transaction of this location with the answer under ``key``; a repeat gets the first answer.

    A visit is undone by the rules that earned it, whole or by a refunded amount; a redemption at the counter gives its
    units back; a voucher's redemption makes it issued again. It never fails for want of balance: what can't be taken
    back is owed. Refused: a second reversal of the same part, a reversal of a reversal, moves and expiries.
    """
    scope = counter.scope
    content = {"transaction": request.transaction_id, "amount": request.amount_minor, "reason": request.reason}
    keyed = Keyed(counter.location_id, key, fingerprint(scope, "reverse", content))

    def work(transaction: Transaction) -> str:
        found = context(transaction, scope, None, key)
        replay(found.stored, keyed, lambda stored: render(rebuilding.reversal(transaction, stored)))
        booked = _find(transaction, counter, request.transaction_id)
        config = configuration(transaction, counter.merchant_id, found.config_version)
        require_staff(counter, config)
        batch = Batch()
        result, member_id = book_reversal(
            transaction, counter, config, batch, booked, reason=request.reason, refund_minor=request.amount_minor
        )
        body = render(result)
        keep(batch, scope, keyed, body=body, member_id=member_id, answer_to=result.transaction_id)
        batch.write(transaction)
        return body

    return answered(scope, keyed, work, render_refusal)


def book_reversal(
    transaction: Transaction,
    counter: Counter,
    config: MerchantConfig,
    batch: Batch,
    booked: BookedRow,
    *,
    reason: str,
    refund_minor: int | None = None,
) -> tuple[ReversalResult, str]:
    """Plan undoing a transaction of the counter's merchant, whole or by a refunded amount, with its webhook event.
    Returns what it comes to and whose it is now. The caller writes the batch. Raises why it can't be undone."""
    scope = counter.scope
    member_id = survivor_of(transaction, booked.member_id)
    posting, booking, accounts = begin_reversal(
        transaction, scope, config, member_id, booked, location_id=counter.location_id, reason=reason
    )
    _undo(transaction, counter, posting, batch, booking, config, accounts, booked, refund_minor)
    finish_reversal(
        transaction,
        batch,
        config,
        posting,
        booking,
        accounts,
        booked,
        member_id=member_id,
        location_id=counter.location_id,
        reason=reason,
        refund_minor=refund_minor,
    )
    return ReversalResult(booking.id, booked.id, balances(config, accounts)), member_id


def _find(transaction: Transaction, counter: Counter, transaction_id: str) -> BookedRow:
    if not is_id(transaction_id):
        raise TransactionUnknownError
    where = {"location_id": counter.location_id, "transaction_id": transaction_id}
    for (member_id,) in transaction.rows(_HERE, where):
        booked = find_booked(transaction, member_id, transaction_id)
        if booked is not None:
            return booked
    raise TransactionUnknownError


def _undo(
    transaction: Transaction,
    counter: Counter,
    posting: Posting,
    batch: Batch,
    booking: Booking,
    config: MerchantConfig,
    accounts: dict[str, AccountState],
    booked: BookedRow,
    refund_minor: int | None,
) -> None:
    if booked.kind == "earn" and booked.visit_id is not None:
        visit = get_visit(transaction, booked.member_id, booked.visit_id)
        if visit.reversed_at is not None:
            raise AlreadyReversedError
        try:
            undo_visit(
                transaction,
                posting,
                batch,
                booking,
                config,
                accounts,
                booked,
                visit,
                History(transaction, counter.scope.keys),
                scope=counter.scope,
                refund_minor=refund_minor,
            )
        except RefundTooLargeError:
            if visit.refunded_minor:
                raise AlreadyReversedError from None
            raise
        return
    if booked.kind not in ("redeem", "adjust"):
        raise NotReversibleError
    if refund_minor is not None:
        raise RefundWithoutAmountError
    if is_reversed(transaction, booked):
        raise AlreadyReversedError
    if booked.kind == "redeem":
        _undo_redemption(transaction, counter, posting, batch, booking, accounts, booked)
    else:
        undo_adjustment(transaction, posting, batch, booking, accounts, booked, scope=counter.scope)


def _undo_redemption(
    transaction: Transaction,
    counter: Counter,
    posting: Posting,
    batch: Batch,
    booking: Booking,
    accounts: dict[str, AccountState],
    booked: BookedRow,
) -> None:
    voucher = vouchers.find_by_id(transaction, booked.voucher_id or "")
    if voucher is None:
        raise TransactionUnknownError
    account = accounts[voucher.programme_id]
    if voucher.redeem_transaction_id == booked.id and voucher.issue_transaction_id != booked.id:
        if voucher.status != "redeemed":
            raise AlreadyReversedError
        # The voucher was used here: it is the member's again, as it was before.
        batch.change(
            vouchers.END,
            ("issued", *[None] * 9, voucher.member_id, voucher.id, "redeemed"),
        )
        return
    if voucher.status == "redeemed" and voucher.redeem_transaction_id != booked.id:
        raise VoucherUsedError
    if voucher.status in ("cancelled", "expired") or (voucher.status == "issued" and voucher.is_over(posting.now)):
        raise VoucherOverError
    cancel_voucher(
        transaction, posting, batch, voucher, account, scope=counter.scope, reason="reversed", booking=booking
    )
