"""The town's name and colour on pages; the plain ones on an application that has no platform."""

from __future__ import annotations

from flask import current_app, url_for

from app.common.branding import HUE, Brand
from app.extensions import Platform


def town() -> Brand:
    """How the town's card is called and looks."""
    found = _platform()
    return Brand() if found is None else found.brand


def logo_url() -> str:
    """Where pages find the town's logo: the seal, until the town has one of its own or another colour."""
    found = town()
    if found.logo is None and found.hue == HUE:
        return url_for("web.static", filename="seal.svg")
    return url_for("town.logo", v=found.version)


def card_hosts() -> tuple[str, ...]:
    """The hosts under which cards were ever issued."""
    found = _platform()
    return tuple(current_app.config.get("CARD_HOSTS", ())) if found is None else found.hosts


def _platform() -> Platform | None:
    return next((one for one in current_app.extensions.values() if isinstance(one, Platform)), None)
