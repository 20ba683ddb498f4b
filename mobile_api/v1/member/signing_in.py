"""Becoming somebody: a card at once, a code by mail, a recovery code; and the sessions that follow."""

from __future__ import annotations

from typing import Any

from flask import request

from app.cards.queries import get_card
from app.common.scope import Scope
from app.extensions import platform
from app.wallet import service as wallet
from app.wallet.mails import LOCALES
from mobile_api import auth
from mobile_api.documents import route
from mobile_api.v1.member.blueprints import auth_blueprint
from mobile_api.v1.member.cards import shown_card
from mobile_api.v1.schemas.member import (
    AnonymousBody,
    CodeBody,
    LogoutBody,
    RecoveryBody,
    RefreshBody,
    TokenBody,
)
from mobile_api.v1.schemas.member_answers import AnonymousAnswer, RecoveredAnswer, TokenAnswer


@route(
    auth_blueprint,
    "POST",
    "/anonymous",
    summary="A member and a card at once, without a name",
    body=AnonymousBody,
    optional_body=True,
    answer=AnonymousAnswer,
    status=201,
    refuses=(429,),
)
def sign_up(body: dict[str, Any]) -> dict[str, Any]:
    """Takes no token. The recovery code is told this once: it is the way back on another phone."""
    scope = platform().scope()
    made = wallet.sign_up_anonymously(scope, locale=_locale(body), network=request.remote_addr)
    card = get_card(scope, card_id=made.card_id)
    return {**_session(made.session), "card": shown_card(card), "recovery_code": made.recovery_code}


@route(
    auth_blueprint,
    "POST",
    "/code",
    summary="Mail a six-digit code",
    body=CodeBody,
    status=202,
    refuses=(429,),
)
def mail_code(body: dict[str, Any]) -> None:
    """Takes no token. The answer is the same whoever asks, known or not."""
    wallet.mail_code(platform().scope(), email=body["email"], locale=_locale(body), network=request.remote_addr)


@route(
    auth_blueprint,
    "POST",
    "/token",
    summary="Exchange a mailed code for a session",
    body=TokenBody,
    answer=TokenAnswer,
    refuses=(401, 429),
)
def sign_in(body: dict[str, Any]) -> dict[str, Any]:
    """Needs no token. With one, the address becomes that member's; if it is another's already, who had no address
    until now is merged into the one who has it, and nothing earned is lost."""
    scope = auth.member(request) if "Authorization" in request.headers else platform().scope()
    return _session(
        wallet.sign_in_with_code(
            scope, email=body["email"], code=body["code"], locale=_locale(body), network=request.remote_addr
        )
    )


@route(
    auth_blueprint,
    "POST",
    "/refresh",
    summary="The next access token and refresh token",
    body=RefreshBody,
    answer=TokenAnswer,
    refuses=(401,),
)
def refresh(body: dict[str, Any]) -> dict[str, Any]:
    """Takes no access token. A refresh token works once; a replayed one ends the whole session."""
    return _session(wallet.refresh(platform().scope(), refresh_token=body["refresh_token"]))


@route(
    auth_blueprint,
    "POST",
    "/logout",
    summary="End a session",
    body=LogoutBody,
    optional_body=True,
    status=204,
    refuses=(401,),
)
def log_out(body: dict[str, Any]) -> None:
    """By its refresh token, its access token, or both. Ending it again changes nothing."""
    scope: Scope = platform().scope()
    refresh_token = body.get("refresh_token")
    has_header = "Authorization" in request.headers
    access_token = auth.bearer_token(request) if has_header or refresh_token is None else None
    wallet.log_out(scope, refresh_token=refresh_token, access_token=access_token)


@route(
    auth_blueprint,
    "POST",
    "/recovery",
    summary="Exchange a recovery code for a session",
    body=RecoveryBody,
    answer=RecoveredAnswer,
    refuses=(401, 429),
)
def recover(body: dict[str, Any]) -> dict[str, Any]:
    """Takes no token. Ends all other sessions of the member. The next recovery code is told this once."""
    found = wallet.recover(platform().scope(), recovery_code=body["recovery_code"], network=request.remote_addr)
    return {**_session(found.session), "recovery_code": found.recovery_code}


def _session(session: wallet.Session) -> dict[str, Any]:
    return {
        "access_token": session.access_token,
        "refresh_token": session.refresh_token,
        "token_type": "Bearer",
        "expires_in": session.expires_in,
    }


def _locale(body: dict[str, Any]) -> str:
    """The language asked for, or that of the request; Dutch for one that isn't spoken here."""
    wanted = body.get("locale") or request.accept_languages.best_match(LOCALES) or "nl"
    short: str = wanted.lower()[:2]
    return short if short in LOCALES else "nl"
