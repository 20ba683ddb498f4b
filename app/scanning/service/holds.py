"""Rewards held for a till that settles later: the units are spent and the voucher is bound to this location until the
till commits, cancels, or the hold runs out."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from app.common.batch import Batch
from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Statement
from app.ledger.posting import Posting
from app.ledger.seals import Sealer
from app.ledger.writing import LOCATION_TRANSACTION, LOCK_HERE, accounts_by_programme, expire_due, gather
from app.rewards import vouchers
from app.rewards.configuration import configuration
from app.rewards.errors import HoldOverError, VoucherUnknownError
from app.rewards.undoing import cancel_voucher
from app.rewards.vouchers import VoucherRow
from app.scanning import rebuilding
from app.scanning.approving import approval, require_staff
from app.scanning.asking import asking
from app.scanning.counter import Counter, balances
from app.scanning.identifying import context
from app.scanning.refusing import REDEMPTION, Shown, noting
from app.scanning.replies import Keyed, Render, RenderRefusal, answered, fingerprint, keep, replay
from app.scanning.requests import RedemptionRequest
from app.scanning.results import RedemptionResult, Reply, ReversalResult
from app.scanning.service.redemptions import read_request, spend, tell_redeemed, use_up

HOLD_LIFE = timedelta(minutes=15)
_RUN_OUT = Statement(
    "SELECT member_id, id FROM voucher WHERE status = 'issued' AND hold_until IS NOT NULL AND hold_until <= :now"
    " ORDER BY hold_until LIMIT 500"
)


def hold_reward(
    counter: Counter, request: RedemptionRequest, *, key: str, render: Render, render_refusal: RenderRefusal
) -> Reply:
    """Spend a reward's cost and hold its voucher for this location, for fifteen minutes. A repeat gets the first
    answer."""
    scope = counter.scope
    presented, keyed = read_request(counter, request, key, "holds")
    with noting(scope, Shown(REDEMPTION, presented.number)):
        approved = approval(counter, presented, member_pin=request.member_pin, staff_pin=request.staff_pin)

    def work(transaction: Transaction) -> str:
        batch = Batch()
        result, _, member_id = spend(
            transaction,
            counter,
            request,
            presented,
            approved,
            keyed,
            batch,
            render,
            hold_until=scope.now + HOLD_LIFE,
        )
        body = render(result)
        keep(batch, scope, keyed, body=body, member_id=member_id, answer_to=result.transaction_id)
        batch.write(transaction)
        return body

    return asking(scope, lambda: answered(scope, keyed, work, render_refusal))


def commit_hold(
    counter: Counter, redemption_id: str, *, key: str, render: Render, render_refusal: RenderRefusal
) -> Reply:
    """Use a held voucher up. A repeat gets the first answer; a hold that is over raises :class:`HoldOverError`."""
    scope = counter.scope
    keyed = Keyed(counter.location_id, key, fingerprint(scope, "holds/commit", {"id": redemption_id}))

    def work(transaction: Transaction) -> str:
        found = context(transaction, scope, None, key)
        replay(
            found.stored, keyed, lambda stored: render(rebuilding.redemption(transaction, stored, counter.merchant_id))
        )
        config = configuration(transaction, counter.merchant_id, found.config_version)
        require_staff(counter, config)
        voucher = _held(transaction, counter, redemption_id, scope.now)
        batch = Batch()
        result: RedemptionResult = use_up(transaction, counter, config, voucher, batch, scope.now, scope.staff_id)
        body = render(result)
        keep(batch, scope, keyed, body=body, member_id=voucher.member_id, answer_to=result.transaction_id)
        tell_redeemed(batch, config, result, counter, voucher.member_id, scope.now)
        batch.write(transaction)
        return body

    return answered(scope, keyed, work, render_refusal)


def cancel_hold(
    counter: Counter, redemption_id: str, *, key: str, render: Render, render_refusal: RenderRefusal
) -> Reply:
    """Give a held voucher's units back, with their old expiry. ``render`` takes a :class:`ReversalResult`."""
    scope = counter.scope
    keyed = Keyed(counter.location_id, key, fingerprint(scope, "holds/cancel", {"id": redemption_id}))

    def work(transaction: Transaction) -> str:
        found = context(transaction, scope, None, key)
        replay(found.stored, keyed, lambda stored: render(rebuilding.reversal(transaction, stored)))
        config = configuration(transaction, counter.merchant_id, found.config_version)
        require_staff(counter, config)
        voucher = _held(transaction, counter, redemption_id, scope.now)
        accounts = accounts_by_programme(transaction, LOCK_HERE, voucher.member_id, counter.merchant_id)
        batch = Batch()
        posting = Posting(Sealer(scope.keys.ledger), scope.now)
        booking = cancel_voucher(
            transaction, posting, batch, voucher, accounts[voucher.programme_id], scope=scope, reason="hold_cancelled"
        )
        expire_due(transaction, posting, accounts.values(), posting.now)  # what came back may be over already
        batch.insert(LOCATION_TRANSACTION, (counter.location_id, booking.id, voucher.member_id, "reverse", scope.now))
        gather(posting, batch)
        body = render(ReversalResult(booking.id, voucher.issue_transaction_id or "", balances(config, accounts)))
        keep(batch, scope, keyed, body=body, member_id=voucher.member_id, answer_to=booking.id)
        batch.write(transaction)
        return body

    return answered(scope, keyed, work, render_refusal)


def release_run_out_holds(scope: Scope) -> int:
    """Give the units of holds that ran out back, or, where the member held a voucher of her own, let go of it.

    One transaction for each; returns how many. For the minute's job.
    """
    with scope.reading() as transaction:
        due = transaction.rows(_RUN_OUT, {"now": scope.now})
    return sum(scope.run(partial(_release, scope=scope, voucher_id=row[1])) for row in due)


def _release(transaction: Transaction, scope: Scope, voucher_id: str) -> int:
    voucher = vouchers.find_by_id(transaction, voucher_id)
    if voucher is None or voucher.status != "issued" or voucher.hold_until is None or voucher.hold_until > scope.now:
        return 0
    batch = Batch()
    if voucher.source != "hold":
        batch.change(vouchers.HOLD, (None, None, None, voucher.member_id, voucher.id, "issued"))
        batch.write(transaction)
        return 1
    accounts = accounts_by_programme(transaction, LOCK_HERE, voucher.member_id, voucher.merchant_id)
    posting = Posting(Sealer(scope.keys.ledger), scope.now)
    cancel_voucher(
        transaction, posting, batch, voucher, accounts[voucher.programme_id], scope=scope, reason="hold_run_out"
    )
    expire_due(transaction, posting, accounts.values(), posting.now)
    gather(posting, batch)
    batch.write(transaction)
    return 1


def _held(transaction: Transaction, counter: Counter, redemption_id: str, now: datetime) -> VoucherRow:
    voucher = vouchers.find_by_id(transaction, redemption_id)
    if voucher is None or voucher.merchant_id != counter.merchant_id or voucher.source != "hold":
        raise VoucherUnknownError
    if voucher.status != "issued" or voucher.hold_until is None or voucher.hold_until <= now:
        raise HoldOverError
    if voucher.hold_location_id != counter.location_id:
        raise VoucherUnknownError
    return voucher
