"""Whoever guesses card numbers, voucher codes and sign-in codes against a running server learns nothing, and is in the
queue within a minute."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.serving import make_server

from app.cards import numbers
from app.common.ids import new_id
from app.common.scope import Scope
from app.rewards.models import Voucher
from app.risk.models import RiskCase
from app.risk.service.finding import find_guesses, forget_guesses
from app.risk.service.tries import try_limits
from tests import factories, shops
from tests.clocks import FixedClock
from tests.mobile_api.members import sign_in

VICTIM, NOBODY = "ann@example.com", "nobody@example.com"
MINUTES = 60
FIRST, THEN = 24, 2  # tries of each kind in the first minute, and in each after


@dataclass
class Thief:
    """A connection to the server, and what it answered: from a kind of try to all the different answers."""

    connection: http.client.HTTPConnection
    answers: dict[str, set[tuple[int, str]]]

    def post(self, kind: str, path: str, body: dict[str, Any], token: str | None = None) -> int:
        """Try once. What differs from one try to another by nature (which try it is) is not part of an answer."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": new_id()}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        self.connection.request("POST", f"/api/v1{path}", json.dumps(body), headers)
        answer = self.connection.getresponse()
        text = answer.read().decode()
        self.answers.setdefault(kind, set()).add((answer.status, text))
        return answer.status


@contextmanager
def served(flask_app: Flask) -> Iterator[http.client.HTTPConnection]:
    """The application behind a real socket."""
    server = make_server("127.0.0.1", 0, flask_app, threaded=False)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=30)
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


def voucher_of_another_shop(scope: Scope) -> str:
    """The code of a voucher that somebody holds elsewhere."""
    other = factories.make_shop(scope, stamps=1, name="Elsewhere")
    holder = factories.make_holder(scope)
    assert factories.visit(other.counter(), holder, amount_minor=500).ok
    with scope.reading() as tx:
        return tx.session.scalars(select(Voucher.code).where(Voucher.member_id == holder.member_id)).one()


def cases(scope: Scope) -> list[RiskCase]:
    with scope.reading() as tx:
        return list(tx.session.scalars(select(RiskCase).where(RiskCase.rule == "guessing")))


def test_an_hour_of_guessing_teaches_nothing_and_alarms_in_a_minute(
    flask_app: Flask, scope: Scope, clock: FixedClock
) -> None:
    shop = shops.open_shop(scope)
    known_voucher = voucher_of_another_shop(scope)
    client = flask_app.test_client()
    sign_in(client, scope, VICTIM)
    client.post("/api/v1/auth/code", json={"email": VICTIM})  # a code is under way while it is guessed
    began = clock()
    with served(flask_app) as connection:
        thief = Thief(connection, {})
        for minute in range(MINUTES):
            for number in range(FIRST if minute == 0 else THEN):
                code = {"code": numbers.new_number()}
                thief.post("card", "/pos/scans", code, shop.plain_key)
                unknown = known_voucher if number % 2 else numbers.new_voucher_code()
                kind = "voucher elsewhere" if number % 2 else "voucher unknown"
                thief.post(kind, "/pos/redemptions", {"voucher_code": unknown}, shop.plain_key)
                email = VICTIM if number % 2 else NOBODY
                wrong = f"{minute:02}{number:02}00"
                thief.post(f"code {email}", "/auth/token", {"email": email, "code": wrong})
            clock.advance(seconds=60)
            find_guesses(scope)
            if minute == 0:
                alarmed = cases(scope)
                assert {case.subject_kind for case in alarmed} == {"device", "source"}
                assert all((case.opened_at - began).total_seconds() <= 60 for case in alarmed)
    # Known and unknown are one answer, be it "no" or "too often".
    assert all(status in (401, 404, 429) for told in thief.answers.values() for status, _ in told), thief.answers
    unknown_codes = {(status, refusal(text)) for status, text in thief.answers[f"code {NOBODY}"]}
    assert {(status, refusal(text)) for status, text in thief.answers[f"code {VICTIM}"]} == unknown_codes
    first_voucher = {(status, text) for status, text in thief.answers["voucher unknown"] if status == 404}
    assert {(status, text) for status, text in thief.answers["voucher elsewhere"] if status == 404} == first_voucher
    assert len(first_voucher) == 1
    # Of each source one case, however long it goes on; and it was stopped: most tries were not even looked at.
    found = cases(scope)
    assert len({(case.subject_kind, case.subject_id) for case in found}) == len(found)
    assert all(not case.evidence["members"] for case in found)
    assert {status for status, _ in thief.answers["card"]} == {404, 429}


def refusal(text: str) -> str:
    """A refusal without the seconds to wait, which run down."""
    return str(json.loads(text)["type"])


def test_guessing_is_not_alarmed_by_a_few_mistakes(flask_app: Flask, scope: Scope) -> None:
    shop = shops.open_shop(scope)
    client = flask_app.test_client()
    for _ in range(6):
        told = client.post(
            "/api/v1/pos/scans",
            json={"code": numbers.new_number()},
            headers={"Authorization": f"Bearer {shop.plain_key}"},
        )
        assert told.status_code == 404
    assert find_guesses(scope) == 0
    assert cases(scope) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_was_decided_is_not_found_again(flask_app: Flask, scope: Scope, clock: FixedClock) -> None:
    from app.risk.service.deciding import dismiss_case

    shop = shops.open_shop(scope)
    client = flask_app.test_client()

    def misses(count: int) -> None:
        for _ in range(count):
            client.post(
                "/api/v1/pos/scans",
                json={"code": numbers.new_number()},
                headers={"Authorization": f"Bearer {shop.plain_key}"},
            )

    misses(25)
    assert find_guesses(scope) == 2 - 1  # the hour's and the day's misses are of one device: one case
    [case] = cases(scope)
    clock.advance(minutes=1)
    dismiss_case(scope, case.id, note="A new scanner")
    assert find_guesses(scope) == 0
    clock.advance(hours=1, minutes=5)
    misses(25)
    assert find_guesses(scope) == 0, "for 90 days it takes half as much again"
    misses(30)
    assert find_guesses(scope) == 1


def test_limits_are_tried_on_guesses_that_were_no_case(flask_app: Flask, scope: Scope, clock: FixedClock) -> None:
    shop = shops.open_shop(scope)
    client = flask_app.test_client()
    for count in (12, 8, 3):
        for _ in range(count):
            client.post(
                "/api/v1/pos/scans",
                json={"code": numbers.new_number()},
                headers={"Authorization": f"Bearer {shop.plain_key}"},
            )
            find_guesses(scope)
        clock.advance(days=1, hours=1)
    assert cases(scope) == []
    assert [try_limits(scope, "guessing", soft)["cases"] for soft in (5, 8, 9, 12, 13)] == [2, 2, 1, 1, 0]
    assert try_limits(scope, "guessing", 5)["scores"] == [12, 12, 8, 8]  # an hour's and a day's, of one device
    clock.advance(days=91)
    assert try_limits(scope, "guessing", 5)["cases"] == 0
    assert forget_guesses(scope) == 4
