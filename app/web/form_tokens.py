"""The token without which no form changes anything: another site can't send it along."""

from __future__ import annotations

from flask import Flask
from flask_wtf.csrf import CSRFProtect

csrf = CSRFProtect()


def init_app(flask_app: Flask) -> None:
    """Offer the token to templates. The JSON faces have tokens of another kind and no cookies: the doors of the pages
    ask for the form's token themselves."""
    flask_app.config.setdefault("WTF_CSRF_CHECK_DEFAULT", False)
    flask_app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)  # a form that lay open overnight is still sent
    flask_app.config.update(SESSION_COOKIE_SAMESITE="Lax", SESSION_COOKIE_HTTPONLY=True)
    csrf.init_app(flask_app)
