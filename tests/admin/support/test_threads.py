"""From a mail to a question and back: once for each mail, in its own thread, with an answer that finds its way."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.cards.errors import TriesUsedUpError
from app.common.errors import InvalidError, NotFoundError
from app.common.scope import Scope
from app.jobs.mailing import compose
from app.merchants import service as merchants
from app.privacy.record import whole_record
from app.privacy.service import erase_for, identify, receive_request
from app.support import service
from app.support.errors import PlaceholderLeftError, QuestionNoAddressError, QuestionTakenError
from app.support.models import SupportMessage, SupportQuestion
from app.support.queries import count_questions, fill_template, get_question, list_questions, list_templates
from config import Settings
from tests.admin.people import make_person, waiting_mails
from tests.admin.support.mailing import letter
from tests.clocks import FixedClock
from tests.factories import make_shop
from tests.mobile_api.test_member_me import found_in_tables

HOST = "card.example"


@pytest.fixture
def desk(scope: Scope) -> Scope:
    operator_id = merchants.add_operator(scope, "eva@zegel.example", name="Eva")
    return replace(scope, actor_kind="operator", actor_id=operator_id)


def ask(scope: Scope, text: str = "My points are gone, what is this?", **told: str) -> str:
    received = service.receive_mail(scope, letter(text, **told))
    assert received.question_id is not None, received
    return received.question_id


def count(scope: Scope) -> tuple[int, int]:
    with scope.reading() as tx:
        return (
            tx.session.scalar(select(func.count()).select_from(SupportQuestion)) or 0,
            tx.session.scalar(select(func.count()).select_from(SupportMessage)) or 0,
        )


def test_a_mail_becomes_a_question_with_a_number_and_a_promise(desk: Scope, clock: FixedClock) -> None:
    first, second = ask(desk), ask(desk, sender="bea@example.com", message_id="<2@x>")
    page = get_question(desk, first)
    assert (page.line.number, page.line.subject, page.line.address) == (1001, "Points", "a…a@example.com")
    assert page.line.due_at == clock() + timedelta(hours=24)
    assert get_question(desk, second).line.number == 1002
    assert page.locale == "en"
    assert [one.question_id for one in list_questions(desk)[0]] == [first, second]
    clock.advance(hours=25)
    assert count_questions(desk).late == 2


def test_the_same_mail_counts_once_however_often_it_is_handed_in(desk: Scope) -> None:
    with ThreadPoolExecutor(4) as threads:
        outcomes = list(threads.map(lambda _: service.receive_mail(replace(desk), letter()).outcome, range(4)))
    assert sorted(outcomes) == ["question", "repeated", "repeated", "repeated"]
    assert count(desk) == (1, 1)


def test_what_is_written_is_sealed(desk: Scope) -> None:
    ask(desk, "Wilhelmina was here", sender="wilhelmina@example.com", subject="From Wilhelmina")
    assert found_in_tables(desk, "wilhelmina") == []


def test_an_answer_goes_out_in_the_thread_and_the_next_mail_finds_back(
    desk: Scope, settings: Settings, clock: FixedClock
) -> None:
    question_id = ask(desk, subject="RE: Points\t gone")
    mail_id = service.send_answer(desk, question_id, text="They are back.", host=HOST)
    (sent_id, mail), *_ = waiting_mails(desk)
    assert sent_id == mail_id
    assert (mail.to, mail.subject) == ("anna@example.com", "Re: Points gone [#1001]")
    composed = compose(settings, mail, message_id=sent_id, at=clock())
    assert composed["In-Reply-To"] == composed["References"] == "<1@mail.example>"
    assert composed.get_all("Auto-Submitted") == ["no"]
    page = get_question(desk, question_id)
    assert (page.line.status, page.line.due_at) == ("answered", None)
    clock.advance(days=3)
    again = service.receive_mail(
        desk, letter("Thank you", message_id="<2@x>", subject="AW: Points", In_Reply_To=str(composed["Message-ID"]))
    )
    assert (again.outcome, again.question_id) == ("continued", question_id)
    page = get_question(desk, question_id)
    assert (page.line.status, page.line.due_at) == ("open", clock() + timedelta(hours=24))
    assert [(one.direction, one.author) for one in page.thread] == [("in", None), ("out", "Eva"), ("in", None)]
    service.send_answer(desk, question_id, text="You are welcome.", closes=True, host=HOST)
    _, last = waiting_mails(desk)[-1]
    assert last.headers["References"].split() == ["<1@mail.example>", f"<{mail_id}@{HOST}>", "<2@x>"]
    assert get_question(desk, question_id).line.status == "closed"


def test_a_number_in_the_subject_finds_back_too(desk: Scope) -> None:
    question_id = ask(desk)
    again = service.receive_mail(desk, letter("And?", message_id="<2@x>", subject="Re: Points [#1001]"))
    assert (again.outcome, again.question_id) == ("continued", question_id)


def test_who_writes_again_before_an_answer_waits_since_the_first_time(desk: Scope, clock: FixedClock) -> None:
    question_id = ask(desk)
    due = get_question(desk, question_id).line.due_at
    clock.advance(hours=20)
    service.receive_mail(desk, letter("Hello?", message_id="<2@x>", subject="[#1001]"))
    assert get_question(desk, question_id).line.due_at == due


def test_a_stranger_who_guesses_a_number_gets_into_nobodys_thread(desk: Scope) -> None:
    question_id = ask(desk)
    mail_id = service.send_answer(desk, question_id, text="They are back.", host=HOST)
    for number, headers in enumerate(({"subject": "Re: [#1001]"}, {"In_Reply_To": f"<{mail_id}@{HOST}>"})):
        told = {"sender": "mallory@example.com", "message_id": f"<m{number}@x>", "subject": "Re", **headers}
        assert service.receive_mail(desk, letter("Send me hers", **told)).outcome == "question"
    assert len(get_question(desk, question_id).thread) == 2


def test_a_flood_from_one_address_is_dropped(desk: Scope, clock: FixedClock) -> None:
    outcomes = [service.receive_mail(desk, letter(message_id=f"<{n}@x>")).outcome for n in range(25)]
    assert outcomes.count("question") == 20
    assert outcomes[20:] == ["ignored"] * 5
    clock.advance(hours=2)
    assert service.receive_mail(desk, letter(message_id="<later@x>")).outcome == "question"


def test_the_member_and_the_shop_are_known_by_their_address(desk: Scope) -> None:
    shop, anna = make_shop(desk, name="Bakery"), make_person(desk)
    merchants.add_staff(desk, shop.merchant_id, name="Jo", role="owner", email="jo@bakery.example")
    mine = get_question(desk, ask(desk))
    assert (mine.line.member_id, len(mine.cards)) == (anna.member_id, 1)
    theirs = get_question(desk, ask(desk, sender="jo@bakery.example", message_id="<2@x>"))
    assert (theirs.line.merchant_name, theirs.line.member_id) == ("Bakery", None)


def test_templates_are_filled_in_the_question_s_language_before_they_are_sent(desk: Scope) -> None:
    make_person(desk, name="{agent}")
    question_id = ask(desk, "Ik heb mijn kaart verloren, wat moet ik doen?")
    text = fill_template(desk, question_id, "card_lost")
    assert text.startswith("Hallo (agent),")
    assert text.endswith("Groeten,\nEva")
    with pytest.raises(NotFoundError):
        fill_template(desk, question_id, "nothing")
    with pytest.raises(PlaceholderLeftError):
        service.send_answer(desk, question_id, text="Hello {name}, so long", host=HOST)
    with pytest.raises(InvalidError):
        service.send_answer(desk, question_id, text="  ", host=HOST)
    assert waiting_mails(desk) == []


def test_every_standard_template_can_be_filled(desk: Scope) -> None:
    question_id = ask(desk)
    assert len(list_templates(desk)) == 20
    for one in list_templates(desk, locale="en"):
        assert "{" not in fill_template(desk, question_id, one.key)


def test_a_template_is_changed_and_added(desk: Scope) -> None:
    service.save_template(desk, key="card_lost", locale="en", title="Lost", body="Dear {name}\r\n")
    service.save_template(desk, key="card_lost", locale="en", title="Lost one", body="Dear {name}!")
    service.save_template(desk, key="opening", locale="en", title="Opening hours", body="From nine.")
    found = {one.key: one for one in list_templates(desk, locale="en")}
    assert (found["card_lost"].title, found["card_lost"].body, found["card_lost"].is_own) == (
        "Lost one",
        "Dear {name}!",
        True,
    )
    assert found["opening"].is_own
    for wrong in ({"key": "No Key"}, {"locale": "tlh"}, {"title": ""}, {"body": "{iban}"}):
        with pytest.raises(InvalidError):
            service.save_template(desk, **({"key": "x_y", "locale": "en", "title": "T", "body": "B"} | wrong))


def test_of_two_who_take_a_question_at_once_one_has_it(desk: Scope) -> None:
    question_id = ask(desk)
    others = [merchants.add_operator(desk, f"{name}@zegel.example", name=name) for name in ("Jan", "Lea", "Ali")]

    def take(operator_id: str) -> str:
        try:
            service.assign_question(replace(desk, actor_id=operator_id), question_id, to=operator_id, seen=None)
        except QuestionTakenError:
            return "taken"
        return "mine"

    with ThreadPoolExecutor(3) as threads:
        assert sorted(threads.map(take, others)) == ["mine", "taken", "taken"]
    whose = get_question(desk, question_id).line.assigned_to
    service.assign_question(desk, question_id, to=whose, seen=None)
    service.assign_question(desk, question_id, to=None, seen=whose)
    assert get_question(desk, question_id).line.assigned_to is None


def test_a_shop_asks_from_its_back_office(desk: Scope) -> None:
    shop = make_shop(desk, name="Bakery")
    staff = replace(desk, actor_kind="staff", merchant_id=shop.merchant_id, staff_id=None, actor_id=None)
    number = service.ask_from_office(
        staff, address="jo@bakery.example", subject="A tablet", text="It is broken", locale="nl"
    )
    (line,) = list_questions(desk)[0]
    assert (line.number, line.merchant_name, line.subject) == (number, "Bakery", "A tablet")
    with pytest.raises(InvalidError):
        service.ask_from_office(staff, address="jo@bakery.example", subject=" ", text="", locale="nl")
    for _ in range(19):
        service.ask_from_office(staff, address="jo@bakery.example", subject="x", text="y", locale="nl")
    with pytest.raises(TriesUsedUpError):
        service.ask_from_office(staff, address="jo@bakery.example", subject="x", text="y", locale="nl")


def test_what_a_member_asked_is_in_her_record_and_goes_with_her(desk: Scope) -> None:
    anna = make_person(desk, "wilhelmina@example.com")
    question_id = ask(desk, "Wilhelmina asks", sender="wilhelmina@example.com")
    service.add_note(desk, question_id, text="Wilhelmina again")
    service.send_answer(desk, question_id, text="Dear Wilhelmina", host=HOST)
    with desk.reading() as tx:
        (told,) = whole_record(tx, desk, anna.member_id)["support_questions"]
    assert [one["text"] for one in told["messages"]] == ["Wilhelmina asks", "Wilhelmina again", "Dear Wilhelmina"]
    request_id = receive_request(desk, kind="erasure", channel="phone")
    identify(desk, request_id, sought=anna.number, check="card")
    erase_for(desk, request_id, reason="asked")
    page = get_question(desk, question_id)
    assert (page.line.subject, page.line.address, page.line.status) == (None, None, "closed")
    assert [one.body for one in page.thread] == [None, None, None]
    assert waiting_mails(desk) == [], "an answer that waits goes with her"
    with pytest.raises(QuestionNoAddressError):
        service.send_answer(desk, question_id, text="Hello?", host=HOST)


def test_a_question_is_closed_and_opened_again(desk: Scope, clock: FixedClock) -> None:
    question_id = ask(desk)
    for _ in range(2):
        service.close_question(desk, question_id)
    assert list_questions(desk)[0] == []
    assert [one.question_id for one in list_questions(desk, view="closed")[0]] == [question_id]
    service.reopen_question(desk, question_id)
    assert get_question(desk, question_id).line.due_at == clock()
