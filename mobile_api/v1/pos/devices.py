"""Tablets come in, and staff say who they are."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask import request

from app.cards import attempts
from app.cards.attempts import Limit
from app.common.scope import Scope
from app.extensions import platform
from app.merchants import service as merchants
from app.merchants.queries import get_shop
from mobile_api import auth
from mobile_api.documents import route
from mobile_api.v1.pos.blueprint import blueprint
from mobile_api.v1.schemas.counter import PairBody, StaffSessionBody
from mobile_api.v1.schemas.counter_answers import PairAnswer, StaffSessionAnswer

PAIRING_TRIES = Limit("pairing from one address", 20, timedelta(minutes=15))


@route(
    blueprint,
    "POST",
    "/devices/pair",
    summary="Turn a tablet into a device of a location",
    body=PairBody,
    answer=PairAnswer,
    status=201,
    refuses=(404, 409, 429),
)
def pair(body: dict[str, Any]) -> dict[str, Any]:
    """Takes no token; tries are limited. The device's token is told this once."""
    scope = platform().scope()
    attempts.spend(scope, PAIRING_TRIES, request.remote_addr or "")
    device = merchants.pair_device(scope, body["pairing_code"], body["name"])
    shop = get_shop(replace(scope, merchant_id=device.merchant_id), device.location_id)
    return {"device_id": device.device_id, "device_token": device.token, "location": shop, "merchant": shop}


@route(
    blueprint,
    "POST",
    "/staff-session",
    summary="Sign in whoever stands at the counter",
    authentication=auth.device,
    body=StaffSessionBody,
    answer=StaffSessionAnswer,
    refuses=(403, 429),
)
def start_staff_session(scope: Scope, body: dict[str, Any]) -> merchants.StaffSession:
    """The token is good on this device, for twelve hours."""
    return merchants.start_staff_session(scope, body["staff_pin"])
