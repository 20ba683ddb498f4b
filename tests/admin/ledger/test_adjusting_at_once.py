"""Two who adjust or decide at the same moment, and what would happen without the guards."""

from __future__ import annotations

import pytest

from app.admin.service import adjusting, booking
from app.common.ids import new_id
from app.common.scope import Scope
from app.common.sql import Statement
from app.rewards.errors import AdjustmentDecidedError
from tests.admin.ledger.people import ask, balance, collector, operator, rows
from tests.concurrency.racing import at_once


def test_many_who_agree_at_once_book_once(scope: Scope, jan: Scope) -> None:
    shop, holder = collector(scope)
    people = [operator(scope, f"p{number}") for number in range(4)]
    asked = ask(jan, shop, holder, 50)
    which = {"member_id": holder.member_id, "adjustment_id": asked.adjustment_id}
    answers = at_once([lambda one=one: adjusting.approve(one, **which) for one in people])  # type: ignore[misc]
    assert sum(isinstance(one, booking.Booked) for one in answers) == 1, answers
    assert sum(isinstance(one, AdjustmentDecidedError) for one in answers) == 3, answers
    assert balance(scope, shop, holder) == 55


def decide_both_ways(scope: Scope) -> tuple[list[object], int, str]:
    """One agrees while another one declines: what they were told, the balance, the status."""
    shop, holder = collector(scope)
    mine, yes, no = (operator(scope, f"{name}-{new_id()}") for name in ("jan", "yes", "no"))
    asked = ask(mine, shop, holder, 50)
    which = {"member_id": holder.member_id, "adjustment_id": asked.adjustment_id}
    answers = at_once([lambda: adjusting.approve(yes, **which), lambda: adjusting.decline(no, **which)])
    return list(answers), balance(scope, shop, holder), rows(scope)[-1].status


def test_of_two_who_decide_differently_at_once_one_is_told(scope: Scope) -> None:
    for _ in range(3):
        answers, held, status = decide_both_ways(scope)
        assert sum(isinstance(one, AdjustmentDecidedError) for one in answers) == 1, answers
        assert (status, held) in (("approved", 55), ("declined", 5))


def test_the_twin_without_the_guard_decides_twice(scope: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    unguarded = Statement(
        "UPDATE ledger_adjustment SET status = :status, decided_by = :me, decided_at = :now,"
        " transaction_id = :transaction_id WHERE member_id = :member_id AND id = :id"
        " AND CAST(:since AS text) IS NOT NULL",
        sqlite="UPDATE ledger_adjustment SET status = :status, decided_by = :me, decided_at = :now,"
        " transaction_id = :transaction_id WHERE member_id = :member_id AND id = :id AND :since IS NOT NULL",
    )
    monkeypatch.setattr(adjusting, "_DECIDE", unguarded)
    answers, _, _ = decide_both_ways(scope)
    assert not any(isinstance(one, AdjustmentDecidedError) for one in answers), answers


def split_at_once(scope: Scope) -> int:
    """One person asks for four times fifteen on one account in the same moment. How many are booked."""
    shop, holder = collector(scope)
    jan = operator(scope, f"jan-{new_id()}")
    answers = at_once([lambda: ask(jan, shop, holder, 15) for _ in range(4)])
    statuses = [getattr(one, "status", one) for one in answers]
    assert set(statuses) <= {"approved", "open"}, answers
    return statuses.count("approved")


def test_splitting_at_once_gains_nothing(scope: Scope) -> None:
    assert [split_at_once(scope) for _ in range(3)] == [1, 1, 1]


def test_the_twin_without_the_lock_lets_more_through(scope: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        adjusting, "_WHO", Statement("SELECT 1 WHERE CAST(:id AS text) <> '' AND :yes", sqlite="SELECT 1")
    )
    most = max(split_at_once(scope) for _ in range(8))
    # SQLite has one writer: nothing overlaps there, whatever the statement says.
    assert most == 1 if scope.database.dialect == "sqlite" else most > 1
