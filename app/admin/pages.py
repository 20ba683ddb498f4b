"""How every page of the operators is made: the navigation that its person may use, and nothing kept in the browser."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, current_app, g, make_response, render_template, url_for
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.admin.doors import DOORS, Visitor
from app.web.going import wants_part

__all__ = ["STEPS", "Step", "page", "part", "start_of", "wants_part"]


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of the navigation."""

    key: str
    word: LazyString
    endpoint: str


STEPS = (
    Step("overview", _l("Overview"), "admin_overview.show"),
    Step("shops", _l("Shops"), "admin_shops.list_shops"),
    Step("cards", _l("Cards"), "admin_cards.find"),
    Step("ledger", _l("Ledger"), "admin_ledger.show"),
    Step("risk", _l("Risk"), "admin_risk.list_cases"),
    Step("privacy", _l("Privacy"), "admin_privacy.list_requests"),
    Step("support", _l("Support"), "admin_support.list_questions"),
    Step("health", _l("Health"), "admin_health.show"),
    Step("settings", _l("Settings"), "admin_settings.show"),
)


def page(template: str, *, status: int = 200, here: str | None = None, **told: Any) -> Response:
    """A page from a template that extends ``admin/base.html``; ``here`` is the key of its step in the navigation.

    The template also gets ``visitor`` (None outside) and ``steps``.
    """
    visitor = _inside()
    response = make_response(
        render_template(
            template, visitor=visitor, steps=_steps(visitor), endpoints=current_app.view_functions, here=here, **told
        ),
        status,
    )
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Cache-Control"] = "no-store"
    if visitor is not None:
        # To ourselves alone: a form that is asked for a code first leads back to where it stands.
        response.headers["Referrer-Policy"] = "same-origin"
    return response


def part(template: str, *, status: int = 200, **told: Any) -> Response:
    """A part of a page, for htmx to put in its place."""
    response = make_response(render_template(template, visitor=_inside(), **told), status)
    response.headers["Cache-Control"] = "no-store"
    return response


def start_of(visitor: Visitor) -> str:
    """The first page that this person may open."""
    steps = _steps(visitor)
    return steps[0][1] if steps else url_for("admin_account.mine")


def _inside() -> Visitor | None:
    visitor: Visitor | None = g.get("operator")
    return None if visitor is None or visitor.operator.waits_for_second else visitor


def _steps(visitor: Visitor | None) -> list[tuple[Step, str]]:
    if visitor is None:
        return []
    return [
        (step, url_for(step.endpoint))
        for step in STEPS
        if step.endpoint in current_app.view_functions and visitor.may(DOORS[step.endpoint].right)
    ]
