"""Every wrong input of the contract's list of statuses gets its status and one clear sentence, on every route."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.cards import service as cards
from app.common.ids import new_id
from app.common.scope import Scope
from app.common.sql import Statement
from mobile_api import bodies
from tests.clocks import FixedClock
from tests.mobile_api.calling import Caller
from tests.shops import AppCard, PlasticCard, Shop

NOBODY = "00000000-0000-7000-8000-000000000000"
UNKNOWN_CARD = "0000000000000000"


@dataclass(frozen=True)
class Post:
    """A POST of the counter with a body that is right but for the card, which is the test's."""

    path: str
    body: dict[str, Any]
    books: bool = True
    authenticated: bool = True

    @property
    def id(self) -> str:
        return self.path.replace(NOBODY, "id")


SLOW = ()
POSTS = (
    Post("/devices/pair", {"pairing_code": "0000-0000", "name": "x"}, books=False, authenticated=False),
    Post("/scans", {"code": UNKNOWN_CARD}, books=False),
    Post("/visits", {"code": UNKNOWN_CARD, "amount": "5.00"}),
    Post("/visits/preview", {"code": UNKNOWN_CARD, "amount": "5.00"}, books=False),
    Post("/redemptions", {"voucher_code": "V0"}),
    Post("/redemptions/hold", {"code": UNKNOWN_CARD, "reward_id": NOBODY}),
    Post(f"/redemptions/{NOBODY}/commit", {}),
    Post(f"/redemptions/{NOBODY}/cancel", {}),
    Post(f"/transactions/{NOBODY}/reverse", {"reason": "wrong"}),
    Post("/sync", {"sent_at": "2026-03-04T12:00:00Z", "events": [{}]}, books=False),
    Post("/staff-session", {"staff_pin": "9999"}, books=False),
    Post("/members/lookup", {"email": "nobody@example.org"}, books=False),
)
posts = pytest.mark.parametrize("post", POSTS, ids=lambda post: post.id)
# The bodies below fail before the database is asked anything: one of the two is enough.
one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

UNREADABLE = {
    "half": b'{"code": "A',
    "two": b"{}{}",
    "nan": b'{"amount": NaN}',
    "infinity": b'{"amount": -Infinity}',
    "single quotes": b"{'code': 'A'}",
    "not utf-8": b'{"code": "\xff\xfe"}',
    "utf-16": '{"code": "A"}'.encode("utf-16"),
    "lone surrogate": b'{"code": "\\ud800"}',
    "control character": b'{"code": "\x00"}',
    "deep": b"[" * 100_000 + b"]" * 100_000,
    "a number that no machine holds": b'{"amount": ' + b"9" * 5000 + b"}",
    "an enormous exponent": b'{"amount": 1e400}',
    "deep and open": b'{"a":' * 100_000,
}
MISSHAPEN = {
    "a list": b"[]",
    "a text": b'"code"',
    "a number": b"1",
    "null": b"null",
    "an unknown field": b'{"surprise": 1}',
    "a large number": b'{"surprise": ' + b"9" * 40 + b"}",
    "an escaped nul": b'{"surprise": "\\u0000"}',
    "an escaped nul in a name": b'{"\\u0000": 1}',
    "an endless name": b'{"' + b"x" * 500_000 + b'": 1}',
    "very many names": json.dumps({f"n{number}": number for number in range(20_000)}).encode(),
}


@one_database
@posts
def test_json_that_cannot_be_read_is_400(till: Caller, post: Post) -> None:
    for name, body in UNREADABLE.items():
        answer = till.send("POST", post.path, body, headers={"Idempotency-Key": "k"})
        assert (answer.status, answer.problem()) == (400, "json_unreadable"), name


@one_database
def test_no_body_at_all(till: Caller) -> None:
    assert till.send("POST", "/visits", b"", headers={"Idempotency-Key": "k"}).problem() == "json_unreadable"
    # Nothing has to be said to these, so nothing may be sent.
    for last in ("commit", "cancel"):
        answer = till.send("POST", f"/redemptions/{NOBODY}/{last}", None, None, {"Idempotency-Key": last})
        assert answer.status == 404


@one_database
@posts
def test_another_shape_is_422(till: Caller, post: Post) -> None:
    for name, body in MISSHAPEN.items():
        answer = till.send("POST", post.path, body, headers={"Idempotency-Key": "k"})
        assert (answer.status, answer.problem()) == (422, "invalid"), name
        assert answer.body["errors"]
        assert len(answer.text) < 20_000, name


