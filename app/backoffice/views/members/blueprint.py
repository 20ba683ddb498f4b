"""Where the members' pages hang, and how much may be sent to them."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app import messages
from app.backoffice.service.members.importing import MOST_BYTES, MOST_ROWS
from app.rewards.errors import ImportTooLongError
from app.web import uploads

blueprint = Blueprint("members", __name__)
_FORM = 64 * 1024  # the form's own words and boundaries


@blueprint.before_request
def limit() -> ResponseReturnValue | None:
    """Take no more than the page needs; a list that is larger is told where it was chosen, and nothing is kept."""
    is_upload = request.endpoint == "members.upload_import"
    if uploads.limit_body(MOST_BYTES + _FORM if is_upload else uploads.FORM_LIMIT):
        return None
    if not is_upload:
        abort(413)
    flash(messages.sentence(ImportTooLongError(most=MOST_ROWS)), "bad")
    return redirect(url_for("members.list_imports", **(request.view_args or {})), 303)
