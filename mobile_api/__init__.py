"""The JSON face of the application: what tablets, tills and the members' app talk to."""

from __future__ import annotations

from flask import Flask

from app import extensions
from mobile_api import auth, errors, health, misses, observing, v1
from mobile_api.addresses import IdConverter

__all__ = ["init_app"]


def init_app(flask_app: Flask) -> None:
    """Mount ``/api/v1``, the health pages and the metrics on an application."""
    extensions.answer_errors(flask_app, "/api/", errors.answer)
    auth.init_app(flask_app)
    misses.init_app(flask_app)
    flask_app.url_map.converters["id"] = IdConverter
    flask_app.register_blueprint(health.blueprint)
    v1.init_app(flask_app)
    observing.init_app(flask_app)
