"""Passkeys in the browser: what it is to sign, and what it signed."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, flash, g, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.backoffice.doors import Visitor, door, scope, visitor
from app.backoffice.forms.account import NewPasskeyForm, PasskeyForm
from app.backoffice.forms.problems import mark
from app.backoffice.pages import page
from app.backoffice.service import passkeys
from app.backoffice.service.passkeys import Challenge
from app.backoffice.views.account.blueprint import blueprint
from app.backoffice.views.account.signing_in import let_in, public_url, token
from app.cards.errors import PasskeyRefusedError
from app.common.errors import InvalidError
from app.extensions import platform
from app.merchants.errors import SignInRefusedError
from app.web import locale
from app.web.going import safe_next
from app.web.networks import network


@door(blueprint, "/account/passkey/challenge", least="anybody", methods=("POST",))
def passkey_challenge() -> Response:
    """What a browser is to sign with any passkey of this service."""
    made = passkeys.start_passkey(platform().scope(), network=network(request) or "", public_url=public_url())
    return _told(made)


@door(blueprint, "/account/passkey", least="anybody", methods=("POST",))
def use_passkey() -> ResponseReturnValue:
    """Come in by a passkey: as both steps at once, as the second, or once more."""
    found: Visitor | None = g.visitor
    form = PasskeyForm()
    wanted = safe_next(request.args.get("next"), url_for("account.businesses"))
    signed = _signed(form)
    try:
        if signed is None:
            raise SignInRefusedError
        if found is None:
            session = passkeys.sign_in_with_passkey(
                platform().scope(locale=locale.language()),
                **signed,
                browser=request.user_agent.string,
                public_url=public_url(),
            )
        else:
            session = passkeys.pass_with_passkey(
                found.scope, found.signed_in.login_id, token(), **signed, public_url=public_url()
            )
    except SignInRefusedError:
        flash(_("The passkey was not taken. Try again, or come in another way."), "bad")
        if found is None:
            return redirect(url_for("account.sign_in", next=wanted), 303)
        waits = found.signed_in.waits_for_second
        return redirect(url_for("account.second_step" if waits else "account.confirm", next=wanted), 303)
    return let_in(session, wanted)


@door(blueprint, "/account/passkeys/challenge", least="login", methods=("POST",), is_fresh=True)
def new_passkey_challenge() -> Response:
    """What a browser needs to make a passkey."""
    return _told(passkeys.start_adding_passkey(scope(), visitor().signed_in.login_id, public_url=public_url()))


@door(blueprint, "/account/passkeys", least="login", methods=("GET", "POST"), is_fresh=True)
def add_passkey() -> ResponseReturnValue:
    """Add a passkey."""
    form = NewPasskeyForm()
    if not form.validate_on_submit():
        return page("backoffice/account/passkey_new.html", form=form, status=422 if form.errors else 200)
    signed = _signed(form)
    try:
        if signed is None:
            raise PasskeyRefusedError
        codes = passkeys.add_passkey(
            scope(),
            visitor().signed_in.login_id,
            **signed,
            name=form.name.data or "",
            token=token(),
            public_url=public_url(),
        )
    except (PasskeyRefusedError, InvalidError) as error:
        mark(form, error)
        return page("backoffice/account/passkey_new.html", form=form, status=422)
    if codes:
        return page("backoffice/account/recovery.html", codes=codes)
    flash(_("The passkey signs you in from now on."), "good")
    return redirect(url_for("account.mine"), 303)


@door(blueprint, "/account/passkeys/<passkey_id>/remove", least="login", methods=("POST",), is_fresh=True)
def remove_passkey(passkey_id: str) -> ResponseReturnValue:
    """Take a passkey away."""
    passkeys.remove_passkey(scope(), visitor().signed_in.login_id, passkey_id, public_url=public_url())
    flash(_("The passkey is gone. Remove it on your phone or computer too."), "good")
    return redirect(url_for("account.mine"), 303)


def _told(made: Challenge) -> Response:
    response = jsonify(challenge_id=made.challenge_id, public_key=made.public_key)
    response.headers["Cache-Control"] = "no-store"
    return response


def _signed(form: Any) -> dict[str, Any] | None:
    try:
        credential = json.loads(form.credential.data or "")
    except ValueError:
        return None
    if not isinstance(credential, dict):
        return None
    return {"challenge_id": form.challenge_id.data or "", "credential": credential}
