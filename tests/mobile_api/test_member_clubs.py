"""A shop's club and events in the members' app."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.campaigns.service import clubs, events
from app.campaigns.service.events import EventWords
from app.common.scope import Scope
from tests.mobile_api.calling import Caller
from tests.mobile_api.members import App, sign_up
from tests.shops import Shop

WORDING = "The shop sees that I joined."


@pytest.fixture
def event_id(scope: Scope, shop: Shop) -> str:
    """An event of a club with one place."""
    own = replace(scope, actor_kind="staff", merchant_id=shop.merchant_id, staff_role="owner")
    clubs.set_club(own, is_on=True, name="Table", about="Wine.", interests=["natural wine"], revision=0)
    starts_at = scope.now + timedelta(days=10)
    words = EventWords(
        {"nl": "Wijnavond", "en": "Wine evening"},
        {"nl": "Zes flessen.", "en": "Six bottles."},
        starts_at,
        starts_at + timedelta(hours=3),
        1,
        address="Quay 1",
        price="12 euro",
    )
    made = events.write_event(own, words)
    events.open_event(own, made, revision=1)
    return made


def guest(client: FlaskClient, till: Caller) -> App:
    app = sign_up(client)
    assert till.post("/visits", {"code": app.number, "units": 1, "amount": "1"}).status == 201
    return app


def place(app: App) -> Any:
    [club] = app.call.get("/me/clubs").body["items"]
    return club["events"][0]["place"] if club["events"] else None


def test_a_member_joins_takes_a_place_and_passes_it_on(
    client: FlaskClient, shop: Shop, till: Caller, event_id: str
) -> None:
    anna, bert, stranger = guest(client, till), guest(client, till), sign_up(client)
    path = f"/me/clubs/{shop.merchant_id}"
    seen = anna.call.get(path).body
    assert (seen["is_on"], seen["is_joined"], seen["interests"]) == (True, False, ["natural wine"])
    [event] = seen["events"]
    assert (event["where"], event["left"], event["place"], "audience" in event) == ("Quay 1", 1, None, False)
    joining = {"interests": ["natural wine"], "wording": WORDING}
    assert anna.call.send("PUT", path, json.dumps(joining)).status == 204
    assert anna.call.get(path).body["chosen"] == ["natural wine"]
    # Where she doesn't collect there is nothing to see, to join or to take.
    assert stranger.call.get(path).body | {"merchant": None} == {
        "merchant": None,
        "is_on": False,
        "name": "",
        "about": "",
        "interests": [],
        "is_joined": False,
        "chosen": [],
        "events": [],
    }
    assert stranger.call.get("/me/clubs").body["items"] == []
    assert stranger.call.send("PUT", path, json.dumps(joining)).problem() == "club_off"
    assert stranger.call.post(f"/me/events/{event_id}/place", key=None).problem() == "club_off"

    assert anna.call.post(f"/me/events/{event_id}/place", key=None).body == {"place": "held"}
    assert bert.call.post(f"/me/events/{event_id}/place", key=None).body == {"place": "waiting"}
    [ticket] = anna.call.get("/me/vouchers").body["items"]
    assert ticket["name"] in ("Wijnavond", "Wine evening")
    for method, last in (("POST", "pass"), ("DELETE", "pass"), ("DELETE", "place")):
        assert stranger.call.send(method, f"/me/events/{event_id}/{last}", None).status == 404
    made = anna.call.post(f"/me/events/{event_id}/pass", key=None)
    assert made.status == 201
    assert anna.call.send("DELETE", f"/me/events/{event_id}/pass", None).status == 204
    void = stranger.call.post("/me/tickets", {"code": made.body["code"]}, key=None)
    assert void.status == 404
    code = anna.call.post(f"/me/events/{event_id}/pass", key=None).body["code"]
    taken = stranger.call.post("/me/tickets", {"code": code}, key=None)
    assert taken.body == {"event_id": event_id, "merchant_id": shop.merchant_id}
    assert [one["status"] for one in anna.call.get("/me/vouchers").body["items"]] == ["cancelled"]
    assert len(stranger.call.get("/me/vouchers").body["items"]) == 1
    assert (place(anna), place(bert)) == (None, "waiting")

    # Whoever got it may give it back; who waits is next.
    assert stranger.call.send("DELETE", f"/me/events/{event_id}/place", None).status == 204
    assert place(bert) == "held"
    assert anna.call.send("DELETE", path, None).status == 204
    assert anna.call.get(path).body["is_joined"] is False
