"""How every page of the back office is made: in the business's colour, with the navigation that its person may use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, g, make_response, render_template, url_for
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.backoffice.doors import DOORS, RANKS, Visitor
from app.web.hues import allow_style, hue_style

_NO_SHOP_HUE = 25


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of the navigation."""

    key: str
    word: LazyString
    endpoint: str
    symbol: str
    is_lower: bool = False  # stands at the foot of the side bar
    is_in_hand: bool = False  # stands in the bar under a phone's thumb


STEPS = (
    Step("today", _l("Today"), "reports.today", "chart", is_in_hand=True),
    Step("programme", _l("Programme"), "programme.show_programmes", "stamp"),
    Step("rewards", _l("Rewards"), "catalogue.list_rewards", "gift"),
    Step("promotions", _l("Promotions"), "catalogue.list_promotions", "calendar"),
    Step("members", _l("Members"), "members.list_members", "people", is_in_hand=True),
    Step("relations", _l("Relationships"), "relations.show_relations", "relations"),
    Step("campaigns", _l("Campaigns"), "campaigns.list_campaigns", "letter"),
    Step("feedback", _l("Feedback"), "feedback.show_feedback", "speech"),
    Step("reports", _l("Reports"), "reports.show_reports", "report", is_in_hand=True),
    Step("team", _l("Team and tablets"), "team.show_team", "tablet", is_lower=True),
    Step("shop", _l("Shop and subscription"), "setting_up.show_shop", "shop", is_lower=True),
    Step("help", _l("Help"), "setting_up.show_help", "help", is_lower=True),
)


def page(template: str, *, status: int = 200, here: str | None = None, **told: Any) -> Response:
    """A page from a template that extends ``backoffice/base.html``; ``here`` is the key of its step in the navigation.

    The template also gets ``visitor``, ``place`` (None outside a business) and ``steps``.
    """
    visitor: Visitor | None = g.get("visitor")
    place = None if visitor is None else visitor.place
    hue = _NO_SHOP_HUE if place is None else place.hue
    style = hue_style({hue, *told.pop("hues", ())})
    response = make_response(
        render_template(
            template, visitor=visitor, place=place, hue=hue, style=style, steps=_steps(visitor), here=here, **told
        ),
        status,
    )
    response.headers["X-Robots-Tag"] = "noindex"
    # What it shows is one shop's: no cache may keep it, and going back after signing out shows nothing.
    response.headers["Cache-Control"] = "no-store"
    if visitor is not None:
        # To ourselves alone: a form that is asked for a password first leads back to where it stands.
        response.headers["Referrer-Policy"] = "same-origin"
    return allow_style(response, style)


def part(template: str, *, status: int = 200, **told: Any) -> Response:
    """A part of a page, for htmx to put in its place."""
    visitor: Visitor | None = g.get("visitor")
    place = None if visitor is None else visitor.place
    response = make_response(render_template(template, visitor=visitor, place=place, **told), status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _steps(visitor: Visitor | None) -> list[tuple[Step, str]]:
    if visitor is None or visitor.place is None:
        return []
    rank = RANKS[visitor.place.role]
    found = []
    for step in STEPS:
        door = DOORS.get(step.endpoint)
        if door is not None and RANKS[door.least] <= rank:
            found.append((step, url_for(step.endpoint, slug=visitor.place.slug)))
    return found
