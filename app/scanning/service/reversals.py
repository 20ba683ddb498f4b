"""Undoing one of this location's transactions, whole or by a refunded amount."""

from __future__ import annotations

from app.common.batch import Batch
from app.common.database import Transaction
from app.common.ids import is_id
from app.common.money import format_amount
from app.common.sql import Statement
from app.ledger.accounts import AccountState
from app.ledger.errors import AlreadyReversedError, NotReversibleError
from app.ledger.posting import Booking, Posting
from app.ledger.seals import Sealer
from app.ledger.writing import LOCATION_TRANSACTION, LOCK_HERE, accounts_by_programme, expire_due, gather, transfers_of
from app.rewards import vouchers
from app.rewards.configuration import MerchantConfig, configuration
from app.rewards.errors import VoucherOverError, VoucherUsedError
from app.rewards.evaluator import RefundTooLargeError, RefundWithoutAmountError
from app.rewards.history import History
from app.rewards.undoing import (
    BookedRow,
    cancel_voucher,
    find_booked,
    get_visit,
    give_back,
    is_reversed,
    survivor_of,
    undo_visit,
)
from app.scanning import rebuilding
from app.scanning.counter import Counter, balances, tell
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
        member_id = survivor_of(transaction, booked.member_id)
        accounts = accounts_by_programme(transaction, LOCK_HERE, member_id, counter.merchant_id)
        posting = Posting(Sealer(scope.keys.ledger), scope.now)
        batch = Batch()
        expire_due(transaction, posting, accounts.values(), posting.now)
        booking = posting.book(
            "reverse",
            member_id,
            occurred_at=posting.now,
            merchant_id=config.id,
            location_id=counter.location_id,
            device_id=scope.device_id,
            staff_id=scope.staff_id,
            visit_id=booked.visit_id,
            voucher_id=booked.voucher_id,
            reverses_member_id=booked.member_id,
            reverses_id=booked.id,
            reason=request.reason,
        )
        _undo(transaction, counter, posting, batch, booking, config, accounts, booked, request.amount_minor)
        expire_due(transaction, posting, accounts.values(), posting.now)  # what came back may be over already
        batch.insert(LOCATION_TRANSACTION, (counter.location_id, booking.id, member_id, "reverse", posting.now))
        gather(posting, batch)
        body = render(ReversalResult(booking.id, booked.id, balances(config, accounts)))
        keep(batch, scope, keyed, body=body, member_id=member_id, answer_to=booking.id)
        tell(
            batch,
            config,
            "transaction.reversed",
            posting.now,
            {
                "transaction_id": booking.id,
                "reverses": booked.id,
                "kind": booked.kind,
                "visit_id": booked.visit_id,
                "amount": None
                if request.amount_minor is None
                else format_amount(request.amount_minor, config.currency),
                "currency": config.currency,
                "reason": request.reason,
                "member_id": member_id,
                "location_id": counter.location_id,
                "occurred_at": posting.now.isoformat(),
            },
        )
        batch.write(transaction)
        return body

    return answered(scope, keyed, work, render_refusal)


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
        _undo_adjustment(transaction, booking, accounts, booked)


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
            ("issued", None, None, None, None, None, None, None, voucher.member_id, voucher.id, "redeemed"),
        )
        return
    if voucher.status == "redeemed" and voucher.redeem_transaction_id != booked.id:
        raise VoucherUsedError
    if voucher.status in ("cancelled", "expired") or (voucher.status == "issued" and voucher.is_over(posting.now)):
        raise VoucherOverError
    cancel_voucher(
        transaction, posting, batch, voucher, account, scope=counter.scope, reason="reversed", booking=booking
    )


def _undo_adjustment(
    transaction: Transaction, booking: Booking, accounts: dict[str, AccountState], booked: BookedRow
) -> None:
    transfers = transfers_of(transaction, booked.member_id, booked.id)
    for programme_id in {row.programme_id for row in transfers}:
        account = accounts[programme_id]
        mine = [row for row in transfers if row.programme_id == programme_id]
        give_back(transaction, booking, account, booked.member_id, mine)
        given = sum(row.amount for row in mine if row.debit == "adjusted")
        if given:
            booking.take_back(account, given, origin_ids=(booked.id,), counter="adjusted")
