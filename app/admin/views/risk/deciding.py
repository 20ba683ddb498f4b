"""Deciding a case: right, wrong, or first a question."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.admin.doors import door, scope
from app.admin.views.risk.blueprint import blueprint
from app.common.errors import DomainError, NotFoundError
from app.extensions import platform
from app.messages import sentence
from app.risk.service import deciding

_CASE = "/admin/risk/cases/<case_id>"


@door(blueprint, f"{_CASE}/confirm", right="risk", methods=("POST",), is_fresh=True)
def confirm(case_id: str) -> ResponseReturnValue:
    """It is right; something may be done at once."""
    try:
        deciding.confirm_case(
            scope(),
            case_id,
            act=request.form.get("act", deciding.NOTHING),
            note=request.form.get("note", ""),
            public_url=platform().settings.public_url,
        )
    except NotFoundError:
        raise
    except DomainError as error:
        return _refused(case_id, error)
    flash(_("Noted as right."), "good")
    return redirect(url_for("admin_risk.list_cases"))


@door(blueprint, f"{_CASE}/dismiss", right="risk", methods=("POST",))
def dismiss(case_id: str) -> ResponseReturnValue:
    """It is wrong; the same has to be half as much again before it comes back."""
    try:
        deciding.dismiss_case(scope(), case_id, note=request.form.get("note", ""))
    except NotFoundError:
        raise
    except DomainError as error:
        return _refused(case_id, error)
    flash(_("Noted as wrong. For 90 days it takes half as much again before this comes back."), "good")
    return redirect(url_for("admin_risk.list_cases"))


@door(blueprint, f"{_CASE}/ask", right="risk", methods=("POST",))
def ask(case_id: str) -> ResponseReturnValue:
    """Ask the shop, without a name."""
    try:
        deciding.ask_shop(scope(), case_id, public_url=platform().settings.public_url)
    except NotFoundError:
        raise
    except DomainError as error:
        return _refused(case_id, error)
    flash(_("The shop’s owners are asked by mail. The case stays here until you decide."), "good")
    return redirect(url_for("admin_risk.show_case", case_id=case_id))


def _refused(case_id: str, error: DomainError) -> ResponseReturnValue:
    flash(sentence(error), "bad")
    return redirect(url_for("admin_risk.show_case", case_id=case_id))
