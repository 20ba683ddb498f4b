"""How the groups and rungs are called: the owner's own words, else ours. They stand in the back office alone."""

from __future__ import annotations

from collections.abc import Mapping

from flask import g
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.backoffice.doors import scope
from app.backoffice.queries.relations.setting import names_given

ORDER = ("friend", "butterfly", "barnacle", "stranger")
"""The groups as they are told, those that pay most first."""
USUAL: Mapping[str, LazyString] = {
    "friend": _l("True friends"),
    "butterfly": _l("Butterflies"),
    "barnacle": _l("Barnacles"),
    "stranger": _l("Strangers"),
}
RUNGS: Mapping[str, LazyString] = {
    "customer": _l("Customers"),
    "client": _l("Regular customers"),
    "supporter": _l("Supporters"),
    "advocate": _l("Advocates"),
    "partner": _l("Partners"),
}


def group_names() -> dict[str, str]:
    """Each group's name at the business of this request; read once for a request."""
    known: dict[str, str] | None = g.get("group_names")
    if known is None:
        given = names_given(scope())
        known = g.group_names = {key: given.get(key) or str(USUAL[key]) for key in ORDER}
    return known


def rung_names() -> dict[str, str]:
    """Each rung's name, the lowest first."""
    return {key: str(name) for key, name in RUNGS.items()}
