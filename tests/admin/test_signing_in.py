"""Operators come in by password and second step, always, and go out after two hours or half an hour of nothing."""

from __future__ import annotations

import re
from dataclasses import replace

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.admin.doors import COOKIE
from app.common.errors import DomainError
from app.common.models import AuditEvent
from app.common.scope import Scope
from app.merchants import service as merchants
from app.merchants.errors import LastAdministratorError, SecondStepRefusedError
from tests.admin.desk import _TOKEN, sit_down
from tests.clocks import FixedClock
from tests.concurrency.racing import at_once
from tests.office.person import CODES

EMAIL, PASSWORD = "eva@town.example", "correct horse battery"


class Eva:
    """An operator at a browser that nobody has signed in."""

    def __init__(self, flask_app: Flask, scope: Scope) -> None:
        self.client: FlaskClient = flask_app.test_client()
        self.operator_id = merchants.add_operator(scope, EMAIL, name="Eva", rights=["support"])
        merchants.set_password(scope, merchants.create_setup_link(scope, operator_id=self.operator_id).token, PASSWORD)

    def post(self, path: str, **data: str) -> TestResponse:
        page = self.client.get("/admin/sign-in").get_data(as_text=True)
        token = _TOKEN.search(page)
        assert token is not None
        return self.client.post(path, data={**data, "csrf_token": token[1]})

    def password(self, password: str = PASSWORD) -> TestResponse:
        return self.post("/admin/sign-in", email=EMAIL, password=password)

    def is_in(self) -> bool:
        return self.client.get("/admin/me").status_code == 200

    def set_up(self, clock: FixedClock) -> tuple[pyotp.TOTP, list[str]]:
        assert self.password().status_code == 303
        page = self.client.get("/admin/second-step").get_data(as_text=True)
        secret = re.search(r'class="secret">([A-Z2-7 ]+)<', page)
        assert secret is not None
        totp = pyotp.TOTP(secret[1].replace(" ", ""))
        shown = self.post("/admin/second-step", code=totp.at(clock())).get_data(as_text=True)
        return totp, CODES.findall(shown)


@pytest.fixture
def eva(flask_app: Flask, scope: Scope, quick_passwords: None) -> Eva:
    return Eva(flask_app, scope)


def test_the_password_alone_opens_nothing(eva: Eva) -> None:
    assert eva.password("wrong battery horse").status_code == 401
    assert eva.password().headers["Location"].startswith("/admin/second-step")
    assert not eva.is_in()
    assert eva.client.get("/admin/me").headers["Location"].startswith("/admin/second-step")


def test_the_first_time_sets_the_second_step_up(eva: Eva, clock: FixedClock) -> None:
    totp, codes = eva.set_up(clock)
    assert eva.is_in()
    assert len(codes) == 10
    eva.post("/admin/sign-out")
    assert not eva.is_in()
    eva.password()
    page = eva.client.get("/admin/second-step").get_data(as_text=True)
    assert 'class="qr"' not in page, "whoever knows the password must not be able to set up a phone of their own"
    assert eva.post("/admin/second-step", code=totp.at(clock())).status_code == 422, "a code is good once"
    clock.advance(seconds=60)
    assert eva.post("/admin/second-step", code=totp.at(clock())).status_code == 303
    assert eva.is_in()


def test_a_recovery_code_lets_in_once(eva: Eva, clock: FixedClock) -> None:
    _, codes = eva.set_up(clock)
    for expected in (303, 422):
        eva.post("/admin/sign-out")
        eva.password()
        assert eva.post("/admin/second-step", code=codes[0]).status_code == expected
    assert not eva.is_in()


def test_a_session_ends(eva: Eva, clock: FixedClock) -> None:
    totp, _ = eva.set_up(clock)
    for _ in range(5):
        clock.advance(minutes=23)
        assert eva.is_in()
    clock.advance(minutes=6)
    assert not eva.is_in(), "after two hours, whatever was done"
    eva.password()
    eva.post("/admin/second-step", code=totp.at(clock()))
    assert eva.is_in()
    clock.advance(minutes=31)
    assert not eva.is_in(), "after half an hour of nothing"


