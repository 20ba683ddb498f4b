"""The business goes to somebody else."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.backoffice.doors import door, place, scope
from app.backoffice.forms.problems import mark
from app.backoffice.forms.team import HandOverForm
from app.backoffice.pages import page
from app.backoffice.queries.handovers import own_offer
from app.backoffice.service import handing_over as handing
from app.backoffice.views.team.blueprint import blueprint, public_url
from app.common.errors import DomainError


@door(
    blueprint,
    "/office/<slug>/team/hand-over",
    least="owner",
    methods=("GET", "POST"),
    is_fresh=True,
    needs_second=True,
)
def hand_over() -> ResponseReturnValue:
    """Offer the business to somebody."""
    form = HandOverForm()
    if form.validate_on_submit():
        try:
            handing.offer_business(
                scope(), email=form.email.data or "", stays=bool(form.stays.data), public_url=public_url()
            )
        except DomainError as error:
            mark(form, error)
        else:
            flash(_("The offer is on its way. Until it is accepted nothing changes."), "good")
            return redirect(url_for("team.hand_over", slug=place().slug), 303)
    return page(
        "backoffice/team/hand_over.html",
        here="team",
        form=form,
        offer=own_offer(scope()),
        status=422 if form.errors else 200,
    )


@door(blueprint, "/office/<slug>/team/hand-over/<handover_id>/call-off", least="owner", methods=("POST",))
def call_off(handover_id: str) -> ResponseReturnValue:
    """Take the offer back. It asks for nothing first: whoever sees a wrong offer must be quick."""
    handing.call_off(scope(), handover_id)
    flash(_("The offer is called off. The business stays yours."), "good")
    return redirect(url_for("team.show_team", slug=place().slug), 303)
