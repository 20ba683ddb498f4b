"""Asking for an adjustment or an undoing, deciding on what somebody else asked for, and the limits."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import messages
from app.admin.doors import door, scope
from app.admin.forms.ledger import AdjustForm, ReasonForm
from app.admin.pages import page
from app.admin.queries import ledger as books
from app.admin.service import adjusting
from app.admin.views.ledger import words
from app.admin.views.ledger.account import account_page
from app.admin.views.ledger.blueprint import blueprint
from app.admin.views.ledger.totals import limit_forms
from app.common.errors import DomainError, NotFoundError

_ACCOUNT = "/admin/ledger/<member_id>/<programme_id>"
_ONE = "/admin/ledger/adjustments/<member_id>/<adjustment_id>"


@door(blueprint, f"{_ACCOUNT}/adjust", right="support, finance", methods=("POST",))
def adjust(member_id: str, programme_id: str) -> ResponseReturnValue:
    """Give units or take them, with a reason."""
    form, problem = AdjustForm(), None
    if form.validate_on_submit():
        try:
            asked = adjusting.ask_adjustment(
                scope(),
                member_id=member_id,
                programme_id=programme_id,
                units=form.units.data or 0,
                reason=form.reason.data or "",
                adjustment_id=form.adjustment_id.data or "",
            )
        except NotFoundError:
            raise
        except DomainError as error:
            problem = messages.sentence(error)
        else:
            return _asked(asked, member_id, programme_id)
    return account_page(member_id, programme_id, adjust=form, problem=problem, status=422)


@door(blueprint, f"{_ACCOUNT}/rows/<transaction_id>/undo", right="support, finance", methods=("POST",))
def undo(member_id: str, programme_id: str, transaction_id: str) -> ResponseReturnValue:
    """Undo a visit or an adjustment, with a reason."""
    form, problem = ReasonForm(), None
    if form.validate_on_submit():
        row = books.read_book(scope(), member_id, programme_id).find(transaction_id)
        if row is None:
            raise NotFoundError(what="transaction")
        try:
            asked = adjusting.ask_reversal(
                scope(),
                member_id=row.member_id,
                programme_id=programme_id,
                transaction_id=transaction_id,
                reason=form.reason.data or "",
                adjustment_id=form.adjustment_id.data or "",
            )
        except NotFoundError:
            raise
        except DomainError as error:
            problem = messages.sentence(error)
        else:
            return _asked(asked, member_id, programme_id)
    return account_page(member_id, programme_id, undo=form, problem=problem, status=422)


@door(blueprint, "/admin/ledger/adjustments", right="operator")
def list_adjustments() -> ResponseReturnValue:
    """Everything that was asked for, what waits first."""
    return page(
        "admin/ledger/adjustments.html",
        here="ledger",
        waiting=books.list_adjustments(scope(), status="open").rows,
        found=books.list_adjustments(scope(), before=request.args.get("before")),
        forms=limit_forms(),
        words=words,
        now=scope().now,
    )


@door(blueprint, f"{_ONE}/approve", right="support, finance", methods=("POST",), is_fresh=True)
def approve(member_id: str, adjustment_id: str) -> ResponseReturnValue:
    """Agree to what somebody else asked for, and book it."""
    return _decided(
        lambda: adjusting.approve(scope(), member_id=member_id, adjustment_id=adjustment_id),
        _("It is booked. The member is told."),
    )


@door(blueprint, f"{_ONE}/decline", right="support, finance", methods=("POST",))
def decline(member_id: str, adjustment_id: str) -> ResponseReturnValue:
    """Refuse it."""
    return _decided(
        lambda: adjusting.decline(scope(), member_id=member_id, adjustment_id=adjustment_id),
        _("It is declined. Nothing was booked."),
    )


@door(blueprint, f"{_ONE}/withdraw", right="support, finance", methods=("POST",))
def withdraw(member_id: str, adjustment_id: str) -> ResponseReturnValue:
    """Take back what one asked for oneself."""
    return _decided(
        lambda: adjusting.withdraw(scope(), member_id=member_id, adjustment_id=adjustment_id),
        _("It is withdrawn. Nothing was booked."),
    )


@door(blueprint, "/admin/ledger/limits/<kind>", right="administrator", methods=("POST",), is_fresh=True)
def set_limit(kind: str) -> ResponseReturnValue:
    """Change how much one person may adjust alone."""
    form = limit_forms(kind).get(kind)
    try:
        if form is None:
            raise NotFoundError(what="limit")
        if form.validate():
            adjusting.set_limit(scope(), kind=kind, most=form.most.data or 0, most_in_all=form.most_in_all.data or 0)
            flash(_("The limit is changed. It holds from the next adjustment on."), "good")
        else:
            flash(_("Type whole numbers from 0 on, the second at least as large as the first."), "bad")
    except NotFoundError:
        raise
    except DomainError:
        flash(_("Type whole numbers from 0 on, the second at least as large as the first."), "bad")
    return redirect(url_for("admin_ledger.list_adjustments"), 303)


def _asked(asked: adjusting.Asked, member_id: str, programme_id: str) -> ResponseReturnValue:
    if asked.status == "open":
        flash(_("That is above your limit: it waits for a second person. Nothing is booked yet."), "wait")
    else:
        flash(_("It is booked. The member is told."), "good")
    return redirect(
        url_for(
            "admin_ledger.show_account",
            member_id=member_id,
            programme_id=programme_id,
            row=asked.transaction_id,
        ),
        303,
    )


def _decided(act: Callable[[], object], done: str) -> ResponseReturnValue:
    try:
        act()
    except NotFoundError:
        raise
    except DomainError as error:
        flash(messages.sentence(error), "bad")
    else:
        flash(done, "good")
    return redirect(url_for("admin_ledger.list_adjustments"), 303)
