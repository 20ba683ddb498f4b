"""A shop's club and its events; off unless its owner turns it on."""

from __future__ import annotations

from app.backoffice.views.clubs import events, pages
from app.backoffice.views.clubs.blueprint import blueprint

__all__ = ["blueprint", "events", "pages"]
