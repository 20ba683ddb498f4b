"""Help: answers to what people ask, and a form for what isn't answered there."""

from __future__ import annotations

from collections.abc import Mapping

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app import messages
from app.backoffice.doors import DOORS, door, place, scope, visitor
from app.backoffice.pages import page
from app.backoffice.views.setting_up.base import blueprint
from app.common.errors import DomainError, InvalidError
from app.support.service import ask_from_office
from app.web import locale


@door(blueprint, "/office/<slug>/help", least="cashier")
def show_help() -> ResponseReturnValue:
    """Answers to what people at a counter and in a back office ask."""
    return _help({})


@door(blueprint, "/office/<slug>/help", least="cashier", methods=("POST",))
def ask() -> ResponseReturnValue:
    """Send a question to whoever runs the platform, as the shop; the answer comes by mail to who asked."""
    told = {name: request.form.get(name, "") for name in ("subject", "text")}
    try:
        number = ask_from_office(scope(), address=visitor().signed_in.email, locale=locale.language(), **told)
    except InvalidError:
        flash(gettext("Write a subject and a question. Nothing was sent."), "bad")
        return _help(told, status=422)
    except DomainError as error:
        flash(messages.sentence(error), "bad")
        return _help(told, status=429)
    words = gettext(
        "Sent, as number %(number)s. We answer within a day, by mail to %(address)s.",
        number=number,
        address=visitor().signed_in.email,
    )
    flash(words, "good")
    return redirect(url_for("setting_up.show_help", slug=place().slug), 303)


def _help(typed: Mapping[str, str], *, status: int = 200) -> ResponseReturnValue:
    return page(
        "backoffice/setting_up/help.html",
        here="help",
        status=status,
        is_manager=visitor().may("manager"),
        is_owner=visitor().may("owner"),
        has=frozenset(DOORS),
        typed=typed,
    )
