"""The shop's inbox: what a queue sent, and somebody of the shop decides on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.common.scope import Scope
from app.merchants import service as merchants
from tests.books import assert_books_balance, count, standing
from tests.clocks import FixedClock
from tests.mobile_api.calling import Answer, Caller
from tests.mobile_api.members import sign_up
from tests.shops import STAFF_PIN, AppCard, PlasticCard, Shop

OWNER_PIN = "7913"
OLD = timedelta(hours=80)


@pytest.fixture
def owner_id(scope: Scope, shop: Shop) -> str:
    return merchants.add_staff(scope, shop.merchant_id, name="Bea", role="owner", pin=OWNER_PIN)


@pytest.fixture
def owner(client: FlaskClient, tablet: Caller, owner_id: str) -> dict[str, str]:
    """Headers of the owner, signed in at the tablet."""
    return sign_in(tablet, OWNER_PIN)


def sign_in(tablet: Caller, pin: str) -> dict[str, str]:
    answer = tablet.post("/staff-session", {"staff_pin": pin}, key=None)
    assert answer.status == 200, answer.text
    return {"X-Staff-Token": answer.body["staff_token"]}


def visit(card: str, at: str, event_id: str = "e1", sequence: int = 1, **more: Any) -> dict[str, Any]:
    return {"id": event_id, "sequence": sequence, "type": "visit", "occurred_at": at, "code": card, **more}


def told(clock: FixedClock, ago: timedelta) -> str:
    return (clock.now - ago).isoformat()


def sync(tablet: Caller, clock: FixedClock, *events: dict[str, Any], **more: Any) -> dict[str, Any]:
    answer = tablet.post("/sync", {"sent_at": clock.now.isoformat(), "events": list(events), **more}, key=None)
    assert answer.status == 200, answer.text
    return dict(answer.body)


def decide(tablet: Caller, decision: str, event_id: str = "e1", **sent: Any) -> Answer:
    return tablet.post(f"/reviews/{event_id}", {"decision": decision}, **sent)


def test_the_inbox_tells_what_happened_and_what_to_do(
    tablet: Caller, shop: Shop, plastic_card: PlasticCard, clock: FixedClock
) -> None:
    old = visit(plastic_card.number, told(clock, OLD), amount="12.50", units=2, staff_id=shop.staff_id)
    ahead = visit(plastic_card.number, told(clock, -timedelta(hours=1)), "e2", 2)
    assert sync(tablet, clock, old, ahead)["reviews"] == 2
    clock.advance(minutes=1)
    third = visit(plastic_card.number, told(clock, OLD), "e3", 3)
    assert sync(tablet, clock, third)["results"][0]["problem"]["type"] == "/problems/too_old"
    items = tablet.get("/reviews").body["items"]
    assert [item["id"] for item in items] == ["e1", "e2", "e3"]
    first = items[0]
    assert (first["type"], first["reason"], first["amount"], first["units"]) == ("visit", "too_old", "12.50", 2)
    assert (first["staff_name"], first["device_name"]) == ("An", "Counter")
    assert first["number_masked"].endswith(plastic_card.number[-4:])
    assert plastic_card.number not in str(items)
    assert all(item["detail"].endswith(".") for item in items)
    assert len({item["detail"] for item in items}) == 2
    page = tablet.get("/reviews", limit=2).body
    assert [item["id"] for item in page["items"]] == ["e1", "e2"]
    rest = tablet.get("/reviews", limit=2, cursor=page["next"]).body
    assert ([item["id"] for item in rest["items"]], rest["next"]) == (["e3"], None)
    assert tablet.get("/reviews", cursor="bm90IG9uZQ").status == 422


def test_what_is_approved_is_booked_as_it_happened(
    tablet: Caller,
    shop: Shop,
    plastic_card: PlasticCard,
    clock: FixedClock,
    scope: Scope,
    owner: dict[str, str],
    owner_id: str,
) -> None:
    at = told(clock, OLD)
    sync(tablet, clock, visit(plastic_card.number, at, amount="10.00", units=2))
    approved = decide(tablet, "approve", headers=owner, key="k1")
    assert (approved.status, approved.body["status"]) == (201, "approved"), approved.text
    assert standing(scope, plastic_card.member_id, shop.points_id).balance == 100
    line = tablet.get("/transactions").body["items"][0]
    assert (line["transaction_id"], line["staff_id"]) == (approved.body["transaction_id"], owner_id)
    assert line["occurred_at"][:19] == at[:19]
    # Once, whichever way it comes again.
    assert decide(tablet, "approve", headers=owner, key="k1").text == approved.text
    again = decide(tablet, "approve", headers=owner)
    assert (again.status, again.problem()) == (409, "review_decided")
    assert decide(tablet, "refuse", headers=owner, key="k1").status == 422
    late = sync(tablet, clock, visit(plastic_card.number, at, amount="10.00", units=2))
    assert (late["results"][0]["status"], late["reviews"]) == ("duplicate", 0)
    assert late["results"][0]["transaction_id"] == approved.body["transaction_id"]
    assert standing(scope, plastic_card.member_id, shop.points_id).balance == 100
    assert tablet.get("/reviews").body["items"] == []
    assert count(scope, "audit_event", "action = 'review.approved'") == 1
    undone = tablet.post(f"/transactions/{line['transaction_id']}/reverse", {"reason": "after all"}, headers=owner)
    assert undone.status == 201, undone.text
    assert_books_balance(scope)


def test_what_is_refused_stays_out(
    tablet: Caller, shop: Shop, plastic_card: PlasticCard, clock: FixedClock, scope: Scope, owner: dict[str, str]
) -> None:
    event = visit(plastic_card.number, told(clock, OLD), amount="10.00")
    sync(tablet, clock, event)
    refused = decide(tablet, "refuse", headers=owner)
    assert (refused.status, refused.body) == (201, {"status": "refused", "transaction_id": None})
    assert sync(tablet, clock, event)["results"][0]["status"] == "rejected"
    assert decide(tablet, "approve", headers=owner).problem() == "review_decided"
    assert count(scope, "ledger_transaction") == 0


def test_who_may_decide(
    tablet: Caller,
    till: Caller,
    shop: Shop,
    plastic_card: PlasticCard,
    clock: FixedClock,
    owner: dict[str, str],
    scope: Scope,
) -> None:
    sync(tablet, clock, visit(plastic_card.number, told(clock, OLD)))
    for caller, headers in ((tablet, {}), (till, {}), (tablet, sign_in(tablet, STAFF_PIN))):
        refused = decide(caller, "approve", headers=headers)
        assert (refused.status, refused.problem()) == (403, "manager_needed")
    assert decide(tablet, "approve", "e2", headers=owner).status == 404
    assert decide(tablet, "approve", headers=owner, key=None).status == 400
    assert decide(tablet, "perhaps", headers=owner).status == 422
    assert decide(tablet, "approve", headers=owner).status == 201


def test_a_shop_where_nobody_has_a_pin_decides_by_a_tap(
    client: FlaskClient, scope: Scope, clock: FixedClock, plastic_card: PlasticCard
) -> None:
    from tests.factories import make_shop

    alone = make_shop(scope, points="1")
    code = merchants.create_pairing_code(scope, alone.location_id).code
    tablet = Caller(client, merchants.pair_device(scope, code, "Counter").token)
    sync(tablet, clock, visit(plastic_card.number, told(clock, OLD), amount="3.00"))
    assert decide(tablet, "approve").status == 201
    assert standing(scope, plastic_card.member_id, alone.programme_id).balance == 3


def test_what_cannot_be_booked_still_waits(
    tablet: Caller, shop: Shop, plastic_card: PlasticCard, clock: FixedClock, scope: Scope, owner: dict[str, str]
) -> None:
    from app.cards.service import block_card

    sync(tablet, clock, visit(plastic_card.number, told(clock, OLD), amount="10.00"))
    block_card(scope, card_id=plastic_card.card_id)
    refused = decide(tablet, "approve", headers=owner)
    assert (refused.status, refused.problem()) == (409, "card_blocked")
    assert [item["id"] for item in tablet.get("/reviews").body["items"]] == ["e1"]
    assert decide(tablet, "refuse", headers=owner).status == 201


def test_digits_and_scans_of_then_are_not_asked_again(
    tablet: Caller,
    shop: Shop,
    app_card: AppCard,
    plastic_card: PlasticCard,
    clock: FixedClock,
    scope: Scope,
    owner: dict[str, str],
    client: FlaskClient,
) -> None:
    used = app_card.code(clock.now)
    assert tablet.post("/visits", {"code": used, "amount": "1.00"}, headers=owner).status == 201
    scan_id = tablet.post("/scans", {"code": plastic_card.number}, key=None).body["scan_id"]
    at = clock.now.isoformat()
    clock.advance(minutes=30)
    late = {**visit("", clock.now.isoformat(), "e2", 2, amount="2.00"), "scan_id": scan_id}
    del late["code"]
    stranger = visit(plastic_card.number, at, "e3", 3, amount="4.00", staff_id="01890000-0000-7000-8000-000000000000")
    synced = sync(tablet, clock, visit(used, at, amount="1.00"), late, stranger)
    assert [result["status"] for result in synced["results"]] == ["review"] * 3
    reasons = {item["id"]: item["reason"] for item in tablet.get("/reviews").body["items"]}
    assert reasons == {"e1": "code_used", "e2": "scan_over", "e3": "staff_unknown"}
    shown = {item["id"]: item["number_masked"] for item in tablet.get("/reviews").body["items"]}
    assert shown["e2"] == shown["e3"] != shown["e1"]
    for event_id in reasons:
        assert decide(tablet, "approve", event_id, headers=owner).status == 201
    assert standing(scope, app_card.member_id, shop.points_id).balance == 20
    assert standing(scope, plastic_card.member_id, shop.points_id).balance == 60


def test_a_redemption_under_review_keeps_its_voucher(
    tablet: Caller,
    till: Caller,
    shop: Shop,
    clock: FixedClock,
    scope: Scope,
    owner: dict[str, str],
    client: FlaskClient,
) -> None:
    app = sign_up(client)
    till.post("/visits", {"code": app.number, "amount": "24.00"})
    vouchers = []
    for _ in range(2):
        voucher = app.call.post("/me/vouchers", {"reward_id": shop.discount_id}, key=None).body
        path = f"/me/vouchers/{voucher['voucher_id']}/hold"
        hold = app.call.post(path, {"location_id": shop.location_id}, key=None).body["hold"]
        assert app.call.send("DELETE", path, content_type=None).status == 202
        vouchers.append((voucher["code"], hold["hold_id"]))
    events = [
        {
            "id": f"r{number}",
            "sequence": number + 1,
            "type": "redemption",
            "occurred_at": told(clock, OLD),
            "voucher_code": code.lower(),
        }
        for number, (code, _) in enumerate(vouchers)
    ]
    assert [one["status"] for one in sync(tablet, clock, *events)["results"]] == ["review", "review"]
    holds = {hold_id for _, hold_id in vouchers}
    # It was perhaps given away: the tablet's word does not free it before somebody has decided.
    assert set(sync(tablet, clock, acks=sorted(holds))["releases"]) == holds
    refused = till.post("/redemptions", {"voucher_code": vouchers[0][0]})
    assert (refused.status, refused.problem()) == (409, "voucher_held")
    # Nor may its own tablet hand it out again, which may have lost its memory of that.
    refused = tablet.post("/redemptions", {"voucher_code": vouchers[0][0]})
    assert (refused.status, refused.problem()) == (409, "voucher_undecided")
    shown = tablet.get("/reviews").body["items"][0]
    assert (shown["type"], shown["number_masked"], shown["amount"]) == ("redemption", None, None)
    assert decide(tablet, "approve", "r0", headers=owner).status == 201
    assert decide(tablet, "refuse", "r1", headers=owner).status == 201
    assert sync(tablet, clock, acks=sorted(holds))["releases"] == []
    states = {item["code"]: item["status"] for item in app.call.get("/me/vouchers").body["items"]}
    assert states == {vouchers[0][0]: "redeemed", vouchers[1][0]: "issued"}
    assert till.post("/redemptions", {"voucher_code": vouchers[1][0]}).status == 201
    assert_books_balance(scope)


def test_another_shops_inbox_is_not_there(
    client: FlaskClient,
    tablet: Caller,
    other_shop: Shop,
    plastic_card: PlasticCard,
    clock: FixedClock,
    scope: Scope,
) -> None:
    sync(tablet, clock, visit(plastic_card.number, told(clock, OLD)))
    merchants.add_staff(scope, other_shop.merchant_id, name="Cas", role="owner", pin=OWNER_PIN)
    stranger = Caller(client, other_shop.tablet)
    owner_there = sign_in(stranger, OWNER_PIN)
    assert stranger.get("/reviews").body["items"] == []
    not_mine = decide(stranger, "approve", headers=owner_there)
    not_there = decide(stranger, "approve", "e9", headers=owner_there)
    assert (not_mine.status, not_mine.text) == (404, not_there.text)
    assert sync(stranger, clock)["reviews"] == 0
    assert sync(tablet, clock)["reviews"] == 1
