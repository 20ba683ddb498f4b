"""A stolen inbox alone spends nothing within a day of a second phone, and opens no way around that."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from app.cards.service import start_installation
from app.common.scope import Scope
from tests.clocks import FixedClock
from tests.mobile_api.calling import Answer, Caller
from tests.mobile_api.members import (
    app_of,
    balances,
    install,
    mailed_code,
    mails,
    nobody,
    security_events,
    sign_in,
    sign_up,
)
from tests.mobile_api.thieves import ANN, Ann, other_session, own_session, patch, redeem, voucher_of, waits
from tests.shops import STAFF_PIN, PlasticCard, Shop


def test_a_first_phone_waits_for_nothing(
    client: FlaskClient, scope: Scope, shop: Shop, till: Caller, tablet: Caller, clock: FixedClock
) -> None:
    call = sign_in(client, scope, ANN)
    [card] = call.get("/me/cards").body["items"]
    phone = install(call, card["card_id"])
    till.post("/visits", {"code": phone.number, "amount": "10.00"})
    assert waits(call) is None
    assert redeem(tablet, phone.code(clock()), shop).status == 201


def test_a_mailed_code_on_a_second_phone_earns_and_spends_nothing_for_a_day(
    ann: Ann, thief: Caller, shop: Shop, tablet: Caller, clock: FixedClock, client: FlaskClient, scope: Scope
) -> None:
    assert waits(thief) == "2026-03-05T12:00:00Z"
    stolen = install(thief, ann.app.card_id)
    seen = tablet.post("/scans", {"code": stolen.code(clock())}, key=None).body
    assert seen["proof"] == "static"
    assert "code" not in seen["vouchers"][0]
    assert {tuple(reward["needs"]) for reward in seen["rewards"]} == {("staff_approval",)}
    refused = tablet.post("/redemptions", {"scan_id": seen["scan_id"], "reward_id": shop.discount_id})
    assert (refused.status, refused.problem()) == (403, "proof_needed")
    clock.advance(seconds=15)
    raw = tablet.post("/redemptions", {"code": stolen.code(clock()), "reward_id": shop.discount_id})
    assert (raw.status, raw.problem()) == (403, "proof_needed")
    clock.advance(seconds=15)
    earned = tablet.post("/visits", {"code": stolen.code(clock()), "amount": "1.00"})
    assert earned.status == 201, earned.text
    clock.advance(hours=24)
    again = app_of(client, scope, ann.app.member_id)
    assert redeem(tablet, stolen.code(clock()), shop).status == 201
    assert balances(again)[shop.points_id] == 320 - 100


def test_a_shop_whose_till_approves_by_itself_wants_somebody_to_say_so(
    ann: Ann, thief: Caller, shop: Shop, till: Caller, clock: FixedClock
) -> None:
    """Its number stands in the app, and a till with the right to approve takes a number: not while somebody waits."""
    seen = till.post("/scans", {"code": ann.app.number}, key=None).body
    assert {tuple(reward["needs"]) for reward in seen["rewards"]} == {("staff_approval",)}
    assert "code" not in seen["vouchers"][0]
    refused = till.post("/redemptions", {"code": ann.app.number, "reward_id": shop.discount_id})
    assert (refused.status, refused.problem()) == (403, "proof_needed")
    owner = till.post("/redemptions", {"code": ann.phone.code(clock()), "reward_id": shop.discount_id})
    assert owner.status == 201, owner.text
    typed = till.post("/redemptions", {"code": ann.app.number, "reward_id": shop.discount_id, "staff_pin": STAFF_PIN})
    assert typed.status == 201, typed.text
    assert waits(thief) is not None  # the number was no proof of whose phone it is


def test_the_owners_phone_goes_on_spending(
    ann: Ann, thief: Caller, shop: Shop, tablet: Caller, clock: FixedClock
) -> None:
    assert redeem(tablet, ann.phone.code(clock()), shop).status == 201
    assert waits(ann.call) is None
    assert ann.call.post("/me/vouchers", {"reward_id": shop.discount_id}, key=None).status == 201


KEPT_SHUT: dict[str, Callable[[Caller, Ann, Shop], Answer]] = {
    "taking a reward": lambda call, ann, shop: call.post("/me/vouchers", {"reward_id": shop.discount_id}, key=None),
    "reserving a voucher": lambda call, ann, shop: call.post(
        f"/me/vouchers/{voucher_of(call)['voucher_id']}/hold", {"location_id": shop.location_id}, key=None
    ),
    "unlocking spending": lambda call, ann, shop: patch(call, is_spending_locked=False),
    "asking less": lambda call, ann, shop: patch(call, ask_above="5.01"),
    "asking never": lambda call, ann, shop: patch(call, ask_above=None),
    "a higher cap": lambda call, ann, shop: patch(call, daily_cap="20.01"),
    "no cap": lambda call, ann, shop: patch(call, daily_cap=None),
    "a new recovery code": lambda call, ann, shop: call.post("/me/recovery-code", key=None),
    "making a passkey": lambda call, ann, shop: call.post("/me/passkeys/options", key=None),
    "the whole record": lambda call, ann, shop: call.get("/me/export"),
    "erasing": lambda call, ann, shop: call.send("DELETE", "/me", content_type=None),
    "ending another session": lambda call, ann, shop: call.send(
        "DELETE", f"/me/sessions/{other_session(call)}", content_type=None
    ),
    "trusting itself": lambda call, ann, shop: call.post(f"/me/sessions/{own_session(call)}/trust", key=None),
}


@pytest.mark.parametrize("act", KEPT_SHUT)
def test_what_a_session_that_waits_may_not_do(
    ann: Ann, client: FlaskClient, scope: Scope, shop: Shop, clock: FixedClock, act: str
) -> None:
    patch(ann.call, is_spending_locked=True, ask_above="5.00", daily_cap="20.00")
    thief = sign_in(client, scope, ANN)
    refused = KEPT_SHUT[act](thief, ann, shop)
    assert (refused.status, refused.problem()) == (409, "spending_waits"), act
    me = ann.call.get("/me").body
    assert (me["is_spending_locked"], me["ask_above"], me["daily_cap"]) == (True, "5.00", "20.00")
    patch(ann.call, is_spending_locked=False)
    ann.call.post(f"/me/sessions/{own_session(thief)}/trust", key=None)
    allowed = KEPT_SHUT[act](thief, ann, shop)
    expected = {"trusting itself": 409}.get(act, allowed.status if allowed.status < 300 else 200)
    assert allowed.status == expected, (act, allowed.text)


def test_a_session_that_waits_may_protect_what_it_sees(ann: Ann, thief: Caller) -> None:
    pulled = patch(thief, is_spending_locked=True, ask_above="1.00", daily_cap="2.00")
    assert pulled.status == 200, pulled.text
    assert patch(thief, ask_above="0.50", daily_cap="2.00").status == 200
    assert thief.post(f"/me/cards/{ann.app.card_id}/block", key=None).status == 200
    assert thief.send("DELETE", f"/me/sessions/{own_session(thief)}", content_type=None).status == 204


def test_a_voucher_shows_its_code_to_whoever_may_spend_it(ann: Ann, thief: Caller, shop: Shop) -> None:
    voucher = voucher_of(ann.call)
    assert voucher["code"] is not None
    ann.call.post(f"/me/vouchers/{voucher['voucher_id']}/hold", {"location_id": shop.location_id}, key=None)
    held = voucher_of(thief)
    assert (held["code"], held["hold"]) == (None, None)
    assert voucher["code"] not in thief.get("/me/vouchers").text
    assert voucher["code"] not in thief.get("/me/activity").text


def test_the_address_stays_and_its_code_stays_good(client: FlaskClient, scope: Scope, ann: Ann, thief: Caller) -> None:
    nobody(client).post("/auth/code", {"email": "thief@example.com"}, key=None)
    body = {"email": "thief@example.com", "code": mailed_code(scope, "thief@example.com")}
    refused = thief.post("/auth/token", body, key=None)
    assert (refused.status, refused.problem()) == (409, "spending_waits")
    assert ann.call.get("/me").body["email"] == ANN
    assert nobody(client).post("/auth/token", body, key=None).status == 200


def test_a_changed_address_is_told_to_the_old_one(client: FlaskClient, scope: Scope, ann: Ann) -> None:
    sign_in(client, scope, "new@example.com", ann.call)
    assert ann.call.get("/me").body["email"] == "new@example.com"
    assert [text for to, text in mails(scope) if to == ANN][-1].startswith("Hallo,\n\nJe klantenkaart hoort voortaan")
    assert ("email_changed", {"had_one": True}) in security_events(scope, ann.app.member_id)
    assert sign_in(client, scope, ANN).get("/me").body["member_id"] != ann.app.member_id


def test_a_phone_brought_along_waits_too(
    ann: Ann, client: FlaskClient, scope: Scope, shop: Shop, tablet: Caller, clock: FixedClock
) -> None:
    """A thief who first makes a card and then signs in by Ann's mail: the card becomes hers, and so its phone waits."""
    own = sign_up(client)
    phone = install(own.call, own.card_id)
    thief = sign_in(client, scope, ANN, own.call)
    assert thief.get("/me").body["member_id"] == ann.app.member_id
    refused = redeem(tablet, phone.code(clock()), shop)
    assert (refused.status, refused.problem()) == (403, "proof_needed")
    assert thief.post("/me/vouchers", {"reward_id": shop.discount_id}, key=None).problem() == "spending_waits"


