"""Ideas of members: let through, answered, put together; off unless the owner turns them on."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.backoffice.doors import door, place, scope
from app.backoffice.pages import page
from app.backoffice.views.feedback import words
from app.backoffice.views.feedback.blueprint import FEEDBACK, blueprint
from app.backoffice.views.feedback.pages import sentence
from app.campaigns.queries.complaints import read_feedback_setting
from app.campaigns.queries.ideas import list_shop_ideas
from app.campaigns.service import complaining
from app.campaigns.service import ideas as service
from app.common.errors import DomainError, Kind


@door(blueprint, FEEDBACK + "/ideas", least="manager")
def list_ideas() -> ResponseReturnValue:
    """What members would like, what waits to be let through first."""
    setting = read_feedback_setting(scope())
    found = list_shop_ideas(scope())
    return page(
        "backoffice/feedback/ideas.html",
        here="feedback",
        setting=setting,
        ideas=found,
        targets=[one for one in found if one.status in ("open", "planned")],
        may_change=scope().location_id is None,
        words=words,
    )


@door(blueprint, FEEDBACK + "/ideas/switch", least="owner", methods=("POST",))
def switch_ideas() -> ResponseReturnValue:
    """Ask members for ideas, or stop it."""
    is_on = request.form.get("on") == "1"
    revision = request.form.get("revision", 0, type=int)
    return _done(
        lambda: complaining.set_feedback_setting(scope(), takes_ideas=is_on, revision=revision),
        _("Members can propose ideas now.") if is_on else _("Members see no ideas any more. What was said is kept."),
    )


@door(blueprint, FEEDBACK + "/ideas/<idea_id>", least="manager", methods=("POST",))
def decide_idea(idea_id: str) -> ResponseReturnValue:
    """Let it through, answer it, or keep it back."""
    status, answer = request.form.get("status", ""), request.form.get("answer")
    return _done(lambda: service.decide_idea(scope(), idea_id=idea_id, status=status, answer=answer), _("Kept."))


@door(blueprint, FEEDBACK + "/ideas/<idea_id>/merge", least="manager", methods=("POST",))
def merge_idea(idea_id: str) -> ResponseReturnValue:
    """Put it into another that says the same."""
    into = request.form.get("into", "")
    return _done(
        lambda: service.merge_ideas(scope(), idea_id=idea_id, into=into), _("They are one now, with the votes of both.")
    )


def _done(act: Callable[[], object], said: str) -> ResponseReturnValue:
    try:
        act()
    except DomainError as error:
        if error.kind in (Kind.NOT_FOUND, Kind.FORBIDDEN):
            raise
        flash(sentence(error), "bad")
    else:
        flash(said, "good")
    return redirect(url_for("feedback.list_ideas", slug=place().slug), 303)
