"""Trying a campaign on oneself: the mail as it arrives, on the screen or in one's own inbox."""

from __future__ import annotations

from flask import Response, make_response
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import messages
from app.backoffice.doors import door, scope, visitor
from app.backoffice.pages import part
from app.backoffice.views.campaigns.blueprint import CAMPAIGNS, blueprint
from app.backoffice.views.campaigns.designing import campaign_form, shown_of
from app.campaigns.service.previewing import try_on_oneself
from app.common.errors import DomainError
from app.extensions import platform


@door(blueprint, f"{CAMPAIGNS}/mail", least="manager", methods=("POST",))
def show_mail() -> Response:
    """The mail of the form's words as it arrives, as a page of its own that can do nothing."""
    shown = shown_of(campaign_form())
    response = make_response(shown.news.mail.html or "")
    response.mimetype = "text/html"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response


@door(blueprint, f"{CAMPAIGNS}/try", least="manager", methods=("POST",), endpoint="try_campaign")
def try_it() -> ResponseReturnValue:
    """Mail the form's words to whoever is signed in."""
    form = campaign_form()
    shown, to = shown_of(form), visitor().signed_in.email
    if not to:
        return part("backoffice/campaigns/tried.html", kind="bad", told=_("Your sign-in has no address to mail to."))
    try:
        try_on_oneself(
            scope(),
            to,
            title=form.titles,
            text=form.texts,
            locale=shown.locale,
            reward_id=form.reward_id.data or None,
            offer_days=form.offer_days.data,
            brand=platform().brand,
            public_url=platform().settings.public_url,
        )
    except DomainError as error:
        told = [messages.field(code) for codes in error.params.get("errors", {}).values() for code in codes]
        return part("backoffice/campaigns/tried.html", kind="bad", told=" ".join(told) or messages.sentence(error))
    return part("backoffice/campaigns/tried.html", kind="good", told=_("It is on its way to %(address)s.", address=to))
