"""A tablet at which nobody of the shop stands by."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.common.ids import new_id
from app.common.scope import Scope
from app.common.sql import Statement
from app.merchants.service import add_location, change_counter_settings, create_pairing_code, pair_device
from tests.clocks import FixedClock
from tests.mobile_api.calling import Answer, Caller
from tests.mobile_api.members import sign_up
from tests.shops import AppCard, PlasticCard, Shop


def shown(tablet: Caller, number: str, **more: Any) -> Answer:
    return tablet.post("/visits", {"code": number, "kiosk": True, **more})


def queued(tablet: Caller, number: str, *at: str) -> list[tuple[str, str]]:
    events = [
        {
            "id": new_id(),
            "sequence": sequence,
            "type": "visit",
            "occurred_at": f"2026-03-04T{hour}:00Z",
            "code": number,
            "kiosk": True,
        }
        for sequence, hour in enumerate(at, 1)
    ]
    sent = tablet.post("/sync", {"sent_at": "2026-03-04T12:00:00Z", "events": events}, key=None)
    assert sent.status == 200, sent.text
    return [
        (result["status"], result.get("problem", {}).get("type", "").removeprefix("/problems/"))
        for result in sent.body["results"]
    ]


def test_one_visit_within_the_shops_time(tablet: Caller, plastic_card: PlasticCard, clock: FixedClock) -> None:
    assert shown(tablet, plastic_card.number).status == 201
    clock.advance(hours=3, minutes=59)
    refused = shown(tablet, plastic_card.number)
    assert (refused.status, refused.problem()) == (409, "kiosk_wait")
    assert "17:00" in refused.body["detail"], "in the shop's own time"
    assert tablet.post("/visits", {"code": plastic_card.number}).status == 201, "somebody of the shop sees to it"
    clock.advance(minutes=1)
    assert shown(tablet, plastic_card.number).status == 201


def test_it_says_the_day_where_that_is_another(
    tablet: Caller, plastic_card: PlasticCard, shop: Shop, scope: Scope
) -> None:
    change_counter_settings(scope, shop.merchant_id, kiosk_wait=24 * 60)
    shown(tablet, plastic_card.number)
    assert "05/03 13:00" in shown(tablet, plastic_card.number).body["detail"]


def test_the_preview_says_so_too(tablet: Caller, plastic_card: PlasticCard) -> None:
    asked = {"code": plastic_card.number, "kiosk": True}
    assert tablet.post("/visits/preview", asked, key=None).status == 200
    shown(tablet, plastic_card.number)
    assert tablet.post("/visits/preview", asked, key=None).problem() == "kiosk_wait"
    assert tablet.post("/visits/preview", {"code": plastic_card.number}, key=None).status == 200


def test_each_member_waits_alone_and_at_every_shop_of_the_merchant(
    client: FlaskClient,
    tablet: Caller,
    shop: Shop,
    other_shop: Shop,
    scope: Scope,
    plastic_card: PlasticCard,
    app_card: AppCard,
) -> None:
    station = add_location(scope, shop.merchant_id, name="Station")
    second = pair_device(scope, create_pairing_code(scope, station).code, "Station").token
    assert shown(tablet, plastic_card.number).status == 201
    assert shown(tablet, app_card.number).status == 201
    assert shown(Caller(client, second), plastic_card.number).problem() == "kiosk_wait"
    assert shown(Caller(client, other_shop.tablet), plastic_card.number).status == 201


def test_one_that_was_undone_does_not_count(tablet: Caller, plastic_card: PlasticCard) -> None:
    first = shown(tablet, plastic_card.number)
    assert shown(tablet, plastic_card.number).status == 409
    tablet.post(f"/transactions/{first.body['transaction_id']}/reverse", {"reason": "wrong card"})
    assert shown(tablet, plastic_card.number).status == 201


def test_two_cards_of_one_member_are_one_after_a_merge_too(
    client: FlaskClient, tablet: Caller, plastic_card: PlasticCard
) -> None:
    app = sign_up(client)
    shown(tablet, plastic_card.number)
    claimed = app.call.post(
        "/me/cards", {"number": plastic_card.number, "claim_code": plastic_card.claim_code}, key=None
    )
    assert claimed.status == 201, claimed.text
    for number in (app.number, plastic_card.number):
        assert shown(tablet, number).problem() == "kiosk_wait"


@pytest.mark.parametrize(
    "more", [{"amount": "5"}, {"units": 1}, {"items": [{"sku": "7", "quantity": 1}]}], ids=lambda more: next(iter(more))
)
def test_nothing_is_keyed_in_where_nobody_sees_to_it(
    tablet: Caller, plastic_card: PlasticCard, more: dict[str, Any]
) -> None:
    refused = shown(tablet, plastic_card.number, **more)
    assert refused.status == 422
    assert set(refused.body["errors"]) == set(more)
    event = {
        "id": "e",
        "sequence": 1,
        "type": "visit",
        "occurred_at": "2026-03-04T11:00:00Z",
        "code": plastic_card.number,
        "kiosk": True,
    }
    sent = tablet.post("/sync", {"sent_at": "2026-03-04T12:00:00Z", "events": [{**event, **more}]}, key=None)
    assert sent.body["results"][0]["status"] == "rejected"


@pytest.mark.parametrize("value", ["true", 1, None])
def test_true_is_true_and_nothing_else(tablet: Caller, plastic_card: PlasticCard, value: Any) -> None:
    assert tablet.post("/visits", {"code": plastic_card.number, "kiosk": value}).status == 422


def test_a_queue_is_held_to_the_same_in_whatever_order_it_comes(
    client: FlaskClient, tablet: Caller, shop: Shop, scope: Scope, plastic_card: PlasticCard
) -> None:
    second = pair_device(scope, create_pairing_code(scope, shop.location_id).code, "Counter 2").token
    told = queued(tablet, plastic_card.number, "06:00", "09:59", "10:00")
    assert told == [("applied", ""), ("rejected", "kiosk_wait"), ("applied", "")]
    late = queued(Caller(client, second), plastic_card.number, "02:01", "02:00", "08:00")
    assert late == [("rejected", "kiosk_wait"), ("applied", ""), ("rejected", "kiosk_wait")]


def test_the_same_key_is_the_same_visit_and_a_staffed_one_is_another(
    tablet: Caller, plastic_card: PlasticCard, scope: Scope
) -> None:
    body = {"code": plastic_card.number, "kiosk": True}
    first = tablet.post("/visits", body, key="k")
    assert tablet.post("/visits", body, key="k").text == first.text
    assert tablet.post("/visits", {"code": plastic_card.number}, key="k").problem() == "key_reused"
    with scope.reading() as tx:
        assert tx.rows(Statement("SELECT source, staff_id FROM visit"), {}) == [("kiosk", None)]
