"""Practising at the counter: the same calls, and nothing that is real."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.common.scope import Scope
from app.common.sql import Statement
from app.merchants.service import add_location, change_merchant, create_key, revoke_device
from app.merchants.tokens import token_hash
from app.rewards.rules import stamps_document
from app.rewards.service import add_version, change_reward, create_reward
from tests.books import assert_books_balance, count
from tests.clocks import FixedClock
from tests.mobile_api.calling import Answer, Caller
from tests.shops import PlasticCard, Shop

STATES = ["new", "half", "almost_full", "voucher", "blocked"]


class Class:
    """The people at a tablet who practise."""

    def __init__(self, tablet: Caller) -> None:
        self.told: Answer = tablet.post("/training", key=None)
        assert self.told.status == 200, self.told.text
        self.call = Caller(tablet.client, self.told.body["device_token"])
        self.cards: dict[str, str] = {card["what"]: card["code"] for card in self.told.body["cards"]}

    def scan(self, state: str) -> Any:
        return self.call.post("/scans", {"code": self.cards[state]}).body


@pytest.fixture
def practice(tablet: Caller) -> Class:
    return Class(tablet)


def test_the_sandbox_looks_like_the_shop_and_has_a_card_in_each_state(practice: Class, shop: Shop) -> None:
    told = practice.told.body
    assert told["merchant"]["name"] == "Bakery"
    assert told["merchant"]["merchant_id"] != shop.merchant_id
    assert told["location"]["location_id"] != shop.location_id
    assert [card["what"] for card in told["cards"]] == STATES
    stamps = {state: practice.scan(state)["accounts"][0] for state in ("new", "half", "almost_full", "voucher")}
    assert {state: seen["balance"] for state, seen in stamps.items()} == {
        "new": 0,
        "half": 1,
        "almost_full": 2,
        "voucher": 0,
    }
    assert {seen["goal"] for seen in stamps.values()} == {3}
    assert [voucher["name"] for voucher in practice.scan("voucher")["vouchers"]] == ["Free bread"]
    assert practice.call.post("/scans", {"code": practice.cards["blocked"]}).problem() == "card_blocked"


def test_everything_works_and_nothing_is_real(practice: Class, tablet: Caller, scope: Scope, shop: Shop) -> None:
    booked = practice.call.post("/visits", {"code": practice.cards["almost_full"]})
    assert booked.status == 201, booked.text
    [unlocked] = booked.body["unlocked"]
    given = practice.call.post("/redemptions", {"voucher_code": unlocked["voucher_code"]})
    assert given.status == 201, given.text
    undone = practice.call.post(f"/transactions/{given.body['transaction_id']}/reverse", {"reason": "practice"})
    assert undone.status == 201
    # Nobody has a PIN in the sandbox, so a tap approves.
    [held] = practice.scan("voucher")["vouchers"]
    assert held["needs"] == []
    assert practice.call.post("/redemptions", {"voucher_code": held["voucher_code"]}).status == 201
    assert count(scope, "ledger_transaction", f"merchant_id = '{shop.merchant_id}'") == 0
    assert tablet.get("/transactions").body["items"] == []
    assert len(practice.call.get("/transactions").body["items"]) == 4
    assert_books_balance(scope)


def test_a_real_card_is_not_there_in_training_nor_a_practice_card_in_the_shop(
    practice: Class, tablet: Caller, plastic_card: PlasticCard
) -> None:
    for path in ("/scans", "/visits"):
        assert practice.call.post(path, {"code": plastic_card.number}).status == 404
        assert tablet.post(path, {"code": practice.cards["new"]}).status == 404


def test_cards_over_the_counter_can_be_practised(practice: Class, scope: Scope) -> None:
    scan_id = practice.scan("new")["scan_id"]
    assert practice.call.post("/cards/pin", {"scan_id": scan_id, "pin": "7319"}).status == 200
    programme_id = practice.scan("new")["accounts"][0]["programme_id"]
    entered = {"scan_id": scan_id, "programme_id": programme_id, "units": 2}
    assert practice.call.post("/opening-balances", entered).status == 201
    claimable = practice.call.post("/visit-claims", {"units": 1})
    assert claimable.status == 201
    number = claimable.body["url"].rsplit("/", 1)[-1]
    assert count(scope, "card c JOIN member m ON m.id = c.member_id", f"c.number = '{number}' AND m.is_sandbox") == 1
    lost = {"code": practice.cards["new"], "new_code": practice.cards["half"], "pin": "7319"}
    assert practice.call.post("/cards/swap", lost).problem() == "new_card_used"


def everything(scope: Scope) -> dict[str, int]:
    return {table: count(scope, table) for table in ("merchant", "location", "device", "card", "programme", "reward")}


def test_practising_again_is_cheap_and_replaces_only_what_was_used(
    tablet: Caller, practice: Class, scope: Scope
) -> None:
    before = everything(scope)
    events = count(scope, "audit_event")
    assert Class(tablet).told.body == practice.told.body
    assert everything(scope) == before
    assert count(scope, "audit_event") == events
    practice.call.post("/visits", {"code": practice.cards["half"]})
    again = Class(tablet)
    assert {state for state in STATES if again.cards[state] != practice.cards[state]} == {"half"}
    assert again.call.token == practice.call.token
    assert everything(scope) == {**before, "card": before["card"] + 1}


def test_the_sandbox_follows_the_shops_rules(tablet: Caller, practice: Class, scope: Scope, shop: Shop) -> None:
    version = add_version(scope, shop.stamps_id, stamps_document(8))
    change_reward(scope, shop.full_card_id, name="Big bread", cost=8)
    create_reward(scope, shop.stamps_id, name="Biscuit", cost=1)
    change_merchant(scope, shop.merchant_id, name="Bakery & Sons")
    again = Class(tablet)
    assert again.told.body["merchant"]["name"] == "Bakery & Sons"
    assert again.told.body["merchant"]["merchant_id"] == practice.told.body["merchant"]["merchant_id"]
    assert version == 2
    [half, *_] = again.scan("half")["accounts"]
    assert (half["balance"], half["goal"]) == (4, 8)
    assert {reward["name"] for reward in again.scan("new")["rewards"]} == {
        "Big bread",
        "Coffee",
        "Biscuit",
        "5 euro off",
    }
    assert count(scope, "programme") == 4
    assert again.cards["new"] == practice.cards["new"]


def test_each_tablet_has_cards_of_its_own_and_a_new_shop_is_found(
    client: FlaskClient, practice: Class, till: Caller, scope: Scope, shop: Shop
) -> None:
    other = Class(till)
    assert set(other.cards.values()).isdisjoint(practice.cards.values())
    assert other.told.body["merchant"] == practice.told.body["merchant"]
    location_id = add_location(scope, shop.merchant_id, name="Station")
    there = Class(Caller(client, create_key(scope, location_id, name="Till").token))
    assert there.told.body["location"]["name"] == "Station"
    assert there.told.body["merchant"]["merchant_id"] == practice.told.body["merchant"]["merchant_id"]


def test_a_tablet_that_is_unpaired_practises_no_more(practice: Class, scope: Scope, shop: Shop, tablet: Caller) -> None:
    with scope.reading() as tx:
        wanted = Statement("SELECT id FROM device WHERE token_hash = :hashed")
        [(device_id,)] = tx.rows(wanted, {"hashed": token_hash(tablet.token or "")})
    revoke_device(scope, device_id)
    assert practice.call.post("/visits", {"code": practice.cards["new"]}).status == 401
    assert tablet.post("/training", key=None).status == 401


def test_nobody_practises_practising(practice: Class) -> None:
    assert practice.call.post("/training", key=None).problem() == "training_already"


def test_a_shop_that_signs_in_still_practises(tablet: Caller, scope: Scope, shop: Shop, clock: FixedClock) -> None:
    change_merchant(scope, shop.merchant_id, settings={"counter": {"sign_in": True}})
    practice = Class(tablet)
    assert practice.call.post("/visits", {"code": practice.cards["new"]}).status == 201
    assert tablet.post("/visit-claims", {"units": 1}).problem() == "staff_needed"
