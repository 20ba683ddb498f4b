"""What the town asks of a shop and tells it: terms to accept, news to read."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.backoffice.doors import door, place, scope
from app.backoffice.pages import page
from app.common.ids import is_id
from app.merchants.queries.terms import Version, accepted_by, asked_of
from app.merchants.service.announcing import dismiss_announcement
from app.merchants.service.terms import accept_terms
from app.web.locale import choose

TITLES = {"terms": _l("Terms"), "dpa": _l("Data-processing agreement"), "privacy": _l("Privacy")}

blueprint = Blueprint("town_office", __name__, template_folder="../../templates")


@door(blueprint, "/office/<slug>/terms", least="owner")
def show_terms() -> ResponseReturnValue:
    """What waits for the owner's agreement, and what was agreed to before."""
    return page(
        "backoffice/town/terms.html",
        here="shop",
        asked=asked_of(scope()),
        accepted=accepted_by(scope()),
        titles=TITLES,
        text_of=_paragraphs,
    )


@door(blueprint, "/office/<slug>/terms/<version_id>/accept", least="owner", methods=("POST",))
def accept(version_id: str) -> ResponseReturnValue:
    """Accept a version for the business."""
    if not is_id(version_id):
        abort(404)
    accept_terms(scope(), version_id)
    flash(_("Accepted. Thank you."), "good")
    return redirect(url_for("town_office.show_terms", slug=place().slug), 303)


@door(blueprint, "/office/<slug>/news/<announcement_id>/away", least="cashier", methods=("POST",))
def put_away(announcement_id: str) -> ResponseReturnValue:
    """Take an announcement out of this person's sight."""
    dismiss_announcement(scope(), announcement_id)
    return redirect(url_for("reports.today", slug=place().slug), 303)


def _paragraphs(version: Version) -> list[str]:
    return [part.strip() for part in (choose(version.texts) or "").split("\n\n") if part.strip()]
