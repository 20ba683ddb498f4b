"""Putting a draft into force: from when, and what members are told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time

from flask import flash, redirect
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext

from app.backoffice import sentences
from app.backoffice.doors import door, place, scope
from app.backoffice.forms.problems import mark
from app.backoffice.forms.programme import PublishForm
from app.backoffice.forms.programme.pieces import LANGUAGES
from app.backoffice.pages import page
from app.backoffice.queries.programmes import held_by_programme, may_tell_members
from app.backoffice.service.programmes import Notice, publish_programme
from app.backoffice.views.programme.board import (
    address,
    blueprint,
    programme_of,
    reward_of,
    rules_in,
    whole_business,
)
from app.common.clock import zone
from app.common.errors import DomainError
from app.merchants.errors import SomebodyWasFasterError
from app.rewards.queries import ProgrammeView
from app.rewards.queries.drafts import DraftView, get_draft
from app.web.moments import local_moment


@door(blueprint, "/office/<slug>/programmes/<programme_id>/publish", least="manager", methods=("GET", "POST"))
def publish(programme_id: str) -> ResponseReturnValue:
    """Let the draft's rules hold, now or from a moment on."""
    whole_business()
    view = programme_of(programme_id)
    draft = get_draft(scope(), programme_id)
    if draft is None:
        flash(gettext("There is no draft to publish. Change something first."), "wait")
        return redirect(address("design", programme_id=programme_id), 303)
    may_tell = may_tell_members(scope())
    form = PublishForm()
    if not form.is_submitted():
        form = PublishForm(formdata=None, data=_filled(view, draft, is_told=may_tell))
        return _page(view, draft, form, may_tell)
    begins = _begins(form)
    if not form.validate() or begins == "missing":
        if begins == "missing":
            form.day.errors = [*form.day.errors, gettext("Give a day.")]
        return _page(view, draft, form, may_tell, status=422)
    try:
        publish_programme(
            scope(),
            programme_id,
            revision=form.seen,
            valid_from=begins if isinstance(begins, datetime) else None,
            notice=_notice(form) if may_tell and form.tells.data else None,
        )
    except SomebodyWasFasterError:
        form = PublishForm(formdata=None, data=_filled(view, draft, is_told=may_tell))
        form.form_errors = [
            gettext("%(who)s changed the draft meanwhile. This is how it reads now.", who=draft.changed_by or "?")
        ]
        return _page(view, draft, form, may_tell, status=409)
    except DomainError as error:
        mark(form, error)
        return _page(view, draft, form, may_tell, status=422)
    if isinstance(begins, datetime):
        flash(gettext("Planned. The new rules hold from %(moment)s on.", moment=local_moment(begins)), "good")
    else:
        flash(gettext("Published. The new rules hold from now on."), "good")
    return redirect(address("show_programmes"), 303)


def _page(
    view: ProgrammeView, draft: DraftView, form: PublishForm, may_tell: bool, *, status: int = 200
) -> ResponseReturnValue:
    rules = rules_in(view, draft.rules)
    return page(
        "backoffice/programme/publish.html",
        here="programme",
        status=status,
        view=view,
        form=form,
        may_tell=may_tell,
        holders=held_by_programme(scope()).get(view.programme_id, (0, 0))[1],
        changes=sentences.differences(rules_in(view), rules),
        told=sentences.describe(rules, reward=reward_of(view)),
        topic_name=sentences.topic_name,
        languages_of=LANGUAGES,
    )


def _begins(form: PublishForm) -> datetime | str | None:
    """The moment from which the rules hold: None for now, ``missing`` where a day was to be given."""
    if form.when.data != "later":
        return None
    if form.day.data is None:
        return "missing"
    at = datetime.combine(form.day.data, form.hour.data or time(0, 0), zone(place().timezone))
    return at.astimezone(UTC)


def _filled(view: ProgrammeView, draft: DraftView, *, is_told: bool) -> dict[str, object]:
    found: dict[str, object] = {"revision": str(draft.revision), "tells": is_told, "when": "now"}
    rules, holding = rules_in(view, draft.rules), rules_in(view)
    for language in LANGUAGES:
        with force_locale(language):
            news = [text for one in sentences.differences(holding, rules) for text in one.after]
            found[f"title_{language}"] = gettext("Something changes at %(shop)s", shop=place().name)
            found[f"text_{language}"] = " ".join([*news, gettext("What you have collected stays yours.")])
    return found


def _notice(form: PublishForm) -> Notice | None:
    def texts(name: str) -> Mapping[str, str]:
        told = {language: str(getattr(form, f"{name}_{language}").data or "").strip() for language in LANGUAGES}
        return {language: text for language, text in told.items() if text}

    title, text = texts("title"), texts("text")
    return Notice(title, text) if title and text else None