@one_database
@posts
def test_other_media_types_are_415(till: Caller, post: Post) -> None:
    for media_type in ("text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1", ""):
        answer = till.send("POST", post.path, b'{"a": 1}', media_type, {"Idempotency-Key": "k"})
        assert (answer.status, answer.problem()) == (415, "not_json"), media_type
    for media_type in ("application/json; charset=utf-8", "Application/JSON"):
        assert till.send("POST", post.path, b'{"a": 1}', media_type, {"Idempotency-Key": "k"}).status == 422


@one_database
@posts
def test_more_than_a_mebibyte_is_413(till: Caller, post: Post) -> None:
    body = json.dumps({"surprise": "x" * bodies.LIMIT})
    answer = till.send("POST", post.path, body, headers={"Idempotency-Key": "k"})
    assert (answer.status, answer.problem()) == (413, "body_too_large")


@one_database
@posts
def test_no_token_is_401(client: FlaskClient, shop: Shop, post: Post) -> None:
    if not post.authenticated:
        return
    wrong = ("zg_key_nope", "x" * 9000, "\xe9")
    for header in ("", "Bearer", "Bearer ", f"Basic {shop.key}", *(f"Bearer {token}" for token in wrong)):
        answer = Caller(client, None).post(post.path, post.body, headers={"Authorization": header})
        assert (answer.status, answer.problem()) == (401, "unauthenticated"), header
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@one_database
@posts
def test_a_booking_without_a_key_is_400(till: Caller, post: Post) -> None:
    if not post.books:
        assert till.post(post.path, post.body, key=None).status != 400
        return
    answer = till.post(post.path, post.body, key=None)
    assert (answer.status, answer.problem()) == (400, "key_missing")
    for key in ("x" * 256, "caf\xe9", "a\tb"):
        answer = till.post(post.path, post.body, key=key)
        assert (answer.status, answer.problem()) == (400, "key_unusable"), key


@one_database
@posts
def test_another_method_is_405(till: Caller, post: Post) -> None:
    for method in ("PUT", "DELETE", "PATCH"):
        answer = till.send(method, post.path, b"{}")
        assert (answer.status, answer.problem()) == (405, "method_not_allowed")
        assert "POST" in answer.headers["Allow"]


@posts
def test_what_is_not_there(till: Caller, post: Post) -> None:
    answer = till.post(post.path, post.body)
    expected = {"/sync": 200, "/staff-session": 403, "/redemptions": 422}.get(post.path, 404)
    assert answer.status == expected, answer.text
    if expected == 404:
        assert answer.problem()


@one_database
def test_addresses_that_are_not_there_are_404(till: Caller) -> None:
    for path in ("/nothing", "/transactions/1/reverse", "/redemptions/%00/commit", "/%ff", "/scans/"):
        answer = till.post(path, {})
        assert (answer.status, answer.problem()) == (404, "not_found"), path


