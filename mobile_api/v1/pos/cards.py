"""Printed cards over the counter: a first PIN, and a new card for a lost or a foreign one."""

from __future__ import annotations

from typing import Any

from app.cards.numbers import mask_number
from app.common.errors import DomainError
from app.common.scope import Scope
from app.scanning import service
from app.scanning.requests import Identification
from app.scanning.service.handing_out import SwapRequest
from mobile_api import auth, misses
from mobile_api.documents import route
from mobile_api.v1.pos.blueprint import blueprint
from mobile_api.v1.pos.counter import counter_of
from mobile_api.v1.schemas.counter_cards import CounterPinAnswer, CounterPinBody, SwapAnswer, SwapBody


@route(
    blueprint,
    "POST",
    "/cards/pin",
    summary="Give a printed card its first PIN",
    authentication=auth.device,
    body=CounterPinBody,
    answer=CounterPinAnswer,
    refuses=(403, 404, 409, 429),
)
def set_pin(scope: Scope, body: dict[str, Any]) -> dict[str, Any]:
    """Typed by whoever holds the card, so that it redeems without a phone and is replaced when lost. The shop approves:
    by a staff session, the staff PIN, or a key with the scope `approve`. A repeat changes nothing."""
    counter = counter_of(scope)
    who = Identification(scan_id=body["scan_id"])
    service.set_first_pin(counter, who, body["pin"], staff_pin=body.get("staff_pin"))
    return {"has_pin": True}


@route(
    blueprint,
    "POST",
    "/cards/swap",
    summary="Put a new printed card in the place of a lost or a foreign one",
    authentication=auth.device,
    body=SwapBody,
    answer=SwapAnswer,
    refuses=(403, 404, 409, 429),
)
def swap(scope: Scope, body: dict[str, Any]) -> dict[str, Any]:
    """Every balance stays, and the old card is dead at once. A card of ours is swapped by its PIN, which the new one
    keeps; another system's by staff approval. The new one must never have been used. A repeat changes nothing."""
    counter = counter_of(scope)
    request = SwapRequest(body["code"], body["new_code"], body.get("pin"), body.get("staff_pin"))
    try:
        swapped = service.swap_card(counter, request)
    except DomainError as error:
        misses.count(scope, error)
        raise
    return {"number_masked": mask_number(swapped.number), "accounts": swapped.accounts}
