"""Where the routes of the members' app are gathered."""

from __future__ import annotations

from flask import Blueprint

auth_blueprint = Blueprint("auth", __name__, url_prefix="/auth")
me_blueprint = Blueprint("me", __name__, url_prefix="/me")
