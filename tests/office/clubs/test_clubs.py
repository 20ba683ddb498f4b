"""The club's pages as an owner uses them without scripts."""

from __future__ import annotations

import pytest
from flask import Flask

from app.campaigns.queries.clubs import list_events
from app.campaigns.service import clubs, places
from app.cards.profiles import write_profile
from app.common.scope import Scope
from tests.campaigns import of_shop
from tests.factories import Shop, make_holder, make_shop, visit
from tests.office.desk import Desk, forms_in, sit_down

EVENT = {
    "revision": "0",
    "title_en": "Wine evening",
    "text_en": "Six bottles.",
    "day": "2026-03-20",
    "begins": "19:30",
    "ends": "00:30",
    "address": "",
    "places": "2",
    "price": "12 euro",
    "audience": "interest:natural wine",
}


@pytest.fixture
def shop(scope: Scope) -> Shop:
    return make_shop(scope, stamps=10, name="Bakery")


@pytest.fixture
def desk(flask_app: Flask, scope: Scope, shop: Shop) -> Desk:
    return sit_down(flask_app, scope, shop.merchant_id, "owner")


def test_an_owner_begins_a_club_and_runs_an_evening(scope: Scope, shop: Shop, desk: Desk) -> None:
    page = desk.get("/club").get_data(as_text=True)
    assert "You have no club yet" in page
    told = {"revision": "0", "is_on": "y", "name": "Table", "about": "", "interests": "natural wine\n\ngluten-free"}
    assert desk.post("/club/settings", told | {"name": ""}).status_code == 422
    assert desk.post("/club/settings", told).status_code == 303
    anna = make_holder(scope)
    visit(shop.counter(), anna)
    with scope.transaction() as tx:
        write_profile(tx, scope, anna.member_id, {"name": "Anna Claes", "shows_name": True})
    member = of_shop(scope, shop)
    member.merchant_id, member.actor_kind, member.member_id = None, "member", anna.member_id
    clubs.join_club(member, merchant_id=shop.merchant_id, interests=["natural wine"], wording="Yes.")
    page = desk.get("/club").get_data(as_text=True)
    assert "Anna Claes" in page
    assert "1 member" in page
    assert "No event yet" in page

    wrong = desk.post("/club/events/new", EVENT | {"location": shop.location_id, "title_en": "", "places": "0"})
    assert wrong.status_code == 422
    made = desk.post("/club/events/new", EVENT | {"location": shop.location_id})
    assert made.status_code == 303, made.get_data(as_text=True)
    [event] = list_events(of_shop(scope, shop))
    assert (event.starts_at.isoformat(), event.ends_at.isoformat()) == (
        "2026-03-20T18:30:00+00:00",
        "2026-03-20T23:30:00+00:00",
    )
    path = f"/club/events/{event.event_id}"
    assert "2026-03-20" in desk.get(path + "/change").get_data(as_text=True)
    assert desk.post(path + "/open", {"revision": "1"}).status_code == 303
    assert places.take(member, event_id=event.event_id) == "held"
    # Changed as its own form sends it: what is fixed stays, and one more may come.
    [form] = [one for one in forms_in(desk.get(path + "/change").get_data(as_text=True)) if "title_en" in one]
    more = EVENT | {"location": shop.location_id, "revision": form["revision"], "places": "3"}
    assert desk.post(path + "/change", more).status_code == 303
    moved = desk.post(path + "/change", more | {"revision": "3", "begins": "20:00"})
    assert moved.status_code == 422
    page = desk.get(path).get_data(as_text=True)
    assert "1/3" in page
    assert "Friday 20 March 2026, 19:30–00:30" in page
    assert "Interested in natural wine" in page
    desk.post(path + "/cancel", {"revision": "3"})
    assert "cancelled" in desk.get("/club").get_data(as_text=True)


def test_a_manager_writes_events_and_does_not_switch_the_club(flask_app: Flask, scope: Scope, shop: Shop) -> None:
    manager = sit_down(flask_app, scope, shop.merchant_id, "manager")
    assert "The owner turns it on." in manager.get("/club").get_data(as_text=True)
    assert manager.get("/club/settings").status_code == 403
    refused = manager.post("/club/events/new", EVENT | {"location": shop.location_id, "audience": "members"})
    assert refused.status_code == 422
    assert "no club now" in refused.get_data(as_text=True)
