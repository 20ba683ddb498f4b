"""Where the catalogue's pages hang, and how much may be sent to them."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app import messages
from app.common.errors import DomainError
from app.rewards.errors import CodesUnreadableError, PictureTooLargeError
from app.rewards.pictures import MOST_BYTES
from app.web import uploads

blueprint = Blueprint("catalogue", __name__)

# A form's own words and boundaries come on top of the file.
_LIMITS: dict[str, tuple[int, DomainError]] = {
    "catalogue.set_picture": (MOST_BYTES + 64 * 1024, PictureTooLargeError()),
    "catalogue.add_codes": (6 * 1024 * 1024, CodesUnreadableError(line=1)),
}


@blueprint.before_request
def limit() -> ResponseReturnValue | None:
    """Take no more than the page needs; a file that is larger is told where it was chosen, and nothing is kept."""
    most, error = _LIMITS.get(request.endpoint or "", (uploads.FORM_LIMIT, None))
    if uploads.limit_body(most):
        return None
    if error is None:
        abort(413)
    flash(messages.sentence(error), "bad")
    return redirect(url_for("catalogue.show_reward", **(request.view_args or {})), 303)
