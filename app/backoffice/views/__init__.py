"""The back office's pages."""

from __future__ import annotations

from flask import Flask

from app.backoffice.views import (
    account,
    catalogue,
    members,
    programme,
    reports,
    setting_up,
    subscription,
    team,
    town,
)
from app.web.views import keep_language

_PARTS = (account, setting_up, programme, catalogue, members, team, reports, subscription, town)
for _one in _PARTS:
    _one.blueprint.after_request(keep_language)


def init_app(flask_app: Flask) -> None:
    """Put the pages on an application."""
    for one in _PARTS:
        flask_app.register_blueprint(one.blueprint)
