"""Who stands at the counter."""

from __future__ import annotations

from typing import Any

from app.cards.numbers import mask_number
from app.common.errors import DomainError
from app.common.scope import Scope
from app.scanning import service
from app.scanning.foreign_cards import mask_reference
from app.scanning.results import ScanResult
from mobile_api import auth, misses
from mobile_api.documents import route
from mobile_api.v1.pos.blueprint import blueprint
from mobile_api.v1.pos.counter import counter_of
from mobile_api.v1.schemas.counter import LookupBody, ScanBody
from mobile_api.v1.schemas.counter_answers import ScanAnswer


@route(
    blueprint,
    "POST",
    "/scans",
    summary="See whose card it is and what it holds here",
    authentication=auth.scanning_device,
    body=ScanBody,
    answer=ScanAnswer,
    refuses=(404, 409, 429),
)
def scan(scope: Scope, body: dict[str, Any]) -> dict[str, Any]:
    """Books nothing, but uses up a rotating code; ``scan_id`` stands for it on this device for ten minutes."""
    counter = counter_of(scope)
    try:
        return _shown(service.scan(counter, body["code"]))
    except DomainError as error:
        misses.count(scope, error)
        raise


@route(
    blueprint,
    "POST",
    "/members/lookup",
    summary="Find a member who allowed it by e-mail or phone",
    authentication=auth.device,
    body=LookupBody,
    answer=ScanAnswer,
    refuses=(404, 409, 429),
)
def lookup(scope: Scope, body: dict[str, Any]) -> dict[str, Any]:
    """The ``scan_id`` may earn, not redeem."""
    [(kind, value)] = body.items()
    return _shown(service.lookup_member(counter_of(scope), kind=kind, value=value))


def _shown(found: ScanResult) -> dict[str, Any]:
    masked = mask_number(found.number) if found.reference is None else mask_reference(found.reference)
    card: dict[str, Any] = {"number_masked": masked, "status": found.card_status, "kind": found.card_kind}
    if found.card_kind == "printed":
        card["has_pin"] = found.has_pin
    return {
        "scan_id": found.scan_id,
        "expires_at": found.expires_at,
        "card": card,
        "member": {"display_name": found.display_name, "is_new": found.is_new, "greeting": found.greeting},
        "accounts": found.accounts,
        "rewards": found.rewards,
        "vouchers": found.vouchers,
        "promotions": found.promotions,
        "currency": found.currency,
        "proof": found.proof,
    }
