"""How members rate the shop over time, and the complaints that wait for an answer."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import messages
from app.backoffice.doors import door, place, scope, visitor
from app.backoffice.forms.feedback import HoursForm
from app.backoffice.forms.team import AnswerForm
from app.backoffice.pages import page
from app.backoffice.queries.feedback import count_waiting
from app.backoffice.service import feedback as answering
from app.backoffice.views.feedback import words
from app.backoffice.views.feedback.blueprint import FEEDBACK, blueprint
from app.backoffice.views.feedback.drawing import score_chart
from app.campaigns.queries.complaints import list_complaints, read_feedback_setting
from app.campaigns.queries.promoters import promoters_of
from app.campaigns.service import complaining
from app.common.errors import DomainError, InvalidError, Kind
from app.rewards.queries import list_programmes


@door(blueprint, FEEDBACK, least="manager")
def show_feedback() -> ResponseReturnValue:
    """Complaints first, with the time that is left; then promoters and detractors."""
    closed = request.args.get("show") == "closed"
    found = promoters_of(scope(), timezone=place().timezone)
    months = [(words.short_month(first), score) for first, score in found.months.items()]
    setting = read_feedback_setting(scope())
    said = words.finding(found.year)
    return page(
        "backoffice/feedback/feedback.html",
        here="feedback",
        complaints=list_complaints(scope(), closed=closed),
        closed=closed,
        now=scope().now,
        found=found,
        finding=said,
        picture=score_chart(months, f"{said}. {words.between(found.year)}.") if found.year.is_enough else None,
        months=[(words.month(first), score) for first, score in found.months.items()],
        rewards=_rewards(),
        unanswered=count_waiting(scope()),
        setting=setting,
        hours_form=HoursForm(formdata=None, data={"answer_hours": setting.answer_hours, "revision": setting.revision}),
        may_set=_may_set(),
        words=words,
    )


@door(blueprint, FEEDBACK + "/complaints/<feedback_id>/answer", least="manager", methods=("POST",))
def answer_complaint(feedback_id: str) -> ResponseReturnValue:
    """Answer, once, and offer something if wanted."""
    form = AnswerForm()
    if not form.validate_on_submit():
        flash(next(str(errors[0]) for errors in form.errors.values()), "bad")
        return _back()
    reward_id = request.form.get("reward") or None
    if reward_id is not None and reward_id not in dict(_rewards()):
        reward_id = None
    return _done(
        lambda: answering.answer(scope(), feedback_id, form.words.data or "", reward_id=reward_id),
        _("Your answer is on its way."),
    )


@door(blueprint, FEEDBACK + "/complaints/<feedback_id>/close", least="manager", methods=("POST",))
def close_complaint(feedback_id: str) -> ResponseReturnValue:
    """Close a complaint, with how it ended."""
    ending = request.form.get("ending", "")
    return _done(
        lambda: complaining.close_complaint(scope(), feedback_id=feedback_id, ending=ending),
        _("The complaint is closed."),
    )


@door(blueprint, FEEDBACK + "/hours", least="manager", methods=("POST",))
def set_hours() -> ResponseReturnValue:
    """Choose within how many hours complaints are answered."""
    form = HoursForm()
    if not form.validate_on_submit():
        flash(_("Choose between 4 hours and two weeks."), "bad")
        return _back()
    return _done(
        lambda: complaining.set_feedback_setting(
            scope(), answer_hours=form.answer_hours.data, revision=form.revision.data or 0
        ),
        _("Kept. It holds for complaints from now on."),
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
    return _back()


def sentence(error: DomainError) -> str:
    """What went wrong, by the first field that is."""
    if isinstance(error, InvalidError):
        for told in error.params.get("errors", {}).values():
            return messages.field(told[0])
    return messages.sentence(error)


def _may_set() -> bool:
    return visitor().may("manager") and scope().location_id is None


def _rewards() -> list[tuple[str, str]]:
    return [
        (one.reward_id, one.name)
        for programme in list_programmes(scope(), place().merchant_id)
        for one in programme.rewards
    ]


def _back() -> ResponseReturnValue:
    return redirect(url_for("feedback.show_feedback", slug=place().slug), 303)
