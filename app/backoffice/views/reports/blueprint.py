"""The blueprint of the day's page and the reports."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("reports", __name__, template_folder="../../templates")
