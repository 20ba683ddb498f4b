"""Where the pages of shops are hung, their words, and how an act ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm

from app import messages
from app.admin.doors import scope
from app.admin.pages import page
from app.admin.queries.shops import get_shop_facts
from app.admin.views.shops.drawing import draw_weeks
from app.billing.stripe_gateway import gateway
from app.common.errors import DomainError, InvalidError, NotFoundError
from app.common.ids import new_id
from app.extensions import platform
from app.merchants.departures import DAYS_AHEAD, LEAST_WINDOW
from app.web.acts import act_words
from app.web.amounts import less
from app.web.moments import local_day

blueprint = Blueprint("admin_shops", __name__, template_folder="../../templates")

STATE_WORDS: Mapping[str, LazyString] = {
    "waiting": _l("Waiting"),
    "active": _l("Active"),
    "paused": _l("Behind with paying"),
    "suspended": _l("Paused by us"),
    "closing": _l("Closing"),
    "closed": _l("Closed"),
}
STATE_KINDS: Mapping[str, str] = {
    "waiting": "wait",
    "active": "good",
    "paused": "wait",
    "suspended": "bad",
    "closing": "wait",
    "closed": "",
}
ROLE_WORDS: Mapping[str, LazyString] = {"owner": _l("owners"), "manager": _l("managers"), "cashier": _l("cashiers")}
# Said by app.admin.queries.shops_todo, and put in the reader's language by whoever shows it.
SAID = (_l("A new shop waits to be approved"), _l("Look"))
REFUSED = 409


def public_url() -> str:
    """Where the service stands, for links in mails."""
    return platform().settings.public_url


def show(merchant_id: str, *, problem: str | None = None, status: int = 200) -> ResponseReturnValue:
    """A shop's page, with what went wrong on it. Raises NotFoundError."""
    shop = get_shop_facts(scope(), merchant_id, before=request.args.get("before") or None)
    return page(
        "admin/shops/shop.html",
        here="shops",
        shop=shop,
        acts=act_words(),
        problem=problem,
        state_words=STATE_WORDS,
        state_kinds=STATE_KINDS,
        role_words=ROLE_WORDS,
        chart=draw_weeks(shop.weeks),
        day=_day,
        bills=gateway(platform().settings.stripe) is not None,
        form_key=new_id(),
        less=less,
        days_ahead=DAYS_AHEAD,
        least_window=LEAST_WINDOW,
        now=scope().now,
        status=status,
    )


def _day(day: date) -> str:
    return local_day(datetime.combine(day, time(12), UTC))


def act(merchant_id: str, form: FlaskForm, done: Callable[[], object]) -> ResponseReturnValue:
    """Do something with a shop and go back to its page with what ``done`` says; a refusal stands on the page instead.
    Raises NotFoundError."""
    if not form.validate_on_submit():
        wrong = next((str(told[0]) for told in form.errors.values() if told), _("Something is missing or wrong"))
        return show(merchant_id, problem=wrong, status=422)
    try:
        told = done()
    except NotFoundError:
        raise
    except InvalidError:
        return show(merchant_id, problem=_("Say why, in one to three hundred letters, and check the rest."), status=422)
    except DomainError as error:
        return show(merchant_id, problem=messages.sentence(error), status=REFUSED)
    flash(str(told), "good")
    return redirect(url_for("admin_shops.show_shop", merchant_id=merchant_id), 303)