FIELDS: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("/visits", {"amount": "-1"}, "amount"),
    ("/visits", {"amount": "1.234"}, "amount"),
    ("/visits", {"amount": "1000000.01"}, "amount"),
    ("/visits", {"amount": "1e3"}, "amount"),
    ("/visits", {"amount": " 1"}, "amount"),
    ("/visits", {"amount": "١"}, "amount"),
    ("/visits", {"amount": 12.5}, "amount"),
    ("/visits", {"amount": None}, "amount"),
    ("/visits", {"currency": "euro"}, "currency"),
    ("/visits", {"units": 0}, "units"),
    ("/visits", {"units": 101}, "units"),
    ("/visits", {"units": "3"}, "units"),
    ("/visits", {"units": True}, "units"),
    ("/visits", {"units": 1.5}, "units"),
    ("/visits", {"units": 10**30}, "units"),
    ("/visits", {"programme_id": "x"}, "programme_id"),
    ("/visits", {"items": {}}, "items"),
    ("/visits", {"items": [{"quantity": 0}]}, "items.0.quantity"),
    ("/visits", {"items": [{}, {"amount": "1.001"}]}, "items.1.amount"),
    ("/visits", {"items": [{"surprise": 1}]}, "items.0.surprise"),
    ("/visits", {"items": [{}] * 201}, "items"),
    ("/visits", {"occurred_at": "2026-03-04T12:00:00"}, "occurred_at"),
    ("/visits", {"occurred_at": "2026-02-30T12:00:00Z"}, "occurred_at"),
    ("/visits", {"occurred_at": "0001-01-01T00:00:00+14:00"}, "occurred_at"),
    ("/visits", {"occurred_at": "9999-12-31T23:59:59-14:00"}, "occurred_at"),
    ("/visits", {"occurred_at": "yesterday"}, "occurred_at"),
    ("/visits", {"occurred_at": 1772625600}, "occurred_at"),
    ("/visits", {"receipt_ref": ""}, "receipt_ref"),
    ("/visits", {"receipt_ref": "x" * 101}, "receipt_ref"),
    ("/visits", {"receipt_ref": "a\x00b"}, "receipt_ref"),
    ("/visits", {"scan_id": "x"}, "code"),
    ("/scans", {"code": ""}, "code"),
    ("/scans", {"code": "   "}, "code"),
    ("/scans", {"code": "x" * 257}, "code"),
    ("/scans", {"code": ["x"]}, "code"),
    ("/redemptions/hold", {"quantity": 0}, "quantity"),
    ("/members/lookup", {"phone": "+32470000000"}, "email"),
    ("/sync", {"events": {}}, "events"),
    ("/sync", {"acks": ["x"]}, "acks.0"),
    ("/sync", {"clock_offset_ms": 0.5}, "clock_offset_ms"),
    ("/sync", {"queue_length": -1}, "queue_length"),
    ("/sync", {"is_storage_kept": "yes"}, "is_storage_kept"),
    ("/sync", {"app_version": "x" * 65}, "app_version"),
    ("/sync", {"events": [{}] * 501}, "events"),
    ("/sync", {"sent_at": "now"}, "sent_at"),
)


@one_database
def test_a_bad_field_is_named(till: Caller) -> None:
    for path, change, field in FIELDS:
        [post] = [post for post in POSTS if post.path == path]
        answer = till.post(path, {**post.body, **change})
        assert answer.status == 422, (change, answer.text)
        assert answer.problem() in ("invalid", "invalid_amount")
        assert list(answer.body["errors"]) == [field], change
        assert all(sentence.endswith(".") for sentence in answer.body["errors"][field])


@one_database
def test_a_redemption_names_a_card_and_a_reward_or_a_voucher(till: Caller) -> None:
    bodies: tuple[dict[str, Any], ...] = (
        {},
        {"reward_id": NOBODY},
        {"code": UNKNOWN_CARD, "scan_id": "x", "reward_id": NOBODY},
        {"voucher_code": "V0", "reward_id": NOBODY},
        {"code": UNKNOWN_CARD},
    )
    for body in bodies:
        assert till.post("/redemptions", body).status == 422, body


@one_database
def test_a_bad_query_is_422(till: Caller) -> None:
    for name, value in (
        ("limit", "0"),
        ("limit", "101"),
        ("limit", "x"),
        ("page", "1"),
        ("cursor", ""),
        ("cursor", "\0"),
    ):
        answer = till.get("/transactions", **{name: value})
        assert (answer.status, answer.problem()) == (422, "invalid"), value
        assert list(answer.body["errors"]) == [name]


def test_a_wrong_check_character_is_422(till: Caller, plastic_card: PlasticCard) -> None:
    number = plastic_card.number
    mistyped = number[:-1] + ("0" if number[-1] != "0" else "1")
    for path in ("/scans", "/visits", "/visits/preview"):
        answer = till.post(path, {"code": mistyped})
        assert (answer.status, answer.problem()) == (422, "code_mistyped")
    assert till.post("/scans", {"code": "what"}).problem() == "code_unreadable"
    assert till.post("/scans", {"code": f"https://elsewhere.example/c/{number}"}).problem() == "code_foreign"


def test_a_rotating_code_is_409_when_used_or_old(till: Caller, app_card: AppCard, clock: FixedClock) -> None:
    code = app_card.code(clock())
    assert till.post("/scans", {"code": code}).status == 200
    used = till.post("/scans", {"code": code})
    assert (used.status, used.problem()) == (409, "code_used")
    old = app_card.code(clock())
    clock.advance(minutes=2)
    for path in ("/scans", "/visits"):
        answer = till.post(path, {"code": old})
        assert (answer.status, answer.problem()) == (409, "code_too_old")


