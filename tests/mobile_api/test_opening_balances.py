"""The stamps of an old paper card: once, no more than the shop allows, and named in the audit list."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.common.models import AuditEvent
from app.common.scope import Scope
from app.merchants.service import change_merchant
from app.rewards.rules import stamps_document
from app.rewards.service import add_version, change_reward
from app.rewards.service.upkeep import prune_replies
from tests import shops
from tests.books import assert_books_balance, count, standing
from tests.clocks import FixedClock
from tests.mobile_api.calling import Answer, Caller
from tests.mobile_api.members import sign_up
from tests.mobile_api.test_cards_over_the_counter import audited, scan_of
from tests.shops import STAFF_PIN, PlasticCard, Shop


@pytest.fixture
def enter(shop: Shop) -> Callable[..., Answer]:
    """Enters the stamps of an old card."""

    def act(caller: Caller, code: str, units: int, *, key: str | None = "", **more: Any) -> Answer:
        body = {"scan_id": scan_of(caller, code), "programme_id": shop.stamps_id, "units": units, **more}
        return caller.post("/opening-balances", body, key=key)

    return act


def allow(scope: Scope, shop: Shop, most: int) -> None:
    change_merchant(scope, shop.merchant_id, settings={"counter": {"opening_units_most": most}})


def test_an_old_cards_stamps_are_entered_once(
    tablet: Caller, scope: Scope, shop: Shop, plastic_card: PlasticCard, enter: Callable[..., Answer]
) -> None:
    assert enter(tablet, plastic_card.number, 2).problem() == "proof_needed"
    booked = enter(tablet, plastic_card.number, 2, staff_pin=STAFF_PIN)
    assert booked.status == 201, booked.text
    assert booked.body["accounts"] == [{"programme_id": shop.stamps_id, "balance": 2, "owed": 0}]
    assert booked.body["unlocked"] == []
    second = enter(tablet, plastic_card.number, 1, staff_pin=STAFF_PIN)
    assert (second.status, second.problem()) == (409, "opening_taken")
    [event] = audited(scope, "opening_balance.entered")
    assert (event["units"], event["staff_id"], event["staff_name"]) == (2, shop.staff_id, "An")
    assert event["transaction_id"] == booked.body["transaction_id"]
    with scope.reading() as tx:
        where = tx.session.execute(
            select(AuditEvent.merchant_id, AuditEvent.actor_kind).where(AuditEvent.action == "opening_balance.entered")
        ).one()
    assert tuple(where) == (shop.merchant_id, "device")
    [line] = tablet.get("/transactions").body["items"]
    assert (line["kind"], line["reason"], line["staff_id"]) == ("adjust", "opening_balance", shop.staff_id)
    assert line["units"] == {shop.stamps_id: 2}
    assert_books_balance(scope)


def test_no_more_than_the_shop_allows(
    till: Caller, scope: Scope, shop: Shop, plastic_card: PlasticCard, enter: Callable[..., Answer]
) -> None:
    over = enter(till, plastic_card.number, 3)  # three fill the card, so two is the most
    assert (over.status, over.problem()) == (422, "opening_too_much")
    assert "2" in over.body["detail"]
    points = {"scan_id": scan_of(till, plastic_card.number), "programme_id": shop.points_id, "units": 1}
    assert till.post("/opening-balances", points).problem() == "opening_not_offered"
    allow(scope, shop, 40)
    assert till.post("/opening-balances", {**points, "units": 40}).status == 201
    assert till.post("/opening-balances", {**points, "units": 0}).status == 422
    assert standing(scope, plastic_card.member_id, shop.stamps_id).balance == 0


def test_what_fills_the_card_unlocks_its_reward(
    till: Caller, scope: Scope, shop: Shop, plastic_card: PlasticCard, enter: Callable[..., Answer]
) -> None:
    till.post("/visits", {"code": plastic_card.number, "units": 2})
    booked = enter(till, plastic_card.number, 2)
    [unlocked] = booked.body["unlocked"]
    assert (unlocked["reward_id"], unlocked["name"]) == (shop.full_card_id, "Free bread")
    assert {one["balance"] for one in booked.body["accounts"]} == {1}
    assert till.post("/redemptions", {"voucher_code": unlocked["voucher_code"]}).status == 201
    assert_books_balance(scope)


def test_undone_whole_with_the_voucher_that_it_filled_and_entered_again(
    till: Caller, scope: Scope, shop: Shop, plastic_card: PlasticCard, enter: Callable[..., Answer]
) -> None:
    till.post("/visits", {"code": plastic_card.number, "units": 2})
    booked = enter(till, plastic_card.number, 2).body
    undone = till.post(f"/transactions/{booked['transaction_id']}/reverse", {"reason": "typed wrongly"})
    assert undone.status == 201, undone.text
    now = standing(scope, plastic_card.member_id, shop.stamps_id)
    assert (now.balance, now.owed) == (2, 0)
    [unlocked] = booked["unlocked"]
    assert till.post("/redemptions", {"voucher_code": unlocked["voucher_code"]}).problem() == "voucher_over"
    again = enter(till, plastic_card.number, 1)
    assert again.status == 201, again.text
    assert len(again.body["unlocked"]) == 1
    assert enter(till, plastic_card.number, 1).problem() == "opening_taken"
    assert count(scope, "opening_balance") == 1
    assert_books_balance(scope)


def test_a_used_voucher_leaves_a_debt(
    till: Caller, scope: Scope, shop: Shop, plastic_card: PlasticCard, enter: Callable[..., Answer]
) -> None:
    till.post("/visits", {"code": plastic_card.number, "units": 2})
    booked = enter(till, plastic_card.number, 2).body
    till.post("/redemptions", {"voucher_code": booked["unlocked"][0]["voucher_code"]})
    assert till.post(f"/transactions/{booked['transaction_id']}/reverse", {"reason": "x"}).status == 201
    now = standing(scope, plastic_card.member_id, shop.stamps_id)
    assert (now.balance, now.owed) == (0, 1)
    assert_books_balance(scope)


def test_a_second_card_brings_no_second_opening_balance(
    till: Caller, client: FlaskClient, scope: Scope, shop: Shop, plastic_card: PlasticCard, enter: Callable[..., Answer]
) -> None:
    """The one that was entered for a member who was merged counts for the survivor, whichever card is shown."""
    assert enter(till, plastic_card.number, 2).status == 201
    app = sign_up(client)
    claimed = app.call.post("/me/cards", {"number": plastic_card.number, "claim_code": plastic_card.claim_code})
    assert claimed.status == 201
    for number in (app.number, plastic_card.number):
        assert enter(till, number, 1).problem() == "opening_taken"
    assert standing(scope, app.member_id, shop.stamps_id).balance == 2


def test_a_repeat_gets_the_first_answer_for_ever(
    till: Caller,
    scope: Scope,
    shop: Shop,
    clock: FixedClock,
    plastic_card: PlasticCard,
    enter: Callable[..., Answer],
) -> None:
    till.post("/visits", {"code": plastic_card.number, "units": 2})
    first = enter(till, plastic_card.number, 2, key="once")
    again = enter(till, plastic_card.number, 2, key="once")
    assert (again.status, again.body) == (201, first.body)
    assert again.headers["Idempotent-Replay"] == "true"
    assert enter(till, plastic_card.number, 1, key="once").problem() == "key_reused"
    till.post("/visits", {"code": plastic_card.number, "units": 1})
    clock.advance(days=91)
    assert prune_replies(scope) > 0
    rebuilt = enter(till, plastic_card.number, 2, key="once")
    assert (rebuilt.status, json.dumps(rebuilt.body, sort_keys=True)) == (201, json.dumps(first.body, sort_keys=True))
    assert count(scope, "opening_balance") == 1


def test_where_the_reward_is_off_the_stamps_stay(
    till: Caller, scope: Scope, shop: Shop, plastic_card: PlasticCard, enter: Callable[..., Answer]
) -> None:
    change_reward(scope, shop.full_card_id, is_active=False)
    till.post("/visits", {"code": plastic_card.number, "units": 2})
    booked = enter(till, plastic_card.number, 2)
    assert (booked.body["unlocked"], booked.body["accounts"][0]["balance"]) == ([], 4)


def test_what_is_entered_expires_as_what_is_earned(
    till: Caller, scope: Scope, clock: FixedClock, plastic_card: PlasticCard
) -> None:
    shop = shops.open_shop(scope, "Butcher")
    add_version(scope, shop.stamps_id, {**stamps_document(3), "expiry": {"kind": "months", "months": 1}})
    caller = Caller(till.client, shop.key)
    body = {"scan_id": scan_of(caller, plastic_card.number), "programme_id": shop.stamps_id, "units": 2}
    assert caller.post("/opening-balances", body).status == 201
    clock.advance(days=40)
    seen = caller.post("/scans", {"code": plastic_card.number}).body
    assert {one["balance"] for one in seen["accounts"]} == {0}
