"""What the pages of the ledger hang on."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("admin_ledger", __name__, template_folder="../../templates")
