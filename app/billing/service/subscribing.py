"""Beginning, changing and ending a subscription. Paying is done on Stripe's own pages."""

from __future__ import annotations

from sqlalchemy import select

from app.billing import state
from app.billing.accounts import account_of
from app.billing.errors import (
    PlanTooSmallError,
    PlanUnknownError,
    SponsoredError,
    SubscriptionMissingError,
    SubscriptionRunningError,
)
from app.billing.models import BillingAccount, BillingPlan
from app.billing.service.keeping import sync
from app.billing.state import RUNNING
from app.billing.stripe_gateway import Gateway
from app.common import audit
from app.common.database import Transaction
from app.common.scope import Scope
from app.merchants.rows import merchant_of


def start_checkout(
    scope: Scope, stripe: Gateway, plan_id: str, *, email: str, back: str, away: str, locale: str, key: str
) -> str:
    """The address of Stripe's page on which the scope's merchant subscribes to a plan. ``back`` and ``away`` are where
    that page leads when it is done or left; ``key`` names the form that was sent, so that sending it twice opens one
    page. The trial is given once.

    Raises PlanUnknownError, PlanTooSmallError, SubscriptionRunningError, SponsoredError, BillingUnreachableError.
    """
    merchant_id = scope.merchant_id or ""
    with scope.transaction() as tx:
        merchant = merchant_of(tx, scope, merchant_id)
        account = account_of(tx, merchant_id)
        plan = _offered(tx, plan_id)
        if account.status in RUNNING:
            raise SubscriptionRunningError
        if account.sponsor is not None and (account.sponsored_until is None or account.sponsored_until > scope.now):
            raise SponsoredError
        _check_size(account, plan)
        customer, name = account.customer, account.legal_name or merchant.name
        price, trial_days = plan.stripe_price or "", 0 if account.had_trial else plan.trial_days
    if customer is None:
        made = stripe.create_customer(merchant_id, name=name, email=email, locale=locale)

        def keep(tx: Transaction) -> str:
            account = account_of(tx, merchant_id, for_update=True)
            account.customer = account.customer or made
            audit.record(tx, scope, "subscription.begun", "merchant", merchant_id, after={"plan_id": plan_id})
            return account.customer

        customer = scope.run(keep)
    return stripe.check_out(
        customer=customer,
        price=price,
        trial_days=trial_days,
        back=back,
        away=away,
        locale=locale,
        merchant_id=merchant_id,
        key=f"checkout-{merchant_id}-{key}",
    )


def preview_change(scope: Scope, stripe: Gateway, plan_id: str) -> tuple[int, str]:
    """What going over to another plan costs now, in minor units (below zero: a credit), and the currency.

    Raises PlanUnknownError, PlanTooSmallError, SubscriptionMissingError, BillingUnreachableError.
    """
    with scope.reading() as tx:
        account, plan = _changeable(tx, scope, plan_id)
        customer, price = account.customer or "", plan.stripe_price or ""
    found = state.chosen(stripe.present(customer))
    if found is None:
        raise SubscriptionMissingError
    return stripe.preview_change(found, price)


def change_plan(scope: Scope, stripe: Gateway, plan_id: str, *, key: str, public_url: str) -> None:
    """Go over to another plan at once; the days that are left of the old one are given back. One that was cancelled
    goes on. ``key`` as for :func:`start_checkout`.

    Raises what :func:`preview_change` raises, and PaymentRefusedError: then the old plan stays.
    """
    merchant_id = scope.merchant_id or ""
    with scope.reading() as tx:
        account, plan = _changeable(tx, scope, plan_id)
        customer, price = account.customer or "", plan.stripe_price or ""
        code = plan.code
    found = state.chosen(stripe.present(customer))
    if found is None:
        raise SubscriptionMissingError
    stripe.change_price(found, price, key=f"change-{merchant_id}-{key}")
    scope.run(
        lambda tx: audit.record(tx, scope, "subscription.plan_changed", "merchant", merchant_id, after={"plan": code})
    )
    sync(scope, stripe, merchant_id, public_url=public_url)


def cancel(scope: Scope, stripe: Gateway, *, is_cancelled: bool, public_url: str) -> None:
    """Let the subscription end with the time that is paid, or take that back. A repeat changes nothing.

    Raises SubscriptionMissingError, BillingUnreachableError.
    """
    merchant_id = scope.merchant_id or ""
    with scope.reading() as tx:
        account = tx.session.get(BillingAccount, merchant_id)
        if account is None or account.subscription is None or account.status not in RUNNING:
            raise SubscriptionMissingError
        subscription = account.subscription
    stripe.cancel_at_end(subscription, is_cancelled=is_cancelled)
    word = "subscription.cancelled" if is_cancelled else "subscription.resumed"
    scope.run(lambda tx: audit.record(tx, scope, word, "merchant", merchant_id, merchant_id=merchant_id))
    sync(scope, stripe, merchant_id, public_url=public_url)


def open_portal(scope: Scope, stripe: Gateway, *, back: str, locale: str) -> str:
    """The address of Stripe's page for cards, direct debits and the VAT number. Raises SubscriptionMissingError where
    the merchant never came as far as paying, BillingUnreachableError."""
    with scope.reading() as tx:
        account = tx.session.get(BillingAccount, scope.merchant_id or "")
        if account is None or account.customer is None:
            raise SubscriptionMissingError
        customer = account.customer
    return stripe.open_portal(customer, back=back, locale=locale)


def _changeable(tx: Transaction, scope: Scope, plan_id: str) -> tuple[BillingAccount, BillingPlan]:
    account = tx.session.get(BillingAccount, scope.merchant_id or "")
    if account is None or account.subscription is None or account.status not in RUNNING:
        raise SubscriptionMissingError
    plan = _offered(tx, plan_id)
    _check_size(account, plan)
    return account, plan


def _offered(tx: Transaction, plan_id: str) -> BillingPlan:
    plan = tx.session.scalars(
        select(BillingPlan).where(
            BillingPlan.id == plan_id, BillingPlan.is_offered, BillingPlan.stripe_price.is_not(None)
        )
    ).first()
    if plan is None:
        raise PlanUnknownError
    return plan


def _check_size(account: BillingAccount, plan: BillingPlan) -> None:
    if plan.most_members is not None and account.active_members > plan.most_members:
        raise PlanTooSmallError(members=account.active_members, most=plan.most_members)
