"""A day at the counter, through the JSON face."""

from __future__ import annotations

from datetime import timedelta

from flask.testing import FlaskClient

from app.common.scope import Scope
from app.ledger.verifying import verify
from app.merchants import service as merchants
from tests.clocks import FixedClock
from tests.mobile_api.calling import POS, Caller
from tests.shops import STAFF_PIN, AppCard, PlasticCard, Shop


def test_a_tablet_is_paired_once(client: FlaskClient, scope: Scope, shop: Shop) -> None:
    code = merchants.create_pairing_code(scope, shop.location_id)
    nobody = Caller(client, None)
    paired = nobody.post("/devices/pair", {"pairing_code": code.shown.lower(), "name": "Counter 2"}, key=None)
    assert paired.status == 201
    assert paired.body["location"]["location_id"] == shop.location_id
    assert paired.body["merchant"]["name"] == "Bakery"
    assert paired.body["merchant"]["currency"] == "EUR"
    assert Caller(client, paired.body["device_token"]).get("/transactions").status == 200
    again = nobody.post("/devices/pair", {"pairing_code": code.shown, "name": "Counter 3"}, key=None)
    assert (again.status, again.problem()) == (409, "pairing_code_spent")


def test_pairing_is_limited(client: FlaskClient, shop: Shop) -> None:
    nobody = Caller(client, None)
    statuses = [
        nobody.post("/devices/pair", {"pairing_code": "0000-0000", "name": "x"}, key=None).status for _ in range(21)
    ]
    assert statuses == [404] * 20 + [429]
    refused = nobody.post("/devices/pair", {"pairing_code": "0000-0000", "name": "x"}, key=None)
    assert 0 < int(refused.headers["Retry-After"]) <= 900


def test_a_visit_from_scan_to_voucher(tablet: Caller, shop: Shop, app_card: AppCard, clock: FixedClock) -> None:
    scanned = tablet.post("/scans", {"code": app_card.code(clock())}, key=None)
    assert scanned.status == 200, scanned.text
    assert scanned.body["card"]["number_masked"].endswith(app_card.number[-4:])
    assert scanned.body["member"]["is_new"] is True
    assert [account["balance"] for account in scanned.body["accounts"]] == [0, 0]
    who = {"scan_id": scanned.body["scan_id"]}

    preview = tablet.post("/visits/preview", {**who, "amount": "12.50", "units": 3}, key=None)
    assert preview.status == 200, preview.text
    assert preview.body["visit_id"] is None
    booked = tablet.post("/visits", {**who, "amount": "12.50", "units": 3})
    assert booked.status == 201, booked.text
    for answer in (preview, booked):
        assert {earned["programme_id"]: earned["units"] for earned in answer.body["earned"]} == {
            shop.stamps_id: 3,
            shop.points_id: 125,
        }
    [unlocked] = booked.body["unlocked"]
    assert unlocked["reward_id"] == shop.full_card_id

    redeemed = tablet.post("/redemptions", {"voucher_code": unlocked["voucher_code"]})
    assert redeemed.status == 201, redeemed.text
    assert redeemed.body["reward"]["name"] == "Free bread"
    again = tablet.post("/redemptions", {"voucher_code": unlocked["voucher_code"]})
    assert (again.status, again.problem()) == (409, "voucher_used")

    spent = tablet.post("/redemptions", {**who, "reward_id": shop.discount_id})
    assert spent.status == 201, spent.text
    assert spent.body["reward"]["value"] == {"amount": "5.00", "currency": "EUR"}
    assert {account["programme_id"]: account["balance"] for account in spent.body["accounts"]}[shop.points_id] == 25
    short = tablet.post("/redemptions", {**who, "reward_id": shop.discount_id})
    assert (short.status, short.problem()) == (409, "not_enough")
    assert "100" in short.body["detail"]
    assert "25" in short.body["detail"]


def test_the_same_key_gets_the_same_answer(tablet: Caller, plastic_card: PlasticCard) -> None:
    body = {"code": plastic_card.number, "amount": "5.00"}
    first = tablet.post("/visits", body, key="till-1")
    assert first.status == 201, first.text
    again = tablet.post("/visits", body, key="till-1")
    assert (again.status, again.text) == (first.status, first.text)
    assert again.headers["Idempotent-Replay"] == "true"
    altered = tablet.post("/visits", {**body, "amount": "5.01"}, key="till-1")
    assert (altered.status, altered.problem()) == (422, "key_reused")


def test_a_printed_card_needs_approval(
    client: FlaskClient, shop: Shop, till: Caller, plastic_card: PlasticCard
) -> None:
    plain = Caller(client, shop.plain_key)
    assert till.post("/visits", {"code": plastic_card.number, "units": 2}).status == 201
    wanted = {"code": plastic_card.number, "reward_id": shop.coffee_id}
    refused = plain.post("/redemptions", wanted)
    assert (refused.status, refused.problem()) == (403, "proof_needed")
    wrong = plain.post("/redemptions", {**wanted, "staff_pin": "9021"})
    assert (wrong.status, wrong.problem()) == (403, "staff_pin_wrong")
    assert plain.post("/redemptions", {**wanted, "staff_pin": STAFF_PIN}).status == 201


