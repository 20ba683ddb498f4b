"""Somebody who comes in by the door: with a password, and with whatever the second step is."""

from __future__ import annotations

import re
from typing import Any

import pyotp
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.clocks import FixedClock
from tests.office.desk import _TOKEN

EMAIL = "ann@shop.example"
PASSWORD = "correct horse battery"
CODES = re.compile(r"<li>([0-9A-Z]{5}-[0-9A-Z]{5})</li>")


class Person:
    """Somebody at a browser."""

    def __init__(self, flask_app: Flask, login_id: str) -> None:
        self.client: FlaskClient = flask_app.test_client()
        self.login_id = login_id

    def token(self, path: str = "/account/sign-in") -> str:
        found = _TOKEN.search(self.client.get(path).get_data(as_text=True))
        assert found is not None
        return found[1]

    def post(self, path: str, **data: Any) -> TestResponse:
        page = "/account/sign-in" if self.client.get("/account/me").status_code != 200 else "/account/me"
        return self.client.post(path, data={**data, "csrf_token": self.token(page)})

    def sign_in(self, password: str = PASSWORD, email: str = EMAIL, **where: Any) -> TestResponse:
        data = {"email": email, "password": password, "csrf_token": self.token()}
        return self.client.post("/account/sign-in", data=data, **where)

    def is_in(self) -> bool:
        return self.client.get("/account/me").status_code == 200


def another(person: Person, flask_app: Flask) -> Person:
    return Person(flask_app, person.login_id)


def with_app(person: Person, clock: FixedClock) -> tuple[pyotp.TOTP, list[str]]:
    """Somebody signed in sets up an authenticator app."""
    page = person.client.get("/account/second-step").get_data(as_text=True)
    secret = re.search(r'class="secret">([A-Z2-7 ]+)<', page)
    assert secret is not None
    totp = pyotp.TOTP(secret[1].replace(" ", ""))
    answer = person.post("/account/second-step", code=totp.at(clock()))
    assert answer.status_code == 200
    return totp, CODES.findall(answer.get_data(as_text=True))
