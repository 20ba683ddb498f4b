"""The list of shops, and one of them."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from app.admin.doors import door, scope
from app.admin.pages import page
from app.admin.queries.shops import SORTS, STATES, list_shops
from app.admin.views.shops.blueprint import STATE_KINDS, STATE_WORDS, blueprint, show


@door(blueprint, "/admin/shops", right="operator", endpoint="list_shops")
def show_list() -> ResponseReturnValue:
    """Every shop, found and sorted."""
    words = request.args.get("q", "").strip()
    state = request.args.get("state")
    sort = request.args.get("sort")
    number = request.args.get("page", "1")
    asked = {
        "q": words or None,
        "state": state if state in STATES else None,
        "sort": sort if sort in SORTS and sort != "name" else None,
    }
    return page(
        "admin/shops/list.html",
        here="shops",
        found=list_shops(
            scope(),
            words=words,
            state=asked["state"],
            sort=asked["sort"] or "name",
            page=int(number) if number.isdecimal() and len(number) < 6 else 1,
        ),
        words=words,
        asked=asked,
        states=STATES,
        state_words=STATE_WORDS,
        state_kinds=STATE_KINDS,
    )


@door(blueprint, "/admin/shops/<merchant_id>", right="operator")
def show_shop(merchant_id: str) -> ResponseReturnValue:
    """All of one shop, and what can be done with it."""
    return show(merchant_id)
