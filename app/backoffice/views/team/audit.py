"""Who did what."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms.fields import SelectChoice

from app.backoffice.doors import door, place, scope
from app.backoffice.forms.team import TrailForm
from app.backoffice.pages import page
from app.backoffice.queries.audit import read_trail
from app.backoffice.views.team.blueprint import blueprint
from app.backoffice.views.team.words import AREAS, action_words, actor_words, changes
from app.merchants.queries.team import list_team


@door(blueprint, "/office/<slug>/team/audit", least="owner")
def show_audit() -> ResponseReturnValue:
    """Everything that was changed, in words."""
    form = TrailForm(request.args)
    people = list_team(scope())
    form.who.choices = [
        SelectChoice("", _("Everybody")),
        *(SelectChoice(one.staff_id, one.name) for one in people),
    ]
    form.what.choices = [
        SelectChoice("", _("Everything")),
        *(SelectChoice(key, str(word)) for key, (word, _kinds) in AREAS.items()),
    ]
    form.validate()
    staff_id = form.who.data if form.who.data in {one.staff_id for one in people} else None
    kinds = AREAS[form.what.data][1] if form.what.data in AREAS else ()
    trail = read_trail(
        scope(),
        staff_id=staff_id,
        subjects=kinds,
        since=None if form.since.data is None else _midnight(form.since.data),
        until=None if form.until.data is None else _midnight(form.until.data + timedelta(days=1)),
        before=request.args.get("before"),
    )
    asked = {name: value for name, value in request.args.items() if name != "before" and value}
    return page(
        "backoffice/team/audit.html",
        here="team",
        form=form,
        trail=trail,
        asked=asked,
        action_words=action_words,
        actor_words=actor_words,
        changes=changes,
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(place().timezone))
