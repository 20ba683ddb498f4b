"""Becoming somebody: without a name, by a mailed code, by a recovery code; and the sessions that follow."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.cards.models import AuthCode, Login
from app.cards.service import issue_anonymous_member
from app.common.models import OutboxMessage
from app.common.scope import Scope
from tests.clocks import FixedClock
from tests.mobile_api.calling import Caller
from tests.mobile_api.members import API, app_of, balances, mailed_code, mails, nobody, sign_in, sign_up
from tests.shops import PlasticCard, Shop

ANN = "ann@example.com"


def test_a_card_at_once_without_a_name(client: FlaskClient) -> None:
    made = nobody(client).post("/auth/anonymous", {"locale": "fr"}, key=None)
    assert made.status == 201, made.text
    assert (made.body["token_type"], made.body["expires_in"]) == ("Bearer", 900)
    assert made.body["card"]["kind"] == "digital"
    assert made.body["card"]["url"] == f"HTTPS://CARD.EXAMPLE/C/{made.body['card']['number']}"
    assert len(made.body["recovery_code"].replace(" ", "")) == 24
    me = Caller(client, made.body["access_token"], API).get("/me").body
    assert (me["status"], me["locale"], me["name"], me["email"]) == ("anonymous", "fr", None, None)


def test_a_code_by_mail_makes_a_member_and_finds_it_again(client: FlaskClient, scope: Scope) -> None:
    first = sign_in(client, scope, ANN)
    me = first.get("/me").body
    assert (me["status"], me["email"]) == ("claimed", ANN)
    assert len(first.get("/me/cards").body["items"]) == 1
    again = sign_in(client, scope, "ANN@Example.COM")
    assert again.get("/me").body["member_id"] == me["member_id"]


def test_nobody_learns_whether_an_address_is_known(client: FlaskClient, scope: Scope) -> None:
    sign_in(client, scope, ANN)
    known = nobody(client).post("/auth/code", {"email": ANN}, key=None)
    unknown = nobody(client).post("/auth/code", {"email": "bob@example.com"}, key=None)
    assert (known.status, known.text) == (unknown.status, unknown.text) == (202, "")
    wrong = [
        nobody(client).post("/auth/token", {"email": email, "code": "000000"}, key=None)
        for email in (ANN, "bob@example.com", "nobody@example.com")
    ]
    assert {(answer.status, answer.problem(), answer.text) for answer in wrong} == {
        (401, "sign_in_failed", wrong[0].text)
    }


def test_the_code_rests_sealed(client: FlaskClient, scope: Scope) -> None:
    nobody(client).post("/auth/code", {"email": ANN}, key=None)
    code = mailed_code(scope, ANN)
    with scope.reading() as tx:
        stored = tx.session.scalars(select(AuthCode)).one()
        queued = tx.session.scalars(select(OutboxMessage)).one()
    assert code.encode() not in bytes(stored.code_hash)
    assert code not in str(queued.payload)
    assert ANN not in str(queued.payload)


def test_a_code_works_once(client: FlaskClient, scope: Scope) -> None:
    nobody(client).post("/auth/code", {"email": ANN}, key=None)
    body = {"email": ANN, "code": mailed_code(scope, ANN)}
    assert nobody(client).post("/auth/token", body, key=None).status == 200
    replayed = nobody(client).post("/auth/token", body, key=None)
    assert (replayed.status, replayed.problem()) == (401, "sign_in_failed")


def test_a_code_is_over_after_ten_minutes(client: FlaskClient, scope: Scope, clock: FixedClock) -> None:
    nobody(client).post("/auth/code", {"email": ANN}, key=None)
    body = {"email": ANN, "code": mailed_code(scope, ANN)}
    clock.advance(minutes=10)
    assert nobody(client).post("/auth/token", body, key=None).status == 401


def test_five_wrong_tries_end_a_code(client: FlaskClient, scope: Scope) -> None:
    nobody(client).post("/auth/code", {"email": ANN}, key=None)
    code = mailed_code(scope, ANN)
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    for _ in range(5):
        assert nobody(client).post("/auth/token", {"email": ANN, "code": wrong}, key=None).status == 401
    assert nobody(client).post("/auth/token", {"email": ANN, "code": code}, key=None).status == 401


def test_an_address_gets_five_mails_an_hour_and_the_answer_stays(
    client: FlaskClient, scope: Scope, clock: FixedClock
) -> None:
    statuses = [nobody(client).post("/auth/code", {"email": ANN}, key=None).status for _ in range(8)]
    assert statuses == [202] * 8
    assert len(mails(scope)) == 5
    body = {"email": ANN, "code": mailed_code(scope, ANN)}
    assert nobody(client).post("/auth/token", body, key=None).status == 200
    clock.advance(hours=1)
    nobody(client).post("/auth/code", {"email": ANN}, key=None)
    assert len(mails(scope)) == 6


def test_a_network_that_asks_for_very_many_codes_must_wait(client: FlaskClient) -> None:
    answers = [nobody(client).post("/auth/code", {"email": f"p{n}@example.com"}, key=None) for n in range(121)]
    assert {answer.status for answer in answers[:120]} == {202}
    assert (answers[120].status, answers[120].problem()) == (429, "tries_used_up")
    assert 0 < int(answers[120].headers["Retry-After"]) <= 600


def test_the_mail_speaks_the_language_that_was_asked_for(client: FlaskClient, scope: Scope) -> None:
    for locale, word in (("fr", "Bonjour"), ("de", "Guten Tag"), ("en", "Hello"), ("nl", "Hallo"), ("tlh", "Hallo")):
        nobody(client).post("/auth/code", {"email": f"{locale}@example.com", "locale": locale}, key=None)
        assert mails(scope)[-1][1].startswith(word)


@pytest.mark.parametrize("email", ["", "ann", "ann@", "@example.com", "a" * 300 + "@example.com", "ann@exa mple.com"])
def test_what_is_no_address_is_refused(client: FlaskClient, email: str) -> None:
    assert nobody(client).post("/auth/code", {"email": email}, key=None).status == 422


def test_an_anonymous_member_takes_an_address(client: FlaskClient, scope: Scope) -> None:
    app = sign_up(client)
    signed_in = sign_in(client, scope, ANN, app.call)
    me = signed_in.get("/me").body
    assert (me["member_id"], me["status"], me["email"]) == (app.member_id, "claimed", ANN)
    sign_in(client, scope, "new@example.com", signed_in)
    assert signed_in.get("/me").body["email"] == "new@example.com"
    assert sign_in(client, scope, ANN).get("/me").body["member_id"] != app.member_id


def test_what_was_earned_before_signing_in_is_merged(
    client: FlaskClient, scope: Scope, shop: Shop, till: Caller
) -> None:
    home = sign_in(client, scope, ANN)
    phone = sign_up(client)
    assert till.post("/visits", {"code": phone.number, "amount": "3.00"}).status == 201
    merged = sign_in(client, scope, ANN, phone.call)
    assert merged.get("/me").body["member_id"] == home.get("/me").body["member_id"]
    assert balances(merged) == {shop.stamps_id: 1, shop.points_id: 30}
    assert phone.call.get("/me").problem() == "session_over"
    assert till.post("/visits", {"code": phone.number, "amount": "1.00"}).status == 201
    assert balances(home)[shop.points_id] == 40


def test_a_member_with_an_address_is_not_merged_by_signing_in_as_another(client: FlaskClient, scope: Scope) -> None:
    ann, bob = sign_in(client, scope, ANN), sign_in(client, scope, "bob@example.com")
    again = sign_in(client, scope, ANN, bob)
    assert again.get("/me").body["email"] == ANN
    assert bob.get("/me").body["email"] == "bob@example.com"
    assert ann.get("/me").body["member_id"] != bob.get("/me").body["member_id"]


def test_logins_are_kept_as_keyed_hashes(client: FlaskClient, scope: Scope) -> None:
    sign_in(client, scope, ANN)
    with scope.reading() as tx:
        assert b"ann" not in bytes(tx.session.scalars(select(Login.blind)).one())


def test_refresh_tokens_rotate(client: FlaskClient, clock: FixedClock) -> None:
    app = sign_up(client)
    clock.advance(minutes=16)
    assert app.call.get("/me").problem() == "token_refused"
    renewed = nobody(client).post("/auth/refresh", {"refresh_token": app.refresh_token}, key=None)
    assert renewed.status == 200
    assert renewed.body["refresh_token"] != app.refresh_token
    assert Caller(client, renewed.body["access_token"], API).get("/me").status == 200


def test_a_replayed_refresh_token_ends_the_whole_family(client: FlaskClient) -> None:
    app, bystander = sign_up(client), sign_up(client)
    renewed = nobody(client).post("/auth/refresh", {"refresh_token": app.refresh_token}, key=None).body
    replayed = nobody(client).post("/auth/refresh", {"refresh_token": app.refresh_token}, key=None)
    assert (replayed.status, replayed.problem()) == (401, "session_over")
    after = nobody(client).post("/auth/refresh", {"refresh_token": renewed["refresh_token"]}, key=None)
    assert (after.status, after.problem()) == (401, "session_over")
    assert Caller(client, renewed["access_token"], API).get("/me").problem() == "session_over"
    assert bystander.call.get("/me").status == 200


def test_a_refresh_token_is_over_after_half_a_year(client: FlaskClient, clock: FixedClock) -> None:
    app = sign_up(client)
    clock.advance(days=180)
    assert nobody(client).post("/auth/refresh", {"refresh_token": app.refresh_token}, key=None).status == 401


@pytest.mark.parametrize("token", ["", "zg_ref_unknown", "é" * 100])
def test_an_unknown_refresh_token_is_refused(client: FlaskClient, token: str) -> None:
    assert nobody(client).post("/auth/refresh", {"refresh_token": token}, key=None).status in (401, 422)


def test_logging_out_ends_the_session(client: FlaskClient) -> None:
    by_refresh, by_access = sign_up(client), sign_up(client)
    out = nobody(client).post("/auth/logout", {"refresh_token": by_refresh.refresh_token}, key=None)
    assert (out.status, out.text) == (204, "")
    assert by_access.call.post("/auth/logout", key=None).status == 204
    for app in (by_refresh, by_access):
        assert app.call.get("/me").problem() == "session_over"
        renewed = nobody(client).post("/auth/refresh", {"refresh_token": app.refresh_token}, key=None)
        assert renewed.status == 401
    assert nobody(client).post("/auth/logout", {"refresh_token": by_refresh.refresh_token}, key=None).status == 204
    assert nobody(client).post("/auth/logout", key=None).status == 401


def test_a_recovery_code_brings_a_member_back_once(client: FlaskClient) -> None:
    app = sign_up(client)
    typed = app.recovery_code.lower().replace(" ", "-")
    found = nobody(client).post("/auth/recovery", {"recovery_code": typed}, key=None)
    assert found.status == 200, found.text
    assert Caller(client, found.body["access_token"], API).get("/me").body["member_id"] == app.member_id
    assert app.call.get("/me").problem() == "session_over"
    again = nobody(client).post("/auth/recovery", {"recovery_code": app.recovery_code}, key=None)
    assert (again.status, again.problem()) == (401, "sign_in_failed")
    following = nobody(client).post("/auth/recovery", {"recovery_code": found.body["recovery_code"]}, key=None)
    assert following.status == 200


def test_a_new_recovery_code_ends_the_old_one(client: FlaskClient) -> None:
    app = sign_up(client)
    renewed = app.call.post("/me/recovery-code", key=None)
    assert renewed.status == 201
    assert nobody(client).post("/auth/recovery", {"recovery_code": app.recovery_code}, key=None).status == 401
    assert (
        nobody(client).post("/auth/recovery", {"recovery_code": renewed.body["recovery_code"]}, key=None).status == 200
    )


def test_tokens_are_each_others_strangers(
    client: FlaskClient, scope: Scope, shop: Shop, plastic_card: PlasticCard
) -> None:
    app = sign_up(client)
    for token in (shop.key, shop.tablet, app.refresh_token, "nonsense", app.call.token[:-2] if app.call.token else ""):
        assert Caller(client, token, API).get("/me").status == 401
    assert Caller(client, app.call.token).get("/transactions").status == 401
    assert nobody(client).get("/me").status == 401


def test_a_session_ends_with_its_member(client: FlaskClient, scope: Scope) -> None:
    member = issue_anonymous_member(scope)
    call = app_of(client, scope, member.member_id)
    assert call.send("DELETE", "/me", content_type=None).status == 204
    assert call.get("/me").problem() == "member_gone"