def test_a_printed_cards_pin_is_no_way_around(
    ann: Ann, client: FlaskClient, scope: Scope, plastic_card: PlasticCard, shop: Shop
) -> None:
    assert ann.call.post("/me/cards", {"number": plastic_card.number}, key=None).status == 201
    thief = sign_in(client, scope, ANN)
    for refused in (
        thief.send("PUT", f"/me/cards/{plastic_card.card_id}/pin", json.dumps({"pin": "8052"})),
        thief.send("DELETE", f"/me/cards/{plastic_card.card_id}/pin", content_type=None),
        thief.post(f"/me/merges/{ann.call.get('/me/merges').body['items'][0]['merge_id']}/undo", key=None),
    ):
        assert (refused.status, refused.problem()) == (409, "spending_waits")


def test_a_wallets_changing_code_waits_too(
    ann: Ann, thief: Caller, scope: Scope, shop: Shop, tablet: Caller, clock: FixedClock
) -> None:
    own = replace(scope, member_id=ann.app.member_id, session_id=own_session(thief))
    told = start_installation(own, card_id=ann.app.card_id, kind="google").totp["secret"]
    wallet = replace(ann.phone, secret=base64.b32decode(told + "=" * (-len(told) % 8)))
    assert redeem(tablet, wallet.code(clock()), shop).problem() == "proof_needed"
    assert redeem(tablet, ann.phone.code(clock()), shop).status == 201