def test_a_scan_is_over_after_ten_minutes_and_on_other_devices(
    client: FlaskClient, till: Caller, shop: Shop, app_card: AppCard, clock: FixedClock
) -> None:
    scan_id = till.post("/scans", {"code": app_card.code(clock())}).body["scan_id"]
    assert Caller(client, shop.plain_key).post("/visits", {"scan_id": scan_id}).problem() == "scan_over"
    assert till.post("/visits", {"scan_id": scan_id}).status == 201
    clock.advance(minutes=10, seconds=1)
    answer = till.post("/visits", {"scan_id": scan_id})
    assert (answer.status, answer.problem()) == (409, "scan_over")
    assert till.post("/visits", {"scan_id": "forged"}).status == 409


def test_a_blocked_card_is_409(till: Caller, scope: Scope, plastic_card: PlasticCard) -> None:
    cards.block_card(scope, card_id=plastic_card.card_id)
    for path in ("/scans", "/visits", "/visits/preview"):
        answer = till.post(path, {"code": plastic_card.number})
        assert (answer.status, answer.problem()) == (409, "card_blocked")


def test_another_currency_and_programme(till: Caller, plastic_card: PlasticCard, other_shop: Shop) -> None:
    body = {"code": plastic_card.number, "amount": "5"}
    assert till.post("/visits", {**body, "currency": "USD"}).problem() == "currency_wrong"
    assert till.post("/visits", {**body, "currency": "EUR"}).status == 201
    foreign = till.post("/visits", {**body, "programme_id": other_shop.stamps_id})
    assert (foreign.status, foreign.problem()) == (404, "programme_unknown")


def test_the_future_is_refused(till: Caller, plastic_card: PlasticCard) -> None:
    body = {"code": plastic_card.number}
    assert till.post("/visits", {**body, "occurred_at": "2026-03-04T13:05:00+01:00"}).status == 201
    ahead = till.post("/visits", {**body, "occurred_at": "2026-03-04T12:05:01Z"})
    assert (ahead.status, ahead.problem()) == (422, "too_far_ahead")


def test_a_refusal_is_an_answer_and_comes_again(till: Caller, shop: Shop, plastic_card: PlasticCard) -> None:
    wanted = {"code": plastic_card.number, "reward_id": shop.coffee_id}
    first = till.post("/redemptions", wanted, key="once")
    assert (first.status, first.problem()) == (409, "not_enough")
    till.post("/visits", {"code": plastic_card.number, "units": 2})
    again = till.post("/redemptions", wanted, key="once")
    assert (again.status, again.text) == (409, first.text)
    assert again.headers["Content-Type"] == "application/problem+json"
    assert till.post("/redemptions", wanted).status == 201


def test_a_malformed_request_leaves_its_key_free(till: Caller, plastic_card: PlasticCard) -> None:
    assert till.post("/visits", {"code": plastic_card.number, "units": 0}, key="again").status == 422
    assert till.post("/visits", {"code": plastic_card.number, "units": 1}, key="again").status == 201


def test_sentences_come_in_the_callers_language(till: Caller) -> None:
    english = till.post("/scans", {"code": UNKNOWN_CARD})
    assert english.headers["Content-Language"] == "en"
    dutch = till.post("/scans", {"code": UNKNOWN_CARD}, headers={"Accept-Language": "nl-BE,nl;q=0.9"})
    assert dutch.headers["Content-Language"] == "nl"


@one_database
def test_no_answer_may_be_framed_stored_or_read_by_others(till: Caller, plastic_card: PlasticCard) -> None:
    answers = [
        till.post("/scans", {"code": plastic_card.number}),
        till.post("/scans", {"code": UNKNOWN_CARD}),
        till.post("/nothing", {}),
        till.get("/transactions"),
    ]
    for answer in answers:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert "Set-Cookie" not in answer.headers


@one_database
def test_a_fault_of_ours_is_a_problem_that_tells_nothing(client: FlaskClient, shop: Shop) -> None:
    flask_app = client.application
    flask_app.testing = False
    scope = flask_app.extensions["zegel"].scope()
    scope.run(lambda tx: tx.run(Statement("DROP TABLE schema_version"), {}))
    scope.run(lambda tx: tx.run(Statement("ALTER TABLE device RENAME TO elsewhere"), {}))
    answer = Caller(client, "zg_key_" + new_id()).post("/staff-session", {"staff_pin": "1234"})
    assert (answer.status, answer.problem()) == (500, "fault")
    assert "device" not in answer.text
    assert client.get("/readyz").status_code == 503
