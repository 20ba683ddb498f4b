"""The stamps of an old paper card."""

from __future__ import annotations

from typing import Any

from app.common.scope import Scope
from app.scanning import service
from app.scanning.service.opening_balances import OpeningRequest
from mobile_api import auth, documents
from mobile_api.documents import route
from mobile_api.v1.pos.blueprint import blueprint
from mobile_api.v1.pos.counter import Renderer, counter_of, identification, sent
from mobile_api.v1.schemas.counter_cards import OpeningAnswer, OpeningBody

_ANSWER = OpeningAnswer()


@route(
    blueprint,
    "POST",
    "/opening-balances",
    summary="Enter the stamps of an old paper card",
    authentication=auth.device,
    body=OpeningBody,
    answer=_ANSWER,
    status=201,
    books=True,
    refuses=(403, 404, 409, 429),
)
def enter(scope: Scope, body: dict[str, Any], key: str) -> documents.Reply:
    """Once for each member and programme, at most as many as the shop has set. Somebody of the shop approves: by a
    staff session, the staff PIN, or a key with the scope `approve`. It can be undone like any booking."""
    renderer = Renderer(_ANSWER)
    request = OpeningRequest(identification(body), body["programme_id"], body["units"], body.get("staff_pin"))
    reply = service.enter_opening_balance(
        counter_of(scope), request, key=key, render=renderer.result, render_refusal=renderer.refuse
    )
    return sent(scope, renderer, reply)