def test_a_recovery_code_brought_along_opens_nothing(ann: Ann, client: FlaskClient, scope: Scope) -> None:
    own = sign_up(client)
    sign_in(client, scope, ANN, own.call)
    refused = nobody(client).post("/auth/recovery", {"recovery_code": own.recovery_code}, key=None)
    assert (refused.status, refused.problem()) == (401, "sign_in_failed")
    kept = nobody(client).post("/auth/recovery", {"recovery_code": ann.app.recovery_code}, key=None)
    assert kept.status == 200  # Ann's own


def test_a_pin_brought_along_spends_nothing(
    ann: Ann, client: FlaskClient, scope: Scope, plastic_card: PlasticCard, shop: Shop, tablet: Caller
) -> None:
    own = sign_up(client)
    own.call.post("/me/cards", {"number": plastic_card.number}, key=None)
    own.call.send("PUT", f"/me/cards/{plastic_card.card_id}/pin", json.dumps({"pin": "8052"}))
    thief = sign_in(client, scope, ANN, own.call)
    refused = redeem(tablet, plastic_card.number, shop, member_pin="8052")
    assert (refused.status, refused.problem()) == (403, "pin_wrong")
    [card] = [one for one in thief.get("/me/cards").body["items"] if one["card_id"] == plastic_card.card_id]
    assert card["has_pin"] is False


def test_a_card_claimed_with_a_pin_of_its_own_spends_nothing(
    ann: Ann, thief: Caller, client: FlaskClient, plastic_card: PlasticCard, shop: Shop, till: Caller, tablet: Caller
) -> None:
    """Its PIN was typed at a counter before; and none is typed there now, unless somebody says so by name."""

    def type_pin(**more: str) -> Answer:
        scan_id = till.post("/scans", {"code": plastic_card.number}, key=None).body["scan_id"]
        return till.post("/cards/pin", {"scan_id": scan_id, "pin": "8052", **more}, key=None)

    assert type_pin().status == 200
    assert thief.post("/me/cards", {"number": plastic_card.number}, key=None).body["has_pin"] is False
    refused = redeem(tablet, plastic_card.number, shop, member_pin="8052")
    assert (refused.status, refused.problem()) == (403, "pin_wrong")
    again = type_pin()
    assert (again.status, again.problem()) == (403, "proof_needed")
    assert type_pin(staff_pin=STAFF_PIN).status == 200


def test_a_code_to_move_with_sends_the_wait_along(
    ann: Ann, thief: Caller, client: FlaskClient, shop: Shop, tablet: Caller, clock: FixedClock
) -> None:
    code = thief.post("/me/transfers", key=None).body["code"]
    moved = nobody(client).post("/auth/transfer", {"code": code}, key=None)
    there = Caller(client, moved.body["access_token"], "/api/v1")
    assert waits(there) == "2026-03-05T12:00:00Z"
    phone = install(there, ann.app.card_id)
    assert redeem(tablet, phone.code(clock()), shop).problem() == "proof_needed"


def test_a_session_from_before_the_first_phone_waits_from_then_on(
    client: FlaskClient, scope: Scope, shop: Shop, till: Caller
) -> None:
    """A thief who signs in before Ann's first phone is there is none the better for it."""
    first = sign_in(client, scope, ANN)
    thief = sign_in(client, scope, ANN)
    [card] = first.get("/me/cards").body["items"]
    install(first, card["card_id"])
    assert (waits(first), waits(thief)) == (None, "2026-03-05T12:00:00Z")
    stolen = thief.post(f"/me/cards/{card['card_id']}/installations", key=None)
    assert stolen.status == 201
    assert waits(first) is None


def test_signing_in_again_does_not_shorten_the_wait(
    ann: Ann, thief: Caller, client: FlaskClient, scope: Scope, clock: FixedClock
) -> None:
    install(thief, ann.app.card_id)
    clock.advance(hours=23)
    again = sign_in(client, scope, ANN)
    assert waits(again) == "2026-03-06T11:00:00Z"