def test_a_token_of_before_the_second_step_is_worth_nothing_after_it(eva: Eva, clock: FixedClock) -> None:
    eva.password()
    before = eva.client.get_cookie(COOKIE, path="/admin")
    assert before is not None
    eva.set_up(clock)
    after = eva.client.get_cookie(COOKIE, path="/admin")
    assert after is not None
    assert after.value != before.value
    eva.client.set_cookie(COOKIE, before.value, path="/admin")
    assert not eva.is_in()


def test_codes_and_passwords_cant_be_guessed(eva: Eva, clock: FixedClock) -> None:
    eva.set_up(clock)
    eva.post("/admin/sign-out")
    eva.password()
    answers = [eva.post("/admin/second-step", code=f"{number:06}").get_data(as_text=True) for number in range(8)]
    assert "Too many" in answers[-1]
    assert "Too many" not in answers[0]
    statuses = [eva.password(f"wrong battery {number}").status_code for number in range(10)]
    assert statuses[0] == 401
    assert statuses[-1] == 429
    assert eva.password().status_code == 429


def test_rights_hold_from_the_next_page_on(flask_app: Flask, scope: Scope) -> None:
    boss, helper = sit_down(flask_app, scope), sit_down(flask_app, scope, {"support"}, name="Jan")
    assert helper.get("/trail").status_code == 403
    path = f"/operators/{helper.operator_id}/rights"
    assert boss.post(path, {"rights": "everything"}).status_code == 422
    assert boss.post(path, {"rights": ["support", "administrator"]}).status_code == 303
    assert helper.get("/trail").status_code == 200
    assert boss.post(f"/operators/{helper.operator_id}/stop").status_code == 303
    assert helper.get("/trail").status_code == 302
    with scope.reading() as tx:
        event = tx.session.scalars(select(AuditEvent).where(AuditEvent.action == "operator.rights_changed")).one()
        assert (event.actor_kind, event.actor_id) == ("operator", boss.operator_id)
        assert (event.before, event.after) == ({"rights": ["support"]}, {"rights": ["support", "administrator"]})
    assert "operator.rights_changed" in boss.get("/trail").get_data(as_text=True)


def test_a_link_for_a_new_colleague_is_shown_once(flask_app: Flask, scope: Scope) -> None:
    boss = sit_down(flask_app, scope)
    made = boss.post("/operators", {"email": "new@town.example", "name": "New", "rights": ["risk"]})
    assert "/setup/" in made.get_data(as_text=True)
    assert "/setup/" not in boss.get("/operators").get_data(as_text=True)
    again = boss.post("/operators", {"email": "new@town.example", "name": "New", "rights": ["risk"]})
    assert again.status_code == 422
    assert "already" in again.get_data(as_text=True)


def test_somebody_always_administers(scope: Scope) -> None:
    first = merchants.add_operator(scope, "a@town.example")
    with pytest.raises(LastAdministratorError):
        merchants.stop_operator(scope, first)
    with pytest.raises(LastAdministratorError):
        merchants.change_rights(scope, first, ["risk"])


def test_two_administrators_cant_end_each_other_at_once(scope: Scope) -> None:
    ids = [merchants.add_operator(scope, f"{name}@town.example") for name in "ab"]

    def stop(operator_id: str) -> str:
        try:
            merchants.stop_operator(replace(scope), operator_id)
        except DomainError as error:
            return error.code
        return "stopped"

    assert sorted(at_once([lambda one=one: stop(one) for one in ids])) == ["last_administrator", "stopped"]


def test_a_code_used_at_once_in_two_browsers_lets_one_in(eva: Eva, scope: Scope, clock: FixedClock) -> None:
    totp, _ = eva.set_up(clock)
    clock.advance(seconds=60)
    opened = [merchants.open_operator_session(scope, eva.operator_id).token for _ in range(2)]

    def prove(token: str) -> str:
        try:
            merchants.prove_operators_second_step(replace(scope), eva.operator_id, token, totp.at(clock()))
        except SecondStepRefusedError:
            return "refused"
        return "in"

    assert sorted(at_once([lambda one=one: prove(one) for one in opened])) == ["in", "refused"]


def test_a_lost_phone_is_forgotten_by_whoever_has_the_machine(eva: Eva, scope: Scope, clock: FixedClock) -> None:
    eva.set_up(clock)
    merchants.forget_operators_second_step(scope, EMAIL)
    assert not eva.is_in()
    eva.password()
    assert 'class="qr"' in eva.client.get("/admin/second-step").get_data(as_text=True)
