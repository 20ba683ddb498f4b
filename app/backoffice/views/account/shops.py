"""The businesses where a person works, those that ask the person in, and those that are offered."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import messages
from app.backoffice.doors import DOORS, door, scope, visitor
from app.backoffice.forms.problems import mark
from app.backoffice.forms.team import AcceptForm
from app.backoffice.pages import page
from app.backoffice.queries.handovers import offers_to
from app.backoffice.queries.shops_today import shops_today
from app.backoffice.service import handing_over
from app.backoffice.views.account.blueprint import blueprint
from app.common.errors import DomainError, NotFoundError
from app.merchants import service as merchants
from app.merchants.errors import HandoverOverError, InvitationOverError
from app.merchants.queries.team import list_invitations

_COMPARE = "reports.compare"
_SIGN_UP = "setting_up.sign_up"


@door(blueprint, "/account", least="login")
def businesses() -> ResponseReturnValue:
    """The businesses where this person works, each with its day so far."""
    login_id = visitor().signed_in.login_id
    shops = shops_today(scope(), merchants.list_places(scope(), login_id))
    invitations, offers = list_invitations(scope(), login_id), offers_to(scope(), login_id)
    hues = {one.place.hue for one in shops} | {one.hue for one in invitations} | {one.hue for one in offers}
    return page(
        "backoffice/businesses.html",
        shops=shops,
        invitations=invitations,
        offers=offers,
        compare=url_for(_COMPARE) if _COMPARE in DOORS and len(shops) > 1 else None,
        sign_up=url_for(_SIGN_UP) if _SIGN_UP in DOORS else None,
        hues=hues,
    )


@door(blueprint, "/account/invitations/<staff_id>", least="login", methods=("POST",))
def answer_invitation(staff_id: str) -> ResponseReturnValue:
    """Come to work at a shop that asked, or don't."""
    accepts = request.form.get("answer") == "yes"
    try:
        merchants.answer_invitation(scope(), visitor().signed_in.login_id, staff_id, accepts=accepts)
    except InvitationOverError as error:
        flash(messages.sentence(error), "bad")
    else:
        flash(_("Welcome. The shop is in your list.") if accepts else _("Declined."), "good")
    return redirect(url_for("account.businesses"), 303)


@door(blueprint, "/account/offers/<handover_id>", least="login", methods=("GET", "POST"), is_fresh=True)
def take_over(handover_id: str) -> ResponseReturnValue:
    """Take a business over."""
    login_id = visitor().signed_in.login_id
    offer = next((one for one in offers_to(scope(), login_id) if one.handover_id == handover_id), None)
    if offer is None:
        raise NotFoundError
    form = AcceptForm()
    if form.validate_on_submit():
        try:
            slug = handing_over.accept_business(scope(), login_id, handover_id, name=form.name.data or "")
        except HandoverOverError as error:
            flash(messages.sentence(error), "bad")
            return redirect(url_for("account.businesses"), 303)
        except DomainError as error:
            mark(form, error)
        else:
            flash(_("%(shop)s is yours. Its members are told.", shop=offer.shop), "good")
            return redirect(url_for("reports.today", slug=slug), 303)
    return page(
        "backoffice/account/take_over.html",
        form=form,
        offer=offer,
        status=422 if form.errors else 200,
    )


@door(blueprint, "/account/offers/<handover_id>/decline", least="login", methods=("POST",))
def decline_offer(handover_id: str) -> ResponseReturnValue:
    """Leave a business with its owner."""
    try:
        handing_over.decline_business(scope(), visitor().signed_in.login_id, handover_id)
    except HandoverOverError as error:
        flash(messages.sentence(error), "bad")
    else:
        flash(_("Declined. The owner is told."), "good")
    return redirect(url_for("account.businesses"), 303)
