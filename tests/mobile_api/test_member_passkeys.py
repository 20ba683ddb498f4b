"""Passkeys, made and used by an authenticator in software whose signatures are real."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

import config
import mobile_api
from app.cards.models import Passkey as StoredPasskey
from app.cards.models import PasskeyChallenge
from app.common.scope import Scope
from app.factory import create_app
from tests.authenticators import Authenticator, decoded, encoded
from tests.clocks import FixedClock
from tests.mobile_api.calling import Answer, Caller
from tests.mobile_api.members import API, App, balances, nobody, security_events, sign_in, sign_up
from tests.shops import Shop

ANN = "ann@example.com"


def add(call: Caller, phone: Authenticator, **more: Any) -> Answer:
    options = call.post("/me/passkeys/options", key=None)
    assert options.status == 200, options.text
    credential = phone.create(options.body["public_key"])
    return call.post(
        "/me/passkeys", {"challenge_id": options.body["challenge_id"], "credential": credential, **more}, key=None
    )


def use(client: FlaskClient, phone: Authenticator, call: Caller | None = None) -> Answer:
    options = nobody(client).post("/auth/passkey/options", key=None)
    assert options.status == 200, options.text
    credential = phone.get(options.body["public_key"])
    body = {"challenge_id": options.body["challenge_id"], "credential": credential}
    return (call or nobody(client)).post("/auth/passkey", body, key=None)


@pytest.fixture
def app(client: FlaskClient) -> App:
    return sign_up(client)


@pytest.fixture
def phone() -> Authenticator:
    return Authenticator()


def test_a_passkey_secures_a_nameless_card_and_signs_in_elsewhere(
    client: FlaskClient, scope: Scope, app: App, phone: Authenticator, clock: FixedClock
) -> None:
    before = app.call.get("/me").body
    assert (before["is_secured"], before["has_passkey"], before["status"]) == (False, False, "anonymous")
    made = add(app.call, phone, name="  Ann's  phone ")
    assert made.status == 201, made.text
    assert made.body["name"] == "Ann's phone"
    after = app.call.get("/me").body
    assert (after["is_secured"], after["has_passkey"], after["status"]) == (True, True, "claimed")
    clock.advance(minutes=1)
    signed_in = use(client, phone)
    assert signed_in.status == 200, signed_in.text
    elsewhere = Caller(client, signed_in.body["access_token"], API)
    assert elsewhere.get("/me").body["member_id"] == app.member_id
    [told] = elsewhere.get("/me/passkeys").body["items"]
    assert (told["name"], told["created_at"], told["last_used_at"]) == (
        "Ann's phone",
        "2026-03-04T12:00:00Z",
        "2026-03-04T12:01:00Z",
    )
    assert [event for event, _ in security_events(scope, app.member_id)] == ["passkey_added", "new_sign_in"]


def test_the_options_name_nobody_and_ask_for_whoever_holds_the_phone(client: FlaskClient, app: App) -> None:
    asked = nobody(client).post("/auth/passkey/options", key=None).body["public_key"]
    assert asked["rpId"] == "card.example"
    assert asked["userVerification"] == "required"
    assert not asked.get("allowCredentials")
    making = app.call.post("/me/passkeys/options", key=None).body["public_key"]
    assert making["rp"] == {"id": "card.example", "name": "Zegel"}
    assert making["authenticatorSelection"]["residentKey"] == "required"
    assert making["authenticatorSelection"]["userVerification"] == "required"
    assert making["attestation"] == "none"


def test_a_second_passkey_on_one_phone_is_kept_from_being_made(app: App, phone: Authenticator) -> None:
    add(app.call, phone)
    making = app.call.post("/me/passkeys/options", key=None).body["public_key"]
    assert [one["id"] for one in making["excludeCredentials"]] == [encoded(phone.passkeys[0].credential_id)]


def test_a_name_rests_sealed(scope: Scope, app: App, phone: Authenticator) -> None:
    add(app.call, phone, name="Wilhelmina's phone")
    with scope.reading() as tx:
        stored = tx.session.scalars(select(StoredPasskey)).one()
    assert b"Wilhelmina" not in bytes(stored.name or b"")
    assert app.call.get("/me/passkeys").body["items"][0]["name"] == "Wilhelmina's phone"


def test_a_removed_passkey_signs_nobody_in(client: FlaskClient, scope: Scope, app: App, phone: Authenticator) -> None:
    passkey_id = add(app.call, phone).body["passkey_id"]
    assert app.call.send("DELETE", f"/me/passkeys/{passkey_id}", content_type=None).status == 204
    refused = use(client, phone)
    assert (refused.status, refused.problem()) == (401, "sign_in_failed")
    assert app.call.get("/me").body["status"] == "anonymous"
    again = app.call.send("DELETE", f"/me/passkeys/{passkey_id}", content_type=None)
    assert (again.status, again.problem()) == (404, "not_found")
    assert [event for event, _ in security_events(scope, app.member_id)] == ["passkey_added", "passkey_removed"]


def test_whoever_has_an_address_stays_claimed_without_passkeys(
    client: FlaskClient, scope: Scope, phone: Authenticator
) -> None:
    call = sign_in(client, scope, ANN)
    passkey_id = add(call, phone).body["passkey_id"]
    call.send("DELETE", f"/me/passkeys/{passkey_id}", content_type=None)
    assert (call.get("/me").body["status"], call.get("/me").body["is_secured"]) == ("claimed", True)


def test_a_challenge_is_good_once_and_for_five_minutes(
    client: FlaskClient, app: App, phone: Authenticator, clock: FixedClock
) -> None:
    add(app.call, phone)
    options = nobody(client).post("/auth/passkey/options", key=None).body
    body = {"challenge_id": options["challenge_id"], "credential": phone.get(options["public_key"])}
    assert nobody(client).post("/auth/passkey", body, key=None).status == 200
    assert nobody(client).post("/auth/passkey", body, key=None).status == 401
    late = nobody(client).post("/auth/passkey/options", key=None).body
    body = {"challenge_id": late["challenge_id"], "credential": phone.get(late["public_key"])}
    clock.advance(minutes=5)
    assert nobody(client).post("/auth/passkey", body, key=None).status == 401


def test_a_failed_answer_uses_its_challenge_up_too(client: FlaskClient, app: App, phone: Authenticator) -> None:
    add(app.call, phone)
    options = nobody(client).post("/auth/passkey/options", key=None).body
    right = phone.get(options["public_key"])
    wrong = {**right, "response": {**right["response"], "signature": encoded(b"no")}}
    for credential in (wrong, right):
        body = {"challenge_id": options["challenge_id"], "credential": credential}
        assert nobody(client).post("/auth/passkey", body, key=None).status == 401


def _signature_of_another(credential: dict[str, Any]) -> None:
    flipped = bytearray(decoded(credential["response"]["signature"]))
    flipped[-1] ^= 1
    credential["response"]["signature"] = encoded(bytes(flipped))


def _other_count(credential: dict[str, Any]) -> None:
    data = bytearray(decoded(credential["response"]["authenticatorData"]))
    data[36] += 1
    credential["response"]["authenticatorData"] = encoded(bytes(data))


def _other_credential(credential: dict[str, Any]) -> None:
    credential["id"] = credential["rawId"] = encoded(b"another" * 4)


@pytest.mark.parametrize("forge", [_signature_of_another, _other_count, _other_credential])
def test_a_forged_answer_signs_nobody_in(client: FlaskClient, app: App, phone: Authenticator, forge: Any) -> None:
    add(app.call, phone)
    options = nobody(client).post("/auth/passkey/options", key=None).body
    credential = phone.get(options["public_key"])
    forge(credential)
    body = {"challenge_id": options["challenge_id"], "credential": credential}
    refused = nobody(client).post("/auth/passkey", body, key=None)
    assert (refused.status, refused.problem()) == (401, "sign_in_failed")


def test_another_sites_page_gets_nothing(client: FlaskClient, app: App, phone: Authenticator) -> None:
    add(app.call, phone)
    phone.origin = "https://card.example.evil.test"
    assert use(client, phone).status == 401


def test_a_phone_that_asked_nobody_is_not_enough(client: FlaskClient, app: App, phone: Authenticator) -> None:
    add(app.call, phone)
    phone.verifies = False
    assert use(client, phone).status == 401
    refused = add(app.call, phone)
    assert (refused.status, refused.problem()) == (422, "passkey_refused")


def test_a_copied_passkey_shows_by_its_count(client: FlaskClient, app: App, phone: Authenticator) -> None:
    add(app.call, phone)
    assert use(client, phone).status == 200
    phone.passkeys[0].signed = 0  # as a copy made before would count
    assert use(client, phone).status == 401


def test_anothers_challenge_adds_nothing(client: FlaskClient, app: App, phone: Authenticator) -> None:
    other = sign_up(client)
    options = other.call.post("/me/passkeys/options", key=None).body
    body = {"challenge_id": options["challenge_id"], "credential": phone.create(options["public_key"])}
    refused = app.call.post("/me/passkeys", body, key=None)
    assert (refused.status, refused.problem()) == (422, "passkey_refused")
    assert other.call.post("/me/passkeys", body, key=None).status == 201


def test_nobody_takes_over_anothers_passkey(client: FlaskClient, app: App, phone: Authenticator) -> None:
    add(app.call, phone)
    thief, copy = sign_up(client), Authenticator()
    options = thief.call.post("/me/passkeys/options", key=None).body
    credential = copy.create(options["public_key"], phone.passkeys[0].credential_id)
    refused = thief.call.post(
        "/me/passkeys", {"challenge_id": options["challenge_id"], "credential": credential}, key=None
    )
    assert (refused.status, refused.problem()) == (422, "passkey_refused")
    signed_in = use(client, phone)
    assert Caller(client, signed_in.body["access_token"], API).get("/me").body["member_id"] == app.member_id


@pytest.mark.parametrize(
    "credential",
    [
        {},
        {"rawId": 7},
        {"id": "x", "rawId": "x", "type": "public-key", "response": {}},
        {"id": "é", "rawId": "é", "type": "public-key", "response": {"clientDataJSON": "%%%"}},
        {"rawId": encoded(b"x" * 2000), "id": "x", "type": "public-key", "response": None},
        {"rawId": [1], "response": {"attestationObject": encoded(b"\xff\xff")}},
    ],
)
def test_odd_credentials_are_refused_and_no_fault(client: FlaskClient, app: App, credential: dict[str, Any]) -> None:
    adding = app.call.post("/me/passkeys/options", key=None).body["challenge_id"]
    refused = app.call.post("/me/passkeys", {"challenge_id": adding, "credential": credential}, key=None)
    assert (refused.status, refused.problem()) == (422, "passkey_refused")
    using = nobody(client).post("/auth/passkey/options", key=None).body["challenge_id"]
    refused = nobody(client).post("/auth/passkey", {"challenge_id": using, "credential": credential}, key=None)
    assert (refused.status, refused.problem()) == (401, "sign_in_failed")


def test_what_was_earned_before_signing_in_comes_along(
    client: FlaskClient, app: App, phone: Authenticator, till: Caller, shop: Shop
) -> None:
    add(app.call, phone)
    new = sign_up(client)
    till.post("/visits", {"code": new.number, "amount": "3.00"})
    signed_in = use(client, phone, new.call)
    assert signed_in.status == 200, signed_in.text
    here = Caller(client, signed_in.body["access_token"], API)
    assert here.get("/me").body["member_id"] == app.member_id
    assert balances(here) == {shop.stamps_id: 1, shop.points_id: 30}
    moved = signed_in.body["moved"]
    assert {one["programme_id"]: one["units"] for one in moved["accounts"]} == {shop.stamps_id: 1, shop.points_id: 30}
    assert (moved["vouchers"], moved["cards"]) == (0, 1)


def test_whoever_has_a_passkey_is_not_merged_by_signing_in_as_another(
    client: FlaskClient, scope: Scope, app: App, phone: Authenticator
) -> None:
    add(app.call, phone)
    other = sign_in(client, scope, ANN, app.call)
    assert app.call.get("/me").body["email"] == ANN  # nobody had it yet: it is hers now
    bob = sign_in(client, scope, "bob@example.com")
    sign_in(client, scope, ANN, bob)
    assert bob.get("/me").body["email"] == "bob@example.com"
    assert other.get("/me").body["member_id"] == app.member_id


def test_twenty_passkeys_are_enough(app: App) -> None:
    for _ in range(20):
        assert add(app.call, Authenticator()).status == 201
    refused = app.call.post("/me/passkeys/options", key=None)
    assert (refused.status, refused.problem()) == (422, "invalid")


def test_challenges_of_a_network_are_limited(client: FlaskClient, scope: Scope) -> None:
    answers = [nobody(client).post("/auth/passkey/options", key=None) for _ in range(241)]
    assert {answer.status for answer in answers[:240]} == {200}
    assert (answers[240].status, answers[240].problem()) == (429, "tries_used_up")
    with scope.reading() as tx:
        assert len(tx.session.scalars(select(PasskeyChallenge)).all()) == 240


def test_the_record_tells_of_passkeys_without_their_keys(app: App, phone: Authenticator) -> None:
    add(app.call, phone, name="Ann's phone")
    record = app.call.get("/me/export")
    assert [one["name"] for one in record.body["passkeys"]] == ["Ann's phone"]
    assert "public_key" not in json.dumps(record.body)


def test_a_bare_address_has_no_passkeys(environment: dict[str, str], clock: FixedClock) -> None:
    settings = config.load({**environment, "PUBLIC_URL": "https://192.0.2.7:8443"})
    flask_app = create_app(settings, mobile_api.init_app, clock=clock)
    client = flask_app.test_client()
    for refused in (
        nobody(client).post("/auth/passkey/options", key=None),
        sign_up(client).call.post("/me/passkeys/options", key=None),
    ):
        assert (refused.status, refused.problem()) == (409, "passkeys_not_offered")
    flask_app.extensions["zegel"].database.close()
