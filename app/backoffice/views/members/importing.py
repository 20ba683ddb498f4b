"""Bringing a list along: uploaded, its columns named, tried out, taken over, and undone as a whole."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms.fields import SelectChoice

from app import messages
from app.backoffice.doors import door, place, scope
from app.backoffice.forms.members import MappingForm, SureForm, UploadForm
from app.backoffice.forms.problems import mark
from app.backoffice.pages import page
from app.backoffice.queries.members import locations_of, programmes_of
from app.backoffice.service.members import importing
from app.backoffice.views.members import words
from app.backoffice.views.members.blueprint import blueprint
from app.common.errors import DomainError, NotFoundError

ROLE_WORDS = {
    "card": _l("Card number"),
    "name": _l("Name, or first name"),
    "surname": _l("Surname"),
    "balance": _l("Balance"),
    "note": _l("Note"),
    "date": _l("Day of the visit"),
    "amount": _l("Amount"),
}
REASONS = {
    "card_missing": _l("no card number"),
    "card_odd": _l("the card number is too long or can't be read"),
    "card_blocked": _l("this card is blocked"),
    "card_test": _l("this is a test card"),
    "balance_odd": _l("the balance is no whole number up to 1,000,000"),
    "date_odd": _l("the day can't be read: write it like 2026-03-04 or 04/03/2026"),
    "date_ahead": _l("the day lies in the future"),
    "amount_odd": _l("the amount can't be read"),
    "twice_in_file": _l("this card stands in the list a second time"),
    "imported_before": _l("brought along before, so it is not added again"),
}


@door(blueprint, "/office/<slug>/members/import", least="owner")
def list_imports() -> ResponseReturnValue:
    """What was brought along, and the form for more."""
    return _overview(UploadForm(formdata=None))


@door(blueprint, "/office/<slug>/members/import", least="owner", methods=("POST",))
def upload_import() -> ResponseReturnValue:
    """Take a file."""
    form = UploadForm()
    sent = request.files.get("file")
    if sent is None or not sent.filename or not form.validate():
        form.file.errors = [*form.file.errors] or [_("Choose a file.")]
        return _overview(form)
    try:
        import_id = importing.upload(scope(), content=sent.read(), file_name=sent.filename, kind=form.kind.data)
    except DomainError as error:
        form.file.errors = [messages.sentence(error)]
        return _overview(form)
    return redirect(_address(import_id), 303)


@door(blueprint, "/office/<slug>/members/import/<import_id>", least="owner", methods=("GET", "POST"))
def show_import(import_id: str) -> ResponseReturnValue:
    """An import as it stands: naming its columns and trying it out, how far it is, or what came of it."""
    found = importing.get_import(scope(), import_id)
    if found.status not in ("uploaded", "tried") or not found.is_there:
        return page(
            "backoffice/members/import_run.html",
            here="members",
            found=found,
            problems=_problems(import_id),
            words=words,
            form=SureForm(data={"revision": found.revision}),
        )
    sheet = importing.sheet_of(scope(), import_id)
    assert sheet is not None
    form = MappingForm(data=_kept(found))
    programmes, locations = programmes_of(scope()), locations_of(scope())
    form.location_id.choices = [SelectChoice(key, name) for key, name in locations.items()]
    form.programme_id.choices = [SelectChoice(one.programme_id, one.name) for one in programmes]
    plan = None
    columns = dict(found.columns)
    if request.method == "POST":
        columns = _columns(found.kind, len(sheet.columns))
        if form.validate():
            try:
                plan = importing.try_out(
                    scope(),
                    import_id,
                    revision=form.revision.data,
                    columns=columns,
                    location_id=form.location_id.data,
                    programme_id=form.programme_id.data or None,
                    counts=form.counts.data or "history",
                )
            except NotFoundError:
                raise
            except DomainError as error:
                mark(form, error)
            else:
                found = importing.get_import(scope(), import_id)
                form.revision.data = found.revision
    kinds = {one.programme_id: one.kind for one in programmes}
    return page(
        "backoffice/members/import_columns.html",
        status=422 if form.errors else 200,
        here="members",
        found=found,
        sheet=sheet,
        sample=sheet.rows[: importing.SAMPLE],
        columns={place: role for role, place in columns.items()},
        roles=[(role, ROLE_WORDS[role]) for role in importing.ROLES[found.kind]],
        form=form,
        plan=plan,
        plan_problems=[] if plan is None else [(line, _reason(code)) for line, code in plan.problems[:20]],
        unit_kind=kinds.get(form.programme_id.data or ""),
        words=words,
    )


@door(blueprint, "/office/<slug>/members/import/<import_id>/start", least="owner", methods=("POST",), is_fresh=True)
def start_import(import_id: str) -> ResponseReturnValue:
    """Take it over."""
    return _step(import_id, importing.start, _("The list is being taken over. You can go on working meanwhile."))


@door(blueprint, "/office/<slug>/members/import/<import_id>/undo", least="owner", methods=("POST",), is_fresh=True)
def undo_import(import_id: str) -> ResponseReturnValue:
    """Undo it as a whole."""
    return _step(import_id, importing.undo, _("The import is being undone."))


@door(blueprint, "/office/<slug>/members/import/<import_id>/drop", least="owner", methods=("POST",))
def drop_import(import_id: str) -> ResponseReturnValue:
    """Throw the uploaded list away."""
    try:
        importing.drop(scope(), import_id)
    except NotFoundError:
        raise
    except DomainError as error:
        flash(messages.sentence(error), "bad")
        return redirect(_address(import_id), 303)
    flash(_("The list is thrown away."), "good")
    return redirect(url_for("members.list_imports", slug=place().slug), 303)


def _step(import_id: str, act: Any, done: str) -> ResponseReturnValue:
    importing.get_import(scope(), import_id)
    form = SureForm()
    try:
        act(scope(), import_id, revision=form.revision.data or 0)
    except NotFoundError:
        raise
    except DomainError as error:
        flash(messages.sentence(error), "bad")
    else:
        flash(done, "good")
    return redirect(_address(import_id), 303)


def _overview(form: UploadForm) -> ResponseReturnValue:
    return page(
        "backoffice/members/imports.html",
        status=422 if form.errors or form.file.errors else 200,
        here="members",
        form=form,
        imports=importing.list_imports(scope()),
        words=words,
        most=importing.MOST_ROWS,
    )


def _kept(found: importing.ImportView) -> dict[str, Any]:
    return {
        "revision": found.revision,
        "location_id": found.location_id,
        "programme_id": found.programme_id,
        "counts": found.counts,
    }


def _columns(kind: str, width: int) -> dict[str, int]:
    """Which role each column was given; of two with one role, the first."""
    found: dict[str, int] = {}
    for number in range(width):
        role = request.form.get(f"column-{number}", "")
        if role in importing.ROLES[kind]:
            found.setdefault(role, number)
    return found


def _problems(import_id: str) -> list[tuple[int, str]]:
    return [(line, _reason(code)) for line, code in importing.problems_of(scope(), import_id)]


def _reason(code: str) -> str:
    return str(REASONS.get(code, code))


def _address(import_id: str) -> str:
    return url_for("members.show_import", slug=place().slug, import_id=import_id)
