"""A tablet's queue: what happened while there was no network, applied exactly once."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError

from app import messages
from app.common.errors import DomainError, InvalidError
from app.common.scope import Scope
from app.scanning import service
from app.scanning.requests import QueuedEvent, RedemptionRequest, TabletFacts
from app.scanning.results import SyncResult
from mobile_api import auth, errors, metrics
from mobile_api.documents import route
from mobile_api.v1.pos.blueprint import blueprint
from mobile_api.v1.pos.counter import RedemptionRenderer, Renderer, counter_of, visit_request
from mobile_api.v1.schemas.counter import LARGEST, LONGEST_KEY, RedemptionEvent, SyncBody, VisitEvent
from mobile_api.v1.schemas.counter_answers import RedemptionAnswer, SyncAnswer, VisitAnswer

_EVENTS = {"visit": VisitEvent(), "redemption": RedemptionEvent()}
_VISIT = VisitAnswer()
_REDEMPTION = RedemptionAnswer()


@route(
    blueprint,
    "POST",
    "/sync",
    summary="Apply a tablet's queue",
    authentication=auth.device,
    body=SyncBody,
    answer=SyncAnswer,
)
def sync(scope: Scope, body: dict[str, Any]) -> dict[str, Any]:
    """Answers for each event, in order. One that can't be taken is rejected and never stops the rest; only an answer
    here removes an event from the tablet's queue. A reservation whose member wants it back is told in `releases`, and
    ends when it comes back in `acks`."""
    results: list[dict[str, Any] | None] = []
    events: list[QueuedEvent] = []
    sent: dict[int, Any] = {}
    unread: list[int] = []
    for raw in body["events"]:
        try:
            event = read_event(scope, raw)
        except DomainError as error:
            results.append(_told(SyncResult(_id_of(raw), "rejected", None, error)))
            unread += _number_of(raw)
            continue
        results.append(None)
        events.append(event)
        sent[id(event)] = raw
    visits = Renderer(_VISIT)
    synced = service.sync(
        counter_of(scope),
        events,
        sent_at=body["sent_at"],
        render_visit=visits.result,
        render_redemption=RedemptionRenderer(_REDEMPTION).result,
        render_refusal=visits.refuse,
        document_of=lambda event: dict(sent[id(event)]),
        facts=TabletFacts(**{name: body.get(name) for name in TabletFacts.__slots__}),
        acks=body.get("acks", ()),
        unread=unread,
    )
    applied = iter(synced.results)
    return {
        "results": [result if result is not None else _told(next(applied)) for result in results],
        "received_at": synced.received_at,
        "releases": synced.releases,
        "missing": synced.missing,
        "reviews": synced.reviews,
    }


def read_event(scope: Scope, raw: Any) -> QueuedEvent:
    """An event as the domain takes it. Raises ``InvalidError`` and its kin for one that can't be."""
    kind = raw.get("type") if isinstance(raw, dict) else None
    schema = _EVENTS.get(kind) if isinstance(kind, str) else None
    try:
        event: dict[str, Any] = (schema or _EVENTS["visit"]).load(raw)
    except ValidationError as error:
        fields = error.messages if isinstance(error.messages, dict) else {"_schema": error.messages}
        raise InvalidError(errors=fields) from None
    if event["type"] == "visit":
        return QueuedEvent(event["id"], event["sequence"], visit=visit_request(scope, event))
    redemption = RedemptionRequest(
        voucher_code=event["voucher_code"],
        occurred_at=event["occurred_at"],
        staff_id=event.get("staff_id"),
        hold_id=event.get("hold_id"),
    )
    return QueuedEvent(event["id"], event["sequence"], redemption=redemption)


def _id_of(raw: Any) -> str | None:
    found = raw.get("id") if isinstance(raw, dict) else None
    return found[:LONGEST_KEY] if isinstance(found, str) else None


def _number_of(raw: Any) -> list[int]:
    number = raw.get("sequence") if isinstance(raw, dict) else None
    if isinstance(number, int) and not isinstance(number, bool) and 0 < number <= LARGEST:
        return [number]
    return []


def _told(result: SyncResult) -> dict[str, Any]:
    told: dict[str, Any] = {"id": result.id, "status": result.status}
    if result.transaction_id is not None:
        told["transaction_id"] = result.transaction_id
        if result.status == "applied":
            metrics.visit_booked()
    if isinstance(result.problem, DomainError):
        told["problem"] = _problem(result.problem)
    return told


def _problem(error: DomainError) -> dict[str, Any]:
    # A refusal that was stored with the event carries the code of the first one, and its sentence where it is known.
    code = error.params.get("code")
    if not isinstance(code, str):
        return errors.document_of(error)
    return errors.document(409, code, error.params.get("detail") or messages.text(code))
