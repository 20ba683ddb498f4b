"""The shop that a device stands in."""

from __future__ import annotations

import base64
from functools import lru_cache
from typing import Any

from app.cards import qr
from app.common.scope import Scope
from app.extensions import platform
from app.merchants.counter_settings import as_document
from app.merchants.queries import get_shop
from app.scanning import service
from mobile_api import auth
from mobile_api.documents import route
from mobile_api.v1.pos.blueprint import blueprint
from mobile_api.v1.pos.counter import counter_of
from mobile_api.v1.schemas.counter_place import PlaceAnswer


@route(
    blueprint,
    "GET",
    "/location",
    summary="Tell a device about its shop",
    authentication=auth.device,
    answer=PlaceAnswer,
)
def location(scope: Scope) -> dict[str, Any]:
    """To be kept on the device, and asked again now and then: settings, programmes and rewards change."""
    counter = counter_of(scope)
    place = service.get_place(counter)
    shop = get_shop(scope, counter.location_id)
    # In capitals, so that its QR stays small; neither scheme nor host minds.
    join_url = platform().settings.public_url.upper()
    key = place.reservation_key
    return {
        "device": place,
        "location": shop,
        "merchant": shop,
        "settings": {**as_document(place.settings), "sign_in": place.asks_sign_in},
        "programmes": place.programmes,
        "rewards": place.rewards,
        "has_staff_pins": place.has_staff_pins,
        "takes_foreign_cards": place.takes_foreign_cards,
        "reservation_key": None if key is None else base64.b64encode(key).decode(),
        "join_url": join_url,
        "join_qr_svg": _drawn(join_url),
        "reviews": place.reviews,
        "earns_until": place.earns_until,
        "pairs": [list(pair) for pair in place.pairs],
        "now": place.now,
    }


@lru_cache(maxsize=8)
def _drawn(url: str) -> str:
    return qr.as_svg(qr.encode(url, qr.Level.SCREEN), title=url)
