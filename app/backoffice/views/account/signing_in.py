"""Coming in and going out: the two steps, once more before what can't be taken back, and the forgotten password."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, g, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import messages
from app.backoffice.doors import COOKIE, Visitor, door, scope, set_cookie, visitor
from app.backoffice.forms.account import CodeForm, ConfirmForm, ForgottenForm, NewPasswordForm, SignInForm
from app.backoffice.pages import page
from app.backoffice.service import signing_in
from app.backoffice.views.account.blueprint import blueprint
from app.cards.passkeys import are_offered
from app.common.errors import DomainError, TooManyError
from app.extensions import platform
from app.merchants import service as merchants
from app.merchants.errors import LoginLinkSpentError, SecondStepRefusedError, SignInRefusedError
from app.merchants.service import OpenedSession
from app.merchants.service.logins import SESSION_LIFETIME
from app.web import locale
from app.web.going import safe_next
from app.web.networks import network

_YEAR = 365 * 24 * 3600


@door(blueprint, "/account/sign-in", least="anybody", methods=("GET", "POST"))
def sign_in() -> ResponseReturnValue:
    """The first step of signing in."""
    form = SignInForm()
    told: dict[str, Any] = {"form": form, "offers_passkeys": offers_passkeys(), "next": request.args.get("next", "")}
    if not form.validate_on_submit():
        return page("backoffice/account/sign_in.html", status=422 if form.errors else 200, **told)
    try:
        session = signing_in.sign_in(
            platform().scope(locale=locale.language()),
            email=form.email.data or "",
            password=form.password.data or "",
            browser=request.user_agent.string,
            network=network(request) or "",
            public_url=public_url(),
        )
    except (SignInRefusedError, TooManyError) as error:
        return page(
            "backoffice/account/sign_in.html", problem=messages.sentence(error), status=status_of(error), **told
        )
    wanted = safe_next(request.args.get("next"), url_for("account.businesses"))
    return let_in(session, url_for("account.second_step", next=wanted) if session.waits_for_second else wanted)


@door(blueprint, "/account/second", least="anybody", methods=("GET", "POST"))
def second_step() -> ResponseReturnValue:
    """The second step of signing in."""
    found: Visitor | None = g.visitor
    wanted = safe_next(request.args.get("next"), url_for("account.businesses"))
    if found is None:
        return redirect(url_for("account.sign_in"))
    if not found.signed_in.waits_for_second:
        return redirect(wanted)
    form = CodeForm()
    told: dict[str, Any] = {
        "form": form,
        "known": found.signed_in,
        "offers_passkeys": found.signed_in.has_passkey and offers_passkeys(),
        "next": wanted,
    }
    # Whoever stands here has not come in yet: nothing of the inside is shown.
    g.visitor = None
    if not form.validate_on_submit():
        return page("backoffice/account/second.html", status=422 if form.errors else 200, **told)
    try:
        session = signing_in.pass_second_step(
            found.scope, found.signed_in.login_id, token(), form.code.data or "", public_url=public_url()
        )
    except (SecondStepRefusedError, SignInRefusedError, TooManyError) as error:
        return page("backoffice/account/second.html", problem=messages.sentence(error), status=status_of(error), **told)
    return let_in(session, wanted)


@door(blueprint, "/account/confirm", least="login", methods=("GET", "POST"))
def confirm() -> ResponseReturnValue:
    """The password once more, before what can't be taken back."""
    form = ConfirmForm()
    wanted = safe_next(request.args.get("next"), url_for("account.businesses"))
    told: dict[str, Any] = {
        "form": form,
        "offers_passkeys": visitor().signed_in.has_passkey and offers_passkeys(),
        "next": wanted,
    }
    if not form.validate_on_submit():
        return page("backoffice/account/confirm.html", status=422 if form.errors else 200, **told)
    try:
        session = signing_in.confirm(scope(), visitor().signed_in.login_id, token(), form.password.data or "")
    except (SignInRefusedError, TooManyError) as error:
        problem = messages.sentence(error) if isinstance(error, TooManyError) else _("That is not your password.")
        return page("backoffice/account/confirm.html", problem=problem, status=status_of(error), **told)
    return let_in(session, wanted)


