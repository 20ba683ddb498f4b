"""What members said, and the shop's answers."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import messages
from app.backoffice.doors import door, place, scope
from app.backoffice.forms.team import AnswerForm
from app.backoffice.pages import page
from app.backoffice.queries.feedback import list_said
from app.backoffice.service import feedback as answering
from app.backoffice.views.team.blueprint import blueprint
from app.campaigns.errors import FeedbackAnsweredError


@door(blueprint, "/office/<slug>/team/feedback", least="manager")
def list_feedback() -> ResponseReturnValue:
    """What was said of visits, the newest first."""
    waiting = request.args.get("show") == "waiting"
    inbox = list_said(scope(), waiting=waiting, before=request.args.get("before"))
    return page("backoffice/team/feedback.html", here="feedback", inbox=inbox, waiting=waiting, form=AnswerForm)


@door(blueprint, "/office/<slug>/team/feedback/<feedback_id>", least="manager", methods=("POST",))
def answer_feedback(feedback_id: str) -> ResponseReturnValue:
    """Answer, once: the answer comes to the member's app."""
    form = AnswerForm()
    if not form.validate_on_submit():
        flash(next(str(errors[0]) for errors in form.errors.values()), "bad")
    else:
        try:
            answering.answer(scope(), feedback_id, form.words.data or "")
        except FeedbackAnsweredError as error:
            flash(messages.sentence(error), "bad")
        else:
            flash(_("Your answer is on its way."), "good")
    shown = "waiting" if request.form.get("show") == "waiting" else None
    return redirect(url_for("team.list_feedback", slug=place().slug, show=shown), 303)
