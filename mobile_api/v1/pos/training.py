"""Practising at the counter."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from app.common.scope import Scope
from app.merchants.queries import get_shop
from app.scanning import service
from mobile_api import auth
from mobile_api.documents import route
from mobile_api.v1.pos.blueprint import blueprint
from mobile_api.v1.schemas.counter import EmptyBody
from mobile_api.v1.schemas.counter_cards import TrainingAnswer


@route(
    blueprint,
    "POST",
    "/training",
    summary="Practise in a sandbox of this shop",
    authentication=auth.device,
    body=EmptyBody,
    optional_body=True,
    answer=TrainingAnswer,
    refuses=(404, 409),
)
def start_training(scope: Scope, body: dict[str, Any]) -> dict[str, Any]:
    """With the token, every call here works as it does in the shop, on cards that are worth nothing; real cards are not
    there. A repeat gives the same token; cards that were practised with are replaced by new ones."""
    training = service.start_training(scope)
    shop = get_shop(replace(scope, merchant_id=training.device.merchant_id), training.device.location_id)
    return {
        "device_token": training.device.token,
        "location": shop,
        "merchant": shop,
        "cards": [{"what": state, "code": number} for state, number in training.cards],
    }
