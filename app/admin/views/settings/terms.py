"""Terms, the data-processing agreement and the privacy statement: published, and who accepted them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import messages
from app.admin.doors import door, scope
from app.admin.forms.settings import KIND_WORDS, TermsForm, in_languages, put_errors
from app.admin.pages import page
from app.admin.views.settings.blueprint import blueprint
from app.common.errors import InvalidError
from app.extensions import platform
from app.merchants.queries.terms import KINDS, count_accepted, find_version, list_versions, who_accepted
from app.merchants.service.terms import NOTICE, publish_terms
from app.web import locale
from app.web.locale import LANGUAGES

_ZONE = ZoneInfo("Europe/Brussels")


@door(blueprint, "/admin/settings/terms", right="administrator")
def list_terms() -> ResponseReturnValue:
    """Every version, and of how many shops it was accepted."""
    return page(
        "admin/settings/terms.html",
        here="settings",
        versions=list_versions(scope()),
        counts=count_accepted(scope()),
        kinds=KIND_WORDS,
    )


@door(
    blueprint, "/admin/settings/terms/<kind>/new", right="administrator",
    methods=("GET", "POST"), is_fresh=True,
)  # fmt: skip
def new_terms(kind: str) -> ResponseReturnValue:
    """The next version of one kind, begun from the last one. What is published stays as it is."""
    if kind not in KINDS:
        abort(404)
    last = next(iter(list_versions(scope(), kind)), None)
    form = TermsForm()
    if request.method == "GET":
        form.effective_on.data = _today() if last is None else _today() + NOTICE + timedelta(days=1)
        for code in LANGUAGES:
            form[f"text_{code}"].data = "" if last is None else last.texts.get(code, "")
    if form.validate_on_submit() and form.effective_on.data is not None:
        try:
            publish_terms(
                scope(),
                kind,
                in_languages(form, "text"),
                effective_at=_begins(form.effective_on.data),
                public_url=platform().settings.public_url,
            )
        except InvalidError as error:
            put_errors(form, error.params["errors"], messages.field)
        else:
            flash(_("Published. The owners of all shops are told by mail where they have to accept it."), "good")
            return redirect(url_for("admin_settings.list_terms"), 303)
    return page(
        "admin/settings/terms_new.html",
        here="settings",
        form=form,
        kind=kind,
        kinds=KIND_WORDS,
        last=last,
        languages_of=LANGUAGES,
        status=422 if form.errors else 200,
    )


@door(blueprint, "/admin/settings/terms/<version_id>", right="administrator")
def show_terms(version_id: str) -> ResponseReturnValue:
    """One version: its text, and which shops accepted it."""
    found = find_version(scope(), version_id)
    if found is None:
        abort(404)
    return page(
        "admin/settings/terms_one.html",
        here="settings",
        version=found,
        kinds=KIND_WORDS,
        shops=who_accepted(scope(), found.version_id),
        paragraphs=[part for part in (locale.choose(found.texts) or "").split("\n\n") if part.strip()],
    )


def _today() -> date:
    return scope().now.astimezone(_ZONE).date()


def _begins(day: date) -> datetime:
    """Local midnight of a day; a day that has begun already begins now."""
    begin = datetime.combine(day, time(), _ZONE).astimezone(UTC)
    return max(begin, scope().now)
