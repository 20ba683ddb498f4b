"""Support's pages, as somebody with that right uses them."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from app.admin.queries import support_todo
from app.common.scope import Scope
from app.support.queries import list_questions
from app.support.service import receive_mail
from tests.admin.desk import Desk, sit_down
from tests.admin.people import make_person, waiting_mails
from tests.admin.support.mailing import letter
from tests.clocks import FixedClock
from tests.factories import make_shop
from tests.office.desk import sit_down as sit_in_the_office


@pytest.fixture
def desk(flask_app: Flask, scope: Scope) -> Desk:
    return sit_down(flask_app, scope, {"support"}, name="Eva")


def asked(scope: Scope, **told: str) -> str:
    question_id = receive_mail(scope, letter(**told)).question_id
    assert question_id is not None
    return f"/support/{question_id}"


def field_of(page: str) -> str:
    found = re.search(r'<textarea id="text"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    assert found is not None, page
    return found[1]


def test_the_list_begins_with_who_waits_longest(flask_app: Flask, scope: Scope, clock: FixedClock) -> None:
    asked(scope, subject="The first")
    clock.advance(hours=20)
    asked(scope, subject="The second", sender="bea@example.com", message_id="<2@x>")
    clock.advance(hours=5)
    desk = sit_down(flask_app, scope, {"support"})
    page = desk.get("/support").text
    assert "2 questions wait, 1 longer than promised" in page
    assert page.index("The first") < page.index("The second")
    assert "▲ 1 hour late" in page
    assert "○ 19 hours left" in page
    assert "anna@example.com" not in page
    assert desk.get("/support?number=%231001").status_code == 302
    for odd in (
        "?number=9",
        "?number=x",
        "?number=" + "9" * 40,
        "?view=nothing",
        "?after=x",
        "?mine=1",
        "?view=closed",
    ):
        assert desk.get(f"/support?{odd}").status_code == 200


def test_a_template_is_filled_and_shown_before_anything_is_sent(desk: Desk, scope: Scope) -> None:
    make_person(scope, name="Anna Peeters")
    one = asked(scope, text="I have lost my card, what is the way to get a new one?")
    page = desk.get(f"{one}/template?key=card_lost").text
    assert field_of(page).startswith("Hello Anna Peeters,")
    part = desk.get(f"{one}/template?key=card_lost", headers={"HX-Request": "true"}).text
    assert part.lstrip().startswith("<textarea")
    assert waiting_mails(scope) == []
    desk.post(f"{one}/answer", {"text": field_of(page), "act": "send"})
    (_, mail), *_ = waiting_mails(scope)
    assert mail.to == "anna@example.com"
    assert mail.text.endswith("Kind regards,\nEva\n")
    assert "1 question waits" not in desk.get("/support").text
    assert desk.get(f"{one}/template?key=nothing").status_code == 404


def test_what_can_t_be_sent_is_not_lost(desk: Desk, scope: Scope) -> None:
    one = asked(scope)
    answer = desk.post(f"{one}/answer", {"text": "Dear {name}, all is well", "act": "send"})
    assert answer.status_code == 422
    assert field_of(answer.text) == "Dear {name}, all is well"
    assert waiting_mails(scope) == []
    desk.post(f"{one}/answer", {"text": "she sounded kind", "act": "note"})
    assert waiting_mails(scope) == []
    assert "she sounded kind" in desk.get(one).text


def test_nothing_of_a_mail_becomes_markup(desk: Desk, scope: Scope) -> None:
    evil = "<script>alert(1)</script><img src=https://evil.example/x>"
    one = asked(scope, text=evil, subject=evil)
    for path in (one, "/support"):
        page = desk.get(path).text
        assert "<script>alert" not in page
        assert "<img src=https" not in page
    assert "&lt;script&gt;alert(1)" in desk.get(one).text


def test_it_is_taken_given_back_closed_and_opened(flask_app: Flask, desk: Desk, scope: Scope) -> None:
    one = asked(scope)
    desk.post(f"{one}/take", {"act": "take", "seen": ""})
    assert "Eva" in desk.get("/support?mine=1").text
    other = sit_down(flask_app, scope, {"support"}, name="Jan")
    other.post(f"{one}/take", {"act": "take", "seen": ""})
    assert "A colleague took this question" in other.get(one).text
    other.post(f"{one}/take", {"act": "take", "seen": desk.operator_id})
    assert list_questions(scope)[0][0].assigned_to == other.operator_id
    other.post(f"{one}/take", {"act": "leave", "seen": other.operator_id})
    desk.post(f"{one}/close")
    assert list_questions(scope)[0] == []
    desk.post(f"{one}/reopen")
    assert len(list_questions(scope)[0]) == 1
    for path in ("nothing", "00000000-0000-7000-8000-000000000000"):
        assert desk.get(f"/support/{path}").status_code == 404
        assert desk.post(f"/support/{path}/close").status_code == 404
        assert desk.post(f"/support/{path}/answer", {"text": "x"}).status_code == 404


def test_the_timeline_of_the_card_stands_beside_it(desk: Desk, scope: Scope) -> None:
    anna = make_person(scope)
    page = desk.get(asked(scope)).text
    assert f"/admin/members/{anna.member_id}" in page
    assert anna.number not in page
    assert "Known by the address alone" in page


def test_templates_are_changed_by_language(desk: Desk, scope: Scope) -> None:
    assert "Kaart verloren" in desk.get("/support/templates?locale=nl").text
    told = {"key": "card_lost", "locale": "nl", "title": "Kaart kwijt", "body": "Hallo {name}"}
    assert desk.post("/support/templates", told).status_code == 302
    assert "Kaart kwijt" in desk.get("/support/templates?locale=nl").text
    refused = desk.post("/support/templates", told | {"body": "Hallo {iban}"})
    assert refused.status_code == 422
    assert "Hallo {iban}" in refused.text
    assert "From" not in desk.get("/support/templates?locale=xx&key=zz").headers


def test_a_shop_asks_from_its_help_page(flask_app: Flask, desk: Desk, scope: Scope) -> None:
    shop = make_shop(scope, name="Bakery")
    office = sit_in_the_office(flask_app, scope, shop.merchant_id, "manager")
    assert "Ask us" in office.get("/help").text
    sent = office.post("/help", {"subject": "The tablet", "text": "It does not scan."})
    assert sent.status_code == 303
    assert "1001" in office.get("/help").text
    (line,) = list_questions(scope)[0]
    assert (line.merchant_name, line.subject) == ("Bakery", "The tablet")
    refused = office.post("/help", {"subject": "", "text": "It still does not scan."})
    assert refused.status_code == 422
    assert "It still does not scan." in refused.text
    assert "Bakery" in desk.get("/support").text
    cashier = sit_in_the_office(flask_app, scope, shop.merchant_id, "cashier")
    assert cashier.post("/help", {"subject": "A", "text": "B"}).status_code == 303


def test_what_waits_is_on_the_list_of_the_day(flask_app: Flask, scope: Scope, clock: FixedClock) -> None:
    assert support_todo.waiting(scope) == []
    asked(scope)
    clock.advance(hours=21)
    (one,) = support_todo.waiting(scope)
    assert (one.about, one.is_urgent, one.right) == ("1", True, "support")
    assert sit_down(flask_app, scope, {"support"}).get(one.href).status_code == 200
