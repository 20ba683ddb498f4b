"""Points: carried fractions, lots that expire at local midnight, debts, and refunds by the rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from app.common.scope import Scope
from app.rewards import service as rewards
from app.rewards.evaluator import Item
from app.rewards.service.adjusting import adjust
from app.rewards.service.upkeep import expire_lots
from app.scanning import service as scanning
from tests.books import count, open_lots, standing
from tests.clocks import FixedClock
from tests.factories import Holder, Shop, cancel, hold, make_holder, make_shop, redeem, reverse, visit

CARRYING = {"earn": [{"per": "amount", "units": "1", "step": "50"}], "rounding": "carry"}
BY_THE_MONTH = {"earn": [{"per": "amount", "units": "1"}], "expiry": {"kind": "months", "months": 1}}


@pytest.fixture
def holder(scope: Scope) -> Holder:
    return make_holder(scope)


def lots(shop: Shop, holder: Holder) -> list[int]:
    return [left for left, _ in open_lots(shop.scope, holder.member_id, shop.programme_id)]


def remainder(shop: Shop, holder: Holder) -> Fraction:
    return standing(shop.scope, holder.member_id, shop.programme_id).remainder


def test_thirty_and_twenty_earn_what_fifty_earns(scope: Scope, holder: Holder) -> None:
    shop = make_shop(scope, rules=CARRYING)
    first = visit(shop.counter(), holder, amount_minor=30_00)
    assert (first.balance, remainder(shop, holder)) == (0, Fraction(3, 5))
    assert visit(shop.counter(), holder, amount_minor=20_00).balance == 1
    assert remainder(shop, holder) == 0


@pytest.mark.parametrize("undone", [0, 1])
def test_a_reversal_gives_the_carried_fraction_back(scope: Scope, holder: Holder, undone: int) -> None:
    shop = make_shop(scope, rules=CARRYING)
    booked = [visit(shop.counter(), holder, amount_minor=minor) for minor in (30_00, 20_00)]
    answer = reverse(shop.counter(), booked[undone].transaction_id)
    left = (30_00, 20_00)[1 - undone]
    assert (answer.balance, answer.owed) == (0, 0)
    assert remainder(shop, holder) == Fraction(left, 50_00)
    reverse(shop.counter(), booked[1 - undone].transaction_id)
    assert remainder(shop, holder) == 0


def test_earn_spend_reverse_leaves_a_debt_that_the_next_earn_pays(scope: Scope, holder: Holder) -> None:
    shop = make_shop(scope, points="1", reward={"cost": 8})
    earned = visit(shop.counter(), holder, amount_minor=10_00)
    redeem(shop.counter(), holder, shop.reward_ids[0])
    undone = reverse(shop.counter(), earned.transaction_id)
    assert (undone.balance, undone.owed) == (0, 8)
    assert redeem(shop.counter(), holder, shop.reward_ids[0]).code == "not_enough"
    assert (visit(shop.counter(), holder, amount_minor=5_00).owed) == 3
    after = visit(shop.counter(), holder, amount_minor=5_00)
    assert (after.balance, after.owed) == (2, 0)


def test_giving_back_pays_the_debt_first(scope: Scope, holder: Holder) -> None:
    shop = make_shop(scope, points="1", reward={"cost": 8})
    earned = visit(shop.counter(), holder, amount_minor=10_00)
    spent = redeem(shop.counter(), holder, shop.reward_ids[0])
    reverse(shop.counter(), earned.transaction_id)
    undone = reverse(shop.counter(), spent.transaction_id)
    assert (undone.balance, undone.owed) == (0, 0)
    assert standing(scope, holder.member_id, shop.programme_id).owed == 0


def test_a_reversal_takes_from_the_lot_it_made_then_from_others(
    scope: Scope, clock: FixedClock, holder: Holder
) -> None:
    shop = make_shop(scope, rules=BY_THE_MONTH, reward={"cost": 6})
    first = visit(shop.counter(), holder, amount_minor=5_00)
    before = open_lots(scope, holder.member_id, shop.programme_id)
    clock.advance(days=3)
    second = visit(shop.counter(), holder, amount_minor=7_00)
    assert lots(shop, holder) == [5, 7]
    reverse(shop.counter(), second.transaction_id)
    assert open_lots(scope, holder.member_id, shop.programme_id) == before
    third = visit(shop.counter(), holder, amount_minor=4_00)
    redeem(shop.counter(), holder, shop.reward_ids[0])  # five of the first, one of the third
    assert lots(shop, holder) == [3]
    undone = reverse(shop.counter(), first.transaction_id)
    assert (undone.balance, undone.owed) == (0, 2)
    assert third.ok


def test_what_expires_first_is_spent_first_whatever_came_first(scope: Scope, clock: FixedClock, holder: Holder) -> None:
    shop = make_shop(scope, points="1", reward={"cost": 3})
    visit(shop.counter(), holder, amount_minor=10_00)  # never
    staff = replace(shop.counter().scope, actor_kind="staff")
    for units, days in ((4, 40), (2, 20)):
        adjust(
            staff,
            member_id=holder.member_id,
            programme_id=shop.programme_id,
            units=units,
            reason="gift",
            expires_at=clock.now + timedelta(days=days),
        )
    assert lots(shop, holder) == [2, 4, 10]
    redeem(shop.counter(), holder, shop.reward_ids[0])
    assert lots(shop, holder) == [3, 10]


def test_lots_end_at_local_midnight_and_every_booking_sees_it(scope: Scope, clock: FixedClock, holder: Holder) -> None:
    shop = make_shop(scope, rules=BY_THE_MONTH, reward={"cost": 5})
    visit(shop.counter(), holder, amount_minor=8_00)
    [(_, ends)] = open_lots(scope, holder.member_id, shop.programme_id)
    assert ends == datetime(2026, 4, 4, 22, tzinfo=UTC)  # the end of 4 April in Brussels, in summer time by then
    clock.set(ends - timedelta(seconds=1))
    assert redeem(shop.counter(), holder, shop.reward_ids[0]).balance == 3
    clock.set(ends)
    assert redeem(shop.counter(), holder, shop.reward_ids[0]).code == "not_enough"
    answer = visit(shop.counter(), holder, amount_minor=2_00)
    assert answer.balance == 2
    assert count(scope, "ledger_transaction", "kind = 'expire'") == 1


def test_a_scan_shows_no_units_that_are_over(scope: Scope, clock: FixedClock, holder: Holder) -> None:
    shop = make_shop(scope, rules=BY_THE_MONTH, reward={"cost": 5})
    visit(shop.counter(), holder, amount_minor=8_00)
    clock.advance(days=40)
    seen = scanning.scan(shop.counter(), holder.number)
    assert seen.accounts[0].balance == 0
    assert not seen.rewards[0].is_redeemable
    assert count(scope, "ledger_transaction", "kind = 'expire'") == 0  # a look books nothing


def test_whether_the_night_came_before_a_reversal_makes_no_difference(
    scope: Scope, clock: FixedClock, holder: Holder
) -> None:
    shop, other = make_shop(scope, rules=BY_THE_MONTH), make_holder(scope)
    mine = visit(shop.counter(), holder, amount_minor=8_00)
    clock.advance(days=10)
    visit(shop.counter(), holder, amount_minor=3_00)
    clock.advance(days=30)
    undone = reverse(shop.counter(), mine.transaction_id)
    clock.advance(days=-40)
    theirs = visit(shop.counter(), other, amount_minor=8_00)
    clock.advance(days=10)
    visit(shop.counter(), other, amount_minor=3_00)
    clock.advance(days=30)
    expire_lots(scope)
    nightly = reverse(shop.counter(), theirs.transaction_id)
    assert (undone.balance, undone.owed) == (nightly.balance, nightly.owed)


def test_units_given_back_after_their_end_are_gone_at_once(scope: Scope, clock: FixedClock, holder: Holder) -> None:
    shop = make_shop(scope, rules=BY_THE_MONTH, reward={"cost": 5})
    visit(shop.counter(), holder, amount_minor=8_00)
    spent = redeem(shop.counter(), holder, shop.reward_ids[0])
    clock.advance(days=40)
    undone = reverse(shop.counter(), spent.transaction_id)
    assert undone.balance == 0
    assert standing(scope, holder.member_id, shop.programme_id).balance == 0


def test_a_cancelled_hold_returns_units_with_their_old_end(scope: Scope, clock: FixedClock, holder: Holder) -> None:
    shop = make_shop(scope, rules=BY_THE_MONTH, reward={"cost": 5})
    visit(shop.counter(), holder, amount_minor=8_00)
    before = open_lots(scope, holder.member_id, shop.programme_id)
    held = hold(shop.counter(), holder, shop.reward_ids[0])
    clock.advance(minutes=3)
    assert cancel(shop.counter(), held.body["redemption_id"]).balance == 8
    assert open_lots(scope, holder.member_id, shop.programme_id) == before


def test_the_nights_job_expires_once(scope: Scope, clock: FixedClock, holder: Holder) -> None:
    shop = make_shop(scope, rules=BY_THE_MONTH)
    visit(shop.counter(), holder, amount_minor=8_00)
    clock.advance(days=40)
    assert [expire_lots(scope), expire_lots(scope)] == [8, 0]


@pytest.mark.parametrize("parts", [[10_00], [2_50, 7_50], [1, 9_99], [3_33, 3_33, 3_34], [4_00, None]])
def test_refunds_in_parts_add_up_to_the_whole(scope: Scope, holder: Holder, parts: list[int | None]) -> None:
    shop = make_shop(scope, points="3")
    booked = visit(shop.counter(), holder, amount_minor=10_00)
    assert booked.balance == 30
    answers = [reverse(shop.counter(), booked.transaction_id, part) for part in parts]
    assert all(answer.ok for answer in answers)
    assert answers[-1].balance == 0
    assert reverse(shop.counter(), booked.transaction_id, 1).code == "already_reversed"


def test_a_partial_refund_takes_what_the_rest_would_not_have_earned(scope: Scope, holder: Holder) -> None:
    rules: dict[str, Any] = {"earn": [{"per": "amount", "units": "1", "step": "10"}], "minimum": "20.00"}
    shop = make_shop(scope, rules=rules)
    booked = visit(shop.counter(), holder, amount_minor=39_00)
    assert booked.balance == 3
    assert reverse(shop.counter(), booked.transaction_id, 9_00).balance == 3
    assert reverse(shop.counter(), booked.transaction_id, 10_00).balance == 2
    assert reverse(shop.counter(), booked.transaction_id, 1).balance == 0  # less than the minimum: nothing was earned


def test_more_than_was_paid_can_not_be_refunded(scope: Scope, holder: Holder) -> None:
    shop = make_shop(scope, points="1")
    booked = visit(shop.counter(), holder, amount_minor=10_00)
    assert reverse(shop.counter(), booked.transaction_id, 10_01).code == "refund_too_large"
    assert standing(scope, holder.member_id, shop.programme_id).balance == 10


def test_a_visit_that_earned_nothing_is_refunded_within_its_amount_too(scope: Scope, holder: Holder) -> None:
    shop = make_shop(scope, rules={"earn": [{"per": "amount", "units": "1"}], "minimum": "50.00"})
    booked = visit(shop.counter(), holder, amount_minor=10_00)
    assert count(scope, "account") == 0
    assert reverse(shop.counter(), booked.transaction_id, 10_01).code == "refund_too_large"
    assert reverse(shop.counter(), booked.transaction_id, 4_00).ok
    assert reverse(shop.counter(), booked.transaction_id, 6_00).ok
    assert reverse(shop.counter(), booked.transaction_id, 1).code == "already_reversed"
    plain = visit(shop.counter(), holder)
    assert reverse(shop.counter(), plain.transaction_id, 1_00).code == "refund_without_amount"


def test_a_receipts_lines_without_a_total_are_refunded_by_their_sum(scope: Scope, holder: Holder) -> None:
    shop = make_shop(scope, points="1")
    lines = (Item(category="books", amount_minor=7_00), Item(category="tea", amount_minor=5_00))
    booked = visit(shop.counter(), holder, items=lines)
    assert booked.balance == 12
    assert reverse(shop.counter(), booked.transaction_id, 5_00).balance == 7
    assert reverse(shop.counter(), booked.transaction_id, 7_01).code == "already_reversed"
    assert reverse(shop.counter(), booked.transaction_id).balance == 0


def test_rules_of_the_day_of_the_visit_undo_it(scope: Scope, clock: FixedClock, holder: Holder) -> None:
    shop = make_shop(scope, points="1")
    booked = visit(shop.counter(), holder, amount_minor=10_00)
    clock.advance(days=1)
    rewards.add_version(scope, shop.programme_id, {"earn": [{"per": "amount", "units": "7"}]})
    assert visit(shop.counter(), holder, amount_minor=1_00).balance == 17
    assert reverse(shop.counter(), booked.transaction_id, 5_00).balance == 12
    assert reverse(shop.counter(), booked.transaction_id).balance == 7


def test_an_ended_programme_can_still_be_undone(scope: Scope, holder: Holder) -> None:
    shop = make_shop(scope, points="1")
    booked = visit(shop.counter(), holder, amount_minor=10_00)
    rewards.change_programme(scope, shop.programme_id, is_active=False)
    assert reverse(shop.counter(), booked.transaction_id).ok
    assert standing(scope, holder.member_id, shop.programme_id).balance == 0


def test_an_adjustment_at_the_counter_is_undone_to_the_unit(scope: Scope, holder: Holder) -> None:
    shop = make_shop(scope, points="1", reward={"cost": 6})
    # The operator: behind the wall a shop's own staff does not see a member who never came.
    operator = replace(shop.counter().scope, actor_kind="operator")
    who: dict[str, Any] = {"member_id": holder.member_id, "programme_id": shop.programme_id, "reason": "mistake"}
    given = adjust(operator, units=10, **who)
    taken = adjust(operator, units=-3, **who)
    assert reverse(shop.counter(), taken.transaction_id).balance == 10
    redeem(shop.counter(), holder, shop.reward_ids[0])
    undone = reverse(shop.counter(), given.transaction_id)
    assert (undone.balance, undone.owed) == (0, 6)


def test_what_is_no_booking_of_this_counter_can_not_be_undone_here(scope: Scope, holder: Holder) -> None:
    shop = make_shop(scope, points="1", reward={"cost": 6})
    elsewhere = shop.another_location()
    booked = visit(shop.counter(), holder, amount_minor=10_00)
    undone = reverse(shop.counter(), booked.transaction_id)
    assert reverse(elsewhere.counter(), booked.transaction_id).code == "transaction_unknown"
    assert reverse(shop.counter(), undone.transaction_id).code == "not_reversible"
    assert reverse(shop.counter(), "no-such-thing").code == "transaction_unknown"
