"""The operator's word on a shop: approve, ask back, decline, pause, let go on, close."""

from __future__ import annotations

from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.admin.doors import door, scope
from app.admin.forms.shops import CloseForm, ReasonForm
from app.admin.service.shops import close_shop
from app.admin.views.shops.blueprint import act, blueprint, public_url
from app.common.errors import NotFoundError
from app.common.ids import is_id
from app.merchants import service as merchants
from app.merchants.errors import MerchantStateError

_SHOP = "/admin/shops/<merchant_id>"


@door(blueprint, f"{_SHOP}/approve", right="administrator", methods=("POST",))
def approve(merchant_id: str) -> ResponseReturnValue:
    """End its trial."""
    form = ReasonForm()

    def done() -> object:
        if not merchants.approve_merchant(
            scope(), known(merchant_id), public_url=public_url(), reason=form.reason.data or ""
        ):
            raise MerchantStateError
        return _("The shop is approved. Its owners are told.")

    return act(merchant_id, form, done)


@door(blueprint, f"{_SHOP}/ask", right="administrator", methods=("POST",))
def ask(merchant_id: str) -> ResponseReturnValue:
    """Ask its owners something first."""
    form = ReasonForm()

    def done() -> object:
        merchants.ask_merchant(scope(), known(merchant_id), question=form.reason.data or "", public_url=public_url())
        return _("The question is on its way. The shop stays on trial.")

    return act(merchant_id, form, done)


@door(blueprint, f"{_SHOP}/decline", right="administrator", methods=("POST",))
def decline(merchant_id: str) -> ResponseReturnValue:
    """Refuse it."""
    form = ReasonForm()

    def done() -> object:
        if not merchants.decline_merchant(scope(), known(merchant_id), reason=form.reason.data or ""):
            raise MerchantStateError
        return _("The shop is declined. Its owners are told why.")

    return act(merchant_id, form, done)


@door(blueprint, f"{_SHOP}/suspend", right="administrator", methods=("POST",))
def suspend(merchant_id: str) -> ResponseReturnValue:
    """Stop earning there for a time."""
    form = ReasonForm()

    def done() -> object:
        merchants.suspend_merchant(scope(), known(merchant_id), reason=form.reason.data or "", public_url=public_url())
        return _("The shop is paused. What members hold stays theirs.")

    return act(merchant_id, form, done)


@door(blueprint, f"{_SHOP}/resume", right="administrator", methods=("POST",))
def resume(merchant_id: str) -> ResponseReturnValue:
    """Let it go on."""
    form = ReasonForm()

    def done() -> object:
        merchants.resume_merchant(scope(), known(merchant_id), reason=form.reason.data or "", public_url=public_url())
        return _("The shop goes on. Its owners are told.")

    return act(merchant_id, form, done)


@door(blueprint, f"{_SHOP}/close", right="administrator", methods=("POST",), is_fresh=True)
def close(merchant_id: str) -> ResponseReturnValue:
    """Begin its way out. Members are told at once, so the second step is asked for first."""
    form = CloseForm()

    def done() -> object:
        assert form.last_earning.data is not None
        assert form.last_redeeming.data is not None
        close_shop(
            scope(),
            known(merchant_id),
            last_earning=form.last_earning.data,
            last_redeeming=form.last_redeeming.data,
            reason=form.reason.data or "",
            public_url=public_url(),
        )
        return _("The shop closes on the days that you chose. Members and owners are told.")

    return act(merchant_id, form, done)


def known(merchant_id: str) -> str:
    """An id that may be a shop's. Raises NotFoundError for anything else."""
    if not is_id(merchant_id):
        raise NotFoundError
    return merchant_id
