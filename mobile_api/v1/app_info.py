"""What the members' app must know of this platform before anybody signs in."""

from __future__ import annotations

import ipaddress
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint

from app.campaigns import vapid
from app.cards.passes import credentials
from app.extensions import platform
from app.merchants.queries.terms import in_force
from app.web.branding import logo_url
from mobile_api.documents import route
from mobile_api.v1.schemas.messages import AppAnswer

blueprint = Blueprint("app_info", __name__, url_prefix="/app")


@route(blueprint, "GET", "", summary="What this platform offers", answer=AppAnswer)
def offers() -> dict[str, Any]:
    """Needs no token. `now` lets a phone learn how wrong its clock is."""
    here = platform()
    settings, brand = here.settings, here.brand
    signing = vapid.read(settings.vapid)
    return {
        "hosts": list(here.hosts),
        "tile_url": settings.tile_url,
        "tile_attribution": settings.tile_attribution,
        "push_public_key": signing.public_key if signing is not None else None,
        "passkeys": not _is_address(urlsplit(settings.public_url).hostname or ""),
        "passes": {
            "apple": credentials.apple(settings.apple_pass) is not None,
            "google": credentials.google(settings.google_wallet) is not None,
        },
        "now": here.clock(),
        "terms_url": settings.terms_url or _page("terms"),
        "privacy_url": _page("privacy"),
        "brand": {
            "name": brand.name,
            "hue": brand.hue,
            "logo_url": logo_url(),
            "support_address": brand.support_address,
        },
    }


def _page(kind: str) -> str | None:
    """The town's own page with the version in force, where there is one."""
    here = platform()
    return f"{here.settings.public_url}/{kind}" if in_force(here.scope(), kind) is not None else None


def _is_address(host: str) -> bool:
    """Whether a host is an IP address: browsers make passkeys for names alone."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
