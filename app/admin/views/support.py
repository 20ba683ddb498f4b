"""Support: the list by what was promised, one question with its thread, and the templates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app import messages
from app.admin.doors import door, scope, visitor
from app.admin.pages import page, part, wants_part
from app.common.errors import DomainError, InvalidError, NotFoundError
from app.common.ids import is_id
from app.extensions import platform
from app.support import service
from app.support.queries import (
    count_questions,
    fill_template,
    find_by_number,
    get_question,
    list_questions,
    list_templates,
)
from app.support.standard import LOCALES, PLACEHOLDERS

blueprint = Blueprint("admin_support", __name__, template_folder="../templates")
AREA = "support"
_ONE = "/admin/support/<question_id>"
VIEWS = {"open": _l("Unanswered"), "answered": _l("Answered"), "closed": _l("Closed")}
TONGUES = {"nl": _l("Dutch"), "fr": _l("French"), "en": _l("English"), "de": _l("German")}
_WRONG = {
    "text": _l("Write something, at most 20,000 characters."),
    "key": _l("A name of a template has small letters, digits and underscores."),
    "title": _l("A title has 1 to 80 characters."),
    "body": _l("Write a text in which only the named placeholders stand in braces, at most 4,000 characters."),
    "locale": _l("Choose one of the four languages."),
}


@door(blueprint, "/admin/support", right="support", endpoint="list_questions")
def list_page() -> ResponseReturnValue:
    """Questions, those first whose promised hour comes first. A number leads to its question."""
    number = request.args.get("number", "").strip().lstrip("#")
    if number:
        found = (
            find_by_number(scope(), int(number))
            if number.isascii() and number.isdecimal() and len(number) < 13
            else None
        )
        if found is not None:
            return redirect(url_for("admin_support.show_question", question_id=found))
        flash(_("No question has this number."), "bad")
    view = request.args.get("view", "open")
    view = view if view in VIEWS else "open"
    is_mine = request.args.get("mine") == "1"
    after = request.args.get("after", "")
    lines, more = list_questions(
        scope(),
        view=view,
        mine=is_mine,
        after=int(after) if after.isascii() and after.isdecimal() and len(after) < 7 else None,
    )
    return page(
        "admin/support/list.html",
        here=AREA,
        lines=lines,
        more=more,
        view=view,
        views=VIEWS,
        is_mine=is_mine,
        counts=count_questions(scope()),
        left=left,
        now=scope().now,
    )


@door(blueprint, _ONE, right="support")
def show_question(question_id: str) -> ResponseReturnValue:
    """One question: the thread, the answer, and beside it what is known of who asks."""
    return _show(question_id, "")


@door(blueprint, f"{_ONE}/template", right="support")
def fill(question_id: str) -> ResponseReturnValue:
    """A template, filled, for the answer's field. Nothing is sent."""
    text = fill_template(scope(), _require_id(question_id), request.args.get("key", ""))
    if wants_part():
        return part("admin/support/answer_field.html", text=text)
    return _show(question_id, text)


@door(blueprint, f"{_ONE}/answer", right="support", methods=("POST",))
def answer(question_id: str) -> ResponseReturnValue:
    """Send an answer, or keep a note."""
    text = request.form.get("text", "")
    act = request.form.get("act", "send")
    try:
        if act == "note":
            service.add_note(scope(), _require_id(question_id), text=text)
            flash(_("Kept as a note. Nothing was sent."), "good")
        else:
            service.send_answer(
                scope(),
                _require_id(question_id),
                text=text,
                closes=act == "close",
                host=platform().settings.host,
            )
            flash(_("Sent. The answer goes out within seconds."), "good")
    except NotFoundError:
        raise
    except DomainError as error:
        flash(_told(error), "bad")
        return _show(question_id, text, status=422)
    return redirect(url_for("admin_support.show_question", question_id=question_id))