def test_a_photograph_of_a_printed_card_redeems_no_voucher(
    client: FlaskClient, shop: Shop, till: Caller, plastic_card: PlasticCard
) -> None:
    plain = Caller(client, shop.plain_key)
    assert plain.post("/visits", {"code": plastic_card.number, "units": 3}).status == 201
    scanned = plain.post("/scans", {"code": plastic_card.number}).body
    [voucher] = scanned["vouchers"]
    assert voucher["voucher_code"] is None
    assert voucher["needs"] == ["staff_approval"]
    wanted = {"scan_id": scanned["scan_id"], "voucher_id": voucher["voucher_id"]}
    refused = plain.post("/redemptions", wanted)
    assert (refused.status, refused.problem()) == (403, "proof_needed")
    assert plain.post("/redemptions", {**wanted, "staff_pin": "9021"}).problem() == "staff_pin_wrong"
    approved = plain.post("/redemptions", {**wanted, "staff_pin": STAFF_PIN}, key="held")
    assert approved.status == 201, approved.text
    assert approved.body["reward"]["name"] == "Free bread"
    again = plain.post("/redemptions", {**wanted, "staff_pin": STAFF_PIN}, key="held")
    assert again.text == approved.text
    used = till.post("/redemptions", {"code": plastic_card.number, "voucher_id": voucher["voucher_id"]})
    assert (used.status, used.problem()) == (409, "voucher_used")


def test_who_may_approve_is_told_the_vouchers_code(till: Caller, plastic_card: PlasticCard, app_card: AppCard) -> None:
    till.post("/visits", {"code": plastic_card.number, "units": 3})
    [voucher] = till.post("/scans", {"code": plastic_card.number}).body["vouchers"]
    assert voucher["needs"] == []
    strangers = till.post("/redemptions", {"code": app_card.number, "voucher_id": voucher["voucher_id"]})
    assert (strangers.status, strangers.problem()) == (404, "voucher_unknown")
    assert till.post("/redemptions", {"voucher_code": voucher["voucher_code"]}).status == 201


def test_a_staff_session_approves(client: FlaskClient, shop: Shop, plastic_card: PlasticCard) -> None:
    tablet = Caller(client, shop.tablet)
    session = tablet.post("/staff-session", {"staff_pin": STAFF_PIN}, key=None)
    assert (session.status, session.body["name"], session.body["role"]) == (200, "An", "cashier")
    signed_in = {"X-Staff-Token": session.body["staff_token"]}
    assert tablet.post("/visits", {"code": plastic_card.number, "units": 2}, headers=signed_in).status == 201
    wanted = {"code": plastic_card.number, "reward_id": shop.coffee_id}
    assert tablet.post("/redemptions", wanted, headers=signed_in).status == 201
    elsewhere = Caller(client, shop.plain_key).post("/visits", {"code": plastic_card.number}, headers=signed_in)
    assert (elsewhere.status, elsewhere.problem()) == (401, "staff_token_invalid")


def test_holds_are_committed_or_cancelled_once(till: Caller, shop: Shop, plastic_card: PlasticCard) -> None:
    till.post("/visits", {"code": plastic_card.number, "amount": "25"})
    wanted = {"code": plastic_card.number, "reward_id": shop.discount_id}
    first, second = till.post("/redemptions/hold", wanted), till.post("/redemptions/hold", wanted)
    assert (first.status, second.status) == (201, 201), first.text
    assert first.body["hold_until"].endswith("Z")
    committed = till.post(f"/redemptions/{first.body['redemption_id']}/commit")
    assert committed.status == 201, committed.text
    assert till.post(f"/redemptions/{first.body['redemption_id']}/cancel").problem() == "hold_over"
    cancelled = till.post(f"/redemptions/{second.body['redemption_id']}/cancel")
    assert cancelled.status == 201, cancelled.text
    assert cancelled.body["reverses"] == second.body["transaction_id"]
    balances = {account["programme_id"]: account["balance"] for account in cancelled.body["accounts"]}
    assert balances[shop.points_id] == 150


def test_a_transaction_is_reversed_once(till: Caller, shop: Shop, plastic_card: PlasticCard, scope: Scope) -> None:
    booked = till.post("/visits", {"code": plastic_card.number, "amount": "10.00"})
    path = f"/transactions/{booked.body['transaction_id']}/reverse"
    part = till.post(path, {"reason": "one came back", "amount": "4.00"})
    assert part.status == 201, part.text
    rest = till.post(path, {"reason": "all came back"})
    assert rest.status == 201, rest.text
    assert {account["programme_id"]: account["balance"] for account in rest.body["accounts"]}[shop.points_id] == 0
    again = till.post(path, {"reason": "once more"})
    assert (again.status, again.problem()) == (409, "already_reversed")
    assert verify(scope).mismatches == []


