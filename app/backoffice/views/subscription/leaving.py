"""Stopping: told in time, with a window to redeem, a last statement, and everything taken along."""

from __future__ import annotations

import io
from datetime import date, timedelta

from babel.dates import format_date
from flask import Response, flash, make_response, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_decimal
from flask_babel import gettext as _

from app import messages
from app.backoffice.doors import door, place, scope
from app.backoffice.forms.problems import mark
from app.backoffice.forms.subscription import LeavingForm
from app.backoffice.pages import page
from app.backoffice.printing.statement import Page, write_statement
from app.backoffice.queries.leaving import get_departure, get_liability, make_statement
from app.backoffice.queries.taking_along import write_archive
from app.backoffice.service import leaving
from app.backoffice.views.subscription.blueprint import blueprint, price
from app.campaigns.leaving_words import word_notice
from app.common.clock import zone
from app.common.errors import DomainError
from app.merchants.departures import DAYS_AHEAD, USUAL_WINDOW
from app.merchants.errors import DepartureTooSoonError, DepartureWindowError
from app.web import locale
from app.web.moments import local_moment

_ADDRESS = "/office/<slug>/leaving"
_HERE = "shop"


@door(blueprint, _ADDRESS, least="owner")
def leave() -> ResponseReturnValue:
    """How it goes, and where it stands."""
    return _show(_form(), 200)


@door(blueprint, f"{_ADDRESS}/announce", least="owner", methods=("POST",), is_fresh=True)
def announce() -> ResponseReturnValue:
    """Tell the members."""
    form = LeavingForm()
    if not form.validate_on_submit():
        return _show(form, 422)
    earning, redeeming = form.days()
    try:
        leaving.announce(scope(), last_earning=earning, last_redeeming=redeeming, word=form.word())
    except DepartureTooSoonError as error:
        form.last_earning.errors = [messages.sentence(error)]
        return _show(form, 422)
    except DepartureWindowError as error:
        form.last_redeeming.errors = [messages.sentence(error)]
        return _show(form, 422)
    except DomainError as error:
        mark(form, error)
        return _show(form, 409)
    flash(_("It is announced. Your members are told within the hour."), "good")
    return redirect(url_for("subscription.leave", slug=place().slug), 303)


@door(blueprint, f"{_ADDRESS}/call-off", least="owner", methods=("POST",), is_fresh=True)
def call_off() -> ResponseReturnValue:
    """Stay after all."""
    try:
        leaving.call_off(scope())
        flash(_("You stay. Your members are told so."), "good")
    except DomainError as error:
        flash(messages.sentence(error), "bad")
    return redirect(url_for("subscription.leave", slug=place().slug), 303)


@door(blueprint, f"{_ADDRESS}/statement", least="owner", methods=("POST",))
def statement() -> ResponseReturnValue:
    """The last statement as a PDF, counted from the ledger at this moment."""
    file = io.BytesIO()
    write_statement(file, _statement())
    response = make_response(file.getvalue())
    response.mimetype = "application/pdf"
    response.headers["Content-Disposition"] = f'attachment; filename="{place().slug}-statement.pdf"'
    response.headers["Cache-Control"] = "no-store"
    return response


@door(blueprint, f"{_ADDRESS}/export", least="owner", methods=("POST",), is_fresh=True)
def export() -> ResponseReturnValue:
    """All of it in one archive, sent as it is written."""
    response = Response(write_archive(scope()), mimetype="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{place().slug}.zip"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _form() -> LeavingForm:
    today = scope().now.astimezone(zone(place().timezone)).date()
    last = today + timedelta(days=DAYS_AHEAD)
    return LeavingForm(
        formdata=None, data={"last_earning": last, "last_redeeming": last + timedelta(days=USUAL_WINDOW)}
    )


def _show(form: LeavingForm, status: int) -> Response:
    departure = get_departure(scope())
    today = scope().now.astimezone(zone(place().timezone)).date()
    earning = form.last_earning.data or today
    redeeming = form.last_redeeming.data or earning
    foretold = word_notice("announced", locale.language(), shop=place().name, earn=earning, redeem=redeeming)
    return page(
        "backoffice/subscription/leaving.html",
        status=status,
        here=_HERE,
        form=form,
        departure=departure,
        liability=get_liability(scope()),
        foretold=foretold,
        long_day=_long,
    )


def _long(day: date) -> str:
    tongue = locale.language()
    return str(format_date(day, format="long", locale="en_GB" if tongue == "en" else tongue))


def _statement() -> Page:
    made = make_statement(scope())
    money = made.currency

    def worth(minor: int | None) -> str:
        return "–" if minor is None else price(minor, money)

    facts = []
    if made.departure is not None:
        facts += [
            (_("Announced"), local_moment(made.departure.announced_at)),
            (_("Last day of collecting"), _long(made.departure.last_earning)),
            (_("Last day of redeeming"), _long(made.departure.last_redeeming)),
        ]
        if made.departure.liability_minor is not None:
            facts.append((_("Held by members when collecting stopped"), worth(made.departure.liability_minor)))
        facts += [
            (_("Rewards redeemed since then"), str(format_decimal(made.redeemed_since))),
            (_("What they were worth"), worth(made.redeemed_since_minor)),
        ]
    facts.append((_("Held by members now"), worth(made.liability_minor)))
    head = (_("Programme"), _("Given"), _("Redeemed"), _("Expired"), _("Corrected"), _("Held"), _("In money"))
    rows = [
        (
            one.name,
            *(
                str(format_decimal(number))
                for number in (one.given, one.redeemed, one.expired, one.corrected, one.held)
            ),
            worth(one.held_minor),
        )
        for one in made.programmes
    ]
    notes = [_("Counted from the ledger. Given, less redeemed and expired, with corrections, is what is held.")]
    if made.is_estimated:
        notes.append(_("Money is estimated from the average basket that you typed."))
    if made.unpriced_since:
        notes.append(_("Some rewards have no worth in the catalogue, so they count for nothing in money."))
    return Page(
        title=_("Last statement"),
        shop=made.shop,
        hue=made.hue,
        made=_("Made on %(moment)s", moment=local_moment(made.made_at)),
        facts=facts,
        tables=[(_("Units"), head, rows)],
        notes=notes,
    )
