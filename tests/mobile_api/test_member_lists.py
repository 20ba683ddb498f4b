"""What the member has, and how it came: balances, activity, vouchers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from app.common.ids import new_id
from app.common.scope import Scope
from app.ledger.verifying import verify
from app.rewards.service import create_programme, create_promotion, create_reward
from tests.clocks import FixedClock
from tests.mobile_api.calling import Answer, Caller
from tests.mobile_api.members import App, app_of, balances, sign_up, wake
from tests.shops import AppCard, PlasticCard, Shop


@pytest.fixture
def app(client: FlaskClient) -> App:
    return sign_up(client)


def take(app: App, reward_id: str, **more: Any) -> Answer:
    return app.call.post("/me/vouchers", {"reward_id": reward_id, **more}, key=None)


def test_balances_in_every_programme(app: App, shop: Shop, other_shop: Shop, till: Caller, client: FlaskClient) -> None:
    till.post("/visits", {"code": app.number, "amount": "4.00", "units": 1})
    Caller(client, other_shop.key).post("/visits", {"code": app.number, "amount": "2.00", "units": 2})
    items = app.call.get("/me/accounts").body["items"]
    shown = {(item["merchant"]["name"], item["name"]): item for item in items}
    assert {name: item["balance"] for name, item in shown.items()} == {
        ("Bakery", "Coffee card"): 1,
        ("Bakery", "Points"): 40,
        ("Bookshop", "Coffee card"): 2,
        ("Bookshop", "Points"): 20,
    }
    coffee = shown["Bakery", "Coffee card"]
    assert coffee["merchant"]["logo_svg"].startswith("<svg ")
    assert (coffee["kind"], coffee["unit"], coffee["goal"], coffee["owed"]) == ("stamps", "stamp", 3, 0)
    assert (coffee["to_next_reward"], coffee["tier"], coffee["expiring"]) == (1, None, [])
    assert shown["Bakery", "Points"]["to_next_reward"] == 60
    assert coffee["visits"] == 1


def test_lists_come_in_pages(app: App, shop: Shop, other_shop: Shop, till: Caller, client: FlaskClient) -> None:
    till.post("/visits", {"code": app.number, "amount": "4.00", "units": 1})
    Caller(client, other_shop.key).post("/visits", {"code": app.number, "amount": "2.00", "units": 2})
    for path, count in (("/me/accounts", 4), ("/me/activity", 2)):
        whole = app.call.get(path).body
        assert (len(whole["items"]), whole["next"]) == (count, None)
        pages, cursor = [], {}
        while True:
            page = app.call.get(path, limit=1, **cursor).body
            pages += page["items"]
            if page["next"] is None:
                break
            cursor = {"cursor": page["next"]}
        assert pages == whole["items"]
        for wrong in ({"limit": 0}, {"limit": 101}, {"cursor": "x"}, {"cursor": "WzFd"}, {"cursor": "WyJ4Il0"}):
            assert app.call.get(path, **wrong).status == 422, wrong


def test_units_that_expire_soon_are_told_and_due_ones_are_gone(
    app: App, shop: Shop, till: Caller, scope: Scope, clock: FixedClock, client: FlaskClient
) -> None:
    rules = {"earn": [{"per": "visit", "units": "5"}], "expiry": {"kind": "months", "months": 1}}
    programme = create_programme(scope, shop.merchant_id, name="Short", kind="points", rules=rules)
    till.post("/visits", {"code": app.number, "programme_id": programme})
    clock.advance(days=2)
    app = wake(client, scope, app)
    till.post("/visits", {"code": app.number, "programme_id": programme})
    [account] = app.call.get("/me/accounts").body["items"]
    assert account["expiring"] == [
        {"units": 5, "at": "2026-04-04T22:00:00Z"},
        {"units": 5, "at": "2026-04-06T22:00:00Z"},
    ]
    clock.advance(days=30)
    app = wake(client, scope, app)
    [account] = app.call.get("/me/accounts").body["items"]
    assert (account["balance"], account["expiring"]) == (5, [{"units": 5, "at": "2026-04-06T22:00:00Z"}])


def test_balances_cost_the_same_however_many_visits_there_were(
    app: App, shop: Shop, till: Caller, scope: Scope
) -> None:
    def statements() -> tuple[int, int]:
        seen: list[str] = []

        def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
            seen.append(statement)

        event.listen(scope.database.engine, "before_cursor_execute", note)
        try:
            app.call.get("/me/accounts")
        finally:
            event.remove(scope.database.engine, "before_cursor_execute", note)
        touching = [one for one in seen if any(f"FROM {name}" in one for name in ("visit", "transfer", "lot"))]
        return len(seen), len(touching)

    till.post("/visits", {"code": app.number, "amount": "4.00"})
    few = statements()
    for _ in range(20):
        till.post("/visits", {"code": app.number, "amount": "4.00"})
    assert statements() == few
    assert few[1] == 0


def test_every_unit_says_why(app: App, shop: Shop, till: Caller, scope: Scope) -> None:
    rule = {"conditions": {"weekdays": ["wed"]}, "effect": {"multiplier": "2"}}
    create_promotion(scope, shop.points_id, name="Double Wednesday", rule=rule)
    booked = till.post("/visits", {"code": app.number, "amount": "12.50", "units": 3}).body
    till.post("/redemptions", {"code": app.number, "reward_id": shop.discount_id})
    till.post(f"/transactions/{booked['transaction_id']}/reverse", {"reason": "mistake"})
    items = app.call.get("/me/activity").body["items"]
    for item in items:
        for entry in item["entries"]:
            assert sum(why["units"] for why in entry["why"]) == entry["units"]
    visit = next(item for item in items if item["kind"] == "earn")
    assert (visit["amount"], visit["currency"], visit["is_reversed"]) == ("12.50", "EUR", True)
    assert (visit["merchant_name"], visit["location_id"]) == ("Bakery", shop.location_id)
    points = next(entry for entry in visit["entries"] if entry["programme_id"] == shop.points_id)
    assert [(why["rule"].split(":")[0], why["units"], why["label"]) for why in points["why"]] == [
        ("amount", 125, None),
        ("promotion", 125, "Double Wednesday"),
    ]
    redeemed = [item for item in items if item["kind"] == "redeem"]
    assert {item["reward_name"] for item in redeemed} == {"Free bread", "5 euro off"}
    assert {item["kind"] for item in items} == {"earn", "redeem", "reverse"}


def test_activity_of_one_merchant_alone(
    app: App, shop: Shop, other_shop: Shop, till: Caller, client: FlaskClient
) -> None:
    till.post("/visits", {"code": app.number, "units": 1, "amount": "1.00"})
    Caller(client, other_shop.key).post("/visits", {"code": app.number, "units": 2, "amount": "1.00"})
    items = app.call.get("/me/activity", merchant_id=other_shop.merchant_id).body["items"]
    assert [item["merchant_name"] for item in items] == ["Bookshop"]
    assert app.call.get("/me/activity", merchant_id=new_id()).body["items"] == []
    assert app.call.get("/me/activity", merchant_id="nobody").status == 422


def test_a_visit_that_earned_nothing_says_why_too(app: App, shop: Shop, till: Caller, scope: Scope) -> None:
    rules = {"earn": [{"per": "visit", "units": "1"}], "caps": {"day": {"visits": 1}}}
    programme = create_programme(scope, shop.merchant_id, name="Once a day", kind="points", rules=rules)
    for _ in range(2):
        till.post("/visits", {"code": app.number, "programme_id": programme})
    newest, oldest = app.call.get("/me/activity").body["items"]
    assert [entry["units"] for entry in oldest["entries"]] == [1]
    [entry] = newest["entries"]
    assert (entry["units"], entry["why"], [limit["code"] for limit in entry["limited"]]) == (0, [], ["cap:day_visits"])


def test_activity_is_read_through_the_alias_without_the_merge_itself(
    app: App, plastic_card: PlasticCard, till: Caller
) -> None:
    till.post("/visits", {"code": plastic_card.number, "amount": "1.00"})
    till.post("/visits", {"code": app.number, "amount": "2.00"})
    body = {"number": plastic_card.number, "claim_code": plastic_card.claim_code}
    assert app.call.post("/me/cards", body, key=None).status == 201
    items = app.call.get("/me/activity").body["items"]
    assert [(item["kind"], item["amount"]) for item in items] == [("earn", "2.00"), ("earn", "1.00")]


def test_a_voucher_is_taken_and_given_at_the_counter(
    app: App, shop: Shop, till: Caller, scope: Scope, client: FlaskClient
) -> None:
    till.post("/visits", {"code": app.number, "amount": "12.00"})
    taken = take(app, shop.discount_id)
    assert taken.status == 201, taken.text
    voucher = taken.body
    assert (voucher["status"], voucher["name"], voucher["cost"]) == ("issued", "5 euro off", 100)
    assert voucher["value"] == {"amount": "5.00", "currency": "EUR"}
    assert voucher["merchant"]["name"] == "Bakery"
    assert balances(app.call)[shop.points_id] == 20
    poor = take(app, shop.discount_id)
    assert (poor.status, poor.problem()) == (409, "not_enough")
    assert Caller(client, shop.plain_key).post("/redemptions", {"voucher_code": voucher["code"]}).status == 201
    [used] = app.call.get("/me/vouchers", status="redeemed").body["items"]
    assert (used["voucher_id"], used["status"]) == (voucher["voucher_id"], "redeemed")
    assert app.call.get("/me/vouchers", status="issued").body["items"] == []
    refused = app.call.send("DELETE", f"/me/vouchers/{voucher['voucher_id']}", content_type=None)
    assert (refused.status, refused.problem()) == (409, "voucher_used")
    assert verify(scope).mismatches == []


def test_a_voucher_is_given_back_with_the_old_expiry(
    app: App, shop: Shop, till: Caller, scope: Scope, clock: FixedClock, client: FlaskClient
) -> None:
    rules = {"earn": [{"per": "visit", "units": "5"}], "expiry": {"kind": "months", "months": 1}}
    programme = create_programme(scope, shop.merchant_id, name="Short", kind="points", rules=rules)
    reward = create_reward(scope, programme, name="Roll", cost=5, stock=1)
    till.post("/visits", {"code": app.number, "programme_id": programme})
    before = app.call.get("/me/accounts").body
    voucher_id = take(app, reward).body["voucher_id"]
    clock.advance(days=3)
    app = wake(client, scope, app)
    till.post("/visits", {"code": app.number, "programme_id": programme})
    assert take(app, reward).problem() == "reward_sold_out"
    assert app.call.send("DELETE", f"/me/vouchers/{voucher_id}", content_type=None).status == 204
    [account] = app.call.get("/me/accounts").body["items"]
    assert (account["balance"], account["expiring"][0]) == (10, before["items"][0]["expiring"][0])
    again = app.call.send("DELETE", f"/me/vouchers/{voucher_id}", content_type=None)
    assert (again.status, again.problem()) == (409, "voucher_over")
    voucher_id = take(app, reward).body["voucher_id"]
    clock.advance(days=40)
    app = wake(client, scope, app)
    assert app.call.send("DELETE", f"/me/vouchers/{voucher_id}", content_type=None).status == 204
    assert balances(app.call)[programme] == 0
    assert verify(scope).mismatches == []


def test_a_voucher_ends(
    app: App, shop: Shop, till: Caller, scope: Scope, clock: FixedClock, client: FlaskClient
) -> None:
    reward = create_reward(scope, shop.points_id, name="Soup", cost=10, voucher_days=2, per_member_limit=1)
    till.post("/visits", {"code": app.number, "amount": "12.00"})
    voucher = take(app, reward).body
    assert voucher["expires_at"] == "2026-03-06T23:00:00Z"
    assert take(app, reward).problem() == "reward_limit"
    clock.advance(days=3)
    app = wake(client, scope, app)
    assert [one["status"] for one in app.call.get("/me/vouchers", status="expired").body["items"]] == ["expired"]
    assert app.call.get("/me/vouchers", status="issued").body["items"] == []
    over = app.call.post(f"/me/vouchers/{voucher['voucher_id']}/hold", {"location_id": shop.location_id}, key=None)
    assert (over.status, over.problem()) == (409, "voucher_over")


def test_another_members_voucher_is_not_there(
    app: App, shop: Shop, other_shop: Shop, till: Caller, client: FlaskClient
) -> None:
    till.post("/visits", {"code": app.number, "amount": "12.00"})
    voucher_id = take(app, shop.discount_id).body["voucher_id"]
    stranger = sign_up(client).call
    for one in (voucher_id, new_id()):
        assert stranger.send("DELETE", f"/me/vouchers/{one}", content_type=None).status == 404
        body = {"location_id": shop.location_id}
        assert stranger.post(f"/me/vouchers/{one}/hold", body, key=None).problem() == "not_found"
    assert stranger.get("/me/vouchers").body["items"] == []
    for location_id in (other_shop.location_id, new_id()):
        wrong = app.call.post(f"/me/vouchers/{voucher_id}/hold", {"location_id": location_id}, key=None)
        assert (wrong.status, wrong.problem()) == (404, "not_found")
    assert take(app, new_id()).status == 404
    assert balances(app.call)[shop.points_id] == 20


def test_accounts_of_another_are_not_seen(
    client: FlaskClient, scope: Scope, app: App, app_card: AppCard, till: Caller
) -> None:
    till.post("/visits", {"code": app_card.number, "amount": "12.00"})
    assert app.call.get("/me/accounts").body["items"] == []
    assert app.call.get("/me/activity").body["items"] == []
    assert len(app_of(client, scope, app_card.member_id).get("/me/accounts").body["items"]) == 2


def test_a_body_that_is_wrong_is_refused(app: App) -> None:
    for body in ({}, {"reward_id": "x"}, {"reward_id": new_id(), "quantity": 0}, {"reward_id": new_id(), "free": True}):
        refused = app.call.send("POST", "/me/vouchers", json.dumps(body))
        assert (refused.status, refused.problem()) == (422, "invalid")
