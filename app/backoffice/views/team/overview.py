"""People and tablets on one page."""

from __future__ import annotations

from flask import url_for
from flask.typing import ResponseReturnValue

from app.backoffice.doors import DOORS, door, place, scope, visitor
from app.backoffice.pages import page
from app.backoffice.queries.feedback import count_waiting
from app.backoffice.views.team.blueprint import ROLES, blueprint
from app.backoffice.views.team.devices import state_of
from app.merchants.queries.looking import consent_of
from app.merchants.queries.team import list_equipment, list_team

_PAIR = "setting_up.pair_tablet"


@door(blueprint, "/office/<slug>/team", least="manager")
def show_team() -> ResponseReturnValue:
    """Who works here, and which tablets there are."""
    people, tablets = list_team(scope()), list_equipment(scope(), "tablet")
    return page(
        "backoffice/team/team.html",
        here="team",
        people=[one for one in people if one.is_active],
        gone=[one for one in people if not one.is_active],
        tablets=[(one, state_of(one, scope().now)) for one in tablets if one.revoked_at is None],
        ended=[one for one in tablets if one.revoked_at is not None],
        roles=ROLES,
        pair_url=url_for(_PAIR, slug=place().slug) if _PAIR in DOORS else None,
        waiting=count_waiting(scope()),
        consent=consent_of(scope(), place().merchant_id) if visitor().may("owner") else None,
    )
