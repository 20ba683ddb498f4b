"""Where the pages of risk hang."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("admin_risk", __name__, template_folder="../../templates")
AREA = "risk"
