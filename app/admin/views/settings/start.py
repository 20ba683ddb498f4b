"""The settings' first page: each section with its state."""

from __future__ import annotations

from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from app.admin.doors import door, scope, visitor
from app.admin.forms.settings import KIND_WORDS
from app.admin.pages import page
from app.admin.views.settings.blueprint import blueprint
from app.extensions import platform
from app.merchants.queries.announcements import list_announcements
from app.merchants.queries.terms import count_accepted, list_versions
from app.rewards.queries.content import count_reports

# Said by app.admin.queries.settings_todo, and put in the reader's language by whoever shows it.
SAID = (
    _l("A logo was reported"),
    _l("A text was reported"),
    _l("A reward was reported"),
    _l("A picture was reported"),
)


@door(blueprint, "/admin/settings", right="support")
def show() -> ResponseReturnValue:
    """What is set, and where it is changed."""
    is_all = visitor().may("administrator")
    return page(
        "admin/settings/show.html",
        here="settings",
        is_all=is_all,
        reports=count_reports(scope()),
        versions=list_versions(scope()) if is_all else [],
        counts=count_accepted(scope()) if is_all else {},
        kinds=KIND_WORDS,
        news=list_announcements(scope(), limit=3) if is_all else [],
        brand=platform().brand,
        public_url=platform().settings.public_url,
    )
