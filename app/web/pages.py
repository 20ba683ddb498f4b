"""Puts the shared pages on an application."""

from __future__ import annotations

from flask import Flask

from app import extensions
from app.web import error_pages, form_tokens, headers, views
from app.web.locale import babel, language


def init_app(flask_app: Flask) -> None:
    """Register the pages, the error pages, the choice of language and the headers."""
    with flask_app.app_context():
        settings = extensions.platform().settings
    mount(flask_app, is_strict=settings.is_production, tile_url=settings.tile_url)


def mount(flask_app: Flask, *, is_strict: bool = False, tile_url: str | None = None) -> None:
    """Like :func:`init_app`, for an application that has no platform."""
    babel.init_app(flask_app, locale_selector=language)
    headers.init_app(flask_app, is_strict=is_strict, tile_url=tile_url)
    error_pages.init_app(flask_app)
    form_tokens.init_app(flask_app)
    flask_app.register_blueprint(views.blueprint)
