"""Coming in with a passkey: both steps in one, for its own person alone."""

from __future__ import annotations

import json
import re

from flask import Flask
from werkzeug.test import TestResponse

from app.common.scope import Scope
from app.merchants import service as merchants
from tests.authenticators import Authenticator
from tests.clocks import FixedClock
from tests.factories import make_shop
from tests.office.desk import sit_down
from tests.office.person import CODES, PASSWORD, Person, another


def test_a_passkey_is_both_steps(person: Person, flask_app: Flask, scope: Scope, clock: FixedClock) -> None:
    phone = Authenticator()
    person.sign_in()
    codes = CODES.findall(add_passkey(person, phone).get_data(as_text=True))
    assert len(codes) == 10
    other = another(person, flask_app)
    assert use_passkey(other, phone).headers["Location"] == "/account"
    assert other.is_in()

    by_password = another(person, flask_app)
    assert by_password.sign_in().headers["Location"].startswith("/account/second"), "a password alone does not do"
    assert use_passkey(by_password, phone, "/account/second").status_code == 303
    assert by_password.is_in()

    page = person.client.get("/account/me").get_data(as_text=True)
    [path] = re.findall(r'action="(/account/passkeys/[0-9a-f-]+/remove)"', page)
    thief = sit_down(flask_app, scope, make_shop(scope, name="Other").merchant_id, "owner")
    assert thief.post(path).status_code == 404
    assert person.post(path).status_code == 303
    gone = another(person, flask_app)
    assert use_passkey(gone, phone).headers["Location"].startswith("/account/sign-in")
    assert another(person, flask_app).sign_in().headers["Location"] == "/account"


def test_somebody_elses_passkey_confirms_nothing(person: Person, flask_app: Flask, scope: Scope) -> None:
    phone, other_phone = Authenticator(), Authenticator()
    person.sign_in()
    add_passkey(person, phone)
    staff_id = merchants.add_staff(
        scope, make_shop(scope, name="Other").merchant_id, name="Bob", role="owner", email="bob@shop.example"
    )
    merchants.set_password(scope, merchants.create_setup_link(scope, staff_id=staff_id).token, PASSWORD)
    bob = another(person, flask_app)
    bob.sign_in(email="bob@shop.example")
    add_passkey(bob, other_phone)
    half = another(person, flask_app)
    half.sign_in()
    assert use_passkey(half, other_phone, "/account/second").headers["Location"].startswith("/account/second")
    assert not half.is_in()
    careless = Authenticator(verifies=False, passkeys=phone.passkeys)
    assert use_passkey(half, careless, "/account/second").headers["Location"].startswith("/account/second")
    assert use_passkey(half, phone, "/account/second").headers["Location"] == "/account"


def add_passkey(person: Person, phone: Authenticator) -> TestResponse:
    token = person.token("/account/me")
    told = person.client.post("/account/passkeys/challenge", headers={"X-CSRFToken": token}).get_json()
    made = phone.create(told["public_key"])
    answer = person.client.post(
        "/account/passkeys",
        data={
            "csrf_token": token,
            "challenge_id": told["challenge_id"],
            "credential": json.dumps(made),
            "name": "my phone",
        },
    )
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer


def use_passkey(person: Person, phone: Authenticator, page: str = "/account/sign-in") -> TestResponse:
    token = person.token(page)
    told = person.client.post("/account/passkey/challenge", headers={"X-CSRFToken": token}).get_json()
    signed = phone.get(told["public_key"])
    return person.client.post(
        "/account/passkey",
        data={"csrf_token": token, "challenge_id": told["challenge_id"], "credential": json.dumps(signed)},
    )
