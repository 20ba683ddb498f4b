"""What the member is asked before a counter spends."""

from __future__ import annotations

from typing import Any

from app.common.scope import Scope
from app.wallet import service as wallet
from mobile_api import auth
from mobile_api.documents import route
from mobile_api.v1.member.blueprints import me_blueprint
from mobile_api.v1.member.pages import whole
from mobile_api.v1.schemas.safe_keeping import SpendingRequestsAnswer


@route(
    me_blueprint,
    "GET",
    "/spending-requests",
    summary="What I am asked before it is spent",
    authentication=auth.member,
    answer=SpendingRequestsAnswer,
)
def spending_requests(scope: Scope) -> dict[str, Any]:
    """Of the last day, the newest first."""
    return whole(wallet.list_spending_requests(scope))


@route(
    me_blueprint,
    "POST",
    "/spending-requests/<id:request_id>/approve",
    summary="Let it be spent",
    authentication=auth.member,
    status=204,
    refuses=(404, 409),
)
def approve_spending(scope: Scope, request_id: str) -> None:
    """The shop repeats the redemption within the ten minutes of its question; the word is good for that once."""
    wallet.approve_spending(scope, request_id=request_id)


@route(
    me_blueprint,
    "POST",
    "/spending-requests/<id:request_id>/refuse",
    summary="Let nothing be spent",
    authentication=auth.member,
    status=204,
    refuses=(404, 409),
)
def refuse_spending(scope: Scope, request_id: str) -> None:
    """Also after a yes, as long as the shop has not used it."""
    wallet.refuse_spending(scope, request_id=request_id)
