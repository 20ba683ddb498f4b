"""Taking the list of members away."""

from __future__ import annotations

from dataclasses import replace

from flask import Response, abort, request
from flask.typing import ResponseReturnValue

from app.backoffice.doors import door, place, scope
from app.backoffice.pages import page
from app.backoffice.service.members import taking_away
from app.backoffice.views.members.blueprint import blueprint


@door(blueprint, "/office/<slug>/members/export", least="owner", is_fresh=True)
def show_export() -> ResponseReturnValue:
    """What the file holds, and the buttons."""
    return page("backoffice/members/export.html", here="members")


@door(blueprint, "/office/<slug>/members/export", least="owner", methods=("POST",), is_fresh=True)
def take_export() -> ResponseReturnValue:
    """The file."""
    form = request.form.get("format", "csv")
    if form not in taking_away.FORMATS:
        abort(404)
    # It is written while it is sent, after this request's own scope is done with.
    own = replace(scope())
    currency, timezone = place().currency, place().timezone
    taking_away.note_export(own, form=form)
    lines = (
        taking_away.as_csv(own, currency=currency, timezone=timezone)
        if form == "csv"
        else taking_away.as_json(own, currency=currency)
    )
    kind = "text/csv; charset=utf-8" if form == "csv" else "application/json"
    response = Response((line.encode() for line in lines), content_type=kind)
    name = f"{place().slug}-members-{own.now:%Y-%m-%d}.{form}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
