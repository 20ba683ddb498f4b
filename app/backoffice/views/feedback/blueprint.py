"""Where the pages of what members say hang, and how much may be sent to them."""

from __future__ import annotations

from flask import Blueprint, abort

from app.web import uploads

blueprint = Blueprint("feedback", __name__)
FEEDBACK = "/office/<slug>/feedback"


@blueprint.before_request
def limit() -> None:
    """Take no more than the forms need."""
    if not uploads.limit_body(uploads.FORM_LIMIT):
        abort(413)
