"""What a member can have, what she nearly has, and where."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.common.ids import new_id
from app.common.scope import Scope
from app.merchants.service import add_location, change_merchant, create_key, create_merchant
from app.rewards.rules import stamps_document
from app.rewards.service import change_reward, create_programme, create_reward
from tests import shops
from tests.clocks import FixedClock
from tests.mobile_api.calling import Caller
from tests.mobile_api.members import API, App, sign_up, wake
from tests.shops import Shop

NEAR = "51.05,3.72"


@pytest.fixture
def app(client: FlaskClient) -> App:
    return sign_up(client)


def rewards(app: App, **query: Any) -> dict[str, dict[str, Any]]:
    answer = app.call.get("/me/rewards", **query)
    assert answer.status == 200, answer.text
    return {reward["name"]: reward for reward in answer.body["items"]}


def suggested(app: App, **query: Any) -> list[tuple[str, str, str | None, int]]:
    answer = app.call.get("/me/recommendations", **query)
    assert answer.status == 200, answer.text
    return [
        (one["reason"], one["location"]["name"], one["reward"] and one["reward"]["name"], one["missing"])
        for one in answer.body["items"]
    ]


def another(scope: Scope, name: str, lat: float, *, cost: int = 5) -> str:
    """A shop elsewhere with a stamp card and one reward."""
    merchant_id = create_merchant(scope, name=name)
    add_location(scope, merchant_id, lat=lat, lon=3.72)
    programme_id = create_programme(scope, merchant_id, name="Card", kind="stamps", rules=stamps_document(20))
    create_reward(scope, programme_id, name=f"{name}'s", cost=cost)
    return programme_id


def join(client: FlaskClient, till: Caller, count: int) -> None:
    """So many others collect there."""
    for _ in range(count):
        assert till.post("/visits", {"code": sign_up(client).number, "units": 1, "amount": "1"}).status == 201


class TestRewards:
    def test_who_collects_nowhere_has_none_but_sees_a_shops(self, app: App, shop: Shop) -> None:
        assert rewards(app) == {}
        seen = rewards(app, merchant_id=shop.merchant_id)
        assert set(seen) == {"Free bread", "Coffee", "5 euro off"}
        assert (seen["Coffee"]["balance"], seen["Coffee"]["missing"], seen["Coffee"]["is_ready"]) == (0, 2, False)

    def test_what_can_be_had_comes_first_and_can_be_taken(self, app: App, shop: Shop, till: Caller) -> None:
        till.post("/visits", {"code": app.number, "units": 2, "amount": "5.00"})
        answer = app.call.get("/me/rewards").body
        assert [(one["name"], one["is_ready"], one["missing"]) for one in answer["items"]] == [
            ("Coffee", True, 0),
            ("Free bread", False, 1),
            ("5 euro off", False, 50),
        ]
        coffee = answer["items"][0]
        assert coffee["merchant"]["name"] == "Bakery"
        assert coffee["programme_name"] == "Coffee card"
        assert (coffee["value"], coffee["cost"], coffee["balance"]) == ({"item": "Coffee"}, 2, 2)
        assert [one["is_full_card"] for one in answer["items"]] == [False, True, False]
        assert list(rewards(app, ready="1")) == ["Coffee"]
        assert list(rewards(app, ready="0")) == ["Free bread", "5 euro off"]
        taken = app.call.post("/me/vouchers", {"reward_id": coffee["reward_id"]}, key=None)
        assert taken.status == 201
        assert list(rewards(app, ready="1")) == []

    def test_what_stands_in_the_way_is_told_and_then_it_is_refused(
        self, app: App, scope: Scope, shop: Shop, till: Caller, clock: FixedClock
    ) -> None:
        till.post("/visits", {"code": app.number, "units": 1, "amount": "90.00"})
        made = {
            "sold out": create_reward(scope, shop.points_id, name="sold out", cost=1, stock=0),
            "had": create_reward(scope, shop.points_id, name="had", cost=1, per_member_limit=1),
            "tier": create_reward(scope, shop.points_id, name="tier", cost=1, tier="gold"),
            "free": create_reward(scope, shop.points_id, name="free", cost=1, stock=5, per_member_limit=2),
        }
        later = create_reward(scope, shop.points_id, name="later", cost=1, valid_from=clock() + timedelta(days=1))
        ends = clock() + timedelta(days=2)
        change_reward(scope, made["free"], valid_until=ends, voucher_days=30, texts={"en": "With cream", "nl": "Room"})
        assert app.call.post("/me/vouchers", {"reward_id": made["had"]}, key=None).status == 201
        seen = rewards(app)
        assert later not in {one["reward_id"] for one in seen.values()}
        assert {name: seen[name]["is_ready"] for name in made} == {
            "sold out": False,
            "had": False,
            "tier": False,
            "free": True,
        }
        assert seen["sold out"]["is_sold_out"] is True
        assert (seen["had"]["limit_left"], seen["free"]["limit_left"]) == (0, 2)
        assert (seen["tier"]["needs_tier"], seen["free"]["needs_tier"]) == ("gold", None)
        assert seen["free"]["text"] == "With cream"
        assert seen["free"]["voucher_days"] == 30
        assert seen["free"]["expires_at"] == "2026-03-06T12:00:00Z"
        for name, reward_id in made.items():
            answer = app.call.post("/me/vouchers", {"reward_id": reward_id}, key=None)
            assert (answer.status == 201) is (name == "free"), answer.text

    def test_a_hidden_shop_is_not_there_but_for_who_collects_in_it(
        self, client: FlaskClient, app: App, scope: Scope, shop: Shop, till: Caller
    ) -> None:
        till.post("/visits", {"code": app.number, "units": 1, "amount": "5.00"})
        change_merchant(scope, shop.merchant_id, is_listed=False)
        assert "Coffee" in rewards(app, merchant_id=shop.merchant_id)
        stranger = sign_up(client)
        hidden = stranger.call.get("/me/rewards", merchant_id=shop.merchant_id)
        nowhere = stranger.call.get("/me/rewards", merchant_id=new_id())
        assert (hidden.status, hidden.body) == (404, nowhere.body)

    def test_what_is_due_to_expire_counts_no_more(
        self, client: FlaskClient, app: App, scope: Scope, shop: Shop, till: Caller, clock: FixedClock
    ) -> None:
        merchant_id = create_merchant(scope, name="Fleeting")
        location_id = add_location(scope, merchant_id, lat=51.05, lon=3.72)
        rules = {**stamps_document(10), "expiry": {"kind": "months", "months": 1}}
        programme_id = create_programme(scope, merchant_id, name="Card", kind="stamps", rules=rules)
        create_reward(scope, programme_id, name="Quick", cost=2)
        other = Caller(client, create_key(scope, location_id, name="Till").token)
        assert other.post("/visits", {"code": app.number, "units": 2}).status == 201
        assert rewards(app)["Quick"]["is_ready"] is True
        clock.now += timedelta(days=60)
        app = wake(client, scope, app)
        assert (rewards(app)["Quick"]["balance"], rewards(app)["Quick"]["is_ready"]) == (0, False)


class TestShops:
    def test_shops_say_where_one_collects_and_what_waits(
        self, client: FlaskClient, app: App, scope: Scope, shop: Shop, other_shop: Shop, till: Caller
    ) -> None:
        def seen(**query: Any) -> list[tuple[str, bool, bool]]:
            answer = app.call.get("/shops", near=NEAR, **query).body
            return [(one["name"], one["earns_here"], one["reward_ready"]) for one in answer["items"]]

        assert sorted(seen()) == [("Bakery", False, False), ("Bookshop", False, False)]
        assert seen(earns_here="1") == seen(reward_ready="1") == []
        till.post("/visits", {"code": app.number, "units": 1, "amount": "5.00"})
        assert seen(earns_here="1") == [("Bakery", True, False)]
        assert seen(earns_here="1", reward_ready="1") == []
        till.post("/visits", {"code": app.number, "units": 1, "amount": "5.00"})
        assert seen(reward_ready="1") == [("Bakery", True, True)]
        assert app.call.get(f"/shops/{shop.location_id}").body["reward_ready"] is True
        assert app.call.get(f"/shops/{other_shop.location_id}").body["earns_here"] is False
        # A voucher waits too, also when the units are spent.
        assert app.call.post("/me/vouchers", {"reward_id": shop.coffee_id}, key=None).status == 201
        assert seen(reward_ready="1", earns_here="0") == [("Bakery", True, True)]


class TestRecommendations:
    def test_nobody_who_is_nowhere_is_told_anything(self, app: App, shop: Shop) -> None:
        assert suggested(app) == []

    def test_shops_around_that_many_know_or_that_are_new(
        self, client: FlaskClient, app: App, scope: Scope, shop: Shop, till: Caller, clock: FixedClock
    ) -> None:
        join(client, till, 2)
        assert suggested(app, near=NEAR) == [("new_near", "Bakery", "Coffee", 2)]
        join(client, till, 1)
        assert suggested(app, near=NEAR) == [("popular_near", "Bakery", "Coffee", 2)]
        assert suggested(app, near="52.05,3.72") == []
        another(scope, "New", 51.06)
        assert suggested(app, near=NEAR) == [("popular_near", "Bakery", "Coffee", 2), ("new_near", "New", "New's", 5)]
        clock.now += timedelta(days=61)
        app = wake(client, scope, app)
        assert suggested(app, near=NEAR) == [("popular_near", "Bakery", "Coffee", 2)]
        change_merchant(scope, shop.merchant_id, is_listed=False)
        assert suggested(app, near=NEAR) == []

    def test_first_what_waits_then_what_is_nearly_there(
        self, client: FlaskClient, app: App, scope: Scope, shop: Shop, till: Caller, clock: FixedClock
    ) -> None:
        other = shops.open_shop(scope, "Butcher")
        clock.now += timedelta(days=61)  # nothing is new
        app = wake(client, scope, app)
        Caller(client, other.key).post("/visits", {"code": app.number, "units": 1, "amount": "8.00"})
        # Around the shop where she was last: 20 of 100 points are missing there.
        assert suggested(app) == [("nearly", "Butcher", "5 euro off", 20)]
        till.post("/visits", {"code": app.number, "units": 2, "amount": "1.00"})
        assert suggested(app, near=NEAR) == [("ready", "Bakery", "Coffee", 0), ("nearly", "Butcher", "5 euro off", 20)]
        # A voucher that she holds comes before what she could take.
        voucher = app.call.post("/me/vouchers", {"reward_id": shop.coffee_id}, key=None).body["voucher_id"]
        [first, _] = app.call.get("/me/recommendations").body["items"]
        assert (first["reason"], first["voucher_id"], first["location"]["reward_ready"]) == ("ready", voucher, True)
        assert first["location"]["distance_m"] == 0

    def test_the_nearest_of_a_merchants_shops_is_told_once(
        self, client: FlaskClient, app: App, scope: Scope, shop: Shop, till: Caller
    ) -> None:
        near = add_location(scope, shop.merchant_id, name="Near", lat=50.0, lon=3.72)
        add_location(scope, shop.merchant_id, name="Hidden", lat=50.0, lon=3.72, is_listed=False)
        till.post("/visits", {"code": app.number, "units": 2, "amount": "1.00"})
        [one] = app.call.get("/me/recommendations", near="50.001,3.72").body["items"]
        assert (one["location"]["location_id"], one["location"]["distance_m"]) == (near, 111)

    def test_a_wrong_place_is_refused(self, app: App) -> None:
        for query in ({"near": "here"}, {"near": "91,0"}, {"colour": "red"}):
            assert Caller(app.call.client, app.call.token, API).get("/me/recommendations", **query).status == 422

    def test_the_reason_is_shown_and_the_switch_holds_at_once(
        self, client: FlaskClient, app: App, scope: Scope, clock: FixedClock
    ) -> None:
        merchant_id = create_merchant(scope, name="Florist")
        location_id = add_location(scope, merchant_id, name="Florist", lat=51.05, lon=3.72)
        create_programme(scope, merchant_id, name="Card", kind="stamps", rules=stamps_document(20))
        till = Caller(client, create_key(scope, location_id, name="Till").token)

        def choose(body: dict[str, Any]) -> int:
            return app.call.send("PUT", "/me/recommendations", json.dumps(body)).status

        begin = clock()
        for _ in range(4):
            assert till.post("/visits", {"code": app.number}).status == 201
            clock.now += timedelta(days=7)
        app = wake(client, scope, app)
        answer = app.call.get("/me/recommendations").body
        [one] = [one for one in answer["items"] if one["reason"] == "again"]
        assert (one["weekday"], one["location"]["name"], one["reward"]) == (begin.weekday(), "Florist", None)
        assert answer["is_personal"] is True
        for _ in range(2):
            assert choose({"is_personal": False}) == 204
        answer = app.call.get("/me/recommendations").body
        assert answer["is_personal"] is False
        assert [one for one in answer["items"] if one["reason"] == "again"] == []
        assert sign_up(client).call.get("/me/recommendations").body["is_personal"] is True, "hers alone"
        assert app.call.get("/me/export").body["recommendations"][0]["is_on"] is False
        assert choose({"is_personal": True}) == 204
        assert "again" in [one["reason"] for one in app.call.get("/me/recommendations").body["items"]]
        assert choose({"is_personal": "perhaps"}) == 422
