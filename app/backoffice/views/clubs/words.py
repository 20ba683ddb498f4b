"""Clubs and events in a florist's words."""

from __future__ import annotations

from flask_babel import format_datetime, gettext

from app.backoffice.doors import place
from app.backoffice.group_names import ORDER, group_names
from app.campaigns.queries.clubs import ClubView, EventView
from app.common.clock import zone
from app.web.locale import language


def name(event: EventView) -> str:
    """The event's title, in the reader's language where it has that."""
    return event.title.get(language()) or next(iter(event.title.values()), "")


def state(event: EventView) -> tuple[str, str]:
    """The kind of tag and its word."""
    if event.status == "draft":
        return "", gettext("draft")
    if event.status == "cancelled":
        return "bad", gettext("cancelled")
    if event.missed is not None:
        return "", gettext("over")
    if event.taken >= event.places:
        return "wait", gettext("full")
    return "good", gettext("open")


def when(event: EventView) -> str:
    """Day and hours, in the shop's zone."""
    here = zone(place().timezone)
    begins, ends = event.starts_at.astimezone(here), event.ends_at.astimezone(here)
    told = format_datetime(begins.replace(tzinfo=None), "EEEE d MMMM yyyy, HH:mm", rebase=False)
    return f"{told}–{ends:%H:%M}"


def audiences(club: ClubView) -> list[tuple[str, str]]:
    """For whom an event can be."""
    found = [("members", gettext("All who collect here")), ("club", gettext("Members of the club"))]
    found += [(f"interest:{one}", gettext("Interested in %(what)s", what=one)) for one in club.interests]
    names = group_names()
    return found + [(f"group:{key}", gettext("Only %(group)s", group=names[key])) for key in ORDER]


def audience(event: EventView) -> str:
    """For whom an event is."""
    if event.audience == "group":
        return str(gettext("Only %(group)s", group=group_names()[event.wanted or ""]))
    if event.audience == "interest":
        return str(gettext("Interested in %(what)s", what=event.wanted))
    return str(gettext("Members of the club") if event.audience == "club" else gettext("All who collect here"))
