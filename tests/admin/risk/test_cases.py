"""Cases: found once, decided once, by somebody with a reason; and what follows from a decision."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from app.admin.queries import risk_todo
from app.cards.models import Card
from app.common.errors import NotFoundError
from app.common.models import AuditEvent
from app.common.scope import Scope
from app.merchants import service as merchants
from app.merchants.models import Device
from app.risk.errors import ActNotPossibleError, CaseDecidedError, NobodyToAskError, ReasonMissingError
from app.risk.models import RiskCase
from app.risk.queries.cases import records
from app.risk.service.deciding import ask_shop, confirm_case, dismiss_case
from app.risk.service.finding import find_cases
from tests.admin.desk import sit_down
from tests.clocks import FixedClock
from tests.concurrency.racing import at_once
from tests.factories import Holder, Shop, make_holder, make_shop, visit
from tests.mobile_api.members import mails

URL = "https://card.example"


def too_often(shop: Shop, clock: FixedClock, holder: Holder, times: int = 4) -> None:
    """One card, some visits at one device within a few hours."""
    for _ in range(times):
        assert visit(shop.counter(), holder, amount_minor=500).ok
        clock.advance(minutes=40)


def cases(scope: Scope) -> list[RiskCase]:
    with scope.reading() as tx:
        return list(tx.session.scalars(select(RiskCase).order_by(RiskCase.opened_at, RiskCase.id)))


def operator(scope: Scope, name: str = "Eva") -> Scope:
    made = merchants.add_operator(scope, f"{name.lower()}@zegel.example", name=name, rights=["risk"])
    return replace(scope, actor_kind="operator", actor_id=made)


@pytest.fixture
def shop(scope: Scope) -> Shop:
    return make_shop(scope, points="1")


@pytest.fixture
def holder(scope: Scope) -> Holder:
    return make_holder(scope)


def test_a_job_that_runs_twice_makes_one_case(scope: Scope, clock: FixedClock, shop: Shop, holder: Holder) -> None:
    too_often(shop, clock, holder)
    assert (find_cases(scope), find_cases(scope)) == (1, 0)
    with scope.transaction() as tx:
        tx.session.execute(text("DELETE FROM risk_progress"))  # as if it had never looked
    assert find_cases(scope) == 0
    [case] = cases(scope)
    assert (case.rule, case.subject_kind, case.subject_id, case.score) == ("card_device", "card", holder.card_id, 4)
    assert case.at_stake == 20
    assert case.evidence["members"] == [holder.member_id]


def test_an_undecided_case_grows(scope: Scope, clock: FixedClock, shop: Shop, holder: Holder) -> None:
    too_often(shop, clock, holder)
    find_cases(scope)
    too_often(shop, clock, holder, 2)
    assert find_cases(scope) == 0
    [case] = cases(scope)
    assert (case.score, len(case.evidence["rows"])) == (6, 6)


def test_the_database_holds_one_undecided_case_of_a_subject(
    scope: Scope, clock: FixedClock, shop: Shop, holder: Holder
) -> None:
    too_often(shop, clock, holder)
    find_cases(scope)
    again = text(
        "INSERT INTO risk_case (id, rule, subject_kind, subject_id, status, score, soft, at_stake, evidence, opened_at,"
        " first_at, last_at) SELECT :id, rule, subject_kind, subject_id, 'asked', score, soft, at_stake, evidence,"
        " opened_at, first_at, last_at FROM risk_case"
    )
    with pytest.raises(IntegrityError), scope.transaction() as tx:
        tx.session.execute(again, {"id": shop.merchant_id})


def test_who_was_dismissed_may_do_half_as_much_again(
    scope: Scope, clock: FixedClock, shop: Shop, holder: Holder
) -> None:
    too_often(shop, clock, holder)
    find_cases(scope)
    dismiss_case(scope, cases(scope)[0].id, note="Four children, one card")
    clock.advance(days=2)
    too_often(shop, clock, holder, 6)
    assert find_cases(scope) == 0
    too_often(shop, clock, holder, 1)
    assert find_cases(scope) == 1
    clock.advance(days=91)  # learned no longer, of the first one
    too_often(shop, clock, make_holder(scope))
    assert find_cases(scope) == 1


def test_what_was_confirmed_counts_from_then_on(scope: Scope, clock: FixedClock, shop: Shop, holder: Holder) -> None:
    too_often(shop, clock, holder)
    find_cases(scope)
    confirm_case(scope, cases(scope)[0].id, act="nothing", note="Talked to them", public_url=URL)
    clock.advance(minutes=1)
    too_often(shop, clock, holder, 3)
    assert find_cases(scope) == 0
    too_often(shop, clock, holder, 1)
    assert find_cases(scope) == 1


def test_confirming_may_block_the_card_at_once(scope: Scope, clock: FixedClock, shop: Shop, holder: Holder) -> None:
    too_often(shop, clock, holder)
    find_cases(scope)
    eva = operator(scope)
    confirm_case(eva, cases(scope)[0].id, act="block_card", note="A picture of it goes round", public_url=URL)
    with scope.reading() as tx:
        assert tx.session.scalars(select(Card.status).where(Card.id == holder.card_id)).one() == "blocked"
        noted = tx.session.scalars(select(AuditEvent).where(AuditEvent.action == "risk_case.confirmed")).one()
    assert (noted.actor_kind, noted.actor_id, noted.merchant_id) == ("operator", eva.actor_id, None)
    assert noted.after is not None
    assert (noted.before, noted.after["status"], noted.after["act"]) == ({"status": "open"}, "confirmed", "block_card")
    assert cases(scope)[0].decided_by == eva.actor_id


def test_the_device_of_a_case_can_be_ended(scope: Scope, clock: FixedClock, shop: Shop, holder: Holder) -> None:
    too_often(shop, clock, holder)
    find_cases(scope)
    confirm_case(scope, cases(scope)[0].id, act="revoke_device", note="Stolen", public_url=URL)
    with scope.reading() as tx:
        assert tx.session.get_one(Device, shop.device_id).revoked_at is not None


def test_a_decision_says_why_and_does_what_fits(scope: Scope, clock: FixedClock, shop: Shop, holder: Holder) -> None:
    too_often(shop, clock, holder)
    find_cases(scope)
    case_id = cases(scope)[0].id
    with pytest.raises(ReasonMissingError):
        dismiss_case(scope, case_id, note="  ")
    with pytest.raises(ActNotPossibleError):
        confirm_case(scope, case_id, act="stop_staff", note="x", public_url=URL)
    with pytest.raises(NotFoundError):
        dismiss_case(scope, shop.merchant_id, note="x")
    assert cases(scope)[0].status == "open"


def test_of_two_operators_who_decide_at_once_one_does(
    scope: Scope, clock: FixedClock, shop: Shop, holder: Holder
) -> None:
    too_often(shop, clock, holder)
    find_cases(scope)
    case_id = cases(scope)[0].id
    who = [operator(scope, name) for name in ("Eva", "Jan")]

    def decide(number: int) -> str:
        try:
            if number:
                dismiss_case(who[1], case_id, note="honest")
            else:
                confirm_case(who[0], case_id, act="block_card", note="stolen", public_url=URL)
        except CaseDecidedError:
            return "late"
        return "decided"

    told = at_once([partial(decide, number) for number in range(2)])
    assert sorted(map(str, told)) == ["decided", "late"]
    with scope.reading() as tx:
        acts = tx.session.scalar(
            select(func.count()).where(AuditEvent.action.in_(["risk_case.confirmed", "risk_case.dismissed"]))
        )
        blocked = tx.session.scalars(select(Card.status).where(Card.id == holder.card_id)).one() == "blocked"
    [case] = cases(scope)
    assert acts == 1
    assert blocked == (case.status == "confirmed")


def test_the_shop_is_asked_without_a_name(scope: Scope, clock: FixedClock, shop: Shop, holder: Holder) -> None:
    too_often(shop, clock, holder)
    find_cases(scope)
    case_id = cases(scope)[0].id
    with pytest.raises(NobodyToAskError):
        ask_shop(scope, case_id, public_url=URL)
    staff_id = merchants.add_staff(scope, shop.merchant_id, name="Owner", role="owner", email="jo@bakery.example")
    merchants.set_password(
        scope, merchants.create_setup_link(scope, staff_id=staff_id).token, "stamp by stamp by stamp"
    )
    assert (ask_shop(scope, case_id, public_url=URL), ask_shop(scope, case_id, public_url=URL)) == (1, 0)
    [(to, words)] = [mail for mail in mails(scope) if mail[0] == "jo@bakery.example"]
    assert to
    assert holder.number not in words
    assert holder.number[-4:] not in words
    assert cases(scope)[0].status == "asked"
    dismiss_case(scope, case_id, note="A school class")
    with pytest.raises(CaseDecidedError):
        ask_shop(scope, case_id, public_url=URL)


def test_what_a_rule_annoyed_is_counted(scope: Scope, clock: FixedClock, shop: Shop, holder: Holder) -> None:
    other = make_holder(scope)
    too_often(shop, clock, holder)
    too_often(shop, clock, other)
    find_cases(scope)
    first, second = cases(scope)
    dismiss_case(scope, first.id, note="honest")
    confirm_case(scope, second.id, act="nothing", note="not", public_url=URL)
    told = records(scope)
    assert (told.by_rule["card_device"].right, told.by_rule["card_device"].wrong) == (1, 1)
    assert (told.bothered, told.members, told.one_in) == (1, 2, 2)


def test_what_waits_stands_on_the_list_of_things_to_do(
    scope: Scope, clock: FixedClock, shop: Shop, holder: Holder
) -> None:
    too_often(shop, clock, holder)
    find_cases(scope)
    [todo] = risk_todo.waiting(scope)
    assert (todo.area, todo.right, todo.about) == ("risk", "risk", "Bakery")
    assert todo.href == f"/admin/risk/cases/{cases(scope)[0].id}"
    assert todo.due_at == clock() + timedelta(days=1)


def test_the_pages_lead_from_the_queue_to_a_decision(flask_app: Flask, scope: Scope, clock: FixedClock) -> None:
    shop, holder = make_shop(scope, points="1"), make_holder(scope)
    desk = sit_down(flask_app, scope, {"risk"})
    empty = desk.get("/risk").get_data(as_text=True)
    assert "Nothing waits" in empty
    too_often(shop, clock, holder)
    find_cases(scope)
    case_id = cases(scope)[0].id
    desk = sit_down(flask_app, scope, {"risk"})  # hours have passed
    queue = desk.get("/risk").get_data(as_text=True)
    assert f"/admin/risk/cases/{case_id}" in queue
    assert f"card …{holder.number[-4:]}" in queue
    assert "<svg" in queue
    assert holder.number not in queue
    shown = desk.get(f"/risk/cases/{case_id}").get_data(as_text=True)
    assert f"/admin/cards/{holder.card_id}" in shown
    assert f"/admin/shops/{shop.merchant_id}" in shown
    assert "Block the card" in shown
    row = re.search(r'href="/admin(/ledger\?member=[^"]+)"', shown)
    assert row is not None
    there = desk.get(row[1].replace("&amp;", "&")).headers["Location"]
    assert there.startswith(f"/admin/ledger/{holder.member_id}/{shop.programme_id}?row=")
    assert desk.get(f"/ledger?member={holder.member_id}&row={case_id}").status_code == 200
    assert desk.post(f"/risk/cases/{case_id}/dismiss", {"note": " "}).status_code == 302
    assert cases(scope)[0].status == "open"
    desk.post(f"/risk/cases/{case_id}/dismiss", {"note": "A family"})
    assert cases(scope)[0].status == "dismissed"
    late = desk.post(f"/risk/cases/{case_id}/confirm", {"note": "x", "act": "nothing"}, follow_redirects=True)
    assert "Somebody else has decided this case" in late.get_data(as_text=True)
    assert "A family" in desk.get(f"/risk/cases/{case_id}").get_data(as_text=True)
    assert "wrong" in desk.get("/risk?decided=1").get_data(as_text=True)
    assert desk.get(f"/risk/cases/{shop.merchant_id}").status_code == 404


def test_the_words_of_the_to_do_list_are_the_queues(tmp_path: Path) -> None:
    from app.admin.views.risk.words import RULE_WORDS

    assert {rule: str(word._args[0]) for rule, word in RULE_WORDS.items()} == risk_todo._WORDS
