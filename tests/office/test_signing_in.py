"""Coming in: both steps, forgotten passwords, other addresses, other browsers, and how often each may be tried."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import select

from app.backoffice.doors import COOKIE
from app.common.scope import Scope
from app.merchants import proofs
from app.merchants import service as merchants
from app.merchants.errors import SetupLinkSpentError
from app.merchants.models import Staff, StaffLogin, StaffLoginSession
from tests.clocks import FixedClock
from tests.concurrency.racing import at_once
from tests.factories import make_shop
from tests.office.desk import sit_down
from tests.office.mailbox import link_in, mails, mails_to
from tests.office.person import EMAIL, PASSWORD, Person, another, with_app


def test_a_right_password_lets_in_and_a_wrong_one_tells_nothing(person: Person) -> None:
    refused = person.sign_in("wrong horse battery")
    nobody = person.sign_in(email="nobody@shop.example")
    assert refused.status_code == nobody.status_code == 401
    said = [re.findall(r'role="alert">.*?</div>', one.get_data(as_text=True))[0] for one in (refused, nobody)]
    assert said[0] == said[1]
    answer = person.sign_in()
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/account"
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert person.is_in()


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_leads_to_no_other_site(person: Person, wanted: str) -> None:
    answer = person.client.post(
        "/account/sign-in",
        query_string={"next": wanted},
        data={"email": EMAIL, "password": PASSWORD, "csrf_token": person.token()},
    )
    assert answer.headers["Location"] == "/account"


def test_ten_wrong_passwords_are_enough_from_one_network_and_not_from_another(
    person: Person, clock: FixedClock
) -> None:
    for _ in range(10):
        assert person.sign_in("wrong horse battery").status_code == 401
    assert person.sign_in().status_code == 429, "the right one too: guessing must not pay"
    assert person.sign_in(environ_base={"REMOTE_ADDR": "203.0.113.7"}).status_code == 303
    clock.advance(minutes=16)
    assert person.sign_in().status_code == 303


def test_many_at_once_are_as_many_tries(person: Person, flask_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proofs, "_passwords", PasswordHasher())  # they overlap for as long as in the shop
    people = [another(person, flask_app) for _ in range(14)]
    token = [one.token() for one in people]

    def attempt(number: int) -> int:
        data = {"email": EMAIL, "password": "wrong horse", "csrf_token": token[number]}
        return people[number].client.post("/account/sign-in", data=data).status_code

    statuses = at_once([lambda number=number: attempt(number) for number in range(14)])
    assert sorted(statuses).count(401) == 10


def test_two_steps(person: Person, flask_app: Flask, scope: Scope, clock: FixedClock) -> None:
    person.sign_in()
    elsewhere = another(person, flask_app)
    elsewhere.sign_in()
    totp, codes = with_app(person, clock)
    assert len(codes) == 10
    assert person.is_in()
    assert not elsewhere.is_in(), "whoever else was in must take the second step too"
    assert "two steps" in mails_to(scope, EMAIL)[-1].subject

    clock.advance(minutes=2)
    answer = elsewhere.sign_in()
    assert answer.headers["Location"].startswith("/account/second?next=")
    assert not elsewhere.is_in(), "half way in is not in"
    assert elsewhere.client.get("/account").status_code == 302
    before = elsewhere.client.get_cookie(COOKIE)
    assert (
        elsewhere.client.post(
            "/account/second", data={"code": "000000", "csrf_token": elsewhere.token("/account/second")}
        ).status_code
        == 401
    )
    code = totp.at(clock())
    passed = elsewhere.client.post(
        "/account/second", data={"code": code, "csrf_token": elsewhere.token("/account/second")}
    )
    assert passed.status_code == 303
    assert elsewhere.is_in()
    after = elsewhere.client.get_cookie(COOKIE)
    assert before is not None
    assert after is not None
    assert before.value != after.value, "the token from before the second step is worth nothing any more"

    third = another(person, flask_app)
    third.sign_in()
    used = third.client.post("/account/second", data={"code": code, "csrf_token": third.token("/account/second")})
    assert used.status_code == 401, "a code is good once"


def test_a_recovery_code_is_good_once_and_its_use_is_told(
    person: Person, flask_app: Flask, scope: Scope, clock: FixedClock
) -> None:
    person.sign_in()
    _, codes = with_app(person, clock)
    for number, status in enumerate((303, 401)):
        other = another(person, flask_app)
        other.sign_in()
        data = {"code": codes[0].lower().replace("-", " "), "csrf_token": other.token("/account/second")}
        assert other.client.post("/account/second", data=data).status_code == status, number
    assert "9 are left" in mails_to(scope, EMAIL)[-1].text


def test_of_two_with_one_recovery_code_one_comes_in(person: Person, scope: Scope, clock: FixedClock) -> None:
    person.sign_in()
    _, codes = with_app(person, clock)

    def use() -> bool:
        try:
            merchants.prove_second(replace(scope), person.login_id, codes[3], public_url="https://card.example")
        except Exception:
            return False
        return True

    assert sorted(at_once([use] * 4)) == [False, False, False, True]


def test_second_steps_are_not_guessed(person: Person, flask_app: Flask, clock: FixedClock) -> None:
    person.sign_in()
    totp, _ = with_app(person, clock)
    clock.advance(minutes=5)
    other = another(person, flask_app)
    other.sign_in()
    token = other.token("/account/second")
    statuses = [
        other.client.post("/account/second", data={"code": f"{number:06}", "csrf_token": token}).status_code
        for number in range(9)
    ]
    assert statuses[-1] == 429
    late = other.client.post("/account/second", data={"code": totp.at(clock()), "csrf_token": token})
    assert late.status_code == 429
    clock.advance(minutes=16)
    assert other.client.get("/account/second").status_code == 302, "half way in lasts a quarter of an hour"


def test_what_cannot_be_taken_back_asks_again(person: Person, clock: FixedClock) -> None:
    person.sign_in()
    assert person.client.get("/account/second-step").status_code == 200
    clock.advance(minutes=16)
    sent = person.client.get("/account/second-step")
    assert sent.headers["Location"] == "/account/confirm?next=/account/second-step"
    where = sent.headers["Location"]
    token = person.token("/account/me")
    assert person.client.post(where, data={"password": "wrong", "csrf_token": token}).status_code == 401
    right = person.client.post(where, data={"password": PASSWORD, "csrf_token": token})
    assert right.headers["Location"] == "/account/second-step"
    assert person.client.get("/account/second-step").status_code == 200
    clock.advance(minutes=16)
    form = person.client.post(
        "/account/second-step/remove",
        data={"csrf_token": token},
        headers={"Referer": "https://card.example/account/me"},
    )
    assert form.headers["Location"] == "/account/confirm?next=/account/me", "back to where the form stood"


def test_a_forgotten_password(person: Person, flask_app: Flask, scope: Scope, clock: FixedClock) -> None:
    person.sign_in()
    stranger = another(person, flask_app)
    for email in (EMAIL, "nobody@shop.example"):
        answer = stranger.post("/account/forgotten", email=email)
        assert answer.status_code == 200
    assert [mail.to for mail in mails(scope)] == [EMAIL], "nobody else is written to, and nobody is told so"
    path = link_in(mails(scope)[0])
    assert stranger.client.get(path).headers["Referrer-Policy"] == "no-referrer"
    short = stranger.post(path, password="short", again="short")
    assert short.status_code == 422
    done = stranger.post(path, password="a better horse battery", again="a better horse battery")
    assert done.status_code == 303
    assert not person.is_in(), "whoever was in is out"
    assert stranger.post(path, password="yet another battery", again="yet another battery").status_code == 410
    assert stranger.sign_in().status_code == 401
    assert stranger.sign_in("a better horse battery").status_code == 303
    assert "changed" in mails_to(scope, EMAIL)[-1].subject

    stranger.post("/account/forgotten", email=EMAIL)
    late = link_in(mails_to(scope, EMAIL)[-1])
    clock.advance(hours=1)
    assert stranger.post(late, password="yet another battery", again="yet another battery").status_code == 410


def test_mails_for_passwords_are_few(person: Person, scope: Scope) -> None:
    statuses = [person.post("/account/forgotten", email=EMAIL).status_code for _ in range(6)]
    assert statuses == [200] * 4 + [429] * 2
    assert len(mails(scope)) == 4


def test_another_address_is_proved_there_and_told_here(person: Person, flask_app: Flask, scope: Scope) -> None:
    person.sign_in()
    assert person.post("/account/address", email="no address").status_code == 422
    assert person.post("/account/address", email="New@Shop.example").status_code == 303
    assert person.sign_in().status_code == 303, "nothing changes before the link is opened"
    told = mails_to(scope, EMAIL)[-1]
    assert "new@shop.example" in told.text
    path = link_in(mails_to(scope, "new@shop.example")[0])
    reader = another(person, flask_app)
    reader.client.get(path)
    assert reader.sign_in().status_code == 303, "mail programs open links: looking changes nothing"
    fresh = another(person, flask_app)
    assert fresh.post(path).status_code == 200
    assert fresh.post(path).status_code == 410
    assert fresh.sign_in().status_code == 401
    assert fresh.sign_in(email="new@shop.example").status_code == 303
    assert "does not sign you in" in mails_to(scope, EMAIL)[-1].text
    with scope.reading() as tx:
        assert (
            tx.session.scalars(select(Staff.email).where(Staff.login_id == person.login_id)).one() == "new@shop.example"
        )


def test_an_address_that_somebody_has_gets_no_link(person: Person, scope: Scope) -> None:
    merchants.add_staff(scope, make_shop(scope).merchant_id, name="Bob", role="owner", email="bob@shop.example")
    person.sign_in()
    assert person.post("/account/address", email="bob@shop.example").status_code == 303, "nobody is told who is here"
    assert mails_to(scope, "bob@shop.example") == []


def test_a_password_is_changed_by_whoever_knows_it(person: Person, flask_app: Flask) -> None:
    person.sign_in()
    elsewhere = another(person, flask_app)
    elsewhere.sign_in()
    new = {"password": "a better horse battery", "again": "a better horse battery"}
    assert person.post("/account/password", old="wrong", **new).status_code == 422
    assert person.post("/account/password", old=PASSWORD, **{**new, "again": "else"}).status_code == 422
    assert person.post("/account/password", old=PASSWORD, **new).status_code == 303
    assert person.is_in()
    assert not elsewhere.is_in()


def test_browsers_are_listed_and_ended_by_their_own_person_alone(
    person: Person, flask_app: Flask, scope: Scope
) -> None:
    person.sign_in()
    elsewhere = another(person, flask_app)
    elsewhere.sign_in(headers={"User-Agent": "Mozilla/5.0 (iPhone; CPU) Safari/605.1"})
    assert "had not seen before" in mails_to(scope, EMAIL)[-1].text
    page = person.client.get("/account/me").get_data(as_text=True)
    assert "Safari, iPhone" in page
    [key] = re.findall(r'name="key" value="([0-9a-f]+)"', page)
    shop = make_shop(scope, name="Other")
    thief = sit_down(flask_app, scope, shop.merchant_id, "owner")
    assert thief.post("/account/sessions/end", {"key": key}).status_code == 303
    assert elsewhere.is_in()
    assert person.post("/account/sessions/end", key=key).status_code == 303
    assert not elsewhere.is_in()
    assert person.is_in()


def test_a_language_that_was_chosen_stays_chosen(flask_app: Flask) -> None:
    visitor = flask_app.test_client()
    assert "Melden Sie sich" in visitor.get("/account/sign-in?lang=de").get_data(as_text=True)
    assert "Melden Sie sich" in visitor.get("/account/sign-in").get_data(as_text=True)


def test_the_language_goes_with_the_person(person: Person, flask_app: Flask, scope: Scope) -> None:
    person.sign_in()
    person.post("/account/language", language="de")
    elsewhere = another(person, flask_app)
    elsewhere.sign_in()
    assert 'lang="de"' in elsewhere.client.get("/account/me").get_data(as_text=True)
    elsewhere.post("/account/forgotten", email=EMAIL)
    assert "neues Passwort" in mails_to(scope, EMAIL)[-1].subject


def test_the_operator_forgets_a_second_step(person: Person, flask_app: Flask, scope: Scope, clock: FixedClock) -> None:
    person.sign_in()
    with_app(person, clock)
    merchants.forget_second_step(scope, EMAIL, public_url="https://card.example")
    assert not person.is_in()
    assert person.sign_in().headers["Location"] == "/account"
    assert "gone" in mails_to(scope, EMAIL)[-1].subject


def test_a_setup_link_sets_no_password_where_there_is_one(person: Person, scope: Scope) -> None:
    """Another shop that asks somebody in must not get at the shops where that person works already."""
    other = make_shop(scope, name="Other")
    staff_id = merchants.add_staff(scope, other.merchant_id, name="Ann", role="cashier", email=EMAIL)
    link = merchants.create_setup_link(scope, staff_id=staff_id)
    with pytest.raises(SetupLinkSpentError):
        merchants.set_password(scope, link.token, "a thief's horse battery")
    assert person.sign_in().status_code == 303


def test_nothing_secret_lies_in_the_tables(person: Person, scope: Scope, clock: FixedClock) -> None:
    person.sign_in()
    totp, codes = with_app(person, clock)
    with scope.reading() as tx:
        login = tx.session.get_one(StaffLogin, person.login_id)
        sessions = tx.session.scalars(select(StaffLoginSession.token_hash)).all()
        assert login.totp_secret is not None
        assert totp.secret.encode() not in login.totp_secret
    cookie = person.client.get_cookie(COOKIE)
    assert cookie is not None
    assert cookie.value.encode() not in sessions
    assert len(set(codes)) == 10
