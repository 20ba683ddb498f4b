"""Becoming somebody: a card at once, a code by mail, a recovery code; and the sessions that follow."""

from __future__ import annotations

from typing import Any

from flask import request

from app.cards.queries import get_card
from app.common.mail import FOLDER
from app.common.scope import Scope
from app.extensions import platform
from app.wallet import service as wallet
from app.wallet.mails import LOCALES
from app.wallet.queries import find_moved
from mobile_api import auth
from mobile_api.addresses import network
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
from mobile_api.v1.schemas.safe_keeping import ChallengeAnswer, MoveBody, PasskeySignInBody


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
    made = wallet.sign_up_anonymously(scope, locale=_locale(body), network=network(request))
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
    wallet.mail_code(platform().scope(), email=body["email"], locale=_locale(body), network=network(request))


@route(
    auth_blueprint,
    "POST",
    "/token",
    summary="Exchange a mailed code for a session",
    body=TokenBody,
    answer=TokenAnswer,
    refuses=(401, 409, 429),
)
def sign_in(body: dict[str, Any]) -> dict[str, Any]:
    """Needs no token. With one, the address becomes that member's; if it is another's already, who had no address
    until now is merged into the one who has it, and nothing earned is lost. A session that begins so while another
    phone holds the card may not spend for 24 hours."""
    scope = _caller()
    return _session(
        wallet.sign_in_with_code(
            scope,
            email=body["email"],
            code=body["code"],
            locale=_locale(body),
            network=network(request),
            mail_folder=platform().settings.var / FOLDER,
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
    found = wallet.recover(platform().scope(), recovery_code=body["recovery_code"], network=network(request))
    return {**_session(found.session), "recovery_code": found.recovery_code}


@route(
    auth_blueprint,
    "POST",
    "/passkey/options",
    summary="What a browser needs to sign in with a passkey",
    answer=ChallengeAnswer,
    refuses=(409, 429),
)
def passkey_options() -> wallet.Challenge:
    """Takes no token, and names nobody: the phone offers the passkeys that it has for this site."""
    here = platform()
    return wallet.start_passkey_sign_in(here.scope(), settings=here.settings, network=network(request))


@route(
    auth_blueprint,
    "POST",
    "/passkey",
    summary="Exchange a passkey's signature for a session",
    body=PasskeySignInBody,
    answer=TokenAnswer,
    refuses=(401, 409, 429),
)
def sign_in_with_passkey(body: dict[str, Any]) -> dict[str, Any]:
    """Needs no token. With one of the same member the session goes on, and may spend from now on; who had no login is
    merged into the passkey's member."""
    return _session(
        wallet.sign_in_with_passkey(_caller(), **body, settings=platform().settings, network=network(request))
    )


@route(
    auth_blueprint,
    "POST",
    "/transfer",
    summary="Go on here with another phone's or browser's session",
    body=MoveBody,
    answer=TokenAnswer,
    refuses=(401, 429),
)
def finish_move(body: dict[str, Any]) -> dict[str, Any]:
    """Needs no token. With one, who had no login is merged into the member who comes."""
    return _session(wallet.finish_move(_caller(), code=body["code"], network=network(request)))


def _caller() -> Scope:
    """Whoever is signed in here already, or nobody."""
    return auth.member(request) if "Authorization" in request.headers else platform().scope()


def _session(session: wallet.Session) -> dict[str, Any]:
    moved = find_moved(platform().scope(), member_id=session.member_id, merge_id=session.merge_id)
    return {
        "moved": moved,
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
