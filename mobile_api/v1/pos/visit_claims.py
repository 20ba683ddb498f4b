"""A visit of somebody who has no card at hand."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from app.cards import qr
from app.cards.codes import card_url
from app.common.scope import Scope
from app.extensions import platform
from app.scanning import service
from app.scanning.results import ClaimableVisit
from mobile_api import auth, documents, metrics
from mobile_api.documents import route
from mobile_api.v1.pos.blueprint import blueprint
from mobile_api.v1.pos.counter import Renderer, counter_of, sent, visit_request
from mobile_api.v1.schemas.counter_cards import VisitClaimAnswer, VisitClaimBody

_ANSWER = VisitClaimAnswer()


class _Renderer(Renderer):
    """Adds the address and the QR code that a phone opens."""

    __slots__ = ()

    def result(self, result: ClaimableVisit) -> str:
        url = card_url(platform().settings.host, result.number)
        picture = qr.as_svg(qr.encode(url, qr.Level.SCREEN))
        return super().result({**asdict(result), "url": url, "qr_svg": picture})


@route(
    blueprint,
    "POST",
    "/visit-claims",
    summary="Record a visit that is claimed by phone",
    authentication=auth.device,
    body=VisitClaimBody,
    answer=_ANSWER,
    status=201,
    books=True,
    refuses=(403, 404, 409, 429),
)
def record(scope: Scope, body: dict[str, Any], key: str) -> documents.Reply:
    """For fourteen days `POST /me/cards` with the number in the address makes it the claimer's. What nobody claims is
    undone."""
    renderer = _Renderer(_ANSWER)
    reply = service.record_claimable_visit(
        counter_of(scope), visit_request(scope, body), key=key, render=renderer.result, render_refusal=renderer.refuse
    )
    if reply.status == 201 and not reply.is_replay:
        metrics.visit_booked()
    return sent(scope, renderer, reply)
