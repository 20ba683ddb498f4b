"""The blueprint of the settings, and what several of them share."""

from __future__ import annotations

from flask import Blueprint, request

FORM_LIMIT = 2 * 1024 * 1024
PICTURE_LIMIT = 9 * 1024 * 1024
BRAND = "admin_settings.brand"  # the one that takes a file

blueprint = Blueprint("admin_settings", __name__, template_folder="../../templates")


@blueprint.before_request
def limit() -> None:
    """Read no more than a page's form may hold, before its token is looked for in it."""
    most = PICTURE_LIMIT if request.endpoint == BRAND else FORM_LIMIT
    request.max_content_length = most
    request.max_form_memory_size = most
