"""What wallets ask: Apple's phones, which have a pass and want it brought up to date. The addresses and shapes below
``/apple`` are Apple's."""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from flask import Blueprint, Response, request

from app.cards.passes import apple
from app.common.scope import Scope
from app.extensions import platform
from app.wallet import service as wallet
from app.wallet.service import Claim
from mobile_api import auth
from mobile_api.documents import route
from mobile_api.v1.schemas.passes import LogBody, RegistrationBody, UpdatedAnswer, UpdatedQuery

blueprint = Blueprint("passes", __name__, url_prefix="/passes")
_log = logging.getLogger("zegel.passes")
_REGISTRATION = "/apple/v1/devices/<device>/registrations/<pass_type>/<id:serial>"
_NOTED_LINES = 5
_LONGEST_LINE = 200
# Serial numbers, device ids and tokens say which person it is about.
_NAMES = re.compile(r"[0-9A-Za-z_-]{16,}")


@route(
    blueprint,
    "POST",
    _REGISTRATION,
    summary="Tell this device when a pass changes",
    authentication=auth.apple_pass,
    body=RegistrationBody,
    refuses=(200, 404),
    status=201,
)
def register(scope: Scope, body: dict[str, Any], device: str, pass_type: str, serial: str) -> Response:
    """201 where it was not told yet, 200 where it was."""
    is_new = wallet.register_device(
        scope,
        platform().settings,
        _claim(pass_type, serial),
        device_id=device,
        push_token=body["push_token"],
    )
    return Response(status=201 if is_new else 200)


@route(
    blueprint,
    "DELETE",
    _REGISTRATION,
    summary="Tell this device no more of a pass",
    authentication=auth.apple_pass,
    refuses=(404,),
)
def unregister(scope: Scope, device: str, pass_type: str, serial: str) -> Response:
    """It was taken out of the wallet there."""
    wallet.unregister_device(scope, platform().settings, _claim(pass_type, serial), device_id=device)
    return Response(status=200)


@route(
    blueprint,
    "GET",
    "/apple/v1/devices/<device>/registrations/<pass_type>",
    summary="Which passes of a device changed",
    query=UpdatedQuery,
    answer=UpdatedAnswer,
    refuses=(204, 404),
)
def updated(query: dict[str, Any], device: str, pass_type: str) -> Any:
    """204 where none did. Needs no token: nobody else knows the device's id, and nothing but serial numbers is told."""
    here = platform()
    changed = wallet.list_changed(
        here.scope(),
        here.settings,
        pass_type=pass_type,
        device_id=device,
        since=query.get("passes_updated_since"),
    )
    if changed is None:
        return Response(status=204)
    return {"serial_numbers": changed.card_ids, "last_updated": changed.mark}


@route(
    blueprint,
    "GET",
    "/apple/v1/passes/<pass_type>/<id:serial>",
    summary="A pass as it is now",
    authentication=auth.apple_pass,
    media_type=apple.MEDIA_TYPE,
    refuses=(304, 404),
)
def latest(scope: Scope, pass_type: str, serial: str) -> Response:
    """304 where nothing on it changed since `If-Modified-Since`. A card that is dead comes as a pass that is void."""
    made = wallet.latest_pass(scope, platform().settings, _claim(pass_type, serial), since=_since())
    if made is None:
        return Response(status=304)
    headers = {"Last-Modified": format_datetime(made.changed_at.astimezone(UTC).replace(microsecond=0), usegmt=True)}
    return Response(made.content, mimetype=apple.MEDIA_TYPE, headers=headers)


@route(blueprint, "POST", "/apple/v1/log", summary="What went wrong with a pass on a phone", body=LogBody)
def log(body: dict[str, Any]) -> Response:
    """It is noted without the names in it."""
    lines = [_NAMES.sub("…", line)[:_LONGEST_LINE] for line in body["logs"][:_NOTED_LINES]]
    _log.warning("a phone told of %d troubles with a pass: %s", len(body["logs"]), " | ".join(lines))
    return Response(status=200)


def _claim(pass_type: str, serial: str) -> Claim:
    token = request.headers.get("Authorization", "").partition(" ")[2].strip()
    return Claim(pass_type=pass_type, card_id=serial, token=token)


def _since() -> datetime | None:
    try:
        told = parsedate_to_datetime(request.headers.get("If-Modified-Since", ""))
    except ValueError:
        return None
    return told if told.tzinfo is not None else told.replace(tzinfo=UTC)
