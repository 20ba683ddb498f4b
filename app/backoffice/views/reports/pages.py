"""The pages of the reports: one topic at a time, with its period, its table and its file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, abort, flash, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from app import messages
from app.backoffice.doors import RANKS, door, place, scope, visitor
from app.backoffice.forms.reports import BasketForm
from app.backoffice.pages import page
from app.backoffice.queries.comparing import compare_businesses
from app.backoffice.queries.looking_back import Frame, Sums, get_frame
from app.backoffice.service.month_reports import wants_reports
from app.backoffice.views.reports import periods, topics, words
from app.backoffice.views.reports.blueprint import blueprint
from app.backoffice.views.reports.making import Asked
from app.backoffice.views.reports.periods import Period
from app.backoffice.views.reports.report import Cell, Money, Report, as_csv, shown
from app.backoffice.views.reports.words import _
from app.common.errors import DomainError, NotFoundError
from app.extensions import platform
from app.merchants import service as merchants
from app.merchants.service.average_basket import set_average_basket


@door(blueprint, "/office/<slug>/reports", least="manager")
def show_reports() -> ResponseReturnValue:
    """What a shop looks back on; begins with its visits."""
    return _show("visits")


@door(blueprint, "/office/<slug>/reports/<topic>", least="manager")
def show_report(topic: str) -> ResponseReturnValue:
    """One report."""
    return _show(topic)


@door(blueprint, "/office/<slug>/reports/<topic>/table.csv", least="manager")
def download_report(topic: str) -> Response:
    """The table of a report as a file."""
    asked, make = _asked(topic)
    response = make_response(as_csv(make(asked), asked.currency))
    response.mimetype = "text/csv"
    name = f"{place().slug}-{topic}-{asked.period.span.first}-{asked.period.span.last}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


@door(blueprint, "/office/<slug>/basket", least="manager", methods=("POST",))
def change_basket() -> ResponseReturnValue:
    """The average basket, typed by the owner where no amounts are entered."""
    form = BasketForm(currency=place().currency)
    if not form.validate_on_submit():
        return _show("basket", basket_form=form, status=422)
    try:
        set_average_basket(scope(), form.minor, was=form.was_minor)
    except DomainError as error:
        form.amount.errors = [messages.sentence(error)]
        return _show("basket", basket_form=None, problem=messages.sentence(error), status=409)
    flash(_("The average basket is noted. Sums that use it say so."), "good")
    return redirect(url_for("reports.show_report", slug=place().slug, topic="basket"), 303)


@door(blueprint, "/account/compare", least="login")
def compare() -> ResponseReturnValue:
    """A person's businesses side by side; those where the person is a manager at least."""
    mine = [
        one
        for one in merchants.list_places(platform().scope(), visitor().signed_in.login_id)
        if RANKS[one.role] >= RANKS["manager"]
    ]
    today = max((scope().now.date() for _one in mine), default=scope().now.date())
    period = periods.chosen(today)
    compared = compare_businesses(platform().scope(), mine, period.span)
    rows: list[list[Cell]] = [
        [
            one.name,
            now.visits,
            before.visits,
            now.new,
            None if now.basket_minor is None else Money(now.basket_minor),
            now.redemptions,
        ]
        for one, now, before in compared
    ]
    most = max((now.visits for _one, now, _before in compared), default=0) or 1
    report = Report(
        title=_compared_title([(one.name, now) for one, now, _before in compared]),
        columns=[_("Business"), _("Visits"), _("Before"), _("New members"), _("Basket"), _("Rewards given")],
        rows=rows,
        extra={"bars": [(one.name, now.visits, now.visits / most) for one, now, _before in compared]},
    )
    currencies = {one.currency for one, _now, _before in compared}
    currency = currencies.pop() if len(currencies) == 1 else "EUR"
    cells = [
        [shown(cell, one.currency) for cell in row] for row, (one, _now, _before) in zip(rows, compared, strict=True)
    ]
    return page(
        "backoffice/reports/compare.html",
        report=report,
        cells=cells,
        period=period,
        choices=periods.choices(),
        currency=currency,
        words=words,
        hues={one.hue for one in mine},
        today=today,
    )


def _compared_title(found: list[tuple[str, Sums]]) -> str:
    if not found or not found[0][1].visits:
        return _("Your businesses side by side")
    return _("%(name)s has the most visits", name=found[0][0])


def _asked(topic: str) -> tuple[Asked, Callable[[Asked], Report]]:
    make = topics.TOPICS.get(topic)
    if make is None:
        abort(404)
    here = place()
    try:
        frame = get_frame(scope(), timezone=here.timezone, location_id=request.args.get("location") or None)
    except NotFoundError:
        abort(404)
    return Asked(scope(), frame, periods.chosen(frame.today), here.currency), make


def _show(topic: str, *, status: int = 200, basket_form: BasketForm | None = None, **told: Any) -> Response:
    asked, make = _asked(topic)
    here = place()
    report = make(asked)
    if basket_form is None and report.extra.get("asks_basket"):
        basket_form = BasketForm.filled(here.currency, asked.frame.typed)
    return page(
        "backoffice/reports/report.html",
        status=status,
        here="reports",
        topic=topic,
        names=topics.names(),
        report=report,
        cells=[[shown(cell, here.currency) for cell in row] for row in report.rows],
        numbers=[at for at in range(len(report.columns)) if at],
        period=asked.period,
        before=words.span(asked.period.span.before().first, asked.period.span.before().last),
        choices=periods.choices(),
        frame=asked.frame,
        location=request.args.get("location", ""),
        query=_query(asked.period),
        basket_form=basket_form,
        wants_mail=wants_reports(scope()),
        months=months_over(asked.frame),
        words=words,
        **told,
    )


def _query(period: Period) -> dict[str, str]:
    """What the address of another topic must say to be of the same days and shop."""
    kept: MultiDict[str, str] = request.args
    return {name: kept[name] for name in ("period", "first", "last", "location") if kept.get(name)}


def months_over(frame: Frame) -> list[tuple[str, str]]:
    """The months that are over and have a report and a letter, the latest first: a year of them at most."""
    found: list[tuple[str, str]] = []
    first = frame.today.replace(day=1)
    since = frame.first_day
    while since is not None and len(found) < 12:
        last = first.replace(day=1)
        number = last.year * 12 + last.month - 2
        first = last.replace(year=number // 12, month=number % 12 + 1)
        if first < since.replace(day=1):
            break
        found.append((first.isoformat()[:7], words.month(first)))
    return found
