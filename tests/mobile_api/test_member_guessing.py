"""Guessing codes gets nobody anywhere, and nobody learns by asking which addresses are known."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from app.common.database import Database, Transaction
from app.common.scope import Scope
from app.common.sql import Statement
from mobile_api.addresses import network
from tests.clocks import FixedClock
from tests.mobile_api.calling import Answer, Caller
from tests.mobile_api.members import mailed_code, nobody, sign_in, sign_up

ANN, NOBODY = "ann@example.com", "nobody@example.com"


@contextmanager
def statements(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What is asked of the database meanwhile, whether through SQLAlchemy or through the driver."""
    seen: list[str] = []

    def noting(act: Callable[[Transaction, Statement, Any], Any]) -> Callable[[Transaction, Statement, Any], Any]:
        def noted_act(tx: Transaction, asked: Statement, params: Any) -> Any:
            seen.append(repr(asked))
            return act(tx, asked, params)

        return noted_act

    def noted(connection: object, cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    with monkeypatch.context() as patched:
        patched.setattr(Transaction, "rows", noting(Transaction.rows))
        patched.setattr(Transaction, "run", noting(Transaction.run))
        event.listen(database.engine, "before_cursor_execute", noted)
        try:
            yield seen
        finally:
            event.remove(database.engine, "before_cursor_execute", noted)


def ask(client: FlaskClient, email: str) -> Answer:
    return nobody(client).post("/auth/code", {"email": email}, key=None)


def guess(client: FlaskClient, email: str, code: str = "000000") -> Answer:
    return nobody(client).post("/auth/token", {"email": email, "code": code}, key=None)


def seen_of(answer: Answer) -> tuple[int, str, list[tuple[str, str]]]:
    headers = sorted((name, value) for name, value in answer.headers.items() if name != "X-Request-Id")
    return answer.status, answer.text, headers


def test_known_and_unknown_addresses_get_the_same_answer_by_the_same_way(
    client: FlaskClient, scope: Scope, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(client, scope, ANN)
    for act in (ask, guess):
        told = {}
        for email in (ANN, NOBODY):
            act(client, "warm@example.com")
            with statements(database, monkeypatch) as seen:
                answer = act(client, email)
            told[email] = (seen_of(answer), list(seen))
        assert told[ANN] == told[NOBODY]
        assert len(told[ANN][1]) > 2


def test_a_wrong_code_takes_the_same_way_where_none_was_mailed(
    client: FlaskClient, scope: Scope, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(client, ANN)
    told = []
    for email in (ANN, NOBODY):
        with statements(database, monkeypatch) as seen:
            answer = guess(client, email)
        told.append((seen_of(answer), list(seen)))
    assert told[0] == told[1]


def test_it_takes_the_same_time(client: FlaskClient, scope: Scope, clock: FixedClock) -> None:
    """By the middle of many, turn about, so that a busy machine is busy for both."""
    sign_in(client, scope, ANN)
    took: dict[str, list[float]] = {ANN: [], NOBODY: []}
    for turn in range(40):
        clock.advance(hours=25)  # so that no limit is met
        for email in (ANN, NOBODY) if turn % 2 else (NOBODY, ANN):
            began = time.perf_counter()
            ask(client, email)
            guess(client, email)
            took[email].append(time.perf_counter() - began)
    known, unknown = (statistics.median(took[email]) for email in (ANN, NOBODY))
    assert 0.75 < known / unknown < 1.34, (known, unknown)


def test_wrong_codes_of_an_address_are_limited_however_many_codes_are_mailed(
    client: FlaskClient, scope: Scope, clock: FixedClock
) -> None:
    """Each new code may be tried five times, and five are mailed in an hour: a day of that would be 600 guesses."""
    wrong = 0
    for _ in range(12):
        clock.advance(hours=1)
        ask(client, ANN)
        code = mailed_code(scope, ANN)
        for _ in range(5):
            answer = guess(client, ANN, f"{(int(code) + 1) % 1_000_000:06}")
            if answer.status == 429:
                break
            wrong += 1
    assert wrong == 50
    assert answer.problem() == "tries_used_up"
    assert guess(client, ANN, mailed_code(scope, ANN)).status == 429
    clock.advance(hours=24)
    ask(client, ANN)
    assert guess(client, ANN, mailed_code(scope, ANN)).status == 200


def test_the_limit_of_an_address_tells_nothing_about_it(client: FlaskClient, scope: Scope, clock: FixedClock) -> None:
    sign_in(client, scope, ANN)
    answers = {}
    for email in (ANN, NOBODY):
        for turn in range(51):
            if turn % 10 == 0:
                clock.advance(hours=1)
            answers[email] = guess(client, email)
    assert answers[ANN].status == answers[NOBODY].status == 429
    assert answers[ANN].problem() == answers[NOBODY].problem()


def test_a_right_code_forgets_the_wrong_ones(client: FlaskClient, scope: Scope, clock: FixedClock) -> None:
    for _ in range(20):
        clock.advance(hours=1)
        ask(client, ANN)
        for _ in range(4):
            guess(client, ANN, f"{(int(mailed_code(scope, ANN)) + 1) % 1_000_000:06}")
        assert guess(client, ANN, mailed_code(scope, ANN)).status == 200


def test_wrong_codes_of_a_network_are_limited_and_right_ones_are_not(
    client: FlaskClient, scope: Scope, clock: FixedClock
) -> None:
    for n in range(61):
        sign_in(client, scope, f"pupil{n}@example.com")
    for n in range(60):
        assert guess(client, f"victim{n}@example.com").status == 401
    refused = guess(client, "another@example.com")
    assert (refused.status, refused.problem()) == (429, "tries_used_up")
    assert 0 < int(refused.headers["Retry-After"]) <= 3600
    clock.advance(hours=1)
    assert guess(client, "another@example.com").status == 401


def test_another_network_is_not_held_up(client: FlaskClient, scope: Scope) -> None:
    for n in range(60):
        guess(client, f"victim{n}@example.com")
    assert guess(client, ANN).status == 429
    elsewhere = client.post(
        "/api/v1/auth/token", json={"email": ANN, "code": "000000"}, environ_base={"REMOTE_ADDR": "198.51.100.7"}
    )
    assert elsewhere.status_code == 401


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("unix:", "unix:"),
    ],
)
def test_a_household_is_one_network(flask_app: Flask, address: str, counted: str) -> None:
    with flask_app.test_request_context(environ_base={"REMOTE_ADDR": address}) as context:
        assert network(context.request) == counted


def test_a_recovery_code_is_guessed_no_better(client: FlaskClient) -> None:
    app = sign_up(client)
    wrong = app.recovery_code[:-1] + ("0" if app.recovery_code[-1] != "0" else "1")
    statuses = [nobody(client).post("/auth/recovery", {"recovery_code": wrong}, key=None).status for _ in range(241)]
    assert set(statuses[:240]) == {401}
    assert statuses[240] == 429
    assert Caller(client, app.call.token, "/api/v1").get("/me").status == 200
