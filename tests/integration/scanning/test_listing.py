"""The list of a location's latest bookings, and how often the database is asked at the counter."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from app.common.database import Transaction, _SingleWrite
from app.common.scope import Scope
from app.members.service import merge
from app.merchants.service import add_staff, change_counter_settings, stop_staff
from app.scanning import service as scanning
from app.scanning.results import TransactionView
from tests.factories import (
    Shop,
    commit,
    hold,
    make_holder,
    make_shop,
    redeem,
    redeem_voucher,
    reverse,
    rotating_code,
    start_phone,
    visit,
)


@contextmanager
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Collects what is asked of the database meanwhile."""
    questions: list[str] = []
    with monkeypatch.context() as patch:
        for kind in (Transaction, _SingleWrite):

            def rows(self: Any, statement: Any, params: Any, *, first: Any = kind.rows) -> Any:
                questions.append(statement.sqlite)
                return first(self, statement, params)

            patch.setattr(kind, "rows", rows)
        yield questions


def listed(shop: Shop, **fields: Any) -> list[TransactionView]:
    return scanning.list_transactions(shop.counter(), **{"limit": 100, **fields})


def by_id(shop: Shop) -> dict[str, TransactionView]:
    return {view.transaction_id: view for view in listed(shop)}


def test_a_line_names_who_booked_it_also_when_they_have_left(scope: Scope) -> None:
    shop, holder = make_shop(scope, points="1"), make_holder(scope)
    ann = add_staff(scope, shop.merchant_id, name="Ann", role="cashier")
    visit(shop.counter(staff_id=ann), holder, amount_minor=1_00)
    visit(shop.counter(), holder, amount_minor=1_00)
    stop_staff(scope, ann)
    nobody, named = listed(shop)
    assert (nobody.staff_id, nobody.staff_name) == (None, None)
    assert (named.staff_id, named.staff_name) == (ann, "Ann")


def test_what_is_left_of_a_visit_can_be_refunded(scope: Scope) -> None:
    shop, holder = make_shop(scope, points="1"), make_holder(scope)
    paid = visit(shop.counter(), holder, amount_minor=10_00).transaction_id
    unpaid = visit(shop.counter(), holder, units=3).transaction_id
    assert (by_id(shop)[paid].refundable_minor, by_id(shop)[paid].is_reversible) == (10_00, True)
    assert (by_id(shop)[unpaid].refundable_minor, by_id(shop)[unpaid].is_reversible) == (None, True)
    part = reverse(shop.counter(), paid, 4_00).transaction_id
    assert (by_id(shop)[paid].refundable_minor, by_id(shop)[paid].is_reversible) == (6_00, True)
    rest = reverse(shop.counter(), paid, 6_00).transaction_id
    assert (by_id(shop)[paid].refundable_minor, by_id(shop)[paid].is_reversible) == (0, False)
    assert by_id(shop)[paid].reversed_by == (part, rest)
    assert (by_id(shop)[part].refundable_minor, by_id(shop)[part].is_reversible) == (None, False)
    reverse(shop.counter(), unpaid)
    assert not by_id(shop)[unpaid].is_reversible


def test_what_the_list_says_can_be_undone_can_be_undone_and_nothing_else(scope: Scope) -> None:
    shop, holder = make_shop(scope, stamps=3), make_holder(scope)
    coffee = shop.add_reward(cost=1)
    counter = shop.counter()
    filled = visit(counter, holder, units=8)
    code = filled.body["unlocked"][0]["voucher_code"]
    bread = redeem_voucher(counter, code).transaction_id
    reverse(counter, bread)
    redeem_voucher(counter, code)
    redeem(counter, holder, coffee)
    held = hold(counter, holder, coffee)
    commit(counter, held.body["redemption_id"])
    visit(counter, holder, units=1)
    survivor = make_holder(scope)
    scope.run(lambda tx: merge(tx, scope, survivor_id=survivor.member_id, merged_id=holder.member_id))
    lines = listed(shop)
    assert {line.kind for line in lines} == {"earn", "redeem", "reverse"}
    assert all(line.reward_name for line in lines if line.kind == "redeem")
    for line in lines:
        still = by_id(shop)[line.transaction_id]
        undone = reverse(counter, line.transaction_id)
        assert undone.ok == still.is_reversible, (still, undone.code)
    assert not any(line.is_reversible for line in listed(shop))


@pytest.mark.parametrize("lines", [1, 40])
def test_a_long_list_asks_no_more_than_a_short_one(scope: Scope, monkeypatch: pytest.MonkeyPatch, lines: int) -> None:
    shop, holder = make_shop(scope, points="1"), make_holder(scope)
    for _ in range(lines):
        reverse(shop.counter(), visit(shop.counter(), holder, amount_minor=1_00).transaction_id)
    with asked(monkeypatch) as questions:
        found = listed(shop)
    assert len(found) == 2 * lines
    assert len(questions) == 3


def test_pages_follow_each_other(scope: Scope) -> None:
    shop, holder = make_shop(scope, points="1"), make_holder(scope)
    for _ in range(5):
        visit(shop.counter(), holder, amount_minor=1_00)
    whole = listed(shop)
    first = listed(shop, limit=2)
    second = listed(shop, limit=2, before=first[-1].transaction_id)
    assert first + second == whole[:4]


def test_an_ordinary_card_at_an_ordinary_shop_costs_no_question_more(
    scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Settings, people and foreign cards are compiled with the rules, or asked for only where they matter."""
    shop, holder = make_shop(scope, points="1"), make_holder(scope)
    secret = start_phone(scope, holder)
    visit(shop.counter(), holder, amount_minor=1_00)
    change_counter_settings(scope, shop.merchant_id, sign_in=True)
    visit(shop.counter(), holder, amount_minor=1_00)  # the rules are compiled again
    with asked(monkeypatch) as questions:
        assert visit(shop.counter(device_kind="tablet"), holder, amount_minor=1_00).ok
    assert len(questions) == 1, questions
    with asked(monkeypatch) as questions:
        scanning.scan(shop.counter(device_kind="tablet"), holder.number)
    of_static = list(questions)
    with asked(monkeypatch) as questions:
        scanning.scan(shop.counter(device_kind="tablet"), rotating_code(scope, holder, secret))
    assert not [question for question in of_static + questions if "card_source" in question or "FROM staff" in question]
    assert len(of_static) == 5, of_static
