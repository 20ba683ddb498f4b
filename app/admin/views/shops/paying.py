"""What a shop pays: its plan, its own price, and who pays in its stead."""

from __future__ import annotations

from dataclasses import replace

from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.admin.doors import door, scope
from app.admin.forms.shops import PlanForm, PriceForm, SponsorForm
from app.admin.service.shops import set_shop_plan, set_shop_price, set_sponsor
from app.admin.views.shops.acts import known
from app.admin.views.shops.blueprint import act, blueprint, public_url
from app.billing.discounts import Discount
from app.billing.errors import BillingOffError, PlanUnknownError, SubscriptionMissingError
from app.billing.queries import get_subscription
from app.billing.stripe_gateway import gateway
from app.common.errors import InvalidError
from app.common.ids import is_id
from app.common.money import parse_amount
from app.extensions import platform

_SHOP = "/admin/shops/<merchant_id>"


@door(blueprint, f"{_SHOP}/plan", right="finance", methods=("POST",), is_fresh=True)
def set_plan(merchant_id: str) -> ResponseReturnValue:
    """Another plan, at once."""
    form = PlanForm()

    def done() -> object:
        stripe = gateway(platform().settings.stripe)
        if stripe is None:
            raise BillingOffError
        plan_id = form.plan_id.data or ""
        if not is_id(plan_id):
            raise PlanUnknownError
        set_shop_plan(
            scope(),
            stripe,
            known(merchant_id),
            plan_id,
            reason=form.reason.data or "",
            key=form.key.data or "",
            public_url=public_url(),
        )
        return _("The plan is changed. The owners are told.")

    return act(merchant_id, form, done)


@door(blueprint, f"{_SHOP}/price", right="finance", methods=("POST",), is_fresh=True)
def set_price(merchant_id: str) -> ResponseReturnValue:
    """Less than the plan costs, from the next invoice on."""
    form = PriceForm()

    def done() -> object:
        stripe = gateway(platform().settings.stripe)
        if stripe is None:
            raise BillingOffError
        set_shop_price(
            scope(),
            stripe,
            known(merchant_id),
            _discount(form, merchant_id),
            reason=form.reason.data or "",
            key=form.key.data or "",
            public_url=public_url(),
        )
        return _("The price is set. It holds from the next invoice on, and the owners are told.")

    return act(merchant_id, form, done)


def _discount(form: PriceForm, merchant_id: str) -> Discount | None:
    if form.kind.data == "none":
        return None
    value = (form.value.data or "").strip().replace(",", ".")
    if form.kind.data == "amount":
        plan = get_subscription(replace(scope(), merchant_id=merchant_id)).plan
        if plan is None:
            raise SubscriptionMissingError
        return Discount(amount_minor=parse_amount(value, plan.currency), months=form.months.data)
    if not (value.isascii() and value.isdecimal() and len(value) <= 3):
        raise InvalidError(errors={"value": ["not_one_of"]})
    return Discount(percent=int(value), months=form.months.data)


@door(blueprint, f"{_SHOP}/sponsor", right="finance", methods=("POST",))
def sponsor(merchant_id: str) -> ResponseReturnValue:
    """Somebody else pays, or nobody does any more."""
    form = SponsorForm()

    def done() -> object:
        payer = (form.payer.data or "").strip() or None
        set_sponsor(
            scope(),
            known(merchant_id),
            payer=payer,
            until=form.until.data,
            reason=form.reason.data or "",
            public_url=public_url(),
        )
        return (
            _("Nobody else pays for the shop any more. Its owners are told.")
            if payer is None
            else _("%(payer)s pays for the shop. Its owners are told.", payer=payer)
        )

    return act(merchant_id, form, done)
