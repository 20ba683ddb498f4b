"""Telling that somebody else was faster: who changed what since a form was opened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.backoffice.doors import place, scope
from app.backoffice.pages import page
from app.backoffice.queries.catalogue import ChangeView, changes_since
from app.backoffice.views.catalogue import words
from app.common.clock import zone
from app.rewards.errors import ChangedMeanwhileError
from app.web.locale import LANGUAGES
from app.web.moments import local_moment

FIELDS = {
    "name": _l("Name"),
    "names": _l("Name in other languages"),
    "texts": _l("Descriptions"),
    "cost": _l("What it costs"),
    "amount_minor": _l("Amount"),
    "percent": _l("Percentage"),
    "is_flexible": _l("Several at once"),
    "stock": _l("How many there are"),
    "per_member_limit": _l("Limit for each member"),
    "tier": _l("Tier"),
    "valid_from": _l("From"),
    "valid_until": _l("Until"),
    "voucher_days": _l("How long a voucher is good"),
    "is_active": _l("On or off"),
    "location_ids": _l("Where"),
    "segment_id": _l("Segment"),
    "picture": _l("Picture"),
    "starts_at": _l("Begins"),
    "ends_at": _l("Ends"),
    "rule": _l("The rule"),
    "replaced_by": _l("The rule"),
}


@dataclass(frozen=True, slots=True)
class Changed:
    """One field that somebody else changed."""

    word: str
    before: str
    after: str


def stale(
    error: ChangedMeanwhileError, subject_kind: str, subject_id: str, name: str, address: str, here: str
) -> Response:
    """The page that says who changed what meanwhile: nothing of what was sent was kept."""
    missed = int(error.params.get("now", 1)) - int(error.params.get("revision") or 0)
    changes = changes_since(scope(), subject_kind, subject_id, missed)
    return page(
        "backoffice/catalogue/stale.html",
        status=409,
        here=here,
        name=name,
        address=address,
        changes=[(one.who or _("Somebody"), local_moment(one.at), _fields(one)) for one in changes],
    )


def _fields(change: ChangeView) -> list[Changed]:
    told = []
    for field in sorted({*change.before, *change.after}):
        word = FIELDS.get(field)
        if word is not None:
            told.append(
                Changed(str(word), _told(field, change.before.get(field)), _told(field, change.after.get(field)))
            )
    return told


def _told(field: str, value: Any) -> str:
    if value in (None, "", [], {}):
        return "–"
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if field == "amount_minor":
        return words.minor(int(value), place().currency)
    if field in ("names", "texts"):
        return ", ".join(f"{LANGUAGES.get(tongue, tongue)}: {text}" for tongue, text in value.items())
    if field in ("valid_from", "valid_until", "starts_at", "ends_at"):
        at = datetime.fromisoformat(str(value))
        return words.day(at.astimezone(zone(place().timezone)).date())
    if field in ("picture", "location_ids", "segment_id", "rule", "replaced_by"):
        return str(_("changed"))
    return str(value)
