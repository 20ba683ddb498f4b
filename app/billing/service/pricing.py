"""An own price for one shop: less than its plan costs."""

from __future__ import annotations

from app.billing.discounts import LONGEST_MONTHS, Discount
from app.billing.errors import SubscriptionMissingError
from app.billing.models import BillingAccount, BillingPlan
from app.billing.service.keeping import sync
from app.billing.state import RUNNING
from app.billing.stripe_gateway import Gateway
from app.common.errors import InvalidError
from app.common.scope import Scope


def set_discount(scope: Scope, stripe: Gateway, discount: Discount | None, *, key: str, public_url: str) -> None:
    """Let the scope's merchant pay less from the next invoice on, or the plan's price again (None). What was given
    before ends. ``key`` names the form that was sent: sending it twice changes once.

    Raises InvalidError for none or both of the two, a share above a hundred per cent, an amount above the plan's, or
    months that there are not; SubscriptionMissingError, BillingUnreachableError.
    """
    with scope.reading() as tx:
        account = tx.session.get(BillingAccount, scope.merchant_id or "")
        if account is None or account.subscription is None or account.status not in RUNNING:
            raise SubscriptionMissingError
        plan = None if account.plan_id is None else tx.session.get(BillingPlan, account.plan_id)
        if plan is None:
            raise SubscriptionMissingError
        subscription, currency, most = account.subscription, plan.currency, plan.amount_minor
    if discount is not None:
        _check(discount, most)
    stripe.set_discount(subscription, discount, currency=currency, key=f"discount-{scope.merchant_id}-{key}")
    sync(scope, stripe, scope.merchant_id or "", public_url=public_url)


def _check(discount: Discount, most: int) -> None:
    errors: dict[str, list[str]] = {}
    if (discount.percent is None) == (discount.amount_minor is None):
        errors["value"] = ["not_one_of"]
    if discount.percent is not None and not 1 <= discount.percent <= 100:
        errors["value"] = ["not_one_of"]
    if discount.amount_minor is not None and not 1 <= discount.amount_minor <= most:
        errors["value"] = ["not_one_of"]
    if discount.months is not None and not 1 <= discount.months <= LONGEST_MONTHS:
        errors["months"] = ["not_one_of"]
    if errors:
        raise InvalidError(errors=errors)
