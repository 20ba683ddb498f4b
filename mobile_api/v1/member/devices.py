"""Where the member is signed in, and going on elsewhere."""

from __future__ import annotations

from typing import Any

from app.common.scope import Scope
from app.extensions import platform
from app.wallet import service as wallet
from mobile_api import auth
from mobile_api.documents import route
from mobile_api.v1.member.blueprints import me_blueprint
from mobile_api.v1.member.pages import whole
from mobile_api.v1.schemas.safe_keeping import MoveAnswer, SessionsAnswer


@route(
    me_blueprint,
    "GET",
    "/sessions",
    summary="Where I am signed in",
    authentication=auth.member,
    answer=SessionsAnswer,
)
def sessions(scope: Scope) -> dict[str, Any]:
    """The newest first."""
    return whole(wallet.list_sessions(scope))


@route(
    me_blueprint,
    "DELETE",
    "/sessions/<id:session_id>",
    summary="Sign a phone or browser of mine out",
    authentication=auth.member,
    status=204,
    refuses=(404, 409),
)
def end_session(scope: Scope, session_id: str) -> None:
    """Its tokens and its code's digits are dead at once."""
    wallet.end_session(scope, session_id=session_id)


@route(
    me_blueprint,
    "POST",
    "/sessions/<id:session_id>/trust",
    summary="Let a new phone of mine spend",
    authentication=auth.member,
    status=204,
    refuses=(404, 409),
)
def trust_session(scope: Scope, session_id: str) -> None:
    """Ends the 24 hours that a phone waits after it was signed in by a mailed code. Only from one that was there before
    it."""
    wallet.trust_session(scope, session_id=session_id)


@route(
    me_blueprint,
    "POST",
    "/transfers",
    summary="A code to go on with elsewhere",
    authentication=auth.member,
    answer=MoveAnswer,
    status=201,
    refuses=(429,),
)
def start_move(scope: Scope) -> dict[str, Any]:
    """Ten minutes, once: for the installed app, or another phone. The code stands behind the address's `#`, so it is
    never sent to a server by opening it."""
    move = wallet.start_move(scope)
    url = f"{platform().settings.public_url}/#move={move.code}"
    return {"code": move.code, "url": url, "expires_at": move.expires_at}
