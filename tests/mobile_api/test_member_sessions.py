"""Where a member is signed in, and going on in another browser or on another phone."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app.common.scope import Scope
from tests.clocks import FixedClock
from tests.mobile_api.calling import Answer, Caller
from tests.mobile_api.members import (
    API,
    App,
    balances,
    install,
    mailed_code,
    nobody,
    security_events,
    sign_in,
    sign_up,
    wake,
)
from tests.shops import Shop

ANN = "ann@example.com"


@pytest.fixture
def app(client: FlaskClient) -> App:
    return sign_up(client)


def move(call: Caller) -> str:
    made = call.post("/me/transfers", key=None)
    assert made.status == 201, made.text
    return str(made.body["code"])


def arrive(client: FlaskClient, code: str, call: Caller | None = None) -> Answer:
    return (call or nobody(client)).post("/auth/transfer", {"code": code}, key=None)


def sessions(call: Caller) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = call.get("/me/sessions").body["items"]
    return items


# --- moving --------------------------------------------------------------------------------------------------------


def test_a_code_takes_the_member_along(client: FlaskClient, app: App, scope: Scope) -> None:
    made = app.call.post("/me/transfers", key=None)
    assert made.status == 201, made.text
    first, dash, second = made.body["code"].partition("-")
    assert (len(first), dash, len(second)) == (5, "-", 5)
    assert made.body["url"] == f"https://card.example/#move={made.body['code']}"
    assert made.body["expires_at"] == "2026-03-04T12:10:00Z"
    moved = arrive(client, made.body["code"].lower().replace("-", " "))
    assert moved.status == 200, moved.text
    there = Caller(client, moved.body["access_token"], API)
    assert there.get("/me").body["member_id"] == app.member_id
    assert app.call.get("/me").status == 200
    assert [event for event, _ in security_events(scope, app.member_id)] == ["new_sign_in"]


def test_a_code_works_once(client: FlaskClient, app: App) -> None:
    code = move(app.call)
    assert arrive(client, code).status == 200
    again = arrive(client, code)
    assert (again.status, again.problem()) == (401, "sign_in_failed")


def test_a_code_is_over_after_ten_minutes(client: FlaskClient, app: App, clock: FixedClock) -> None:
    code = move(app.call)
    clock.advance(minutes=10)
    assert arrive(client, code).status == 401


def test_a_new_code_ends_the_last_one(client: FlaskClient, app: App) -> None:
    first, second = move(app.call), move(app.call)
    assert arrive(client, first).status == 401
    assert arrive(client, second).status == 200


def test_a_code_ends_with_its_session(client: FlaskClient, app: App) -> None:
    code = move(app.call)
    app.call.post("/auth/logout", key=None)
    assert arrive(client, code).status == 401


def test_what_was_earned_there_comes_along(client: FlaskClient, app: App, till: Caller, shop: Shop) -> None:
    new = sign_up(client)
    till.post("/visits", {"code": new.number, "amount": "3.00"})
    moved = arrive(client, move(app.call), new.call)
    assert moved.status == 200, moved.text
    assert {one["units"] for one in moved.body["moved"]["accounts"]} == {1, 30}
    assert balances(app.call) == {shop.stamps_id: 1, shop.points_id: 30}


def test_a_code_given_to_its_own_session_goes_on(client: FlaskClient, app: App) -> None:
    moved = arrive(client, move(app.call), app.call)
    assert moved.status == 200
    assert len(sessions(app.call)) == 1


def test_wrong_codes_of_a_network_are_limited_and_right_ones_are_not(client: FlaskClient, app: App) -> None:
    for _ in range(12):
        assert arrive(client, move(app.call)).status == 200
    for _ in range(30):
        assert arrive(client, "0123456789").status == 401
    refused = arrive(client, move(app.call))
    assert (refused.status, refused.problem()) == (429, "tries_used_up")


def test_the_code_rests_as_a_keyed_hash(client: FlaskClient, app: App, scope: Scope) -> None:
    code = move(app.call).replace("-", "").encode()
    with scope.reading() as tx:
        [stored] = tx.session.scalars(text("SELECT code_hash FROM move_code"))
    assert code not in bytes(stored)


# --- sessions ------------------------------------------------------------------------------------------------------


def test_sessions_say_how_they_began(client: FlaskClient, scope: Scope, app: App, clock: FixedClock) -> None:
    install(app.call, app.card_id)
    sign_in(client, scope, ANN, app.call)
    clock.advance(minutes=1)
    arrive(client, move(app.call))
    clock.advance(minutes=1)
    last = sign_in(client, scope, ANN)
    told = sessions(last)
    assert [(one["began"], one["is_this"]) for one in told] == [
        ("code", True),
        ("transfer", False),
        ("anonymous", False),
    ]
    assert [one["created_at"] for one in told] == [
        "2026-03-04T12:02:00Z",
        "2026-03-04T12:01:00Z",
        "2026-03-04T12:00:00Z",
    ]


def test_securing_a_card_begins_no_second_session(client: FlaskClient, scope: Scope, app: App) -> None:
    secured = sign_in(client, scope, ANN, app.call)
    assert len(sessions(secured)) == 1
    assert security_events(scope, app.member_id) == []


def test_using_a_session_is_seen(client: FlaskClient, app: App, clock: FixedClock) -> None:
    clock.advance(minutes=5)
    renewed = nobody(client).post("/auth/refresh", {"refresh_token": app.refresh_token}, key=None).body
    [told] = sessions(Caller(client, renewed["access_token"], API))
    assert (told["created_at"], told["last_used_at"]) == ("2026-03-04T12:00:00Z", "2026-03-04T12:05:00Z")


def test_an_ended_session_is_over_at_once(client: FlaskClient, app: App) -> None:
    there = Caller(client, arrive(client, move(app.call)).body["access_token"], API)
    other = next(one["session_id"] for one in sessions(app.call) if not one["is_this"])
    assert app.call.send("DELETE", f"/me/sessions/{other}", content_type=None).status == 204
    assert there.get("/me").problem() == "session_over"
    assert app.call.send("DELETE", f"/me/sessions/{other}", content_type=None).status == 404
    assert len(sessions(app.call)) == 1


def test_a_replayed_token_ends_the_session_in_the_list_too(client: FlaskClient, app: App) -> None:
    arrived = arrive(client, move(app.call)).body
    for _ in range(2):
        nobody(client).post("/auth/refresh", {"refresh_token": arrived["refresh_token"]}, key=None)
    assert [one["began"] for one in sessions(app.call)] == ["anonymous"]


# --- a lost phone --------------------------------------------------------------------------------------------------


def test_restored_on_a_second_phone_by_code_to_the_unit(
    client: FlaskClient, scope: Scope, app: App, till: Caller, tablet: Caller, shop: Shop, clock: FixedClock
) -> None:
    lost = install(app.call, app.card_id)
    sign_in(client, scope, ANN, app.call)
    till.post("/visits", {"code": app.number, "units": 4, "amount": "12.30"})
    before, vouchers = balances(app.call), app.call.get("/me/vouchers").text
    new = sign_in(client, scope, ANN)
    blocked = new.post(f"/me/cards/{app.card_id}/block", key=None)
    assert blocked.body["status"] == "blocked"
    dead = tablet.post("/scans", {"code": lost.code(clock())}, key=None)
    assert (dead.status, dead.problem()) == (409, "card_blocked")
    card = new.post(f"/me/cards/{app.card_id}/replace", key=None)
    assert card.status == 201, card.text
    phone = install(new, card.body["card_id"])
    assert balances(new) == before == balances(app.call)
    assert app.call.get("/me/vouchers").text == vouchers
    seen = tablet.post("/scans", {"code": phone.code(clock())}, key=None).body
    assert {one["programme_id"]: one["balance"] for one in seen["accounts"]} == before
    assert tablet.post("/visits", {"code": app.number}).problem() == "card_blocked"
    told = [event for event, _ in security_events(scope, app.member_id)]
    assert told == ["new_sign_in", "card_blocked", "card_replaced"]


def test_restored_on_a_second_phone_by_recovery_code(
    client: FlaskClient, scope: Scope, app: App, till: Caller, tablet: Caller, shop: Shop, clock: FixedClock
) -> None:
    lost = install(app.call, app.card_id)
    till.post("/visits", {"code": app.number, "amount": "12.30"})
    before = balances(app.call)
    found = nobody(client).post("/auth/recovery", {"recovery_code": app.recovery_code}, key=None)
    new = Caller(client, found.body["access_token"], API)
    dead = tablet.post("/scans", {"code": lost.code(clock())}, key=None)
    assert (dead.status, dead.problem()) == (409, "code_too_old")
    phone = install(new, app.card_id)
    clock.advance(seconds=15)
    scanned = tablet.post("/scans", {"code": phone.code(clock())}, key=None).body
    assert scanned["proof"] == "rotating"
    assert balances(new) == before
    given = tablet.post("/redemptions", {"scan_id": scanned["scan_id"], "reward_id": shop.discount_id})
    assert given.status == 201, given.text


def test_a_printed_card_claimed_into_an_account_says_what_moved(
    client: FlaskClient, scope: Scope, app: App, till: Caller, shop: Shop, plastic_card: Any
) -> None:
    till.post("/visits", {"code": app.number, "units": 1, "amount": "5.00"})
    till.post("/visits", {"code": plastic_card.number, "units": 3, "amount": "7.00"})
    till.post("/visits", {"code": plastic_card.number, "units": 1})
    claimed = app.call.post(
        "/me/cards", {"number": plastic_card.number, "claim_code": plastic_card.claim_code}, key=None
    )
    assert claimed.status == 201, claimed.text
    assert claimed.body["moved"] == {
        "accounts": [
            {
                "programme_id": shop.stamps_id,
                "name": "Coffee card",
                "merchant_name": "Bakery",
                "unit": "stamp",
                "units": 1,
            },
            {
                "programme_id": shop.points_id,
                "name": "Points",
                "merchant_name": "Bakery",
                "unit": "point",
                "units": 70,
            },
        ],
        "vouchers": 1,
        "cards": 1,
    }
    assert balances(app.call) == {shop.stamps_id: 2, shop.points_id: 120}
    again = app.call.post("/me/cards", {"number": plastic_card.number}, key=None)
    assert again.body["moved"] is None
    assert app.call.post("/me/cards", key=None).body["moved"] is None


def test_a_merge_at_signing_in_says_what_moved(
    client: FlaskClient, scope: Scope, app: App, till: Caller, shop: Shop
) -> None:
    sign_in(client, scope, ANN)
    till.post("/visits", {"code": app.number, "amount": "3.00"})
    nobody(client).post("/auth/code", {"email": ANN}, key=None)
    signed_in = app.call.post("/auth/token", {"email": ANN, "code": mailed_code(scope, ANN)}, key=None)
    moved = signed_in.body["moved"]
    assert [(one["unit"], one["units"]) for one in moved["accounts"]] == [("stamp", 1), ("point", 30)]
    assert moved["cards"] == 1
    awake = wake(client, scope, app)
    assert awake.call.get("/me").status == 200
