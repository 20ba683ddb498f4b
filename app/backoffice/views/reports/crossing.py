"""Whether a shop takes part in totals with its neighbours: its owner says so, and takes it back at any time."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.backoffice.doors import door, place, scope
from app.backoffice.views.reports.blueprint import blueprint
from app.backoffice.views.reports.words import _
from app.insights.service.crossing import agree, withdraw


@door(blueprint, "/office/<slug>/neighbours", least="owner", methods=("POST",))
def change_crossing() -> ResponseReturnValue:
    """Take part, or no more."""
    if request.form.get("agrees") == "yes":
        agree(scope())
        flash(_("You take part. The first totals come with the next quarter."), "good")
    else:
        withdraw(scope())
        flash(_("You take part no longer, and the totals with you are gone, also at the other shops."), "good")
    return redirect(url_for("reports.show_report", slug=place().slug, topic="neighbours"), 303)
