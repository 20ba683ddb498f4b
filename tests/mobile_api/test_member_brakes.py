"""A member's brakes: asked before much is spent, and no day that spends more than she lets it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app.common.scope import Scope
from app.merchants import service as merchants
from app.rewards.rules import points_document
from app.rewards.service import create_programme, create_reward
from tests.clocks import FixedClock
from tests.mobile_api.calling import Answer, Caller
from tests.mobile_api.members import App, balances, install, security_events, sign_in, sign_up, wake
from tests.shops import AppCard, Shop


@dataclass(frozen=True)
class Ann:
    """A member with a phone and 1,000 points; a discount takes 100 and is worth 5 euro."""

    app: App
    phone: AppCard

    @property
    def call(self) -> Caller:
        return self.app.call


@pytest.fixture
def ann(client: FlaskClient, till: Caller) -> Ann:
    app = sign_up(client)
    phone = install(app.call, app.card_id)
    assert till.post("/visits", {"code": app.number, "amount": "100.00"}).status == 201
    return Ann(app, phone)


def brake(call: Caller, **changes: Any) -> Answer:
    return call.send("PATCH", "/me", json.dumps(changes))


def scan(tablet: Caller, ann: Ann, clock: FixedClock) -> str:
    clock.advance(seconds=15)
    scanned = tablet.post("/scans", {"code": ann.phone.code(clock())}, key=None)
    assert scanned.status == 200, scanned.text
    return str(scanned.body["scan_id"])


def redeem(tablet: Caller, scan_id: str, reward_id: str, **options: Any) -> Answer:
    return tablet.post("/redemptions", {"scan_id": scan_id, "reward_id": reward_id}, **options)


def requests(call: Caller) -> list[dict[str, Any]]:
    answer = call.get("/me/spending-requests")
    assert answer.status == 200, answer.text
    items: list[dict[str, Any]] = answer.body["items"]
    return items


def decide(call: Caller, word: str, request_id: str | None = None) -> Answer:
    return call.post(f"/me/spending-requests/{request_id or requests(call)[0]['request_id']}/{word}", key=None)


# --- asked before it is spent --------------------------------------------------------------------------------------


def test_the_member_is_asked_and_the_shop_repeats_it(
    ann: Ann, shop: Shop, tablet: Caller, clock: FixedClock, scope: Scope
) -> None:
    assert brake(ann.call, ask_above="4.99").body["ask_above"] == "4.99"
    scan_id = scan(tablet, ann, clock)
    refused = redeem(tablet, scan_id, shop.discount_id, key="till-1")
    assert (refused.status, refused.problem()) == (409, "spending_unconfirmed")
    [asked] = requests(ann.call)
    assert (asked["reward_name"], asked["worth"], asked["currency"], asked["status"]) == (
        "5 euro off",
        "5.00",
        "EUR",
        "asked",
    )
    assert asked["merchant"]["name"] == "Bakery"
    assert [event for event, _ in security_events(scope, ann.app.member_id)] == ["spending_asked"]
    assert redeem(tablet, scan_id, shop.discount_id).problem() == "spending_unconfirmed"
    assert len(requests(ann.call)) == 1
    assert decide(ann.call, "approve").status == 204
    assert decide(ann.call, "approve").status == 204
    given = redeem(tablet, scan_id, shop.discount_id, key="till-1")
    assert given.status == 201, given.text
    assert requests(ann.call)[0]["status"] == "used"
    assert balances(ann.call)[shop.points_id] == 900
    assert redeem(tablet, scan_id, shop.discount_id, key="till-1").body == given.body
    assert [event for event, _ in security_events(scope, ann.app.member_id)] == ["spending_asked", "spent"]


def test_a_word_is_good_once(ann: Ann, shop: Shop, tablet: Caller, clock: FixedClock) -> None:
    brake(ann.call, ask_above="0")
    scan_id = scan(tablet, ann, clock)
    redeem(tablet, scan_id, shop.discount_id)
    decide(ann.call, "approve")
    assert redeem(tablet, scan_id, shop.discount_id).status == 201
    again = redeem(tablet, scan_id, shop.discount_id)
    assert (again.status, again.problem()) == (409, "spending_unconfirmed")
    assert [one["status"] for one in requests(ann.call)] == ["asked", "used"]
    assert balances(ann.call)[shop.points_id] == 900


def test_a_no_is_told_and_nobody_asks_again(
    ann: Ann, shop: Shop, tablet: Caller, clock: FixedClock, client: FlaskClient, scope: Scope
) -> None:
    brake(ann.call, ask_above="0")
    scan_id = scan(tablet, ann, clock)
    redeem(tablet, scan_id, shop.discount_id)
    assert decide(ann.call, "refuse").status == 204
    assert decide(ann.call, "refuse").status == 204
    assert decide(ann.call, "approve").problem() == "spending_request_over"
    refused = redeem(tablet, scan_id, shop.discount_id)
    assert (refused.status, refused.problem()) == (409, "spending_refused")
    assert len(requests(ann.call)) == 1
    clock.advance(minutes=10)
    fresh = redeem(tablet, scan(tablet, ann, clock), shop.discount_id)
    assert fresh.problem() == "spending_unconfirmed"
    awake = wake(client, scope, ann.app)
    assert [one["status"] for one in requests(awake.call)] == ["asked", "refused"]


def test_a_yes_can_be_taken_back_until_it_is_used(ann: Ann, shop: Shop, tablet: Caller, clock: FixedClock) -> None:
    brake(ann.call, ask_above="0")
    scan_id = scan(tablet, ann, clock)
    redeem(tablet, scan_id, shop.discount_id)
    decide(ann.call, "approve")
    assert decide(ann.call, "refuse").status == 204
    assert redeem(tablet, scan_id, shop.discount_id).problem() == "spending_refused"


def test_a_used_word_can_not_be_taken_back(ann: Ann, shop: Shop, tablet: Caller, clock: FixedClock) -> None:
    brake(ann.call, ask_above="0")
    scan_id = scan(tablet, ann, clock)
    redeem(tablet, scan_id, shop.discount_id)
    decide(ann.call, "approve")
    redeem(tablet, scan_id, shop.discount_id)
    late = decide(ann.call, "refuse")
    assert (late.status, late.problem()) == (409, "spending_request_over")


def test_a_question_is_over_after_ten_minutes(
    ann: Ann, shop: Shop, tablet: Caller, clock: FixedClock, client: FlaskClient, scope: Scope
) -> None:
    brake(ann.call, ask_above="0")
    redeem(tablet, scan(tablet, ann, clock), shop.discount_id)
    clock.advance(minutes=10)
    assert requests(ann.call)[0]["status"] == "expired"
    late = decide(ann.call, "approve")
    assert (late.status, late.problem()) == (409, "spending_request_over")


def test_a_yes_is_over_after_ten_minutes_too(ann: Ann, shop: Shop, tablet: Caller, clock: FixedClock) -> None:
    brake(ann.call, ask_above="0")
    redeem(tablet, scan(tablet, ann, clock), shop.discount_id)
    decide(ann.call, "approve")
    clock.advance(minutes=10)
    assert redeem(tablet, scan(tablet, ann, clock), shop.discount_id).problem() == "spending_unconfirmed"


def test_a_word_is_for_this_shop_and_this_reward(
    ann: Ann, shop: Shop, other_shop: Shop, tablet: Caller, clock: FixedClock, client: FlaskClient, scope: Scope
) -> None:
    other = create_reward(scope, shop.points_id, name="Cake", cost=100, kind="amount_off", amount_minor=100)
    Caller(client, other_shop.key).post("/visits", {"code": ann.app.number, "amount": "100.00"})
    brake(ann.call, ask_above="0")
    redeem(tablet, scan(tablet, ann, clock), shop.discount_id)
    decide(ann.call, "approve")
    assert redeem(tablet, scan(tablet, ann, clock), other).problem() == "spending_unconfirmed"
    there = Caller(client, other_shop.tablet)
    assert redeem(there, scan(there, ann, clock), other_shop.discount_id).problem() == "spending_unconfirmed"
    station_id = merchants.add_location(scope, shop.merchant_id, name="Station")
    station = Caller(client, merchants.create_key(scope, station_id, name="Till").token)
    assert redeem(station, scan(station, ann, clock), shop.discount_id).problem() == "spending_unconfirmed"
    assert len(requests(ann.call)) == 4
    assert redeem(tablet, scan(tablet, ann, clock), shop.discount_id).status == 201


def test_what_is_worth_no_more_is_not_asked_about(ann: Ann, shop: Shop, tablet: Caller, clock: FixedClock) -> None:
    brake(ann.call, ask_above="5.00")
    assert redeem(tablet, scan(tablet, ann, clock), shop.discount_id).status == 201
    assert requests(ann.call) == []


def test_what_nobody_said_the_worth_of_counts_as_much(
    ann: Ann, shop: Shop, tablet: Caller, clock: FixedClock, scope: Scope
) -> None:
    percent = create_reward(scope, shop.points_id, name="A fifth off", cost=10, kind="percent_off", percent=20)
    brake(ann.call, ask_above="1000")
    refused = redeem(tablet, scan(tablet, ann, clock), percent)
    assert refused.problem() == "spending_unconfirmed"
    assert requests(ann.call)[0]["worth"] is None


def test_nobody_is_asked_about_what_can_not_be_had(ann: Ann, shop: Shop, tablet: Caller, clock: FixedClock) -> None:
    brake(ann.call, ask_above="0")
    assert redeem(tablet, scan(tablet, ann, clock), shop.coffee_id).problem() == "not_enough"
    assert requests(ann.call) == []


def test_holding_asks_as_well(ann: Ann, shop: Shop, tablet: Caller, clock: FixedClock) -> None:
    brake(ann.call, ask_above="0")
    scan_id = scan(tablet, ann, clock)
    body = {"scan_id": scan_id, "reward_id": shop.discount_id}
    assert tablet.post("/redemptions/hold", body).problem() == "spending_unconfirmed"
    decide(ann.call, "approve")
    held = tablet.post("/redemptions/hold", body)
    assert held.status == 201, held.text
    assert tablet.post(f"/redemptions/{held.body['redemption_id']}/commit").status == 201


def test_a_voucher_of_a_full_card_is_asked_about_and_one_she_took_is_not(
    ann: Ann, shop: Shop, till: Caller, tablet: Caller, clock: FixedClock
) -> None:
    filled = till.post("/visits", {"code": ann.app.number, "units": 2})
    [unlocked] = filled.body["unlocked"]
    taken = ann.call.post("/me/vouchers", {"reward_id": shop.discount_id}, key=None).body
    brake(ann.call, ask_above="0")
    assert tablet.post("/redemptions", {"voucher_code": taken["code"]}).status == 201
    asked = tablet.post("/redemptions", {"voucher_code": unlocked["voucher_code"]})
    assert asked.problem() == "spending_unconfirmed"
    decide(ann.call, "approve")
    assert tablet.post("/redemptions", {"voucher_code": unlocked["voucher_code"]}).status == 201


def test_the_lock_holds_vouchers_too(ann: Ann, shop: Shop, tablet: Caller) -> None:
    taken = ann.call.post("/me/vouchers", {"reward_id": shop.discount_id}, key=None).body
    brake(ann.call, is_spending_locked=True)
    refused = tablet.post("/redemptions", {"voucher_code": taken["code"]})
    assert (refused.status, refused.problem()) == (409, "spending_locked")


def test_a_reservation_made_before_is_kept_to_without_a_network(
    ann: Ann, shop: Shop, tablet: Caller, clock: FixedClock
) -> None:
    """It was given already when the tablet tells of it: no brake can undo that."""
    taken = ann.call.post("/me/vouchers", {"reward_id": shop.discount_id}, key=None).body
    ann.call.post(f"/me/vouchers/{taken['voucher_id']}/hold", {"location_id": shop.location_id}, key=None)
    brake(ann.call, is_spending_locked=True, ask_above="0", daily_cap="0")
    event = {
        "id": "event-1",
        "sequence": 1,
        "type": "redemption",
        "occurred_at": "2026-03-04T12:00:00Z",
        "voucher_code": taken["code"],
    }
    told = tablet.post("/sync", {"sent_at": "2026-03-04T12:00:00Z", "events": [event]}, key=None)
    assert [one["status"] for one in told.body["results"]] == ["applied"]


def test_a_queue_can_not_ask(ann: Ann, shop: Shop, tablet: Caller, clock: FixedClock) -> None:
    brake(ann.call, ask_above="0")
    event = {
        "id": "event-1",
        "sequence": 1,
        "type": "redemption",
        "occurred_at": "2026-03-04T12:00:00Z",
        "code": ann.phone.code(clock()),
        "reward_id": shop.discount_id,
    }
    told = tablet.post("/sync", {"sent_at": "2026-03-04T12:00:00Z", "events": [event]}, key=None)
    assert [one["status"] for one in told.body["results"]] == ["rejected"]
    assert requests(ann.call) == []


# --- no day spends more --------------------------------------------------------------------------------------------


def test_a_day_spends_no_more_than_its_cap(ann: Ann, shop: Shop, tablet: Caller, clock: FixedClock) -> None:
    assert brake(ann.call, daily_cap="10.00").body["daily_cap"] == "10.00"
    assert redeem(tablet, scan(tablet, ann, clock), shop.discount_id).status == 201
    assert ann.call.post("/me/vouchers", {"reward_id": shop.discount_id}, key=None).status == 201
    for refused in (
        redeem(tablet, scan(tablet, ann, clock), shop.discount_id),
        ann.call.post("/me/vouchers", {"reward_id": shop.discount_id}, key=None),
    ):
        assert (refused.status, refused.problem()) == (409, "daily_cap_reached")
    assert balances(ann.call)[shop.points_id] == 800


def test_the_next_local_day_begins_anew(
    ann: Ann, shop: Shop, tablet: Caller, clock: FixedClock, client: FlaskClient, scope: Scope
) -> None:
    brake(ann.call, daily_cap="5.00")
    assert redeem(tablet, scan(tablet, ann, clock), shop.discount_id).status == 201
    clock.advance(hours=10, minutes=58)  # 23:58 in Brussels
    assert redeem(tablet, scan(tablet, ann, clock), shop.discount_id).problem() == "daily_cap_reached"
    clock.advance(minutes=2)
    assert redeem(tablet, scan(tablet, ann, clock), shop.discount_id).status == 201


def test_what_came_back_counts_no_more(ann: Ann, shop: Shop, tablet: Caller, clock: FixedClock) -> None:
    brake(ann.call, daily_cap="5.00")
    taken = ann.call.post("/me/vouchers", {"reward_id": shop.discount_id}, key=None).body
    ann.call.send("DELETE", f"/me/vouchers/{taken['voucher_id']}", content_type=None)
    given = redeem(tablet, scan(tablet, ann, clock), shop.discount_id)
    assert given.status == 201
    undone = tablet.post(f"/transactions/{given.body['transaction_id']}/reverse", {"reason": "wrong one"})
    assert undone.status == 201, undone.text
    assert redeem(tablet, scan(tablet, ann, clock), shop.discount_id).status == 201


def test_a_voucher_she_took_counts_when_she_took_it(
    ann: Ann, shop: Shop, tablet: Caller, clock: FixedClock, client: FlaskClient, scope: Scope
) -> None:
    brake(ann.call, daily_cap="5.00")
    taken = ann.call.post("/me/vouchers", {"reward_id": shop.discount_id}, key=None).body
    clock.advance(days=1)
    assert tablet.post("/redemptions", {"voucher_code": taken["code"]}).status == 201
    assert redeem(tablet, scan(tablet, ann, clock), shop.discount_id).status == 201


def test_what_nobody_said_the_worth_of_takes_a_whole_day(
    ann: Ann, shop: Shop, tablet: Caller, clock: FixedClock, scope: Scope
) -> None:
    percent = create_reward(scope, shop.points_id, name="A fifth off", cost=10, kind="percent_off", percent=20)
    brake(ann.call, daily_cap="50.00")
    assert redeem(tablet, scan(tablet, ann, clock), percent).status == 201
    assert redeem(tablet, scan(tablet, ann, clock), shop.discount_id).problem() == "daily_cap_reached"
    brake(ann.call, daily_cap=None)
    assert redeem(tablet, scan(tablet, ann, clock), shop.discount_id).status == 201
    brake(ann.call, daily_cap="0")
    assert redeem(tablet, scan(tablet, ann, clock), percent).problem() == "daily_cap_reached"


def test_two_shops_share_one_cap(
    ann: Ann, shop: Shop, other_shop: Shop, tablet: Caller, clock: FixedClock, client: FlaskClient
) -> None:
    Caller(client, other_shop.key).post("/visits", {"code": ann.app.number, "amount": "100.00"})
    brake(ann.call, daily_cap="5.00")
    there = Caller(client, other_shop.tablet)
    assert redeem(there, scan(there, ann, clock), other_shop.discount_id).status == 201
    assert redeem(tablet, scan(tablet, ann, clock), shop.discount_id).problem() == "daily_cap_reached"


# --- setting them --------------------------------------------------------------------------------------------------


def test_brakes_are_in_the_currency_of_her_shops(client: FlaskClient, scope: Scope, app_card: AppCard) -> None:
    app = sign_up(client)
    assert app.call.get("/me").body["brakes_currency"] == "EUR"
    merchant_id = merchants.create_merchant(
        scope, name="Swiss", category="bakery", country="CH", currency="CHF", timezone="Europe/Zurich"
    )
    location_id = merchants.add_location(scope, merchant_id, city="Basel", lat=47.5, lon=7.6)
    create_programme(scope, merchant_id, name="Points", kind="points", rules=points_document("10"))
    key = merchants.create_key(scope, location_id, name="Till").token
    assert Caller(client, key).post("/visits", {"code": app.number, "amount": "10.00"}).status == 201
    me = brake(app.call, ask_above="12.5").body
    assert (me["ask_above"], me["daily_cap"], me["brakes_currency"]) == ("12.50", None, "CHF")
    taken = brake(app.call, ask_above=None).body
    assert (taken["ask_above"], taken["brakes_currency"]) == (None, "CHF")


@pytest.mark.parametrize("wrong", ["-1", "1.234", "much", 5, "1000001", ""])
def test_a_brake_is_an_amount(client: FlaskClient, wrong: Any) -> None:
    app = sign_up(client)
    refused = brake(app.call, daily_cap=wrong)
    assert refused.status == 422, refused.text
    assert app.call.get("/me").body["daily_cap"] is None


def test_a_merge_loses_no_brake(client: FlaskClient, scope: Scope, shop: Shop) -> None:
    home = sign_in(client, scope, "ann@example.com")
    phone = sign_up(client)
    brake(phone.call, ask_above="3.00", is_spending_locked=True)
    sign_in(client, scope, "ann@example.com", phone.call)
    me = home.get("/me").body
    assert (me["ask_above"], me["daily_cap"], me["is_spending_locked"]) == ("3.00", None, True)
    other = sign_up(client)
    brake(other.call, ask_above="99.00", daily_cap="1.00")
    sign_in(client, scope, "ann@example.com", other.call)
    me = home.get("/me").body
    assert (me["ask_above"], me["daily_cap"]) == ("3.00", None)


def test_the_record_holds_the_questions(ann: Ann, shop: Shop, tablet: Caller, clock: FixedClock, scope: Scope) -> None:
    brake(ann.call, ask_above="0")
    redeem(tablet, scan(tablet, ann, clock), shop.discount_id)
    record = ann.call.get("/me/export").body
    assert [one["status"] for one in record["spending_requests"]] == ["asked"]
    assert (record["member"]["ask_above"], record["member"]["brakes_currency"]) == ("0.00", "EUR")
    with scope.reading() as tx:
        asked = tx.session.scalar(text("SELECT count(*) FROM audit_event WHERE action = 'member.brakes_changed'"))
    assert asked == 1