@door(blueprint, "/account/forgotten", least="anybody", methods=("GET", "POST"))
def forgotten() -> ResponseReturnValue:
    """A link for a new password, to the address of whoever forgot the old one."""
    form = ForgottenForm()
    if not form.validate_on_submit():
        return page("backoffice/account/forgotten.html", form=form, status=422 if form.errors else 200)
    try:
        signing_in.ask_for_password(
            platform().scope(locale=locale.language()),
            form.email.data or "",
            network=network(request) or "",
            public_url=public_url(),
        )
    except TooManyError as error:
        return page("backoffice/account/forgotten.html", form=form, problem=messages.sentence(error), status=429)
    return page("backoffice/account/forgotten.html", form=form, is_sent=True)


@door(blueprint, "/account/new-password/<token>", least="anybody", methods=("GET", "POST"))
def new_password(token: str) -> ResponseReturnValue:
    """A new password, behind a mailed link. Looking at it uses nothing up."""
    form = NewPasswordForm()
    if not form.validate_on_submit():
        return _secret(page("backoffice/account/new_password.html", form=form, status=422 if form.errors else 200))
    try:
        merchants.reset_password(
            platform().scope(locale=locale.language()), token, form.password.data or "", public_url=public_url()
        )
    except LoginLinkSpentError as error:
        return _secret(
            page("backoffice/account/new_password.html", form=form, spent=messages.sentence(error), status=410)
        )
    flash(_("Your password is set. Sign in with it."), "good")
    return redirect(url_for("account.sign_in"), 303)


@door(blueprint, "/account/new-address/<token>", least="anybody", methods=("GET", "POST"))
def new_address(token: str) -> ResponseReturnValue:
    """Take the address to which this link was mailed. Mail programs open links by themselves: looking takes nothing."""
    if request.method != "POST":
        return _secret(page("backoffice/account/new_address.html"))
    try:
        merchants.take_address(platform().scope(locale=locale.language()), token)
    except LoginLinkSpentError as error:
        return _secret(page("backoffice/account/new_address.html", spent=messages.sentence(error), status=410))
    return _secret(page("backoffice/account/new_address.html", is_done=True))


@door(blueprint, "/account/sign-out", least="anybody", methods=("POST",))
def sign_out() -> Response:
    """End this browser's session."""
    if known := request.cookies.get(COOKIE):
        merchants.end_session(platform().scope(), known)
    response = make_response(redirect(url_for("account.sign_in"), 303))
    response.delete_cookie(COOKIE, path="/")
    return response


def let_in(session: OpenedSession, wanted: str) -> Response:
    """Go on with a session's new token, in the language that its person has chosen."""
    response = make_response(redirect(wanted, 303))
    set_cookie(response, session.token, int(SESSION_LIFETIME.total_seconds()))
    known = merchants.resume_session(platform().scope(), session.token)
    if known is not None and known.locale is not None:
        set_language(response, known.locale)
    return response


def set_language(response: Response, wanted: str) -> None:
    """Speak this language in this browser from now on."""
    response.set_cookie(locale.COOKIE, wanted, max_age=_YEAR, samesite="Lax", secure=request.is_secure, httponly=True)


def token() -> str:
    """The token of this browser's session."""
    return request.cookies.get(COOKIE, "")


def public_url() -> str:
    """Where the service stands, for links in mails and for passkeys."""
    return platform().settings.public_url


def offers_passkeys() -> bool:
    """Whether passkeys can be made for this service."""
    return are_offered(public_url())


def status_of(error: DomainError) -> int:
    """The status of a sign-in that was refused."""
    return 429 if isinstance(error, TooManyError) else 401


def _secret(response: Response) -> Response:
    # The address itself is the secret: it is told to nobody.
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
