"""Visits: booked, or only judged."""

from __future__ import annotations

from typing import Any

from app.common.errors import DomainError
from app.common.scope import Scope
from app.rewards.outcomes import VisitResult
from app.scanning import service
from mobile_api import auth, documents, metrics, misses
from mobile_api.documents import route
from mobile_api.v1.pos.blueprint import blueprint
from mobile_api.v1.pos.counter import Renderer, counter_of, sent, visit_request
from mobile_api.v1.schemas.counter import VisitBody
from mobile_api.v1.schemas.counter_answers import PreviewAnswer, VisitAnswer

_ANSWER = VisitAnswer()


@route(
    blueprint,
    "POST",
    "/visits",
    summary="Record a visit",
    authentication=auth.scanning_device,
    body=VisitBody,
    answer=_ANSWER,
    status=201,
    books=True,
    refuses=(403, 404, 409, 429),
)
def record_visit(scope: Scope, body: dict[str, Any], key: str) -> documents.Reply:
    """Books what the visit earns in each programme, and the vouchers that it unlocks."""
    counter = counter_of(scope)
    renderer = Renderer(_ANSWER)
    try:
        reply = service.record_visit(
            counter, visit_request(scope, body), key=key, render=renderer.result, render_refusal=renderer.refuse
        )
    except DomainError as error:
        misses.count(scope, error)
        raise
    if reply.status == 201 and not reply.is_replay:
        metrics.visit_booked()
    return sent(scope, renderer, reply)


@route(
    blueprint,
    "POST",
    "/visits/preview",
    summary="Tell what a visit would earn",
    authentication=auth.scanning_device,
    body=VisitBody,
    answer=PreviewAnswer,
    refuses=(404, 409, 429),
)
def preview_visit(scope: Scope, body: dict[str, Any]) -> VisitResult:
    """Books nothing, and doesn't use a rotating code up."""
    counter = counter_of(scope)
    try:
        return service.preview_visit(counter, visit_request(scope, body))
    except DomainError as error:
        misses.count(scope, error)
        raise
