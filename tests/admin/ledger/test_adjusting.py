"""Adjusting with a reason: alone up to the limit, above it only with somebody else, whoever tries whatever."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app.admin.service import adjusting
from app.campaigns.models import MemberMessage
from app.common.errors import ForbiddenError, InvalidError, NotFoundError
from app.common.ids import new_id
from app.common.scope import Scope
from app.common.sql import Statement
from app.ledger.errors import AlreadyReversedError, NotEnoughError, NotReversibleError
from app.ledger.verifying import verify
from app.members.service import merge
from app.rewards.errors import AdjustmentDecidedError, OwnAdjustmentError
from app.rewards.models import Voucher
from tests.admin.ledger.people import ask, balance, collector, events, operator, rows
from tests.admin.people import waiting_mails
from tests.clocks import FixedClock
from tests.concurrency.racing import at_once
from tests.factories import make_holder, visit

# --- alone, up to the limit ------------------------------------------------------------------------------------------


def test_up_to_the_limit_one_person_books_at_once_and_all_is_told(scope: Scope, jan: Scope) -> None:
    shop, holder = collector(scope)
    asked = ask(jan, shop, holder, 20)
    assert asked.status == "approved"
    assert balance(scope, shop, holder) == 25
    assert verify(scope).mismatches == []
    (row,) = rows(scope)
    assert (row.asked_by, row.decided_by, row.needs_second) == (jan.actor_id, None, False)
    (booked,) = events(scope, "account.adjusted")
    assert (booked.actor_kind, booked.actor_id, booked.merchant_id) == ("operator", jan.actor_id, shop.merchant_id)
    assert booked.before == {"balance": 5, "owed": 0}
    assert booked.after is not None
    assert (booked.after["balance"], booked.after["units"], booked.after["transaction_id"]) == (
        25,
        20,
        asked.transaction_id,
    )
    with scope.reading() as tx:
        (message,) = tx.session.scalars(select(MemberMessage).where(MemberMessage.member_id == holder.member_id))
    assert "25" in message.params["text"]["nl"]


def test_the_same_form_twice_books_once(scope: Scope, jan: Scope, eva: Scope) -> None:
    shop, holder = collector(scope)
    key = new_id()
    first = ask(jan, shop, holder, 3, key=key)
    assert ask(jan, shop, holder, 3, key=key) == first
    assert balance(scope, shop, holder) == 8
    with pytest.raises(NotFoundError):
        ask(eva, shop, holder, 3, key=key)


def test_the_same_form_many_times_at_once_books_once(scope: Scope, jan: Scope) -> None:
    shop, holder = collector(scope)
    key = new_id()
    answers = at_once([lambda: ask(jan, shop, holder, 3, key=key) for _ in range(4)])
    assert {getattr(one, "status", one) for one in answers} == {"approved"}, answers
    assert balance(scope, shop, holder) == 8


def test_what_is_given_fills_cards_and_what_is_not_there_cannot_be_taken(scope: Scope, jan: Scope) -> None:
    shop, holder = collector(scope, 5, stamps=10)
    ask(jan, shop, holder, 7)
    assert balance(scope, shop, holder) == 2
    with scope.reading() as tx:
        assert len(tx.session.scalars(select(Voucher).where(Voucher.member_id == holder.member_id)).all()) == 1
    with pytest.raises(NotEnoughError):
        ask(jan, shop, holder, -3)
    assert ask(jan, shop, holder, -2).status == "approved"
    assert balance(scope, shop, holder) == 0
    assert verify(scope).mismatches == []


def test_a_refused_booking_leaves_nothing(scope: Scope, jan: Scope) -> None:
    shop, holder = collector(scope)
    with pytest.raises(NotEnoughError):
        ask(jan, shop, holder, -6)
    assert rows(scope) == []
    assert events(scope, "adjustment.asked") == []


@pytest.mark.parametrize("units", [0, 1_000_001, -1_000_001])
def test_nonsense_is_refused(scope: Scope, jan: Scope, units: int) -> None:
    shop, holder = collector(scope)
    with pytest.raises(InvalidError):
        ask(jan, shop, holder, units)
    with pytest.raises(InvalidError):
        adjusting.ask_adjustment(
            jan,
            member_id=holder.member_id,
            programme_id=shop.programme_id,
            units=1,
            reason="  ",
            adjustment_id=new_id(),
        )
    assert rows(scope) == []


# --- above the limit: somebody else ----------------------------------------------------------------------------------


def test_above_the_limit_nothing_is_booked_until_somebody_else_agrees(scope: Scope, jan: Scope, eva: Scope) -> None:
    shop, holder = collector(scope)
    asked = ask(jan, shop, holder, 21)
    assert (asked.status, asked.transaction_id, balance(scope, shop, holder)) == ("open", None, 5)
    booked = adjusting.approve(eva, member_id=holder.member_id, adjustment_id=asked.adjustment_id)
    assert booked.balance == balance(scope, shop, holder) == 26
    (row,) = rows(scope)
    assert (row.status, row.decided_by, row.transaction_id) == ("approved", eva.actor_id, booked.transaction_id)
    (event,) = events(scope, "adjustment.approved")
    assert event.before == {"status": "open"}
    assert event.after is not None
    assert event.after["status"] == "approved"
    with pytest.raises(AdjustmentDecidedError):
        adjusting.approve(eva, member_id=holder.member_id, adjustment_id=asked.adjustment_id)
    assert balance(scope, shop, holder) == 26
    assert verify(scope).mismatches == []


def test_nobody_decides_on_her_own(scope: Scope, jan: Scope) -> None:
    shop, holder = collector(scope)
    chief = operator(scope, "chief", "administrator")
    for who in (jan, chief):
        asked = ask(who, shop, holder, 50)
        for act in (adjusting.approve, adjusting.decline):
            with pytest.raises(OwnAdjustmentError):
                act(who, member_id=holder.member_id, adjustment_id=asked.adjustment_id)
    assert balance(scope, shop, holder) == 5


@pytest.mark.parametrize(
    "change",
    [
        "decided_by = asked_by, status = 'approved', transaction_id = id",
        "decided_by = asked_by, status = 'declined'",
        "status = 'approved', transaction_id = id",  # by nobody
        "status = 'approved', decided_by = :eva",  # without a booking
    ],
)
def test_the_database_itself_refuses_a_decision_without_a_second_person(
    scope: Scope, jan: Scope, eva: Scope, change: str
) -> None:
    shop, holder = collector(scope)
    ask(jan, shop, holder, 50)
    with pytest.raises(IntegrityError), scope.transaction() as tx:
        tx.session.execute(
            text(f"UPDATE ledger_adjustment SET {change}"), {"eva": eva.actor_id} if ":" in change else {}
        )


@pytest.mark.parametrize("right", ["risk", None])
def test_without_the_right_nothing_can_be_asked_or_decided(scope: Scope, jan: Scope, right: str | None) -> None:
    shop, holder = collector(scope)
    outsider = operator(scope, "risk", "risk") if right else replace(scope, actor_kind="staff", actor_id=new_id())
    open_one = ask(jan, shop, holder, 50)
    which = {"member_id": holder.member_id, "adjustment_id": open_one.adjustment_id}
    acts: list[Callable[[], object]] = [
        lambda: ask(outsider, shop, holder, 1),
        lambda: adjusting.approve(outsider, **which),
        lambda: adjusting.decline(outsider, **which),
        lambda: adjusting.withdraw(outsider, **which),
    ]
    for act in acts:
        with pytest.raises(ForbiddenError):
            act()
    assert balance(scope, shop, holder) == 5


def test_who_was_stopped_since_agrees_to_nothing(scope: Scope, jan: Scope, eva: Scope) -> None:
    shop, holder = collector(scope)
    asked = ask(jan, shop, holder, 50)
    with scope.transaction() as tx:
        tx.run(Statement("UPDATE operator SET is_active = :no WHERE id = :id"), {"no": False, "id": eva.actor_id})
    with pytest.raises(ForbiddenError):
        adjusting.approve(eva, member_id=holder.member_id, adjustment_id=asked.adjustment_id)
    assert balance(scope, shop, holder) == 5


def test_declined_withdrawn_and_old_ones_are_never_booked(
    scope: Scope, jan: Scope, eva: Scope, clock: FixedClock
) -> None:
    shop, holder = collector(scope)
    made = [ask(jan, shop, holder, 50).adjustment_id for _ in range(3)]
    member_id = holder.member_id
    adjusting.decline(eva, member_id=member_id, adjustment_id=made[0])
    with pytest.raises(ForbiddenError):
        adjusting.withdraw(eva, member_id=member_id, adjustment_id=made[1])
    adjusting.withdraw(jan, member_id=member_id, adjustment_id=made[1])
    clock.advance(days=7)
    for one in made:
        with pytest.raises(AdjustmentDecidedError):
            adjusting.approve(eva, member_id=member_id, adjustment_id=one)
    assert adjusting.let_expire(scope) == 1
    assert adjusting.let_expire(scope) == 0
    assert [row.status for row in rows(scope)] == ["declined", "withdrawn", "expired"]
    told = [(mail.to, mail.subject) for _, mail in waiting_mails(scope)]
    assert [subject for _, subject in told] == ["Your adjustment was declined", "Your adjustment was not decided on"]
    assert balance(scope, shop, holder) == 5


def test_what_cannot_be_booked_any_more_stays_open(scope: Scope, jan: Scope, eva: Scope) -> None:
    shop, holder = collector(scope, 50)
    asked = ask(jan, shop, holder, -45)
    ask(eva, shop, holder, -10)
    with pytest.raises(NotEnoughError):
        adjusting.approve(
            jan2 := operator(scope, "second"), member_id=holder.member_id, adjustment_id=asked.adjustment_id
        )
    assert rows(scope)[0].status == "open"
    ask(eva, shop, holder, 10)
    assert adjusting.approve(jan2, member_id=holder.member_id, adjustment_id=asked.adjustment_id).balance == 5


def test_a_member_merged_meanwhile_gets_it_under_her_new_name(scope: Scope, jan: Scope, eva: Scope) -> None:
    shop, holder = collector(scope)
    survivor = make_holder(scope)
    asked = ask(jan, shop, holder, 50)
    scope.run(lambda tx: merge(tx, scope, survivor_id=survivor.member_id, merged_id=holder.member_id))
    adjusting.approve(eva, member_id=holder.member_id, adjustment_id=asked.adjustment_id)
    assert balance(scope, shop, survivor) == 55
    assert verify(scope).mismatches == []


# --- splitting under the limit ---------------------------------------------------------------------------------------


def test_small_ones_on_one_account_count_together_for_a_day(scope: Scope, jan: Scope, clock: FixedClock) -> None:
    shop, holder = collector(scope)
    assert [ask(jan, shop, holder, 10).status for _ in range(3)] == ["approved", "approved", "open"]
    assert ask(jan, shop, holder, -1).status == "open"
    clock.advance(hours=24)
    assert ask(jan, shop, holder, 20).status == "approved"
    assert balance(scope, shop, holder) == 45


def test_small_ones_on_many_accounts_count_together_for_a_day(scope: Scope, jan: Scope, eva: Scope) -> None:
    shop, _ = collector(scope)
    holders = [make_holder(scope) for _ in range(6)]
    assert [ask(jan, shop, holder, 20).status for holder in holders] == ["approved"] * 5 + ["open"]
    assert ask(eva, shop, holders[0], 20).status == "approved", "another person has a day of her own"


def test_stamps_and_points_have_limits_of_their_own(scope: Scope, jan: Scope) -> None:
    stamps, holder = collector(scope)
    points, _ = collector(scope, points="1")
    assert ask(jan, stamps, holder, 20).status == "approved"
    assert ask(jan, points, holder, 200).status == "approved"
    assert ask(jan, points, holder, 1).status == "open"


def test_the_limits_can_be_set_and_the_change_is_in_the_trail(scope: Scope, jan: Scope) -> None:
    shop, holder = collector(scope)
    chief = operator(scope, "chief", "administrator")
    assert adjusting.limits(chief)["stamps"] == (20, 100)
    adjusting.set_limit(chief, kind="stamps", most=2, most_in_all=3)
    adjusting.set_limit(chief, kind="stamps", most=2, most_in_all=3)
    assert adjusting.limits(chief) == {"stamps": (2, 3), "points": (200, 1000)}
    (event,) = events(scope, "adjustment_limit.changed")
    assert (event.before, event.after) == ({"most": 20, "most_in_all": 100}, {"most": 2, "most_in_all": 3})
    assert [ask(jan, shop, holder, 1).status for _ in range(3)] == ["approved", "approved", "open"]
    for most, in_all in ((-1, 3), (4, 3), (1, 10**9)):
        with pytest.raises(InvalidError):
            adjusting.set_limit(chief, kind="stamps", most=most, most_in_all=in_all)


# --- undoing ---------------------------------------------------------------------------------------------------------


def undo(scope: Scope, shop: object, member_id: str, programme_id: str, transaction_id: str) -> adjusting.Asked:
    return adjusting.ask_reversal(
        replace(scope),
        member_id=member_id,
        programme_id=programme_id,
        transaction_id=transaction_id,
        reason="Scanned twice",
        adjustment_id=new_id(),
    )


def test_a_visit_and_an_adjustment_are_undone_by_the_same_rule(scope: Scope, jan: Scope, eva: Scope) -> None:
    shop, holder = collector(scope, 5)
    small = visit(shop.counter(), holder, units=2).transaction_id
    large = visit(shop.counter(), holder, units=30).transaction_id
    where = (shop, holder.member_id, shop.programme_id)
    assert undo(jan, *where, small).status == "approved"
    assert balance(scope, shop, holder) == 35
    waiting = undo(jan, *where, large)
    assert waiting.status == "open"
    adjusting.approve(eva, member_id=holder.member_id, adjustment_id=waiting.adjustment_id)
    assert balance(scope, shop, holder) == 5
    with pytest.raises(AlreadyReversedError):
        undo(eva, *where, small)
    given = ask(eva, shop, holder, 4)
    assert undo(eva, *where, given.transaction_id or "").status == "approved"
    with pytest.raises(AlreadyReversedError):
        undo(eva, *where, given.transaction_id or "")
    assert balance(scope, shop, holder) == 5
    before = events(scope, "transaction.reversed")[0].before
    assert before == {"balance": 37, "owed": 0}
    assert verify(scope).mismatches == []


def test_two_persons_decision_is_not_undone_by_one(scope: Scope, jan: Scope, eva: Scope) -> None:
    shop, holder = collector(scope)
    asked = ask(jan, shop, holder, 50)
    booked = adjusting.approve(eva, member_id=holder.member_id, adjustment_id=asked.adjustment_id)
    third = operator(scope, "third")
    assert undo(third, shop, holder.member_id, shop.programme_id, booked.transaction_id).status == "open"
    assert balance(scope, shop, holder) == 55


def test_what_is_no_visit_and_no_adjustment_is_not_undone(scope: Scope, jan: Scope) -> None:
    shop, holder = collector(scope, 5)
    undone = undo(jan, shop, holder.member_id, shop.programme_id, visit(shop.counter(), holder, units=1).transaction_id)
    with pytest.raises(NotReversibleError):
        undo(jan, shop, holder.member_id, shop.programme_id, undone.transaction_id or "")
    other, stranger = collector(scope, 5)
    theirs = visit(other.counter(), stranger, units=1).transaction_id
    for transaction_id in (theirs, new_id(), "nonsense"):
        with pytest.raises(NotFoundError):
            undo(jan, shop, holder.member_id, shop.programme_id, transaction_id)
