"""Makes the application. The only module that knows every feature."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, request
from flask.sessions import SecureCookieSessionInterface
from flask.typing import ResponseReturnValue
from itsdangerous import URLSafeTimedSerializer
from werkzeug.exceptions import HTTPException

from app import extensions
from app.admin import views as admin
from app.backoffice import views as backoffice
from app.billing import views as billing
from app.campaigns import views as campaigns
from app.cli import commands
from app.common import logs
from app.common.clock import Clock, system_clock
from app.common.settings import Settings
from app.merchants import views as merchants
from app.privacy import views as privacy
from app.rewards import views as rewards
from app.tables import metadata
from app.web import pages as web
from app.web import proxies

__all__ = ["FEATURES", "create_app", "metadata"]  # the metadata: `flask db migrate` compares with every table

Face = Callable[[Flask], None]
# What each feature adds to the application: its pages, its commands.
FEATURES: tuple[Face, ...] = (
    web.init_app,
    merchants.init_app,
    rewards.init_app,
    campaigns.init_app,
    privacy.init_app,
    billing.init_app,
    backoffice.init_app,
    admin.init_app,
    commands.init_app,
)


class Sessions(SecureCookieSessionInterface):
    """Keeps the signer of its application's cookies: Flask makes one for each request, those without a session too."""

    def __init__(self) -> None:
        self._signer: URLSafeTimedSerializer | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        if self._signer is None:
            self._signer = super().get_signing_serializer(app)
        return self._signer


class Application(Flask):
    """A Flask application whose parts may answer all errors under their own path, routing errors too."""

    def handle_user_exception(self, error: Exception) -> HTTPException | ResponseReturnValue:
        # The web's own pages under /api (the browsable description) fail as pages.
        answer = None if request.blueprint == "web" else extensions.answer_for(self, request.path)
        return super().handle_user_exception(error) if answer is None else answer(error)


def create_app(settings: Settings, *faces: Face, clock: Clock = system_clock) -> Flask:
    """The WSGI application, from settings that were read already.

    ``faces`` are ``init_app`` functions that stand outside ``app``, such as ``mobile_api.init_app``. ``clock`` is what
    every use case asks for the time. Opens no connection: the database may come up later.
    """
    flask_app = Application("app", static_folder=None)
    flask_app.session_interface = Sessions()
    logs.configure(settings.log_format, is_quiet=settings.env == "test")
    extensions.init_app(flask_app, settings, clock)
    for init_app in (*FEATURES, *faces):
        init_app(flask_app)
    if settings.trusted_proxies:
        trusted = proxies.networks(settings.trusted_proxies)
        flask_app.wsgi_app = proxies.Behind(flask_app.wsgi_app, trusted)  # type: ignore[method-assign]
    return flask_app
