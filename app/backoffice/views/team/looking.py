"""Who runs Zegel looks in, or acts for the shop with its consent."""

from __future__ import annotations

from flask import abort, current_app, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.backoffice.doors import door, place, scope, visitor
from app.backoffice.views.team.blueprint import blueprint
from app.extensions import platform
from app.merchants import service as merchants
from app.web.looking import forget_look, look_token

_DESK = "admin_shops.show_shop"  # where the operator came from


@door(blueprint, "/office/<slug>/team/look/end", least="owner", methods=("POST",))
def end_look() -> ResponseReturnValue:
    """Look no more: for the operator who looks, nobody else has anything to end."""
    look = visitor().look
    if look is None:
        abort(404)
    merchants.end_looking(platform().scope(), look_token() or "")
    back = url_for(_DESK, merchant_id=look.merchant_id) if _DESK in current_app.view_functions else url_for("web.start")
    response = redirect(back, 303)
    forget_look(response)
    return response


@door(blueprint, "/office/<slug>/team/consent", least="owner", methods=("POST",), is_fresh=True)
def give_consent() -> ResponseReturnValue:
    """Whoever runs Zegel may act for the shop, for a day."""
    merchants.give_consent(scope())
    flash(_("Zegel may act for you for 24 hours. Everything that is done stands in the list of who did what."), "good")
    return redirect(url_for("team.show_team", slug=place().slug), 303)


@door(blueprint, "/office/<slug>/team/consent/withdraw", least="owner", methods=("POST",))
def withdraw_consent() -> ResponseReturnValue:
    """No more, at once. It asks for nothing first."""
    merchants.withdraw_consent(scope())
    flash(_("Zegel can't act for you any more."), "good")
    return redirect(url_for("team.show_team", slug=place().slug), 303)
