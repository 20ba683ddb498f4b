"""Where the pages of people and access are hung, and what they share."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.extensions import platform

blueprint = Blueprint("team", __name__, template_folder="../../templates")

ROLES: Mapping[str, LazyString] = {"owner": _l("Owner"), "manager": _l("Manager"), "cashier": _l("Cashier")}
MAY: Mapping[str, LazyString] = {
    "cashier": _l("Sees how the day goes, and works at the tablet."),
    "manager": _l("Also looks after members, rewards, promotions, the programme and reports."),
    "owner": _l("May do everything, also people, keys, money and leaving."),
}


def public_url() -> str:
    """Where the service stands, for links in mails."""
    return platform().settings.public_url
