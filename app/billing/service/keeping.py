"""Keeping what holds here the same as what holds at Stripe, and doing what time does."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from app.billing.accounts import account_of, judge, take_over, write_pause
from app.billing.errors import BillingUnreachableError
from app.billing.models import BillingAccount
from app.billing.noticing import tell_owners
from app.billing.stripe_gateway import Gateway
from app.common.database import Transaction
from app.common.scope import Scope
from app.merchants.models import Merchant

_TRIES = 10


def sync(scope: Scope, stripe: Gateway, merchant_id: str, *, public_url: str) -> None:
    """Ask Stripe how it stands with a merchant, and write that down. A repeat changes nothing.

    Whoever asks while somebody else writes asks again: what is written last was asked for after what was written before
    it. Raises BillingUnreachableError.
    """
    for _ in range(_TRIES):
        with scope.reading() as tx:
            account = tx.session.get(BillingAccount, merchant_id)
            if account is None or account.customer is None:
                return
            version, customer = account.version, account.customer
        present = stripe.present(customer)

        def work(tx: Transaction, version: int = version, present: object = present) -> bool:
            taken = take_over(tx, scope, merchant_id, version, present)  # type: ignore[arg-type]
            if taken:
                tell_owners(tx, scope, account_of(tx, merchant_id), public_url=public_url)
            return taken

        if scope.run(work):
            return
    raise BillingUnreachableError


def reconcile(
    scope: Scope, stripe: Gateway, *, public_url: str, on_progress: Callable[[int], None] | None = None
) -> int:
    """Ask Stripe about every merchant that it knows, for messages that never came. Returns how many were asked about.

    One that can't be asked about now is left for the next time; only where none can, BillingUnreachableError is raised.
    """
    with scope.reading() as tx:
        asked = tx.session.scalars(select(BillingAccount.merchant_id).where(BillingAccount.customer.is_not(None))).all()
    failed = 0
    for done, merchant_id in enumerate(asked, start=1):
        try:
            sync(scope, stripe, merchant_id, public_url=public_url)
        except BillingUnreachableError:
            failed += 1
            if failed == done == _TRIES:
                raise
        if on_progress is not None:
            on_progress(done)
    return len(asked) - failed


def settle_time(scope: Scope, *, is_on: bool, public_url: str) -> dict[str, int]:
    """What time does by itself: owners are told what is due to be told. Where billing is off, whatever was paused goes
    on at once. Returns how many mails were queued and how many shops go on. A repeat finds nothing more."""
    if not is_on:
        with scope.reading() as tx:
            paused = tx.session.scalars(select(Merchant.id).where(Merchant.paused_from.is_not(None))).all()
        for merchant_id in paused:
            scope.run(lambda tx, merchant_id=merchant_id: write_pause(tx, scope, merchant_id, None))  # type: ignore[misc]
        return {"mails": 0, "go_on": len(paused)}
    with scope.reading() as tx:
        waiting = tx.session.scalars(
            select(BillingAccount.merchant_id)
            .join(Merchant, Merchant.id == BillingAccount.merchant_id)
            .where(Merchant.status != "closed")
        ).all()
    mails = 0
    for merchant_id in waiting:

        def work(tx: Transaction, merchant_id: str = merchant_id) -> int:
            account = account_of(tx, merchant_id)
            judge(tx, scope, account)
            return tell_owners(tx, scope, account, public_url=public_url)

        mails += scope.run(work)
    return {"mails": mails, "go_on": 0}
