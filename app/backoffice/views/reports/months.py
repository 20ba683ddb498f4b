"""The month's report: as a file now, and by mail on the second of each month."""

from __future__ import annotations

from datetime import date

from flask import Response, abort, flash, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.backoffice.doors import door, place, scope
from app.backoffice.month_report import make_sheet
from app.backoffice.printing.month_report import draw_month
from app.backoffice.service.month_reports import unwant_reports, want_reports
from app.backoffice.views.reports.blueprint import blueprint
from app.backoffice.views.reports.words import _
from app.web.locale import language


@door(blueprint, "/office/<slug>/month-reports/<month>", least="manager")
def download_month(month: str) -> Response:
    """The report of a month (``2026-10``) as a PDF."""
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError:
        abort(404)
    here = place()
    if not 2000 <= first.year <= 2100:
        abort(404)
    sheet = make_sheet(
        scope(), month=first, timezone=here.timezone, currency=here.currency, shop=here.name, locale=language()
    )
    response = make_response(draw_month(sheet))
    response.mimetype = "application/pdf"
    response.headers["Content-Disposition"] = f'attachment; filename="{here.slug}-{first:%Y-%m}.pdf"'
    response.headers["Cache-Control"] = "no-store"
    return response


@door(blueprint, "/office/<slug>/month-reports", least="manager", methods=("POST",))
def change_month_mail() -> ResponseReturnValue:
    """Send this person the month's report by mail, or send no more."""
    if request.form.get("wants") == "yes":
        want_reports(scope(), locale=language())
        flash(_("The report comes to you on the second of each month."), "good")
    else:
        unwant_reports(scope())
        flash(_("No more reports come to you by mail."), "good")
    return redirect(url_for("reports.show_reports", slug=place().slug), 303)
