"""A voucher that a phone reserves for one tablet: who may redeem it, and how the reservation ends."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.common.ids import new_id
from app.common.scope import Scope
from app.merchants import service as merchants
from app.rewards.reservations import proof, reservation_key
from tests.clocks import FixedClock
from tests.mobile_api.calling import Answer, Caller
from tests.mobile_api.members import App, sign_up, wake
from tests.shops import Shop

NOW = "2026-03-04T12:00:00Z"


@pytest.fixture
def app(client: FlaskClient) -> App:
    return sign_up(client)


@pytest.fixture
def voucher(app: App, till: Caller, shop: Shop) -> dict[str, Any]:
    """A voucher of the app's member at the shop."""
    till.post("/visits", {"code": app.number, "amount": "12.00"})
    taken = app.call.post("/me/vouchers", {"reward_id": shop.discount_id}, key=None)
    assert taken.status == 201, taken.text
    assert taken.body["hold"] is None
    return dict(taken.body)


def pair(client: FlaskClient, scope: Scope, location_id: str, name: str = "Other tablet") -> tuple[Caller, str]:
    """One more tablet, and its id."""
    code = merchants.create_pairing_code(scope, location_id).code
    made = merchants.pair_device(scope, code, name)
    return Caller(client, made.token), made.device_id


def reserve(app: App, voucher: dict[str, Any], location_id: str, **more: Any) -> Answer:
    path = f"/me/vouchers/{voucher['voucher_id']}/hold"
    return app.call.post(path, {"location_id": location_id, **more}, key=None)


def ask_back(app: App, voucher: dict[str, Any]) -> Answer:
    return app.call.send("DELETE", f"/me/vouchers/{voucher['voucher_id']}/hold", content_type=None)


def give_back(app: App, voucher: dict[str, Any]) -> Answer:
    return app.call.send("DELETE", f"/me/vouchers/{voucher['voucher_id']}", content_type=None)


def sync(tablet: Caller, **told: Any) -> dict[str, Any]:
    answer = tablet.post("/sync", {"sent_at": NOW, "events": [], **told}, key=None)
    assert answer.status == 200, answer.text
    return dict(answer.body)


def test_a_reservation_is_told_with_its_proof(app: App, voucher: dict[str, Any], shop: Shop, scope: Scope) -> None:
    held = reserve(app, voucher, shop.location_id)
    assert held.status == 200, held.text
    hold = held.body["hold"]
    assert (hold["location_id"], hold["device_name"], hold["release_at"]) == (shop.location_id, "Counter", None)
    assert (held.body["hold_location_id"], held.body["hold_until"]) == (shop.location_id, None)
    expected = proof(
        reservation_key(scope.keys, hold["device_id"]),
        hold_id=hold["hold_id"],
        code=voucher["code"],
        reward_id=shop.discount_id,
        expires_at=None,
    )
    assert hold["url"] == f"HTTPS://CARD.EXAMPLE/V/{voucher['code']}/{expected}"
    again = reserve(app, voucher, shop.location_id)
    assert (again.status, again.body["hold"]) == (200, hold)
    assert app.call.get("/me/vouchers").body["items"][0]["hold"] == hold


def test_only_its_tablet_redeems_and_only_by_the_code(
    app: App, voucher: dict[str, Any], shop: Shop, till: Caller, tablet: Caller, client: FlaskClient, scope: Scope
) -> None:
    device_id = reserve(app, voucher, shop.location_id).body["hold"]["device_id"]
    other, _ = pair(client, scope, shop.location_id)
    for elsewhere in (till, other):
        refused = elsewhere.post("/redemptions", {"voucher_code": voucher["code"]})
        assert (refused.status, refused.problem()) == (409, "voucher_held")
    # By its id a tablet would not know what it gave already without a network.
    scan_id = tablet.post("/scans", {"code": app.number}).body["scan_id"]
    by_id = {"scan_id": scan_id, "voucher_id": voucher["voucher_id"], "staff_pin": "2580"}
    assert tablet.post("/redemptions", by_id).problem() == "voucher_held"
    assert tablet.post("/redemptions", {"voucher_code": voucher["code"]}).status == 201
    after = app.call.get("/me/vouchers").body["items"][0]
    assert (after["status"], after["hold"], after["hold_location_id"]) == ("redeemed", None, None)
    assert device_id not in str(after)


