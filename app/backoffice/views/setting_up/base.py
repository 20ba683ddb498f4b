"""The blueprint of these pages, and what several of them share."""

from __future__ import annotations

import ipaddress

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.common.errors import InvalidError
from app.web import uploads

ABOUT = "setting_up.edit_about"  # the one that takes a file
LARGEST_DRAWING = 256 * 1024  # bytes: the largest drawing, its letters escaped, and every text

blueprint = Blueprint("setting_up", __name__, template_folder="../../templates")


@blueprint.before_request
def limit() -> ResponseReturnValue | None:
    """Read no more than a page's form may hold, before its token is looked for in it; a drawing that is too large is
    told where it was chosen."""
    is_about = request.endpoint == ABOUT
    if uploads.limit_body(LARGEST_DRAWING if is_about else uploads.FORM_LIMIT):
        return None
    if not is_about:
        abort(413)
    flash(gettext("That is too large for a drawing: at most 32 kB are taken. Nothing was changed."), "bad")
    return redirect(url_for(ABOUT, **(request.view_args or {})), 303)


def network() -> str | None:
    """Whose tries are counted together: an IPv4 address, or the /64 of an IPv6 one, of which one household has all."""
    try:
        found = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return request.remote_addr
    if found.version == 6 and found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(found) if found.version == 4 else str(ipaddress.ip_network((found, 64), strict=False))


def put_errors(form: object, error: InvalidError, word: str) -> None:
    """Tell a service's refusal at the fields that it names; ``word`` says what to do."""
    for name in error.params.get("errors", {}):
        field = getattr(form, name, None)
        if field is not None:
            field.errors = [*field.errors, word]
