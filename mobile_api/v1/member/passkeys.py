"""The member's passkeys."""

from __future__ import annotations

from typing import Any

from app.common.scope import Scope
from app.extensions import platform
from app.wallet import service as wallet
from mobile_api import auth
from mobile_api.documents import route
from mobile_api.v1.member.blueprints import me_blueprint
from mobile_api.v1.member.pages import whole
from mobile_api.v1.schemas.safe_keeping import ChallengeAnswer, PasskeyAnswer, PasskeyBody, PasskeysAnswer


@route(me_blueprint, "GET", "/passkeys", summary="My passkeys", authentication=auth.member, answer=PasskeysAnswer)
def passkeys(scope: Scope) -> dict[str, Any]:
    """The newest first."""
    return whole(wallet.list_passkeys(scope))


@route(
    me_blueprint,
    "POST",
    "/passkeys/options",
    summary="What a browser needs to make a passkey",
    authentication=auth.member,
    answer=ChallengeAnswer,
    refuses=(409, 422),
)
def passkey_options(scope: Scope) -> wallet.Challenge:
    """For five minutes, once. 409 where this service is reached by a bare address, to which no passkey can belong."""
    return wallet.start_adding_passkey(scope, settings=platform().settings)


@route(
    me_blueprint,
    "POST",
    "/passkeys",
    summary="Add a passkey",
    authentication=auth.member,
    body=PasskeyBody,
    answer=PasskeyAnswer,
    status=201,
    refuses=(409,),
)
def add_passkey(scope: Scope, body: dict[str, Any]) -> wallet.PasskeyView:
    """It signs the member in from now on."""
    return wallet.add_passkey(
        scope,
        challenge_id=body["challenge_id"],
        credential=body["credential"],
        name=body.get("name"),
        settings=platform().settings,
    )


@route(
    me_blueprint,
    "DELETE",
    "/passkeys/<id:passkey_id>",
    summary="Remove a passkey",
    authentication=auth.member,
    status=204,
    refuses=(404, 409),
)
def remove_passkey(scope: Scope, passkey_id: str) -> None:
    """It signs nobody in any more."""
    wallet.remove_passkey(scope, passkey_id=passkey_id)
