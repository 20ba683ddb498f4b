"""Closing days: entered, changed and taken away; two people at once are told of one another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Response, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app import messages
from app.backoffice.doors import door, place, scope
from app.backoffice.forms.reports import ClosingForm
from app.backoffice.pages import page
from app.backoffice.queries.looking_back import Frame, get_frame
from app.backoffice.views.reports import words
from app.backoffice.views.reports.blueprint import blueprint
from app.backoffice.views.reports.words import _
from app.common.errors import DomainError, NotFoundError
from app.merchants import closing, opening_hours
from app.merchants.errors import ClosingChangedError, OpeningHoursInvalidError
from app.merchants.queries.closing import ClosingView, get_closing, last_change, list_closings
from app.merchants.service import closing as closings
from app.web.locale import language

AHEAD = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Row:
    """A period in words."""

    period_id: str
    told: str
    where: str
    reason: str
    revision: int


@door(blueprint, "/office/<slug>/closings", least="manager")
def show_closings() -> ResponseReturnValue:
    """The closing days, and the form for more; with ``change`` that one's days are in the form."""
    changed_id = request.args.get("change") or None
    return _page(_form(changed_id), changed_id)


@door(blueprint, "/office/<slug>/closings", least="manager", methods=("POST",))
def add_closing() -> ResponseReturnValue:
    """Enter closing days."""
    form = _form(None, is_sent=True)
    if not form.validate_on_submit():
        return _page(form, None, status=422)
    assert form.first_day.data is not None
    assert form.last_day.data is not None
    try:
        closings.add_closing(
            scope(),
            first_day=form.first_day.data,
            last_day=form.last_day.data,
            location_id=form.location_id.data or None,
            reason=form.reason.data or "",
        )
    except NotFoundError:
        abort(404)
    except DomainError as error:
        form.last_day.errors = [_reason(error)]
        return _page(form, None, status=422)
    flash(_("The days are entered. What would end on them stays good for a week longer."), "good")
    return redirect(url_for("reports.show_closings", slug=place().slug), 303)


@door(blueprint, "/office/<slug>/closings/<period_id>", least="manager", methods=("POST",))
def change_closing(period_id: str) -> ResponseReturnValue:
    """Change closing days; whoever was slower is told what the other did."""
    _found(period_id)
    form = _form(None, is_sent=True)
    if not form.validate_on_submit():
        return _page(form, period_id, status=422)
    assert form.first_day.data is not None
    assert form.last_day.data is not None
    try:
        closings.change_closing(
            scope(),
            period_id,
            revision=form.revision.data or 0,
            first_day=form.first_day.data,
            last_day=form.last_day.data,
            reason=form.reason.data or "",
        )
    except ClosingChangedError as error:
        return _stale(period_id, error)
    except NotFoundError:
        abort(404)
    except DomainError as error:
        form.last_day.errors = [_reason(error)]
        return _page(form, period_id, status=422)
    flash(_("The days are changed."), "good")
    return redirect(url_for("reports.show_closings", slug=place().slug), 303)


@door(blueprint, "/office/<slug>/closings/<period_id>/remove", least="manager", methods=("POST",))
def remove_closing(period_id: str) -> ResponseReturnValue:
    """Take closing days away; what was extended keeps its date."""
    text = request.form.get("revision", "")
    try:
        closings.remove_closing(scope(), period_id, revision=int(text) if text.isdigit() and len(text) < 10 else 0)
    except ClosingChangedError as error:
        return _stale(period_id, error)
    except NotFoundError:
        abort(404)
    flash(_("The days are taken away. Dates that were moved stay where they are."), "good")
    return redirect(url_for("reports.show_closings", slug=place().slug), 303)


def _form(changed_id: str | None, *, is_sent: bool = False) -> ClosingForm:
    form = ClosingForm() if is_sent else ClosingForm(formdata=None)
    form.location_id.choices = [("", _("All shops")), *((one.location_id, one.name) for one in _frame().choices)]
    if changed_id is not None:
        row = _found(changed_id)
        form.first_day.data, form.last_day.data = row.first_day, row.last_day
        form.reason.data, form.revision.data = row.reason, row.revision
    return form


def _found(period_id: str) -> ClosingView:
    try:
        return get_closing(scope(), period_id)
    except NotFoundError:
        abort(404)


def _stale(period_id: str, error: ClosingChangedError) -> Response:
    """The page as it is now, with who changed what."""
    row, who = _found(period_id), last_change(scope(), period_id)
    days = words.span(row.first_day, row.last_day)
    told = (
        _("They are %(days)s now.", days=days)
        if who is None
        else _("%(name)s changed them to %(days)s.", name=who, days=days)
    )
    return _page(_form(period_id), period_id, status=409, problem=messages.sentence(error), changes=[told])


def _reason(error: DomainError) -> str:
    codes = [code for found in error.params.get("errors", {}).values() for code in found]
    if "too_far" in codes:
        return _("At most a year at a time, and no further ahead than three years.")
    if "before_first_day" in codes:
        return _("The last day lies before the first.")
    return messages.sentence(error)


def _frame() -> Frame:
    return get_frame(scope(), timezone=place().timezone)


def _page(form: ClosingForm, changed_id: str | None, *, status: int = 200, **told: Any) -> Response:
    frame = _frame()
    rows = [
        Row(
            one.period_id,
            words.span(one.first_day, one.last_day),
            one.location or _("All shops"),
            one.reason,
            one.revision,
        )
        for one in list_closings(scope())
    ]
    country = frame.choices[0].country if frame.choices else "BE"
    coming = {
        day: name
        for year in (frame.today.year, frame.today.year + 1)
        for day, name in closing.holidays_of(country, year, language()).items()
        if frame.today <= day <= frame.today + AHEAD
    }
    keeping = [spot.name for spot in frame.choices if _keeps(spot.hours)]
    keeps = (
        _("Closed on public holidays: %(shops)s.", shops=", ".join(keeping))
        if keeping
        else _("None of your shops keeps public holidays yet.")
    )
    return page(
        "backoffice/reports/closings.html",
        status=status,
        here="reports",
        form=form,
        changed_id=changed_id,
        rows=rows,
        holidays=sorted(coming.items()),
        keeps=keeps,
        words=words,
        **told,
    )


def _keeps(hours: dict[str, Any]) -> bool:
    try:
        return opening_hours.parse(hours).closed_on_holidays
    except OpeningHoursInvalidError:
        return False
