"""The shop's inbox: events of its tablets' queues that a person has to decide on."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from app import messages
from app.common.errors import InvalidError
from app.common.money import format_amount
from app.common.scope import Scope
from app.scanning import service
from app.scanning.results import ReviewView
from mobile_api import auth, documents, metrics, pagination
from mobile_api.documents import route
from mobile_api.v1.pos.blueprint import blueprint
from mobile_api.v1.pos.counter import Renderer, counter_of, sent
from mobile_api.v1.pos.queue import read_event
from mobile_api.v1.schemas.counter import DecisionBody, PageQuery
from mobile_api.v1.schemas.counter_answers import DecisionAnswer, ReviewsAnswer

_ANSWER = DecisionAnswer()


@route(
    blueprint,
    "GET",
    "/reviews",
    summary="Events that wait for a decision",
    authentication=auth.device,
    query=PageQuery,
    answer=ReviewsAnswer,
)
def list_reviews(scope: Scope, query: dict[str, Any]) -> dict[str, Any]:
    """Of this location's queues, those that came first at the head."""
    limit = query["limit"]
    after = {"after": _place(query["cursor"])} if "cursor" in query else {}
    found = service.list_reviews(counter_of(scope), limit=limit + 1, read=partial(read_event, scope), **after)
    following = None
    if len(found) > limit:
        last = found[limit - 1]
        following = pagination.encode(last.received_at.isoformat(), last.event_id)
    return pagination.page([_shown(scope, item) for item in found[:limit]], following)


@route(
    blueprint,
    "POST",
    "/reviews/<path:event_id>",
    summary="Book an event, or leave it for good",
    authentication=auth.device,
    body=DecisionBody,
    answer=_ANSWER,
    status=201,
    books=True,
    refuses=(403, 404, 409),
)
def decide(scope: Scope, body: dict[str, Any], key: str, event_id: str) -> documents.Reply:
    """A manager or the owner decides, signed in; at a shop where nobody has a PIN whoever stands at the tablet. What is
    booked happened when it happened, by the rules of then. What can't be booked still waits."""
    renderer = Renderer(_ANSWER)
    reply = service.decide(
        counter_of(scope),
        event_id,
        is_approved=body["decision"] == "approve",
        key=key,
        read=partial(read_event, scope),
        render=renderer.result,
        render_refusal=renderer.refuse,
    )
    if reply.status == 201 and not reply.is_replay and body["decision"] == "approve":
        metrics.visit_booked()
    return sent(scope, renderer, reply)


def _place(cursor: str) -> tuple[datetime, str]:
    moment, event_id = pagination.decode(cursor, str, str)
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise InvalidError(errors={"cursor": ["Not a cursor of this list."]})
    return at, event_id


def _shown(scope: Scope, item: ReviewView) -> dict[str, Any]:
    amount = None if item.amount_minor is None else format_amount(item.amount_minor, scope.currency or "EUR")
    shown = {name: getattr(item, name) for name in ReviewView.__slots__}
    return {**shown, "amount": amount, "detail": messages.text(f"review_{item.reason}")}
