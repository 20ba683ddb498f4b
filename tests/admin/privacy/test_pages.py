"""The privacy desk's pages, as somebody with the right of support uses them."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from app.admin.queries import privacy_todo
from app.common.scope import Scope
from app.privacy.queries import list_requests, read_retention
from app.privacy.service import receive_request
from app.wallet.service import set_consent
from tests.admin.desk import Desk, sit_down
from tests.admin.people import make_person, status_of, waiting_mails
from tests.clocks import FixedClock
from tests.factories import make_shop


@pytest.fixture
def desk(flask_app: Flask, scope: Scope) -> Desk:
    return sit_down(flask_app, scope, {"support"})


def noted(desk: Desk, scope: Scope, kind: str) -> str:
    answer = desk.post("/privacy/requests", {"kind": kind, "channel": "mail", "contact": "anna@example.com"})
    assert answer.status_code == 302, answer.text
    return f"/privacy/requests/{list_requests(scope)[-1].request_id}"


def test_a_request_goes_from_the_letter_to_the_link(desk: Desk, scope: Scope) -> None:
    anna = make_person(scope)
    one = noted(desk, scope, "access")
    page = desk.get("/privacy").text
    assert "a…a@example.com" in page
    assert "anna@example.com" not in page
    assert "not identified yet" in page
    assert desk.post(f"{one}/member", {"sought": anna.number, "check": "mail"}).status_code == 302
    page = desk.get(one).text
    assert "A link goes to a…a@example.com" in page
    assert "Erase for good" not in page
    desk.post(f"{one}/record")
    assert [mail.to for _, mail in waiting_mails(scope)] == ["anna@example.com"]
    page = desk.get(one).text
    assert "Not fetched yet" in page
    assert "Send the link" not in page
    assert "support" in page, "who did it"
    assert "All her data" in desk.get("/privacy?view=done").text


def test_a_member_is_erased_with_a_reason_and_leaves_a_receipt(desk: Desk, scope: Scope) -> None:
    anna = make_person(scope)
    one = noted(desk, scope, "erasure")
    desk.post(f"{one}/member", {"sought": "anna@example.com", "check": "app"})
    desk.post(f"{one}/erase", {"reason": " "})
    assert status_of(scope, anna.member_id) == "claimed"
    assert "Say why" in desk.get(one).text
    desk.post(f"{one}/erase", {"reason": "asked by mail"})
    assert status_of(scope, anna.member_id) == "erased"
    page = desk.get(one).text
    assert "Receipt" in page
    assert "asked by mail" in page
    assert "Anna" not in page


@pytest.mark.parametrize("path", ["record", "erase"])
def test_what_can_t_be_taken_back_wants_a_fresh_second_step(
    desk: Desk, scope: Scope, clock: FixedClock, path: str
) -> None:
    anna = make_person(scope)
    one = noted(desk, scope, "erasure")
    desk.post(f"{one}/member", {"sought": anna.number, "check": "app"})
    clock.advance(minutes=20)
    answer = desk.post(f"{one}/{path}", {"reason": "asked"})
    assert "/admin/confirm" in answer.headers["Location"]
    assert status_of(scope, anna.member_id) == "claimed"
    assert waiting_mails(scope) == []


def test_nobody_and_nonsense_are_told_apart_from_a_fault(desk: Desk, scope: Scope) -> None:
    one = noted(desk, scope, "access")
    for sought in ("nobody@example.com", "'; DROP TABLE member", ""):
        assert desk.post(f"{one}/member", {"sought": sought, "check": "app"}).status_code == 302
    assert desk.post(f"{one}/member", {"sought": "a@b.example", "check": "guess"}).status_code == 302
    page = desk.get(one).text
    assert "Member identified" not in page
    for path in ("nothing", "00000000-0000-7000-8000-000000000000"):
        assert desk.get(f"/privacy/requests/{path}").status_code == 404
        assert desk.post(f"/privacy/requests/{path}/erase", {"reason": "x"}).status_code == 404
    assert desk.post("/privacy/requests", {"kind": "gossip", "channel": "mail"}).status_code == 422
    answer = desk.post("/privacy/requests", {"kind": "access", "channel": "mail", "received_on": "2999-01-01"})
    assert answer.status_code == 422
    assert "still to come" in answer.text
    assert (
        "<script>"
        not in desk.post(
            "/privacy/requests", {"kind": "access", "channel": "mail", "contact": "<script>alert(1)</script>"}
        ).text.split("<main")[1]
    )


def test_late_says_so_by_a_word_and_a_shape(desk: Desk, scope: Scope, clock: FixedClock) -> None:
    receive_request(scope, kind="access", channel="phone", received_at=clock() - timedelta(days=50))
    page = desk.get("/privacy").text
    assert "1 request is late" in page
    assert "▲ Late" in page


def test_it_is_put_off_waited_with_and_refused(desk: Desk, scope: Scope) -> None:
    one = noted(desk, scope, "objection")
    desk.post(f"{one}/wait")
    assert "waits for her answer" in desk.get("/privacy").text
    desk.post(f"{one}/extend", {"reason": "forty shops"})
    assert "It takes longer" not in desk.get(one).text
    desk.post(f"{one}/finish", {"status": "refused", "reason": "nobody answered"})
    page = desk.get(one).text
    assert "■ Refused" in page
    assert "nobody answered" in page


def test_the_clock_is_shown_and_set(desk: Desk, scope: Scope) -> None:
    make_person(scope)
    assert "After 36 months of silence" in desk.get("/privacy/retention").text
    desk.post("/privacy/retention", {"months": "24", "grace_days": "30", "reason": "the supervisor wants it"})
    assert read_retention(scope).period.months == 24
    for wrong in ({"months": "1"}, {"months": "x" * 99}, {"reason": ""}):
        desk.post("/privacy/retention", {"months": "30", "grace_days": "30", "reason": "why"} | wrong)
    assert read_retention(scope).period.months == 24


def test_consents_are_shown_with_their_words_and_taken_as_a_file(desk: Desk, scope: Scope) -> None:
    anna, bakery, florist = make_person(scope), make_shop(scope, name="Bakery"), make_shop(scope, name="=Florist()")
    own = replace(scope, member_id=anna.member_id)
    for shop, is_given in ((bakery, True), (bakery, False), (florist, True)):
        wording = f"May {shop.merchant_id[:8]} write to me?"
        set_consent(own, merchant_id=shop.merchant_id, channel="email", is_given=is_given, how="app", wording=wording)
    found = desk.post("/privacy/consents", {"sought": "anna@example.com"})
    assert found.headers["Location"].endswith(f"/admin/privacy/consents/{anna.member_id}")
    page = desk.get(f"/privacy/consents/{anna.member_id}").text
    assert "3 words of this member" in page
    assert "■ withdrawn" in page
    assert "SHA-256" in page
    assert "2 words" in desk.get(f"/privacy/consents/{anna.member_id}?shop={bakery.merchant_id}").text
    file = desk.get(f"/privacy/consents/{anna.member_id}/consents.csv")
    rows = list(csv.DictReader(io.StringIO(file.text)))
    assert [row["word"] for row in rows] == ["given", "withdrawn", "given"]
    assert rows[0]["shop"] == "'=Florist()", "no spreadsheet takes it for a formula"
    assert len(rows[0]["wording_sha256"]) == 64
    assert desk.post("/privacy/consents", {"sought": "nobody@example.com"}).status_code == 422
    assert desk.get("/privacy/consents/00000000-0000-7000-8000-000000000000").status_code == 404
    assert desk.get(f"/privacy/consents/{anna.member_id}?shop=x").status_code == 404


@pytest.mark.parametrize(("tongue", "word"), [("nl", "Sparen en inwisselen"), ("de", "Sammeln und Einlösen")])
def test_the_register_is_a_page_in_the_reader_s_language(desk: Desk, tongue: str, word: str) -> None:
    assert word in desk.get(f"/privacy/register?lang={tongue}", follow_redirects=True).text


def test_what_waits_is_on_the_list_of_the_day(desk: Desk, scope: Scope, clock: FixedClock) -> None:
    receive_request(scope, kind="erasure", channel="mail", received_at=clock() - timedelta(days=29))
    receive_request(scope, kind="access", channel="mail", contact="anna@example.com")
    first, second = privacy_todo.waiting(scope)
    assert (first.kind, first.is_urgent, second.is_urgent, second.about) == ("Erasure", True, False, "a…a@example.com")
    assert desk.get(first.href).status_code == 200
