"""Refusals about relationships, segments by value, and their letters."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

SENTENCES: Mapping[str, LazyString] = {
    "relations_changed": _l("Somebody else changed this meanwhile: %(who)s. Look at it as it is now, and try again."),
}
FIELDS: Mapping[str, LazyString] = {}
