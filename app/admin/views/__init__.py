"""The operators' pages."""

from __future__ import annotations

from flask import Flask

from app.admin.views import (
    account,
    cards,
    health,
    ledger,
    operators,
    overview,
    privacy,
    risk,
    settings,
    shops,
    support,
)
from app.web.views import keep_language

_PARTS = (
    privacy,
    support,
    ledger,
    risk,
    account,
    cards,
    operators,
    settings,
    shops,
    overview,
    health,
)
for _one in _PARTS:
    _one.blueprint.after_request(keep_language)


def init_app(flask_app: Flask) -> None:
    """Put the pages on an application."""
    for one in _PARTS:
        flask_app.register_blueprint(one.blueprint)
