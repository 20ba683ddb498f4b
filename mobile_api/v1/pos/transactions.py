"""What was booked at this location, and undoing it."""

from __future__ import annotations

from typing import Any

from app.common.errors import InvalidError
from app.common.ids import is_id
from app.common.money import format_amount
from app.common.scope import Scope
from app.scanning import service
from app.scanning.requests import ReversalRequest
from app.scanning.results import TransactionView
from mobile_api import auth, documents, pagination
from mobile_api.documents import route
from mobile_api.v1.pos.blueprint import blueprint
from mobile_api.v1.pos.counter import Renderer, counter_of, minor_units, sent
from mobile_api.v1.schemas.counter import PageQuery, ReverseBody
from mobile_api.v1.schemas.counter_answers import ReversalAnswer, TransactionsAnswer

_ANSWER = ReversalAnswer()


@route(
    blueprint,
    "POST",
    "/transactions/<id:transaction_id>/reverse",
    summary="Undo a transaction, whole or the part that was refunded",
    authentication=auth.device,
    body=ReverseBody,
    answer=_ANSWER,
    status=201,
    books=True,
    refuses=(403, 404, 409),
)
def reverse(scope: Scope, body: dict[str, Any], key: str, transaction_id: str) -> documents.Reply:
    """What the member has spent already becomes a debt that later visits pay first."""
    renderer = Renderer(_ANSWER)
    wanted = ReversalRequest(transaction_id, body["reason"], minor_units(scope, body.get("amount")))
    reply = service.reverse(counter_of(scope), wanted, key=key, render=renderer.result, render_refusal=renderer.refuse)
    return sent(scope, renderer, reply)


@route(
    blueprint,
    "GET",
    "/transactions",
    summary="This location's latest transactions",
    authentication=auth.device,
    query=PageQuery,
    answer=TransactionsAnswer,
)
def list_transactions(scope: Scope, query: dict[str, Any]) -> dict[str, Any]:
    """The newest first."""
    before = pagination.decode(query["cursor"], str)[0] if "cursor" in query else None
    if before is not None and not is_id(before):
        raise InvalidError(errors={"cursor": ["Not a cursor of this list."]})
    limit = query["limit"]
    found = service.list_transactions(counter_of(scope), limit=limit + 1, before=before)
    following = pagination.encode(found[limit - 1].transaction_id) if len(found) > limit else None
    return pagination.page([_shown(item) for item in found[:limit]], following)


def _shown(item: TransactionView) -> dict[str, Any]:
    def told(minor: int | None) -> str | None:
        return None if minor is None or item.currency is None else format_amount(minor, item.currency)

    shown = {name: getattr(item, name) for name in TransactionView.__slots__}
    return {**shown, "amount": told(item.amount_minor), "refundable": told(item.refundable_minor)}
