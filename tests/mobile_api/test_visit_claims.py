"""A forgotten card: the visit is booked on a new one, claimed by phone, and taken back when nobody does."""

from __future__ import annotations

import json

from flask.testing import FlaskClient

from app.common.scope import Scope
from app.merchants.service import change_merchant
from app.rewards.service.upkeep import prune_replies
from app.scanning import service as scanning
from tests.books import assert_books_balance, count, standing
from tests.clocks import FixedClock
from tests.mobile_api.calling import Caller
from tests.mobile_api.members import App, balances, sign_up
from tests.mobile_api.test_cards_over_the_counter import audited, row
from tests.shops import Shop


def number_in(url: str) -> str:
    return url.rsplit("/", 1)[-1]


def test_a_visit_is_booked_and_claimed_by_its_number_alone(
    tablet: Caller, client: FlaskClient, scope: Scope, shop: Shop
) -> None:
    booked = tablet.post("/visit-claims", {"amount": "5.00", "units": 2})
    assert booked.status == 201, booked.text
    told = booked.body
    assert told["url"].startswith("HTTPS://CARD.EXAMPLE/C/")
    assert told["qr_svg"].startswith("<svg ")
    assert told["claim_until"] == "2026-03-18T12:00:00Z"
    assert {one["programme_id"]: one["units"] for one in told["earned"]} == {shop.stamps_id: 2, shop.points_id: 50}
    [line] = tablet.get("/transactions").body["items"]
    assert (line["transaction_id"], line["kind"]) == (told["transaction_id"], "earn")

    app = sign_up(client)
    tablet.post("/visits", {"code": app.number, "units": 1, "amount": "1.00"})
    claimed = app.call.post("/me/cards", {"number": number_in(told["url"])})
    assert claimed.status == 201, claimed.text
    assert balances(app.call) == {shop.stamps_id: 3, shop.points_id: 60}
    # The number was on a screen: the member's own card stays the only one.
    assert (claimed.body["status"], claimed.body["replaced_by"]) == ("replaced", app.number)
    assert tablet.post("/visits", {"code": number_in(told["url"])}).problem() == "card_blocked"
    again = app.call.post("/me/cards", {"number": number_in(told["url"])})
    assert (again.status, again.body["status"]) == (201, "replaced")
    assert len(audited(scope, "visit.claimed")) == 1
    assert count(scope, "visit_claim", "ended_at IS NOT NULL") == 1
    assert scanning.take_back_unclaimed(scope) == 0
    assert_books_balance(scope)


def test_a_claimed_visit_is_claimed_by_nobody_else(tablet: Caller, client: FlaskClient, shop: Shop) -> None:
    number = number_in(tablet.post("/visit-claims", {"units": 2}).body["url"])
    first, second = sign_up(client), sign_up(client)
    assert first.call.post("/me/cards", {"number": number}).status == 201
    assert second.call.post("/me/cards", {"number": number}).problem() == "claim_refused"
    assert balances(first.call)[shop.stamps_id] == 2
    assert shop.stamps_id not in balances(second.call)


def test_what_nobody_claims_is_taken_back_with_its_reason(
    tablet: Caller, client: FlaskClient, scope: Scope, shop: Shop, clock: FixedClock
) -> None:
    booked = tablet.post("/visit-claims", {"amount": "5.00", "units": 3}).body
    number = number_in(booked["url"])
    clock.advance(days=14, seconds=-1)
    assert scanning.take_back_unclaimed(scope) == 0
    clock.advance(seconds=1)
    app = sign_up(client)
    late = app.call.post("/me/cards", {"number": number})
    assert (late.status, late.problem()) == (409, "visit_claim_over")  # though the job has not been round yet
    assert scanning.take_back_unclaimed(scope) == 1
    assert scanning.take_back_unclaimed(scope) == 0
    assert app.call.post("/me/cards", {"number": number}).problem() == "visit_claim_over"
    card = row(scope, number)
    assert (card.status, card.claim_approved_until) == ("blocked", None)
    for programme_id in (shop.stamps_id, shop.points_id):
        now = standing(scope, card.member_id, programme_id)
        assert (now.balance, now.owed) == (0, 0)
    assert count(scope, "voucher", "status = 'cancelled'") == 1  # three stamps had filled a card
    lines = tablet.get("/transactions").body["items"]
    undone = next(line for line in lines if line["reverses"] == booked["transaction_id"])
    assert (undone["kind"], undone["reason"]) == ("reverse", "visit_unclaimed")
    [event] = audited(scope, "visit_claim.ended")
    assert event["visit_id"] == booked["visit_id"]
    assert_books_balance(scope)


def test_one_that_the_shop_undid_is_only_ended(tablet: Caller, scope: Scope, clock: FixedClock) -> None:
    booked = tablet.post("/visit-claims", {"units": 1}).body
    assert tablet.post(f"/transactions/{booked['transaction_id']}/reverse", {"reason": "by mistake"}).status == 201
    clock.advance(days=15)
    assert scanning.take_back_unclaimed(scope) == 1
    assert count(scope, "ledger_transaction", "kind = 'reverse'") == 1
    assert row(scope, number_in(booked["url"])).status == "blocked"


def test_a_repeat_gets_the_first_answer_and_no_other_card(
    tablet: Caller, client: FlaskClient, scope: Scope, clock: FixedClock
) -> None:
    first = tablet.post("/visit-claims", {"amount": "5.00"}, key="once")
    again = tablet.post("/visit-claims", {"amount": "5.00"}, key="once")
    assert (again.status, again.body) == (201, first.body)
    assert count(scope, "visit_claim") == count(scope, "card") == 1
    assert tablet.post("/visit-claims", {"amount": "6.00"}, key="once").problem() == "key_reused"
    app: App = sign_up(client)
    assert app.call.post("/me/cards", {"number": number_in(first.body["url"])}).status == 201
    clock.advance(days=91)
    assert prune_replies(scope) > 0
    rebuilt = tablet.post("/visit-claims", {"amount": "5.00"}, key="once")
    assert (rebuilt.status, json.dumps(rebuilt.body, sort_keys=True)) == (201, json.dumps(first.body, sort_keys=True))


def test_two_visits_of_one_member_are_both_claimed(
    tablet: Caller, client: FlaskClient, scope: Scope, shop: Shop
) -> None:
    app = sign_up(client)
    for _ in range(2):
        number = number_in(tablet.post("/visit-claims", {"units": 1}).body["url"])
        assert app.call.post("/me/cards", {"number": number}).status == 201
    assert balances(app.call)[shop.stamps_id] == 2
    [active] = [card for card in app.call.get("/me/cards").body["items"] if card["status"] == "active"]
    assert active["number"] == app.number
    assert_books_balance(scope)


def test_a_suspended_shop_books_none_and_a_wrong_currency_is_refused(tablet: Caller, scope: Scope, shop: Shop) -> None:
    assert tablet.post("/visit-claims", {"amount": "5.00", "currency": "USD"}).problem() == "currency_wrong"
    change_merchant(scope, shop.merchant_id, status="suspended")
    assert tablet.post("/visit-claims", {"amount": "5.00"}).problem() == "merchant_inactive"
    assert count(scope, "card") == 0


def test_a_digital_card_is_not_claimed_by_its_number(tablet: Caller, client: FlaskClient) -> None:
    first, second = sign_up(client), sign_up(client)
    assert second.call.post("/me/cards", {"number": first.number}).problem() == "claim_refused"
