"""Notices to all who bought something: written, counted, looked at, sent, and printed for the counter."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.backoffice.doors import door, place, scope
from app.backoffice.forms.feedback import RecallForm
from app.backoffice.forms.problems import mark
from app.backoffice.pages import page
from app.backoffice.queries.shop import list_locations
from app.backoffice.views.feedback import words
from app.backoffice.views.feedback.blueprint import FEEDBACK, blueprint
from app.backoffice.views.feedback.pages import sentence
from app.campaigns.queries.recalls import RecallView, get_recall, items_of, list_recalls, reach_of
from app.campaigns.service import recalling
from app.common.clock import zone
from app.common.errors import DomainError, Kind
from app.merchants.trial import is_approved


@door(blueprint, FEEDBACK + "/notices", least="manager")
def list_notices() -> ResponseReturnValue:
    """All notices, the newest first."""
    return page(
        "backoffice/feedback/notices.html",
        here="feedback",
        notices=list_recalls(scope()),
        may_change=_may_change(),
        words=words,
    )


@door(blueprint, FEEDBACK + "/notices/new", least="manager", methods=("GET", "POST"))
def write_notice() -> ResponseReturnValue:
    """Say what was bought, when, and what they must know."""
    form = _form()
    return _write(form, None)


@door(blueprint, FEEDBACK + "/notices/<recall_id>/change", least="manager", methods=("GET", "POST"))
def change_notice(recall_id: str) -> ResponseReturnValue:
    """Change a draft."""
    known = get_recall(scope(), recall_id)
    if known.status != "draft":
        return _to(recall_id)
    told: dict[str, Any] = {f"title_{key}": said for key, said in known.title.items()}
    told |= {f"text_{key}": said for key, said in known.text.items()}
    form = _form(
        data={
            **told,
            "items": ", ".join(known.items),
            "first": known.first,
            "last": known.last,
            "location": known.location_id or "",
            "is_urgent": known.is_urgent,
            "revision": known.revision,
        }
    )
    return _write(form, known)


@door(blueprint, FEEDBACK + "/notices/<recall_id>", least="manager")
def show_notice(recall_id: str) -> ResponseReturnValue:
    """Whom it would reach and what they read; once it is sent, how far it is."""
    known = get_recall(scope(), recall_id)
    with scope().reading() as tx:
        approved = is_approved(tx, place().merchant_id)
    return page(
        "backoffice/feedback/notice.html",
        here="feedback",
        notice_=known,
        reach=reach_of(scope(), recall_id),
        place_name=_places().get(known.location_id or ""),
        languages=RecallForm.languages,
        may_change=_may_change(),
        approved=approved,
        words=words,
    )


@door(blueprint, FEEDBACK + "/notices/<recall_id>/note", least="manager")
def print_note(recall_id: str) -> ResponseReturnValue:
    """The same words on paper, for the counter."""
    known = get_recall(scope(), recall_id)
    return page("backoffice/feedback/note.html", here="feedback", notice_=known, languages=RecallForm.languages)


@door(blueprint, FEEDBACK + "/notices/<recall_id>/send", least="manager", methods=("POST",))
def send_notice(recall_id: str) -> ResponseReturnValue:
    """Send it, once."""
    return _act(recall_id, recalling.send_recall, _("It is on its way."))


@door(blueprint, FEEDBACK + "/notices/<recall_id>/drop", least="manager", methods=("POST",))
def drop_notice(recall_id: str) -> ResponseReturnValue:
    """Throw a draft away."""
    return _act(recall_id, recalling.drop_recall, _("The draft is gone."), gone=True)


def _act(recall_id: str, act: Any, said: str, *, gone: bool = False) -> ResponseReturnValue:
    try:
        act(scope(), recall_id, revision=request.form.get("revision", 0, type=int))
    except DomainError as error:
        if error.kind in (Kind.NOT_FOUND, Kind.FORBIDDEN):
            raise
        flash(sentence(error), "bad")
        return _to(recall_id)
    flash(said, "good")
    return redirect(url_for("feedback.list_notices", slug=place().slug), 303) if gone else _to(recall_id)


def _write(form: RecallForm, known: RecallView | None) -> ResponseReturnValue:
    if form.validate_on_submit():
        try:
            recall_id = recalling.write_recall(
                scope(),
                form.words(),
                recall_id=None if known is None else known.recall_id,
                revision=form.revision.data or 0,
            )
        except DomainError as error:
            if error.kind in (Kind.NOT_FOUND, Kind.FORBIDDEN):
                raise
            _mark(form, error)
        else:
            return _to(recall_id)
    return page(
        "backoffice/feedback/write.html",
        status=422 if form.errors else 200,
        here="feedback",
        form=form,
        known=known,
        items=items_of(scope()),
        may_change=_may_change(),
    )


def _mark(form: RecallForm, error: DomainError) -> None:
    errors = error.params.get("errors", {})
    if "title" in errors:
        form.title_nl.errors = [sentence(error)]
    elif any(name not in form for name in errors):
        form.form_errors = [sentence(error)]
    else:
        mark(form, error)


def _form(data: dict[str, Any] | None = None) -> RecallForm:
    today = scope().now.astimezone(zone(place().timezone)).date()
    form = RecallForm(data=data or {"first": today.replace(day=1), "last": today})
    form.location.choices = [("", _("Everywhere")), *_places().items()]
    return form


def _places() -> dict[str, str]:
    return {one.location_id: one.name for one in list_locations(scope())}


def _may_change() -> bool:
    return scope().location_id is None


def _to(recall_id: str) -> Response:
    response: Response = redirect(url_for("feedback.show_notice", slug=place().slug, recall_id=recall_id), 303)  # type: ignore[assignment]
    return response
