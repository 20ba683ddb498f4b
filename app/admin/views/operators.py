"""Who runs the platform, and what each of them did."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import messages
from app.admin.doors import door, scope
from app.admin.forms.account import RIGHT_WORDS, OperatorForm, RightsForm
from app.admin.pages import page
from app.admin.queries.trail import read_trail
from app.admin.service.operators import invite
from app.common.errors import DomainError
from app.extensions import platform
from app.merchants import service as merchants
from app.web.acts import act_words

blueprint = Blueprint("admin_operators", __name__, template_folder="../templates")


@door(blueprint, "/admin/operators", right="administrator", methods=("GET", "POST"), is_fresh=True)
def show() -> ResponseReturnValue:
    """Everybody who may come in, and a form for one more."""
    form, problem, link = OperatorForm(), None, None
    if form.validate_on_submit():
        try:
            _id, made = invite(scope(), form.email.data or "", name=form.name.data or "", rights=form.rights.data or ())
        except DomainError as error:
            problem = messages.sentence(error)
        else:
            # Told this once, to hand over in person or by a way that both trust.
            link = f"{platform().settings.public_url}/setup/{made.token}"
            form = OperatorForm(formdata=None)
    return page(
        "admin/operators/list.html",
        here="settings",
        operators=merchants.list_operators(scope()),
        form=form,
        problem=problem,
        link=link,
        right_words=RIGHT_WORDS,
        status=422 if form.errors or problem else 200,
    )


@door(blueprint, "/admin/operators/<operator_id>/rights", right="administrator", methods=("GET", "POST"), is_fresh=True)
def change(operator_id: str) -> ResponseReturnValue:
    """What one of them may do."""
    found = next((one for one in merchants.list_operators(scope()) if one.operator_id == operator_id), None)
    if found is None:
        return page("admin/operators/gone.html", here="settings", status=404)
    form, problem = RightsForm(rights=list(found.rights)), None
    if form.validate_on_submit():
        try:
            merchants.change_rights(scope(), operator_id, form.rights.data or ())
        except DomainError as error:
            problem = messages.sentence(error)
        else:
            flash(_("The rights are changed. They hold from the next page on."), "good")
            return redirect(url_for("admin_operators.show"), 303)
    return page(
        "admin/operators/rights.html",
        here="settings",
        one=found,
        form=form,
        problem=problem,
        status=422 if form.errors or problem else 200,
    )


@door(blueprint, "/admin/operators/<operator_id>/stop", right="administrator", methods=("POST",), is_fresh=True)
def stop(operator_id: str) -> ResponseReturnValue:
    """End somebody's access."""
    try:
        merchants.stop_operator(scope(), operator_id)
    except DomainError as error:
        flash(messages.sentence(error), "bad")
    else:
        flash(_("The access has ended, in every browser."), "good")
    return redirect(url_for("admin_operators.show"), 303)


@door(blueprint, "/admin/trail", right="administrator")
def trail() -> ResponseReturnValue:
    """Every act, with before and after."""
    everybody = request.args.get("who") == "everybody"
    wanted = {name: request.args.get(name) or None for name in ("actor_id", "merchant_id", "before")}
    return page(
        "admin/operators/trail.html",
        here="settings",
        trail=read_trail(scope(), only_operators=not everybody, **wanted),
        acts=act_words(),
        everybody=everybody,
        operators=merchants.list_operators(scope()),
        wanted=wanted,
    )
