"""Plans, as the operator sets them, and who pays for whom."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from app.billing.accounts import account_of, judge
from app.billing.models import BillingPlan
from app.billing.stripe_gateway import Gateway
from app.common import audit
from app.common.database import Transaction
from app.common.errors import InvalidError
from app.common.ids import new_id
from app.common.money import is_currency
from app.common.scope import Scope
from app.merchants.rows import merchant_of

LONGEST_NAME = 80
LONGEST_CODE = 40
_LOCALES = ("nl", "fr", "en", "de")


def set_plan(
    scope: Scope,
    stripe: Gateway | None,
    *,
    code: str,
    name: Mapping[str, str],
    amount_minor: int,
    currency: str = "EUR",
    most_members: int | None = None,
    trial_days: int = 0,
    is_offered: bool = True,
) -> str:
    """Make a plan, or change the one with this ``code``, and return its id.

    ``amount_minor`` is what it costs a month, without VAT; ``most_members`` how many active members it covers (None:
    any number). Its price is made at Stripe where there is a key. Whoever subscribed at another amount keeps that. A
    repeat changes nothing. Raises InvalidError, BillingUnreachableError.
    """
    errors: dict[str, list[str]] = {}
    if not 0 < len(code) <= LONGEST_CODE or not code.replace("-", "").isalnum() or code != code.lower():
        errors["code"] = ["code_expected"]
    if not name or any(not 0 < len(text.strip()) <= LONGEST_NAME for text in name.values()) or set(name) - {*_LOCALES}:
        errors["name"] = ["name_expected"]
    if not is_currency(currency):
        errors["currency"] = ["currency_expected"]
    if amount_minor < 0:
        errors["amount"] = ["not_one_of"]
    if most_members is not None and most_members < 1:
        errors["members"] = ["not_one_of"]
    if not 0 <= trial_days <= 365:
        errors["trial"] = ["not_one_of"]
    if errors:
        raise InvalidError(errors=errors)
    price = None
    if stripe is not None and amount_minor:
        shown = name.get("en") or next(iter(name.values()))
        price = stripe.ensure_price(code=code, name=shown, currency=currency, amount_minor=amount_minor)

    def work(tx: Transaction) -> str:
        plan = tx.session.scalars(select(BillingPlan).where(BillingPlan.code == code)).first()
        after = {
            "amount_minor": amount_minor,
            "currency": currency,
            "most_members": most_members,
            "trial_days": trial_days,
            "is_offered": is_offered,
        }
        before = None if plan is None else {field: getattr(plan, field) for field in after}
        if plan is None:
            plan = BillingPlan(id=new_id(), code=code, created_at=scope.now)
            tx.session.add(plan)
        for field, value in after.items():
            setattr(plan, field, value)
        plan.name = dict(name)
        if price is not None or not amount_minor:
            plan.stripe_price = price
        tx.session.flush()
        if before != after:
            audit.record(tx, scope, "plan.set", "plan", plan.id, before=before, after={"code": code, **after})
        return plan.id

    return scope.run(work)


def sponsor(scope: Scope, merchant_id: str, *, payer: str | None, until: datetime | None = None) -> None:
    """Say that somebody else pays for a merchant: a town, an association. ``until`` None: until further notice;
    ``payer`` None: nobody does any more. Raises NotFoundError, InvalidError. A repeat changes nothing."""
    if payer is not None and not 0 < len(payer.strip()) <= LONGEST_NAME:
        raise InvalidError(errors={"payer": ["name_expected"]})
    wanted = (None, None) if payer is None else (payer.strip(), until)

    def work(tx: Transaction) -> None:
        merchant_of(tx, scope, merchant_id)
        account = account_of(tx, merchant_id, for_update=True)
        before = (account.sponsor, account.sponsored_until)
        if before == wanted:
            return
        account.sponsor, account.sponsored_until = wanted
        judge(tx, scope, account)
        audit.record(
            tx,
            scope,
            "subscription.sponsored" if payer is not None else "subscription.sponsor_ended",
            "merchant",
            merchant_id,
            merchant_id=merchant_id,
            before={"sponsor": before[0], "until": before[1] and before[1].isoformat()},
            after={"sponsor": wanted[0], "until": wanted[1] and wanted[1].isoformat()},
        )

    scope.run(work)