def test_it_ends_by_its_tablet_alone_and_never_by_a_clock(
    app: App, voucher: dict[str, Any], shop: Shop, tablet: Caller, client: FlaskClient, scope: Scope, clock: FixedClock
) -> None:
    hold = reserve(app, voucher, shop.location_id).body["hold"]
    other, other_id = pair(client, scope, shop.location_id)
    clock.advance(days=20)
    app = wake(client, scope, app)
    assert sync(tablet)["releases"] == []
    assert sync(tablet, acks=[hold["hold_id"]])["releases"] == []  # nobody asked for it
    back = give_back(app, voucher)
    assert (back.status, back.problem()) == (409, "voucher_reserved")
    asked = ask_back(app, voucher)
    assert asked.status == 202, asked.text
    assert asked.body["hold"]["release_at"] is not None
    assert ask_back(app, voucher).body["hold"] == asked.body["hold"]
    # Until the tablet has answered nothing has changed.
    assert give_back(app, voucher).problem() == "voucher_reserved"
    assert reserve(app, voucher, shop.location_id).problem() == "voucher_held"
    assert sync(other, acks=[hold["hold_id"]])["releases"] == []
    assert sync(tablet)["releases"] == [hold["hold_id"]]
    assert give_back(app, voucher).problem() == "voucher_reserved"
    assert sync(tablet, acks=[new_id(), hold["hold_id"]])["releases"] == []
    assert app.call.get("/me/vouchers").body["items"][0]["hold"] is None
    again = reserve(app, voucher, shop.location_id, device_id=other_id)
    assert again.body["hold"]["hold_id"] != hold["hold_id"]
    # The old confirmation, sent once more, is not the new one's.
    assert ask_back(app, voucher).status == 202
    assert sync(other, acks=[hold["hold_id"]])["releases"] == [again.body["hold"]["hold_id"]]


def test_the_tablet_that_was_heard_of_last(
    app: App, voucher: dict[str, Any], shop: Shop, tablet: Caller, client: FlaskClient, scope: Scope, clock: FixedClock
) -> None:
    other, _ = pair(client, scope, shop.location_id, "Back room")
    clock.advance(minutes=1)
    sync(tablet)
    clock.advance(minutes=1)
    sync(other)
    first = reserve(app, voucher, shop.location_id)
    assert first.body["hold"]["device_name"] == "Back room"
    clock.advance(minutes=1)
    sync(tablet)
    assert reserve(app, voucher, shop.location_id).body["hold"] == first.body["hold"]  # it stays where it is
    assert ask_back(app, voucher).status == 202
    sync(other, acks=[first.body["hold"]["hold_id"]])
    clock.advance(minutes=1)
    sync(tablet)
    assert reserve(app, voucher, shop.location_id).body["hold"]["device_name"] == "Counter"


def test_where_there_is_no_tablet(
    app: App,
    voucher: dict[str, Any],
    shop: Shop,
    other_shop: Shop,
    client: FlaskClient,
    scope: Scope,
    clock: FixedClock,
) -> None:
    bare = merchants.add_location(scope, shop.merchant_id, city="Gent", name="Second shop")
    key = merchants.create_key(scope, bare, name="Till")
    # Its tills ask the service each time, so the voucher waits for them by the clock, and has nothing to show offline.
    waits = reserve(app, voucher, bare)
    assert (waits.status, waits.body["hold"], waits.body["hold_location_id"]) == (200, None, bare)
    assert waits.body["hold_until"] is not None
    assert reserve(app, voucher, shop.location_id).problem() == "voucher_held"
    assert Caller(client, shop.key).post("/redemptions", {"voucher_code": voucher["code"]}).problem() == "voucher_held"
    assert ask_back(app, voucher).status == 202  # and at once
    assert reserve(app, voucher, bare).status == 200
    clock.advance(hours=4, minutes=1)
    app = wake(client, scope, app)
    for location_id, device_id in (
        (bare, key.device_id),
        (shop.location_id, key.device_id),
        (shop.location_id, new_id()),
        (other_shop.location_id, None),
        (new_id(), None),
    ):
        more = {} if device_id is None else {"device_id": device_id}
        refused = reserve(app, voucher, location_id, **more)
        assert (refused.status, refused.problem()) == (404, "not_found")
    clock.advance(days=31)
    app = wake(client, scope, app)
    silent = reserve(app, voucher, shop.location_id)  # its tablet has perhaps been put away
    assert (silent.status, silent.body["hold"]) == (200, None)
    assert Caller(client, shop.key).post("/redemptions", {"voucher_code": voucher["code"]}).status == 201


def test_a_tablet_that_is_paired_meanwhile_takes_over_what_waited_for_tills(
    app: App, voucher: dict[str, Any], shop: Shop, scope: Scope
) -> None:
    bare = merchants.add_location(scope, shop.merchant_id, city="Gent", name="Second shop")
    assert reserve(app, voucher, bare).body["hold"] is None
    merchants.pair_device(scope, merchants.create_pairing_code(scope, bare).code, "New tablet")
    again = reserve(app, voucher, bare).body
    assert (again["hold"]["device_name"], again["hold_until"]) == ("New tablet", None)


def test_nothing_to_end(app: App, voucher: dict[str, Any], tablet: Caller) -> None:
    refused = ask_back(app, voucher)
    assert (refused.status, refused.problem()) == (409, "voucher_not_reserved")
    assert tablet.post("/redemptions", {"voucher_code": voucher["code"]}).status == 201
    assert ask_back(app, voucher).problem() == "voucher_used"
    stranger = app.call.send("DELETE", f"/me/vouchers/{new_id()}/hold", content_type=None)
    assert (stranger.status, stranger.problem()) == (404, "not_found")
