"""The back office's pages."""

from __future__ import annotations

from flask import Flask

from app.backoffice.doors import csrf
from app.backoffice.views import (
    account,
    catalogue,
    members,
    programme,
    reports,
    setting_up,
    subscription,
    team,
)
from app.web.views import keep_language

_PARTS = (account, setting_up, programme, catalogue, members, team, reports, subscription)
for _one in _PARTS:
    _one.blueprint.after_request(keep_language)


def init_app(flask_app: Flask) -> None:
    """Put the pages on an application."""
    # The JSON faces have tokens and no cookies: the doors ask for the form's token themselves.
    flask_app.config.setdefault("WTF_CSRF_CHECK_DEFAULT", False)
    flask_app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)  # a form that lay open overnight is still sent
    flask_app.config.update(SESSION_COOKIE_SAMESITE="Lax", SESSION_COOKIE_HTTPONLY=True)
    csrf.init_app(flask_app)
    for one in _PARTS:
        flask_app.register_blueprint(one.blueprint)
