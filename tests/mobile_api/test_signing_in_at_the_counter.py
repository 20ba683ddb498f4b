"""Whether a shop wants everything that is booked to name a person, and what redeeming may be approved by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.cards.service import set_pin
from app.common.ids import new_id
from app.common.scope import Scope
from app.common.sql import Statement
from app.merchants.service import add_staff, change_counter_settings, stop_staff
from app.rewards.sandbox import create_sandbox_key
from tests.clocks import FixedClock
from tests.mobile_api.calling import Answer, Caller
from tests.shops import STAFF_PIN, AppCard, PlasticCard, Shop

BOSS_PIN = "4071"


@pytest.fixture
def boss(scope: Scope, shop: Shop) -> str:
    return add_staff(scope, shop.merchant_id, name="Bea", role="owner", pin=BOSS_PIN)


def signed_in(tablet: Caller, pin: str = STAFF_PIN) -> dict[str, str]:
    session = tablet.post("/staff-session", {"staff_pin": pin}, key=None)
    assert session.status == 200, session.text
    return {"X-Staff-Token": session.body["staff_token"]}


def event(card: str, **more: Any) -> dict[str, Any]:
    return {
        "id": new_id(),
        "sequence": 1,
        "type": "visit",
        "occurred_at": "2026-03-04T11:00:00Z",
        "code": card,
        **more,
    }


def sync(tablet: Caller, *events: dict[str, Any], headers: dict[str, str] | None = None) -> list[tuple[str, str]]:
    body = {"sent_at": "2026-03-04T12:00:00Z", "events": [*events]}
    sent = tablet.post("/sync", body, key=None, headers=headers)
    assert sent.status == 200, sent.text
    return [
        (result["status"], result.get("problem", {}).get("type", "").removeprefix("/problems/"))
        for result in sent.body["results"]
    ]


def booked_by(scope: Scope) -> list[str | None]:
    with scope.reading() as tx:
        return [row[0] for row in tx.rows(Statement("SELECT staff_id FROM ledger_transaction ORDER BY id"), {})]


def test_a_session_says_who_it_is(tablet: Caller, shop: Shop) -> None:
    session = tablet.post("/staff-session", {"staff_pin": STAFF_PIN}, key=None)
    assert session.body["staff_id"] == shop.staff_id


def test_a_tablet_books_for_nobody_unnamed_where_the_shop_wants_names(
    tablet: Caller, till: Caller, shop: Shop, scope: Scope, app_card: AppCard, clock: FixedClock
) -> None:
    unlocked = till.post("/visits", {"code": app_card.number, "units": 5, "amount": "30"}).body
    change_counter_settings(scope, shop.merchant_id, sign_in=True)
    code = unlocked["unlocked"][0]["voucher_code"]
    held = till.post("/redemptions/hold", {"code": app_card.number, "reward_id": shop.discount_id}).body
    calls: list[Callable[[dict[str, str]], Answer]] = [
        lambda who: tablet.post("/redemptions", {"voucher_code": code}, headers=who),
        lambda who: tablet.post(
            "/redemptions", {"code": app_card.code(clock()), "reward_id": shop.coffee_id}, headers=who
        ),
        lambda who: tablet.post(f"/redemptions/{held['redemption_id']}/commit", headers=who),
        lambda who: tablet.post(
            "/redemptions/hold", {"code": app_card.number, "reward_id": shop.discount_id}, headers=who
        ),
        lambda who: tablet.post(
            f"/transactions/{unlocked['transaction_id']}/reverse", {"reason": "wrong"}, headers=who
        ),
        lambda who: tablet.post("/visits", {"code": app_card.number}, headers=who),
    ]
    before = booked_by(scope)
    for call in calls:
        refused = call({})
        assert (refused.status, refused.problem()) == (403, "staff_needed")
    assert booked_by(scope) == before
    who = signed_in(tablet)
    for call in calls:
        answer = call(who)
        assert answer.status == 201, answer.text
    assert set(booked_by(scope)[len(before) :]) == {shop.staff_id}
    assert tablet.post("/scans", {"code": app_card.number}, key=None).status == 200
    assert tablet.post("/visits/preview", {"code": app_card.number}, key=None).status == 200
    assert till.post("/visits", {"code": app_card.number}).status == 201, "a till has a sign-in of its own"


def test_a_kiosk_needs_nobody(tablet: Caller, shop: Shop, scope: Scope, app_card: AppCard) -> None:
    change_counter_settings(scope, shop.merchant_id, sign_in=True)
    assert tablet.post("/visits", {"code": app_card.number, "kiosk": True}).status == 201
    later = event(app_card.number, kiosk=True, occurred_at="2026-03-04T05:00:00Z")
    assert sync(tablet, later) == [("applied", "")]


def test_queued_events_name_who_filled_the_queue(
    tablet: Caller, shop: Shop, boss: str, other_shop: Shop, scope: Scope, app_card: AppCard
) -> None:
    change_counter_settings(scope, shop.merchant_id, sign_in=True)
    who = signed_in(tablet, BOSS_PIN)
    stop_staff(scope, shop.staff_id)
    told = sync(
        tablet,
        event(app_card.number, staff_id=shop.staff_id),  # has left since
        event(app_card.number, staff_id=other_shop.staff_id),
        event(app_card.number, staff_id=new_id()),
        event(app_card.number),
        headers=who,
    )
    assert told == [
        ("applied", ""),
        ("review", "staff_unknown"),
        ("review", "staff_unknown"),
        ("review", "staff_needed"),
    ]
    assert booked_by(scope) == [shop.staff_id], "not who sent it"


def test_where_no_names_are_wanted_a_false_one_is_still_looked_at(
    tablet: Caller, other_shop: Shop, app_card: AppCard, shop: Shop, scope: Scope
) -> None:
    who = signed_in(tablet)
    told = sync(tablet, event(app_card.number), event(app_card.number, staff_id=other_shop.staff_id), headers=who)
    assert told == [("applied", ""), ("review", "staff_unknown")]
    assert booked_by(scope) == [None], "not who sent it"


def test_practising_names_nobody(client: FlaskClient, shop: Shop, scope: Scope) -> None:
    change_counter_settings(scope, shop.merchant_id, sign_in=True)
    made = create_sandbox_key(scope, shop.location_id, name="Practice")
    answer = Caller(client, made.key.token).post("/visits", {"code": made.cards[0].number})
    assert answer.status == 201, answer.text


def needs(caller: Caller, code: str, headers: dict[str, str] | None = None) -> list[str]:
    scanned = caller.post("/scans", {"code": code}, key=None, headers=headers)
    assert scanned.status == 200, scanned.text
    [told] = {tuple(reward["needs"]) for reward in scanned.body["rewards"]}
    return list(told)


ROTATING, PIN, STAFF = "rotating_code", "member_pin", "staff_approval"


@pytest.mark.parametrize(
    ("approves", "proof", "expected", "told"),
    [
        ([ROTATING, PIN, STAFF], "code", "ok", []),
        ([PIN, STAFF], "code", "proof_needed", [STAFF]),  # a digital card has no PIN
        ([PIN], "code", "proof_needed", [PIN]),
        ([ROTATING, PIN, STAFF], "nothing", "proof_needed", [PIN, STAFF]),
        ([ROTATING, PIN, STAFF], "pin", "ok", [PIN, STAFF]),
        ([ROTATING, STAFF], "pin", "approval_not_offered", [STAFF]),
        ([ROTATING], "pin", "approval_not_offered", [ROTATING]),
        ([ROTATING, PIN], "staff_pin", "approval_not_offered", [PIN]),
        ([ROTATING, PIN], "session", "proof_needed", [PIN]),
        ([STAFF], "staff_pin", "ok", [STAFF]),
        ([STAFF], "session", "ok", [STAFF]),
        ([STAFF], "code and staff_pin", "ok", [STAFF]),
    ],
)
def test_only_what_the_shop_takes_approves(
    tablet: Caller,
    shop: Shop,
    scope: Scope,
    app_card: AppCard,
    plastic_card: PlasticCard,
    clock: FixedClock,
    approves: list[str],
    proof: str,
    expected: str,
    told: list[str],
) -> None:
    change_counter_settings(scope, shop.merchant_id, approves=approves)
    set_pin(replace(scope, member_id=plastic_card.member_id), card_id=plastic_card.card_id, pin="7391")
    rotates = proof.startswith("code")
    number = app_card.number if rotates else plastic_card.number
    assert tablet.post("/visits", {"code": number, "units": 2}).status == 201
    assert needs(tablet, app_card.code(clock()) if rotates else number) == told
    clock.advance(seconds=60)
    body: dict[str, Any] = {"code": app_card.code(clock()) if rotates else number, "reward_id": shop.coffee_id}
    if proof.endswith("staff_pin"):
        body["staff_pin"] = STAFF_PIN
    elif proof == "pin":
        body["member_pin"] = "7391"
    headers = signed_in(tablet) if proof == "session" else None
    answer = tablet.post("/redemptions", body, headers=headers)
    if expected == "ok":
        assert answer.status == 201, answer.text
    else:
        assert (answer.status, answer.problem()) == (403, expected)


def test_a_cashier_is_not_enough_where_the_shop_says_so(
    client: FlaskClient, tablet: Caller, till: Caller, shop: Shop, boss: str, scope: Scope, plastic_card: PlasticCard
) -> None:
    change_counter_settings(scope, shop.merchant_id, cashier_approves=False)
    tablet.post("/visits", {"code": plastic_card.number, "units": 5})
    wanted = {"code": plastic_card.number, "reward_id": shop.coffee_id}
    cashier, owner = signed_in(tablet), signed_in(tablet, BOSS_PIN)
    assert needs(tablet, plastic_card.number, cashier) == [STAFF]
    assert needs(tablet, plastic_card.number, owner) == []
    for body, headers in ((wanted, cashier), ({**wanted, "staff_pin": STAFF_PIN}, None)):
        refused = tablet.post("/redemptions", body, headers=headers)
        assert (refused.status, refused.problem()) == (403, "manager_needed")
    assert tablet.post("/redemptions", {**wanted, "staff_pin": BOSS_PIN}, headers=cashier).status == 201
    assert tablet.post("/visits", {"code": plastic_card.number, "units": 2}, headers=cashier).status == 201
    assert tablet.post("/redemptions", wanted, headers=owner).status == 201
    assert booked_by(scope)[-1] == boss
    assert till.post("/visits", {"code": plastic_card.number, "units": 2}).status == 201
    assert till.post("/redemptions", wanted).status == 201, "the till was given the right itself"


def test_a_tap_is_enough_where_nobody_has_a_pin(
    client: FlaskClient, tablet: Caller, shop: Shop, scope: Scope, plastic_card: PlasticCard
) -> None:
    stop_staff(scope, shop.staff_id)
    tablet.post("/visits", {"code": plastic_card.number, "units": 2})
    wanted = {"code": plastic_card.number, "reward_id": shop.coffee_id}
    assert needs(tablet, plastic_card.number) == []
    till = Caller(client, shop.plain_key)
    assert needs(till, plastic_card.number) == [STAFF]
    assert till.post("/redemptions", wanted).problem() == "proof_needed"
    change_counter_settings(scope, shop.merchant_id, approves=[ROTATING, PIN])
    assert tablet.post("/redemptions", wanted).problem() == "proof_needed"
    change_counter_settings(scope, shop.merchant_id, approves=[STAFF])
    assert tablet.post("/redemptions", wanted).status == 201


def test_a_printed_cards_scan_says_whether_it_has_a_pin(
    tablet: Caller, scope: Scope, plastic_card: PlasticCard, app_card: AppCard
) -> None:
    def card(number: str) -> dict[str, Any]:
        scanned: dict[str, Any] = tablet.post("/scans", {"code": number}, key=None).body["card"]
        return scanned

    assert card(plastic_card.number)["has_pin"] is False
    set_pin(replace(scope, member_id=plastic_card.member_id), card_id=plastic_card.card_id, pin="7391")
    assert card(plastic_card.number)["has_pin"] is True
    assert "has_pin" not in card(app_card.number)
