"""Batches of printed cards: ordering, handing to a print shop, disabling."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, flash, make_response, redirect, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import messages
from app.admin import printing
from app.admin.doors import door, scope
from app.admin.forms.cards import BatchForm, PrintForm, ReasonForm
from app.admin.pages import page, part
from app.admin.queries.cards.batches import list_batches as read_batches
from app.admin.queries.cards.batches import show_batch as read_batch
from app.admin.views.cards.blueprint import blueprint, require_id
from app.cards import service as cards
from app.common.errors import DomainError
from app.common.ids import is_id, new_id
from app.extensions import platform
from app.web.branding import town
from app.web.going import wants_part


@door(blueprint, "/admin/batches", right="administrator")
def list_batches() -> ResponseReturnValue:
    """All batches, and a form for one more."""
    return _list(BatchForm(batch_id=new_id()))


@door(blueprint, "/admin/batches/from/<batch_id>", right="administrator")
def older_batches(batch_id: str) -> ResponseReturnValue:
    """The batches before one of them."""
    return _list(BatchForm(batch_id=new_id()), before=require_id(batch_id, "batch"))


@door(blueprint, "/admin/batches", right="administrator", methods=("POST",), is_fresh=True)
def order_batch() -> ResponseReturnValue:
    """Order one. The same form sent twice orders one batch."""
    form = BatchForm()
    if not form.validate_on_submit() or not is_id(form.batch_id.data):
        return _list(form, status=422)
    batch_id = form.batch_id.data or ""
    cards.order_batch(
        scope(),
        batch_id=batch_id,
        count=form.count.data or 0,
        name=(form.name.data or "").strip(),
        note=(form.note.data or "").strip() or None,
        locale=form.locale.data,
    )
    flash(_("The batch is ordered."), "good")
    return _back(batch_id)


@door(blueprint, "/admin/batches/<batch_id>", right="administrator")
def show_batch(batch_id: str) -> ResponseReturnValue:
    """One batch: how far it is, its files, and how to disable it."""
    batch = read_batch(scope(), require_id(batch_id, "batch"))
    if wants_part():
        return part("admin/cards/batch_progress.html", batch=batch)
    return page(
        "admin/cards/batch.html",
        here="cards",
        batch=batch,
        parts=printing.parts_of(batch.count),
        reason=ReasonForm(),
    )


@door(blueprint, "/admin/batches/<batch_id>/sheets.pdf", right="administrator", methods=("POST",), is_fresh=True)
def download_sheets(batch_id: str) -> ResponseReturnValue:
    """Some sheets of the batch as a PDF."""
    form = PrintForm()
    wanted = form.part.data or 1

    def made() -> Response:
        batch = read_batch(scope(), require_id(batch_id, "batch"))
        taken = cards.take_codes(scope(), batch_id=batch_id, form="pdf")
        file = printing.sheets(taken, part=wanted, host=platform().settings.host, town=town().name, locale=batch.locale)
        return send_file(
            file, mimetype="application/pdf", as_attachment=True, download_name=f"cards-{batch_id[-8:]}-{wanted}.pdf"
        )

    return _file(batch_id, form.validate(), made)


@door(blueprint, "/admin/batches/<batch_id>/cards.csv", right="administrator", methods=("POST",), is_fresh=True)
def download_list(batch_id: str) -> ResponseReturnValue:
    """All cards of the batch as CSV."""

    def made() -> Response:
        taken = cards.take_codes(scope(), batch_id=require_id(batch_id, "batch"), form="csv")
        response = make_response(printing.card_list(taken, host=platform().settings.host))
        response.headers["Content-Type"] = "text/csv; charset=utf-8"
        response.headers["Content-Disposition"] = f'attachment; filename="cards-{batch_id[-8:]}.csv"'
        return response

    return _file(batch_id, is_whole=True, made=made)


@door(blueprint, "/admin/batches/<batch_id>/destroy-codes", right="administrator", methods=("POST",), is_fresh=True)
def destroy_codes(batch_id: str) -> ResponseReturnValue:
    """Forget the claim codes: the print shop has them."""
    return _act(
        batch_id,
        lambda: cards.destroy_codes(scope(), batch_id=require_id(batch_id, "batch")),
        _("The claim codes are destroyed. The cards go on working."),
    )


@door(blueprint, "/admin/batches/<batch_id>/disable", right="administrator", methods=("POST",), is_fresh=True)
def disable_batch(batch_id: str) -> ResponseReturnValue:
    """Block all its cards."""
    form = ReasonForm()
    if not form.validate():
        flash(_("Say why. It stands in the audit list."), "bad")
        return _back(batch_id)
    return _act(
        batch_id,
        lambda: cards.disable_batch(
            scope(), batch_id=require_id(batch_id, "batch"), reason=form.reason.data, seconds=2.0
        ),
        _("The batch is disabled. Whoever shows such a card at a counter is told so, and keeps what is on it."),
    )


@door(blueprint, "/admin/batches/<batch_id>/enable", right="administrator", methods=("POST",), is_fresh=True)
def enable_batch(batch_id: str) -> ResponseReturnValue:
    """Take that back."""
    form = ReasonForm()
    if not form.validate():
        flash(_("Say why. It stands in the audit list."), "bad")
        return _back(batch_id)
    return _act(
        batch_id,
        lambda: cards.enable_batch(scope(), batch_id=require_id(batch_id, "batch"), reason=form.reason.data),
        _("The cards of this batch work again."),
    )


@door(blueprint, "/admin/batches/<batch_id>/retry", right="administrator", methods=("POST",))
def retry_batch(batch_id: str) -> ResponseReturnValue:
    """Have the jobs go on with one that failed."""
    return _act(
        batch_id,
        lambda: cards.retry_batch(scope(), batch_id=require_id(batch_id, "batch")),
        _("It goes on where it stopped."),
    )


def _list(form: BatchForm, *, before: str | None = None, status: int = 200) -> Response:
    found = read_batches(scope(), before=before)
    return page("admin/cards/batches.html", here="cards", found=found, form=form, status=status)


def _act(batch_id: str, work: Callable[[], Any], done: str) -> ResponseReturnValue:
    try:
        work()
    except DomainError as error:
        flash(messages.sentence(error), "bad")
    else:
        flash(done, "good")
    return _back(batch_id)


def _file(batch_id: str, is_whole: bool, made: Callable[[], Response]) -> ResponseReturnValue:
    if not is_whole:
        return _back(batch_id)
    try:
        response = made()
    except DomainError as error:
        flash(messages.sentence(error), "bad")
        return _back(batch_id)
    response.headers["Cache-Control"] = "no-store"
    return response


def _back(batch_id: str) -> ResponseReturnValue:
    return redirect(url_for("admin_cards.show_batch", batch_id=batch_id), 303)
