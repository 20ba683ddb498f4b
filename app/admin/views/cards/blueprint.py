"""What the pages about cards hang on."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, url_for

from app.admin.doors import DOORS, visitor
from app.common.errors import NotFoundError
from app.common.ids import is_id

blueprint = Blueprint("admin_cards", __name__, template_folder="../../templates")


def require_id(text: str, what: str) -> str:
    """The id in an address. Raises ``NotFoundError`` for what can't be one."""
    if not is_id(text):
        raise NotFoundError(what=what)
    return text


@blueprint.app_template_global("address_of")
def address_of(endpoint: str, **values: Any) -> str | None:
    """The address of another area's page; None where there is no such page, or it is not this person's to open."""
    if endpoint not in current_app.view_functions or None in values.values():
        return None
    opened = DOORS.get(endpoint)
    return None if opened is None or not visitor().may(opened.right) else url_for(endpoint, **values)
