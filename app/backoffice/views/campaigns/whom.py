"""Whom a campaign means: from a form's fields to a filter, and back, and how that is said."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext

from app.backoffice.doors import place, scope
from app.backoffice.queries.members import locations_of, tiers_of
from app.backoffice.views.members import words as member_words
from app.backoffice.views.members.listing import arguments, filter_of
from app.rewards.segments import MemberFilter
from app.rewards.service.segments import get_segment


def _(text: str) -> str:
    return str(gettext(text))


def wanted_of(given: Mapping[str, str]) -> MemberFilter:
    """The filter of a form or an address: a saved list's, where one is chosen. Raises ``NotFoundError`` for a list that
    is gone."""
    if segment_id := given.get("list"):
        return get_segment(scope(), segment_id).wanted
    return filter_of(given, place().currency)


def fields_of(wanted: MemberFilter) -> dict[str, str]:
    """A filter as it stands in a form or an address."""
    return arguments(wanted, place().currency)


def said(wanted: MemberFilter) -> str:
    """Whom a filter means, in words: its wishes one after the other."""
    told = [str(words) for _name, words in member_words.chips(wanted, locations_of(scope()), dict(tiers_of(scope())))]
    return ", ".join(told) if told else _("all members")
