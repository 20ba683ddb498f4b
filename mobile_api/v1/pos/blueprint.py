"""Where the routes of tablets and tills are gathered."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("pos", __name__, url_prefix="/pos")