@door(blueprint, f"{_ONE}/take", right="support", methods=("POST",))
def take(question_id: str) -> ResponseReturnValue:
    """Take it, or give it back."""
    to = None if request.form.get("act") == "leave" else visitor().operator.operator_id
    seen = request.form.get("seen") or None
    return _act(
        question_id,
        lambda: service.assign_question(
            scope(), question_id, to=to, seen=seen if seen is None or is_id(seen) else None
        ),
        _("It is yours.") if to else _("Given back."),
    )


@door(blueprint, f"{_ONE}/close", right="support", methods=("POST",))
def close(question_id: str) -> ResponseReturnValue:
    """Close it without an answer."""
    return _act(question_id, lambda: service.close_question(scope(), question_id), _("Closed."))


@door(blueprint, f"{_ONE}/reopen", right="support", methods=("POST",))
def reopen(question_id: str) -> ResponseReturnValue:
    """Put it back among those that wait."""
    return _act(question_id, lambda: service.reopen_question(scope(), question_id), _("It waits again."))


@door(blueprint, "/admin/support/templates", right="support")
def show_templates() -> ResponseReturnValue:
    """The answers that are given often."""
    return _templates({})


@door(blueprint, "/admin/support/templates", right="support", methods=("POST",))
def save_template() -> ResponseReturnValue:
    """Change one, or add one."""
    told = request.form
    fields = {name: told.get(name, "") for name in ("key", "locale", "title", "body")}
    try:
        service.save_template(scope(), **fields)
    except DomainError as error:
        flash(_told(error), "bad")
        return _templates(fields, status=422)
    flash(_("Saved."), "good")
    return redirect(url_for("admin_support.show_templates", locale=fields["locale"]))


def left(span: timedelta) -> str:
    """How long it is until the promised hour, or since: the word says which."""
    hours = int(abs(span).total_seconds() // 3600)
    if hours >= 48:
        told = ngettext("%(num)d day", "%(num)d days", hours // 24)
    else:
        told = ngettext("%(num)d hour", "%(num)d hours", hours)
    return str(_("%(time)s late", time=told) if span < timedelta(0) else _("%(time)s left", time=told))


def _templates(typed: dict[str, str], *, status: int = 200) -> ResponseReturnValue:
    tongue = typed.get("locale") or request.args.get("locale", "nl")
    tongue = tongue if tongue in LOCALES else "nl"
    templates = list_templates(scope(), locale=tongue)
    key = request.args.get("key")
    chosen = next((one for one in templates if one.key == key), None)
    if not typed and chosen is not None:
        typed = {"key": chosen.key, "title": chosen.title, "body": chosen.body}
    return page(
        "admin/support/templates.html",
        here=AREA,
        status=status,
        templates=templates,
        tongue=tongue,
        tongues=TONGUES,
        typed=typed,
        placeholders=PLACEHOLDERS,
    )


def _show(question_id: str, text: str, *, status: int = 200) -> ResponseReturnValue:
    found = get_question(scope(), _require_id(question_id))
    return page(
        "admin/support/question.html",
        here=AREA,
        status=status,
        one=found,
        text=text,
        templates=list_templates(scope(), locale=found.locale),
        tongues=TONGUES,
        me=visitor().operator.operator_id,
        left=left,
        now=scope().now,
    )


def _act(question_id: str, work: Callable[[], object], done: str) -> ResponseReturnValue:
    _require_id(question_id)
    try:
        work()
    except NotFoundError:
        raise
    except DomainError as error:
        flash(_told(error), "bad")
    else:
        flash(done, "good")
    return redirect(url_for("admin_support.show_question", question_id=question_id))


def _told(error: DomainError) -> str:
    if isinstance(error, InvalidError):
        told = [str(_WRONG[field]) for field in error.params.get("errors", {}) if field in _WRONG]
        if told:
            return " ".join(told)
    return messages.sentence(error)


def _require_id(text: str) -> str:
    if not is_id(text):
        raise NotFoundError(what="question")
    return text
