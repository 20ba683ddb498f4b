"""What a tablet is told about its shop."""

from __future__ import annotations

import base64
import xml.etree.ElementTree as ET
from typing import Any

from flask.testing import FlaskClient

from app.common.scope import Scope
from app.insights.models import ProductPair
from app.merchants.service import change_counter_settings, revoke_device, stop_staff
from app.rewards.reservations import reservation_key
from app.rewards.service import change_programme, change_reward
from app.scanning.importing.places import take_cards_of
from tests.clocks import FixedClock
from tests.mobile_api.calling import Caller
from tests.shops import AppCard, Shop


def place(caller: Caller) -> dict[str, Any]:
    answer = caller.get("/location")
    assert answer.status == 200, answer.text
    told: dict[str, Any] = answer.body
    return told


def test_a_tablet_knows_its_shop(tablet: Caller, shop: Shop, scope: Scope, clock: FixedClock) -> None:
    told = place(tablet)
    device_id = told["device"]["device_id"]
    assert told["device"] == {"device_id": device_id, "name": "Counter", "is_sandbox": False}
    assert told["location"]["location_id"] == shop.location_id
    assert told["merchant"]["name"] == "Bakery"
    assert told["merchant"]["logo_svg"].startswith("<svg")
    assert told["settings"] == {
        "sign_in": False,
        "lock_after": 300,
        "approves": ["rotating_code", "member_pin", "staff_approval"],
        "cashier_approves": True,
        "kiosk_wait": 240,
        "opening_units_most": None,
        "hints": False,
    }
    stamps, points = told["programmes"]
    assert stamps == {
        "programme_id": shop.stamps_id,
        "name": "Coffee card",
        "kind": "stamps",
        "unit": "stamp",
        "goal": 3,
        "asks": "visit",
        "counted": [],
        "opening_units_most": 2,
    }
    assert (points["programme_id"], points["asks"], points["opening_units_most"]) == (shop.points_id, "amount", 0)
    assert {reward["reward_id"]: reward["value"] for reward in told["rewards"]}[shop.discount_id] == {
        "amount": "5.00",
        "currency": "EUR",
    }
    assert base64.b64decode(told["reservation_key"]) == reservation_key(scope.keys, device_id)
    assert told["join_url"] == "HTTPS://CARD.EXAMPLE"
    assert ET.fromstring(told["join_qr_svg"]).tag.endswith("svg")
    assert (told["has_staff_pins"], told["takes_foreign_cards"], told["reviews"]) == (True, False, 0)
    assert told["now"] == "2026-03-04T12:00:00Z"


def test_each_tablet_has_a_key_of_its_own_and_a_till_has_none(
    client: FlaskClient, tablet: Caller, till: Caller, other_shop: Shop
) -> None:
    own = place(tablet)["reservation_key"]
    assert own != place(Caller(client, other_shop.tablet))["reservation_key"]
    assert place(till)["reservation_key"] is None


def test_what_changes_is_told_at_once(tablet: Caller, shop: Shop, scope: Scope) -> None:
    assert len(place(tablet)["programmes"]) == 2
    change_counter_settings(scope, shop.merchant_id, sign_in=True, opening_units_most=1, kiosk_wait=5)
    change_reward(scope, shop.discount_id, is_active=False)
    take_cards_of(scope, "old system", [shop.merchant_id])
    change_programme(scope, shop.points_id, is_active=False)
    told = place(tablet)
    assert (told["settings"]["sign_in"], told["settings"]["kiosk_wait"]) == (True, 5)
    assert [programme["opening_units_most"] for programme in told["programmes"]] == [1]
    assert shop.discount_id in {reward["reward_id"] for reward in told["rewards"]}, "vouchers outlive their reward"
    assert told["takes_foreign_cards"]


def test_nobody_is_asked_for_a_pin_that_nobody_has(tablet: Caller, shop: Shop, scope: Scope) -> None:
    change_counter_settings(scope, shop.merchant_id, sign_in=True)
    stop_staff(scope, shop.staff_id)
    told = place(tablet)
    assert (told["settings"]["sign_in"], told["has_staff_pins"]) == (False, False)


def test_what_waits_for_a_decision_is_counted(
    client: FlaskClient, tablet: Caller, app_card: AppCard, clock: FixedClock, other_shop: Shop
) -> None:
    events = [
        {
            "id": f"late-{number}",
            "sequence": number,
            "type": "visit",
            "occurred_at": "2026-02-01T12:00:00Z",
            "code": app_card.number,
        }
        for number in (1, 2)
    ]
    sent = tablet.post("/sync", {"sent_at": "2026-03-04T12:00:00Z", "events": events}, key=None)
    assert [result["status"] for result in sent.body["results"]] == ["review", "review"]
    assert place(tablet)["reviews"] == 2
    assert place(Caller(client, other_shop.tablet))["reviews"] == 0


def test_a_device_that_was_unpaired_is_told_nothing(tablet: Caller, scope: Scope) -> None:
    revoke_device(scope, place(tablet)["device"]["device_id"])
    assert tablet.get("/location").status == 401


def test_what_is_taken_together_is_told_only_where_the_shop_wants_it(tablet: Caller, shop: Shop, scope: Scope) -> None:
    with scope.transaction() as tx:
        for at in range(4):
            tx.session.add(ProductPair(merchant_id=shop.merchant_id, place=at, one=f"Coffee {at}", other="Croissant"))
    assert (place(tablet)["settings"]["hints"], place(tablet)["pairs"]) == (False, [])
    change_counter_settings(scope, shop.merchant_id, hints=True)
    told = place(tablet)
    assert told["settings"]["hints"] is True
    assert told["pairs"] == [[f"Coffee {at}", "Croissant"] for at in range(3)]
    assert {one["is_for_all"] for one in told["rewards"]} == {True}
