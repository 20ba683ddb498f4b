"""What tablets and tills call: ``/api/v1/pos``, with a device token or an API key, for one location."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("pos", __name__, url_prefix="/pos")
