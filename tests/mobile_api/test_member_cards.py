"""The member's cards: claiming printed ones, losing and replacing, PINs, phones."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from app.cards import numbers
from app.cards import service as cards
from app.cards.codes import card_url
from app.cards.data_keys import DataKeys
from app.cards.rotating import code_at
from app.cards.secret_codes import verify_pin
from app.common.ids import new_id
from app.common.scope import Scope
from app.ledger.verifying import verify
from app.merchants.service import stop_staff
from app.wallet.service import claiming
from tests.clocks import FixedClock
from tests.mobile_api.calling import Caller
from tests.mobile_api.members import App, balances, sign_up
from tests.shops import HOST, STAFF_PIN, PlasticCard, Shop


@pytest.fixture
def app(client: FlaskClient) -> App:
    return sign_up(client)


@pytest.fixture
def earned_card(till: Caller, plastic_card: PlasticCard) -> PlasticCard:
    """A printed card that was used once: two stamps, 50 points."""
    assert till.post("/visits", {"code": plastic_card.number, "amount": "5.00", "units": 2}).status == 201
    return plastic_card


def claim(app: App, number: str, **proof: str) -> tuple[int, str]:
    answer = app.call.post("/me/cards", {"number": number, **proof}, key=None)
    return answer.status, answer.problem() if answer.status >= 400 else answer.body["kind"]


def test_a_card_that_never_earned_is_claimed_by_its_number_alone(app: App, plastic_card: PlasticCard) -> None:
    shown = numbers.format_number(plastic_card.number).lower()
    assert claim(app, shown) == (201, "printed")
    assert {card["card_id"] for card in app.call.get("/me/cards").body["items"]} == {app.card_id, plastic_card.card_id}
    assert claim(app, plastic_card.number) == (201, "printed")


def test_a_card_that_earned_is_claimed_by_the_code_under_its_scratch_field(
    app: App, earned_card: PlasticCard, shop: Shop, scope: Scope
) -> None:
    typed = numbers.format_number(earned_card.claim_code).lower()
    assert claim(app, earned_card.number, claim_code=typed) == (201, "printed")
    assert balances(app.call) == {shop.stamps_id: 2, shop.points_id: 50}
    assert verify(scope).mismatches == []


def test_a_photograph_of_a_printed_card_that_earned_is_worth_nothing(
    app: App, earned_card: PlasticCard, shop: Shop, till: Caller, client: FlaskClient
) -> None:
    photographed = card_url(HOST, earned_card.number)
    assert claim(app, earned_card.number) == (403, "claim_refused")
    assert claim(app, earned_card.number, claim_code="ABCD EFG0") == (403, "claim_refused")
    assert claim(app, earned_card.number, pin="8052") == (403, "claim_refused")
    assert balances(app.call) == {}
    for body in ({"code": photographed, "reward_id": shop.coffee_id}, {"code": earned_card.number}):
        redeemed = Caller(client, shop.plain_key).post("/redemptions", {"reward_id": shop.coffee_id, **body})
        assert redeemed.status == 403, redeemed.text
    # Nothing but the shop's own device tells what is on it.
    for path in (f"/me/cards/{earned_card.card_id}/qr.svg", f"/me/cards/{earned_card.card_id}/installations"):
        method = "POST" if path.endswith("installations") else "GET"
        assert app.call.send(method, path, content_type=None).status == 404
    for path in ("/me/accounts", "/me/activity", "/me/vouchers"):
        assert app.call.get(path).body == {"items": [], "next": None}
    assert till.post("/visits", {"code": photographed, "amount": "1.00"}).status == 201


def test_a_card_that_earned_is_claimed_by_its_pin(app: App, earned_card: PlasticCard, shop: Shop, scope: Scope) -> None:
    cards.set_pin(scope, card_id=earned_card.card_id, pin="8052")
    assert claim(app, earned_card.number, pin="8053") == (403, "claim_refused")
    assert claim(app, earned_card.number, pin="8052") == (201, "printed")
    assert balances(app.call)[shop.stamps_id] == 2


def test_a_shops_tablet_approves_a_claim_once(
    app: App, earned_card: PlasticCard, scope: Scope, clock: FixedClock, client: FlaskClient
) -> None:
    cards.approve_claim(scope, number=earned_card.number)
    clock.advance(minutes=5)
    assert claim(app, earned_card.number) == (403, "claim_refused")
    cards.approve_claim(scope, number=earned_card.number)
    assert claim(app, earned_card.number) == (201, "printed")
    assert claim(sign_up(client), earned_card.number) == (403, "claim_refused")


def test_the_tablet_approves_only_when_somebody_of_the_shop_does(
    app: App, earned_card: PlasticCard, tablet: Caller, till: Caller, shop: Shop, client: FlaskClient, scope: Scope
) -> None:
    body = {"code": card_url(HOST, earned_card.number)}
    for caller in (tablet, Caller(client, shop.plain_key)):
        refused = caller.post("/claim-approvals", body, key=None)
        assert (refused.status, refused.problem()) == (403, "proof_needed")
    wrong = tablet.post("/claim-approvals", {**body, "staff_pin": "9999"}, key=None)
    assert wrong.status == 403, wrong.text
    assert claim(app, earned_card.number) == (403, "claim_refused")
    approved = tablet.post("/claim-approvals", {**body, "staff_pin": STAFF_PIN}, key=None)
    assert (approved.status, approved.body) == (201, {"approved_until": "2026-03-04T12:05:00Z"})
    assert claim(app, earned_card.number) == (201, "printed")
    unknown = till.post("/claim-approvals", {"code": numbers.new_number()}, key=None)
    assert (unknown.status, unknown.problem()) == (404, "card_unknown")
    digital = till.post("/claim-approvals", {"code": app.number}, key=None)
    assert (digital.status, digital.problem()) == (409, "card_not_printed")
    [sandbox] = cards.issue_printed_cards(scope, 1, is_sandbox=True)
    assert till.post("/claim-approvals", {"code": sandbox.number}, key=None).status == 404


def test_a_claimed_card_is_nobody_elses_whatever_they_know(
    app: App, earned_card: PlasticCard, shop: Shop, client: FlaskClient
) -> None:
    assert claim(app, earned_card.number, claim_code=earned_card.claim_code)[0] == 201
    thief = sign_up(client)
    assert claim(thief, earned_card.number, claim_code=earned_card.claim_code) == (403, "claim_refused")
    assert balances(thief.call) == {}
    assert balances(app.call)[shop.stamps_id] == 2


def test_five_wrong_tries_block_claiming_for_an_hour(
    app: App, earned_card: PlasticCard, clock: FixedClock, client: FlaskClient
) -> None:
    for _ in range(5):
        assert claim(app, earned_card.number, claim_code="0000 0000") == (403, "claim_refused")
    right = {"claim_code": earned_card.claim_code}
    for one in (app, sign_up(client)):
        refused = one.call.post("/me/cards", {"number": earned_card.number, **right}, key=None)
        assert (refused.status, refused.problem()) == (429, "tries_used_up")
        assert 0 < int(refused.headers["Retry-After"]) <= 3600
    clock.advance(hours=1)
    call = sign_up(client)
    assert claim(call, earned_card.number, **right) == (201, "printed")


def test_a_member_who_tries_many_cards_must_wait(app: App) -> None:
    statuses = [claim(app, numbers.new_number())[0] for _ in range(21)]
    assert statuses == [403] * 20 + [429]


def test_claiming_merges_with_what_the_member_has(
    app: App, earned_card: PlasticCard, shop: Shop, till: Caller, scope: Scope
) -> None:
    assert till.post("/visits", {"code": app.number, "amount": "2.00"}).status == 201
    assert claim(app, earned_card.number, claim_code=earned_card.claim_code)[0] == 201
    # Three stamps fill a card, but only a visit turns it into a voucher.
    assert balances(app.call) == {shop.stamps_id: 3, shop.points_id: 70}
    booked = till.post("/visits", {"code": earned_card.number, "amount": "1.00"})
    assert [voucher["reward_id"] for voucher in booked.body["unlocked"]] == [shop.full_card_id]
    assert balances(app.call) == {shop.stamps_id: 1, shop.points_id: 80}
    assert verify(scope).mismatches == []


def test_a_visit_from_before_the_merge_is_undone_after_it(
    app: App, plastic_card: PlasticCard, shop: Shop, till: Caller, scope: Scope
) -> None:
    booked = till.post("/visits", {"code": plastic_card.number, "amount": "5.00"}).body
    assert claim(app, plastic_card.number, claim_code=plastic_card.claim_code)[0] == 201
    undone = till.post(f"/transactions/{booked['transaction_id']}/reverse", {"reason": "mistake"})
    assert undone.status == 201, undone.text
    assert balances(app.call) == {shop.stamps_id: 0, shop.points_id: 0}
    assert verify(scope).mismatches == []


def test_a_merge_is_undone_while_nothing_is_spent(
    app: App, earned_card: PlasticCard, shop: Shop, till: Caller, client: FlaskClient
) -> None:
    claim(app, earned_card.number, claim_code=earned_card.claim_code)
    [merge] = app.call.get("/me/merges").body["items"]
    assert merge["numbers"] == [earned_card.number]
    other = sign_up(client)
    assert other.call.post(f"/me/merges/{merge['merge_id']}/undo", key=None).status == 404
    assert app.call.post(f"/me/merges/{merge['merge_id']}/undo", key=None).status == 204
    assert balances(app.call) == {shop.stamps_id: 0, shop.points_id: 0}
    again = app.call.post(f"/me/merges/{merge['merge_id']}/undo", key=None)
    assert (again.status, again.problem()) == (409, "merge_undone")
    assert claim(other, earned_card.number, claim_code=earned_card.claim_code) == (201, "printed")
    assert balances(other.call) == {shop.stamps_id: 2, shop.points_id: 50}


def test_a_merge_whose_units_were_spent_stands(
    app: App, earned_card: PlasticCard, shop: Shop, till: Caller, scope: Scope
) -> None:
    claim(app, earned_card.number, claim_code=earned_card.claim_code)
    assert till.post("/redemptions", {"code": earned_card.number, "reward_id": shop.coffee_id}).status == 201
    [merge] = app.call.get("/me/merges").body["items"]
    undone = app.call.post(f"/me/merges/{merge['merge_id']}/undo", key=None)
    assert (undone.status, undone.problem()) == (409, "merge_spent")
    assert verify(scope).mismatches == []


@pytest.mark.parametrize(
    ("number", "problem"),
    [("hello", "code_unreadable"), ("0000 0000 0000 0001", "code_mistyped"), ("🎉" * 16, "code_unreadable")],
)
def test_a_number_that_is_none_is_refused(app: App, number: str, problem: str) -> None:
    assert claim(app, number) == (422, problem)


def test_a_proof_needs_its_number(app: App) -> None:
    answer = app.call.post("/me/cards", {"claim_code": "0000 0000"}, key=None)
    assert (answer.status, list(answer.body["errors"])) == (422, ["number"])


def test_whoever_guesses_numbers_learns_nothing(
    app: App, client: FlaskClient, scope: Scope, earned_card: PlasticCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = sign_up(client)
    [taken] = cards.issue_printed_cards(scope, 1)
    assert claim(other, taken.number) == (201, "printed")
    hashed: list[str] = []

    def noted(keys: DataKeys, owner_id: str, stored: str, pin: str) -> bool:
        hashed.append(owner_id)
        return verify_pin(keys, owner_id, stored, pin)

    monkeypatch.setattr(claiming, "verify_pin", noted)
    # Of no card, of a phone, claimed by somebody, and one that asks for more: one answer, and a PIN takes its time.
    guessed = [numbers.new_number(), other.number, taken.number, earned_card.number]
    assert {claim(app, number) for number in guessed} == {(403, "claim_refused")}
    assert hashed == []
    assert {claim(app, number, pin="8053") for number in (guessed[0], *guessed[2:])} == {(403, "claim_refused")}
    assert len(hashed) == 3


def test_a_blocked_or_disabled_printed_card_is_not_claimed(app: App, plastic_card: PlasticCard, scope: Scope) -> None:
    cards.block_card(scope, card_id=plastic_card.card_id)
    assert claim(app, plastic_card.number) == (409, "card_blocked")


def test_a_sandbox_card_is_not_there_for_real_members(app: App, scope: Scope) -> None:
    [card] = cards.issue_printed_cards(scope, 1, is_sandbox=True)
    assert claim(app, card.number) == (403, "claim_refused")


def test_a_new_digital_card(app: App) -> None:
    made = app.call.post("/me/cards", key=None)
    assert (made.status, made.body["kind"], made.body["status"]) == (201, "digital", "active")
    assert app.call.post("/me/cards", {}, key=None).body["number"] != made.body["number"]
    assert len(app.call.get("/me/cards").body["items"]) == 3


def test_a_phone_shows_a_card_that_the_counter_takes(app: App, shop: Shop, tablet: Caller, clock: FixedClock) -> None:
    made = app.call.post(f"/me/cards/{app.card_id}/installations", key=None)
    assert made.status == 201, made.text
    totp = made.body["totp"]
    assert (totp["algorithm"], totp["period"], totp["digits"]) == ("SHA1", 15, 8)
    secret = base64.b32decode(totp["secret"])
    assert made.body["url"] == card_url(HOST, app.number)
    scanned = tablet.post("/scans", {"code": card_url(HOST, app.number, code_at(secret, clock()))}, key=None)
    assert scanned.status == 200, scanned.text
    clock.advance(minutes=1)
    assert app.call.post(f"/me/cards/{app.card_id}/installations", key=None).status == 201
    dead = tablet.post("/scans", {"code": card_url(HOST, app.number, code_at(secret, clock()))}, key=None)
    assert (dead.status, dead.problem()) == (409, "code_too_old")


def test_digits_used_before_a_merge_are_used_after_it(
    client: FlaskClient, app: App, tablet: Caller, clock: FixedClock, scope: Scope
) -> None:
    secret = base64.b32decode(app.call.post(f"/me/cards/{app.card_id}/installations", key=None).body["totp"]["secret"])
    code = card_url(HOST, app.number, code_at(secret, clock()))
    assert tablet.post("/scans", {"code": code}, key=None).status == 200
    survivor = cards.issue_anonymous_member(scope)
    from app.members.service import merge

    scope.run(lambda tx: merge(tx, scope, survivor_id=survivor.member_id, merged_id=app.member_id))
    again = tablet.post("/scans", {"code": code}, key=None)
    assert (again.status, again.problem()) == (409, "code_used")


def test_a_lost_card_is_blocked_and_replaced_and_the_balance_stays(
    app: App, shop: Shop, till: Caller, clock: FixedClock
) -> None:
    till.post("/visits", {"code": app.number, "amount": "3.00"})
    assert app.call.post(f"/me/cards/{app.card_id}/block", key=None).body["status"] == "blocked"
    refused = till.post("/visits", {"code": app.number, "amount": "3.00"})
    assert (refused.status, refused.problem()) == (409, "card_blocked")
    new = app.call.post(f"/me/cards/{app.card_id}/replace", key=None)
    assert (new.status, new.body["kind"], new.body["status"]) == (201, "digital", "active")
    assert app.call.post(f"/me/cards/{app.card_id}/replace", key=None).problem() == "card_replaced"
    till.post("/visits", {"code": new.body["number"], "amount": "3.00"})
    assert balances(app.call)[shop.points_id] == 60


def test_a_card_is_replaced_by_a_printed_one(app: App, plastic_card: PlasticCard, till: Caller, shop: Shop) -> None:
    till.post("/visits", {"code": app.number, "amount": "3.00"})
    new = app.call.post(f"/me/cards/{app.card_id}/replace", {"number": plastic_card.number}, key=None)
    assert (new.status, new.body["number"]) == (201, plastic_card.number)
    shown = {card["card_id"]: card for card in app.call.get("/me/cards").body["items"]}
    assert shown[app.card_id]["status"] == "replaced"
    assert shown[app.card_id]["replaced_by"] == plastic_card.number
    assert till.post("/visits", {"code": plastic_card.number, "amount": "1.00"}).status == 201
    assert balances(app.call)[shop.points_id] == 40


def test_the_pin_of_a_printed_card(app: App, plastic_card: PlasticCard, shop: Shop, client: FlaskClient) -> None:
    claim(app, plastic_card.number)
    path = f"/me/cards/{plastic_card.card_id}/pin"
    simple = app.call.send("PUT", path, '{"pin": "1234"}')
    assert (simple.status, simple.problem()) == (422, "pin_too_simple")
    assert app.call.send("PUT", path, '{"pin": "8052"}').body["has_pin"] is True
    till = Caller(client, shop.plain_key)
    assert till.post("/visits", {"code": plastic_card.number, "units": 2, "amount": "0.00"}).status == 201
    body = {"code": plastic_card.number, "reward_id": shop.coffee_id}
    assert till.post("/redemptions", {**body, "member_pin": "8053"}).status == 403
    redeemed = till.post("/redemptions", {**body, "member_pin": "8052"})
    assert redeemed.status == 201, redeemed.text
    assert app.call.send("DELETE", path, content_type=None).status == 204
    digital = app.call.send("PUT", f"/me/cards/{app.card_id}/pin", '{"pin": "8052"}')
    assert (digital.status, digital.problem()) == (409, "card_not_printed")


def test_a_picture_of_the_code(client: FlaskClient, app: App) -> None:
    answer = client.get(f"/api/v1/me/cards/{app.card_id}/qr.svg", headers={"Authorization": f"Bearer {app.call.token}"})
    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
    assert answer.get_data(as_text=True).startswith("<svg")


def test_another_members_card_is_not_there(app: App, client: FlaskClient) -> None:
    other = sign_up(client)
    for card_id in (other.card_id, new_id()):
        for method, path, body in (
            ("POST", "/block", None),
            ("POST", "/replace", "{}"),
            ("POST", "/installations", None),
            ("GET", "/qr.svg", None),
            ("PUT", "/pin", '{"pin": "8052"}'),
            ("DELETE", "/pin", None),
        ):
            answer = app.call.send(method, f"/me/cards/{card_id}{path}", body)
            assert (answer.status, answer.problem()) == (404, "not_found"), (method, path)
    [card] = other.call.get("/me/cards").body["items"]
    assert (card["status"], card["has_installation"]) == ("active", False)


def test_a_card_service_scope_of_a_member_sees_no_other(scope: Scope, app: App, plastic_card: PlasticCard) -> None:
    own = replace(scope, actor_kind="member", actor_id=app.member_id, member_id=app.member_id)
    assert cards.start_installation(own, card_id=app.card_id).number == app.number


def test_a_tap_approves_a_claim_where_nobody_has_a_pin(
    app: App, earned_card: PlasticCard, tablet: Caller, shop: Shop, client: FlaskClient, scope: Scope
) -> None:
    stop_staff(scope, shop.staff_id)
    body = {"code": card_url(HOST, earned_card.number)}
    assert Caller(client, shop.plain_key).post("/claim-approvals", body, key=None).problem() == "proof_needed"
    assert tablet.post("/claim-approvals", body, key=None).status == 201
    assert claim(app, earned_card.number) == (201, "printed")
