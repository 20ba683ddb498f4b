"""What a shop pays: its plan, and who pays in its stead."""

from __future__ import annotations

from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.admin.doors import door, scope
from app.admin.forms.shops import PlanForm, SponsorForm
from app.admin.service.shops import set_shop_plan, set_sponsor
from app.admin.views.shops.acts import known
from app.admin.views.shops.blueprint import act, blueprint, public_url
from app.billing.errors import BillingOffError, PlanUnknownError
from app.billing.stripe_gateway import gateway
from app.common.ids import is_id
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
