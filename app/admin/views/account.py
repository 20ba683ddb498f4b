"""Coming in and going out: the password, the second step always, and a code once more before what can't be taken
back."""

from __future__ import annotations

from flask import Blueprint, Response, flash, g, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from app import messages
from app.admin.doors import COOKIE, START, Visitor, door, scope, set_cookie, visitor
from app.admin.forms.account import CodeForm, SignInForm
from app.admin.pages import page, start_of
from app.admin.service import signing_in
from app.cards.qr import Level, as_svg, encode
from app.common.errors import DomainError, TooManyError
from app.extensions import platform
from app.merchants import service as merchants
from app.merchants.errors import SecondStepRefusedError, SignInRefusedError
from app.merchants.service import OpenedSession
from app.merchants.service.operator_sessions import OPERATOR_SESSION_LIFETIME
from app.web import locale
from app.web.going import safe_next
from app.web.moments import local_day, local_moment, local_time
from app.web.networks import network

blueprint = Blueprint("admin_account", __name__, template_folder="../templates")
blueprint.add_app_template_filter(local_day)
blueprint.add_app_template_filter(local_moment)
blueprint.add_app_template_filter(local_time)


@door(blueprint, "/admin/sign-in", right="anybody", methods=("GET", "POST"))
def sign_in() -> ResponseReturnValue:
    """The first step."""
    form = SignInForm()
    if not form.validate_on_submit():
        return page("admin/account/sign_in.html", form=form, status=422 if form.errors else 200)
    try:
        session = signing_in.sign_in(
            platform().scope(locale=locale.language()),
            email=form.email.data or "",
            password=form.password.data or "",
            browser=request.user_agent.string,
            network=network(request) or "",
        )
    except (SignInRefusedError, TooManyError) as error:
        return page("admin/account/sign_in.html", form=form, problem=messages.sentence(error), status=_status(error))
    return _let_in(session, url_for("admin_account.second_step", next=safe_next(request.args.get("next"), START)))


@door(blueprint, "/admin/second-step", right="anybody", methods=("GET", "POST"))
def second_step() -> ResponseReturnValue:
    """The second step; at the first sign-in, setting it up."""
    found: Visitor | None = g.operator
    if found is None:
        return redirect(url_for("admin_account.sign_in"))
    wanted = safe_next(request.args.get("next"), START)
    if not found.operator.waits_for_second:
        return redirect(wanted)
    form, problem = CodeForm(), None
    if form.validate_on_submit():
        try:
            proved = signing_in.prove(found.scope, found.operator.operator_id, _token(), form.code.data or "")
        except (SecondStepRefusedError, SignInRefusedError, TooManyError) as error:
            problem = messages.sentence(error)
        else:
            if not proved.recovery_codes:
                return _let_in(proved.session, wanted)
            shown = page("admin/account/recovery.html", codes=proved.recovery_codes, next=wanted)
            set_cookie(shown, proved.session.token, int(OPERATOR_SESSION_LIFETIME.total_seconds()))
            return shown
    status = 422 if form.errors or problem else 200
    if found.operator.has_totp:
        return page("admin/account/second.html", form=form, problem=problem, next=wanted, status=status)
    offered = merchants.offer_operators_totp(found.scope, found.operator.operator_id)
    drawn = as_svg(encode(offered.address, Level.SCREEN), title=_("QR code for your authenticator app"))
    return page(
        "admin/account/second_new.html",
        form=form,
        problem=problem,
        secret=offered.secret,
        picture=Markup(drawn),  # noqa: S704  made here, of black and white squares
        status=status,
    )


@door(blueprint, "/admin/confirm", right="operator", methods=("GET", "POST"))
def confirm() -> ResponseReturnValue:
    """A code once more."""
    form, problem = CodeForm(), None
    wanted = safe_next(request.args.get("next"), START)
    if form.validate_on_submit():
        try:
            proved = signing_in.prove(scope(), visitor().operator.operator_id, _token(), form.code.data or "")
        except (SecondStepRefusedError, SignInRefusedError, TooManyError) as error:
            problem = messages.sentence(error)
        else:
            return _let_in(proved.session, wanted)
    return page(
        "admin/account/confirm.html",
        form=form,
        problem=problem,
        next=wanted,
        status=422 if form.errors or problem else 200,
    )


@door(blueprint, "/admin/me", right="operator")
def mine() -> ResponseReturnValue:
    """One's own rights, and the end of the session."""
    return page("admin/account/me.html", known=visitor().operator)


@door(blueprint, "/admin/sign-out", right="anybody", methods=("POST",))
def sign_out() -> Response:
    """End this browser's session."""
    if known := _token():
        merchants.end_operator_session(platform().scope(), known)
    response = make_response(redirect(url_for("admin_account.sign_in"), 303))
    response.delete_cookie(COOKIE, path="/admin")
    flash(_("You are signed out."), "good")
    return response


@door(blueprint, "/admin/start", right="operator")
def start() -> ResponseReturnValue:
    """The first page that this person may open."""
    return redirect(start_of(visitor()))


def _let_in(session: OpenedSession, wanted: str) -> Response:
    response = make_response(redirect(wanted, 303))
    set_cookie(response, session.token, int(OPERATOR_SESSION_LIFETIME.total_seconds()))
    return response


def _token() -> str:
    return request.cookies.get(COOKIE, "")


def _status(error: DomainError) -> int:
    return 429 if isinstance(error, TooManyError) else 401
