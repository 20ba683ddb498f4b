"""Where the pages of automations hang, and how much may be sent to them."""

from __future__ import annotations

from flask import Blueprint, abort
from flask.typing import ResponseReturnValue

from app.web import uploads

blueprint = Blueprint("automations", __name__)
AUTOMATIONS = "/office/<slug>/automations"
HERE = "campaigns"
"""The step of the navigation under which they stand."""


@blueprint.before_request
def limit() -> ResponseReturnValue | None:
    """Take no more than a form needs."""
    if not uploads.limit_body(uploads.FORM_LIMIT):
        abort(413)
    return None
