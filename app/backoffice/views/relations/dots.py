"""What the map in the browser asks for: where all dots lie, and who one of them is when somebody points at it."""

from __future__ import annotations

import base64
from uuid import UUID

from flask import Response, abort, jsonify
from flask.typing import ResponseReturnValue

from app.backoffice.doors import door, place, scope
from app.backoffice.queries import relations as asked
from app.backoffice.views.relations.blueprint import blueprint
from app.backoffice.views.reports import words
from app.backoffice.views.reports.words import _
from app.common.money import exponent


@door(blueprint, "/office/<slug>/relations/dots", least="manager")
def list_dots() -> ResponseReturnValue:
    """Every member's place: ``visits`` in hundredths, ``profits`` in minor units, ``members`` as the 16 bytes of each
    id, all in one order."""
    if scope().location_id is not None:
        abort(403)
    dots = asked.dots_of(scope())
    ids = base64.b64encode(b"".join(UUID(one).bytes for one in dots.members)).decode()
    return _fresh(jsonify(visits=[round(one * 100) for one in dots.visits], profits=list(dots.profits), members=ids))


@door(blueprint, "/office/<slug>/relations/members/<member_id>", least="manager")
def tell_member(member_id: str) -> ResponseReturnValue:
    """Who a dot is: by the name that the shop may see, else by the end of her card."""
    if scope().location_id is not None:
        abort(403)
    who = asked.who_is(scope(), member_id, timezone=place().timezone)
    unit = 10 ** exponent(place().currency)
    profit = words.money(round(who.profit_year_minor / unit) * unit, place().currency)
    told = [profit, words.visits(who.visits_year)]
    if who.silent_days:
        told.append(words.ngettext("%(count)s day away", "%(count)s days away", who.silent_days, count=who.silent_days))
    called = who.name or (_("Card …%(tail)s", tail=who.card_tail) if who.card_tail else _("Without a card"))
    return _fresh(jsonify(name=called, told=", ".join(told)))


def _fresh(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