def test_the_list_of_transactions_comes_in_pages(till: Caller, plastic_card: PlasticCard, clock: FixedClock) -> None:
    made = []
    for _ in range(5):
        made.append(till.post("/visits", {"code": plastic_card.number, "amount": "1"}).body["transaction_id"])
        clock.advance(minutes=1)
    first = till.get("/transactions", limit=2)
    assert first.status == 200, first.text
    second = till.get("/transactions", limit=100, cursor=first.body["next"])
    listed = [item["transaction_id"] for item in first.body["items"] + second.body["items"]]
    assert [item for item in listed if item in made] == made[::-1]
    assert second.body["next"] is None
    assert first.body["items"][0]["occurred_at"].endswith("Z")
    for cursor in ("!", "bm90IG91cnM", first.body["next"] + "A"):
        assert till.get("/transactions", cursor=cursor).status == 422


def test_a_queue_is_applied_once_and_in_order(
    tablet: Caller, shop: Shop, app_card: AppCard, plastic_card: PlasticCard, clock: FixedClock
) -> None:
    earlier = (clock() - timedelta(hours=2)).isoformat()
    ancient = (clock() - timedelta(hours=80)).isoformat()
    events = [
        {"id": "a", "sequence": 1, "type": "visit", "occurred_at": earlier, "code": plastic_card.number, "units": 3},
        {"id": "b", "sequence": 2, "type": "visit", "occurred_at": earlier, "code": "0000000000000000"},
        "nonsense",
        None,
        {"id": "c", "sequence": 3, "type": "feast", "occurred_at": earlier},
        {"id": "d", "sequence": 4, "type": "visit", "occurred_at": ancient, "code": plastic_card.number},
        {"id": "e", "sequence": 5, "type": "visit", "occurred_at": earlier, "code": plastic_card.number, "amount": 5},
        {"id": "f", "sequence": 6, "type": "visit", "occurred_at": earlier, "code": plastic_card.number},
    ]
    sent = {"sent_at": clock().isoformat(), "events": events}
    first = tablet.post("/sync", sent, key=None)
    assert first.status == 200, first.text
    results = first.body["results"]
    assert [result["id"] for result in results] == ["a", "b", None, None, "c", "d", "e", "f"]
    assert [result["status"] for result in results] == [
        *("applied", "rejected", "rejected", "rejected", "rejected", "review", "rejected", "applied")
    ]
    assert results[6]["problem"]["errors"] == {"amount": ['Not an amount such as "12.50".']}
    assert results[5]["problem"]["type"] == "/problems/too_old"
    again = tablet.post("/sync", sent, key=None)
    assert [result["status"] for result in again.body["results"]] == [
        *("duplicate", "rejected", "rejected", "rejected", "rejected", "review", "rejected", "duplicate")
    ]
    assert again.body["results"][0]["transaction_id"] == results[0]["transaction_id"]
    online = tablet.post("/visits", {"code": plastic_card.number, "units": 3, "occurred_at": earlier}, key="a")
    assert online.body["transaction_id"] == results[0]["transaction_id"]


def test_misses_are_counted_and_end_the_walk(tablet: Caller, plastic_card: PlasticCard, clock: FixedClock) -> None:
    for _ in range(60):
        assert tablet.post("/scans", {"code": "0000000000000000"}, key=None).status == 404
    refused = tablet.post("/scans", {"code": "0000000000000000"}, key=None)
    assert (refused.status, refused.problem()) == (429, "tries_used_up")
    assert int(refused.headers["Retry-After"]) > 0
    assert tablet.post("/visits", {"code": plastic_card.number}).status == 429
    clock.advance(hours=1, seconds=1)
    assert tablet.post("/visits", {"code": plastic_card.number}).status == 201


def test_hits_are_not_counted(tablet: Caller, plastic_card: PlasticCard) -> None:
    for _ in range(70):
        assert tablet.post("/scans", {"code": plastic_card.number}, key=None).status == 200


def test_a_revoked_device_is_refused_at_once(
    tablet: Caller, scope: Scope, client: FlaskClient, shop: Shop, plastic_card: PlasticCard
) -> None:
    key = merchants.create_key(scope, shop.location_id, name="Stolen")
    stolen = Caller(client, key.token)
    assert stolen.post("/visits", {"code": plastic_card.number}).status == 201
    merchants.revoke_device(scope, key.device_id)
    for path, body in (
        ("/scans", {"code": plastic_card.number}),
        ("/visits", {"code": plastic_card.number}),
        ("/visits/preview", {"code": plastic_card.number}),
        ("/redemptions", {"code": plastic_card.number, "reward_id": shop.coffee_id}),
        ("/staff-session", {"staff_pin": STAFF_PIN}),
        ("/members/lookup", {"email": "a@example.org"}),
        ("/sync", {"sent_at": "2026-03-04T12:00:00Z", "events": [{}]}),
    ):
        refused = stolen.post(path, body)
        assert refused.status == 401, path
        assert refused.headers["WWW-Authenticate"].startswith("Bearer")
    assert stolen.get("/transactions").status == 401
    assert tablet.post("/visits", {"code": plastic_card.number}).status == 201


def test_the_address_is_the_contracts(client: FlaskClient) -> None:
    assert POS == "/api/v1/pos"
    assert client.get("/api/v1/openapi.json").status_code == 200
