"""The month's letter as a page."""

from __future__ import annotations

from datetime import date

from flask import Response, abort

from app.backoffice.doors import door, place, scope
from app.backoffice.month_letter import make_letter
from app.backoffice.pages import page
from app.backoffice.queries.looking_back import get_frame
from app.backoffice.views.reports import words
from app.backoffice.views.reports.blueprint import blueprint
from app.backoffice.views.reports.pages import months_over
from app.web.locale import language


@door(blueprint, "/office/<slug>/reports/letter/<month>", least="manager")
def show_letter(month: str) -> Response:
    """The letter of a month that is over (``2026-10``): what changed, and what is to be done."""
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError:
        abort(404)
    here = place()
    frame = get_frame(scope(), timezone=here.timezone)
    if not 2000 <= first.year <= 2100 or first >= frame.today.replace(day=1):
        abort(404)
    letter = make_letter(scope(), month=first, timezone=here.timezone, currency=here.currency, locale=language())
    return page(
        "backoffice/reports/letter.html",
        here="reports",
        letter=letter,
        month=month,
        months=months_over(frame),
        words=words,
    )
