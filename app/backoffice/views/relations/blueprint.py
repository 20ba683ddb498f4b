"""Where the pages of relationships hang."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("relations", __name__)
