"""The same thing done at two counters, or many times, at the same moment: it happens once."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from app.cards import service as cards
from app.common.batch import Batch
from app.common.errors import KeyReusedError
from app.common.ids import new_id
from app.common.scope import Scope
from app.common.sql import Statement
from app.members.service import merge
from app.rewards.service.upkeep import expire_lots
from app.scanning import replies
from app.scanning import service as scanning
from app.scanning.errors import CodeUsedError
from app.scanning.requests import QueuedEvent, VisitRequest
from tests.books import assert_books_balance, count, standing
from tests.clocks import FixedClock
from tests.concurrency.racing import at_once
from tests.factories import (
    Answer,
    cancel,
    commit,
    hold,
    make_holder,
    make_shop,
    redeem,
    redeem_voucher,
    reverse,
    rotating_code,
    start_phone,
    sync,
    visit,
    who,
)


def succeeded(answers: list[Any]) -> int:
    for answer in answers:
        assert isinstance(answer, Answer), repr(answer)
    return sum(answer.ok for answer in answers)


def codes(answers: list[Any]) -> set[str | None]:
    return {answer.code for answer in answers}


@pytest.mark.parametrize("has_account", [True, False])
def test_one_key_fifty_times_has_one_effect_and_one_answer(scope: Scope, has_account: bool) -> None:
    shop, holder = make_shop(scope, points="1"), make_holder(scope)
    if has_account:
        visit(shop.counter(), holder, amount_minor=1_00)
    before = count(scope, "ledger_transaction")
    answers = at_once([lambda: visit(shop.counter(), holder, key="k", amount_minor=10_00)] * 50)
    assert succeeded(answers) == 50
    assert len({(answer.reply.status, answer.reply.body) for answer in answers}) == 1
    assert count(scope, "ledger_transaction") == before + 1
    assert_books_balance(scope)


def test_one_key_with_two_contents_serves_one_of_them(scope: Scope) -> None:
    shop, holder = make_shop(scope, points="1"), make_holder(scope)
    answers = at_once(
        [
            lambda minor=minor: visit(shop.counter(), holder, key="k", amount_minor=minor)
            for minor in (10_00, 11_00) * 25
        ]
    )
    served = [answer for answer in answers if isinstance(answer, Answer)]
    assert len(served) == 25
    assert len({answer.reply.body for answer in served}) == 1
    assert all(isinstance(answer, KeyReusedError) for answer in answers if not isinstance(answer, Answer))
    assert count(scope, "ledger_transaction") == 1


def test_one_refusal_is_the_answer_to_all(scope: Scope) -> None:
    shop, holder = make_shop(scope, points="1", reward={}), make_holder(scope)
    visit(shop.counter(), holder, amount_minor=1_00)
    answers = at_once([lambda: redeem(shop.counter(), holder, shop.reward_ids[0], key="k")] * 20)
    assert codes(answers) == {"not_enough"}
    assert len({answer.reply.body for answer in answers}) == 1


def test_without_the_keys_row_this_harness_sees_the_effect_twice(scope: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    class Forgetful(Batch):
        def insert(self, table: Any, row: Any) -> None:
            if table is not replies.IDEMPOTENCY_KEY:
                super().insert(table, row)

    monkeypatch.setattr("app.scanning.service.visits.Batch", Forgetful)
    shop, holder = make_shop(scope, points="1"), make_holder(scope)
    at_once([lambda: visit(shop.counter(), holder, key="k", amount_minor=10_00)] * 10)
    assert count(scope, "ledger_transaction") > 1


def test_first_visits_at_once_open_one_account(scope: Scope) -> None:
    shop, holder = make_shop(scope, points="1"), make_holder(scope)
    answers = at_once([lambda: visit(shop.counter(), holder, amount_minor=1_00)] * 12)
    assert succeeded(answers) == 12
    assert count(scope, "account") == 1
    assert standing(scope, holder.member_id, shop.programme_id).balance == 12
    assert_books_balance(scope)


def test_visits_at_once_fill_each_card_once(scope: Scope) -> None:
    shop, holder = make_shop(scope, stamps=10), make_holder(scope)
    answers = at_once([lambda: visit(shop.counter(), holder)] * 25)
    assert succeeded(answers) == 25
    assert standing(scope, holder.member_id, shop.programme_id).balance == 5
    assert count(scope, "voucher") == 2
    assert_books_balance(scope)


def test_visits_at_once_keep_to_the_days_cap(scope: Scope) -> None:
    rules = {"earn": [{"per": "visit", "units": "1"}], "caps": {"day": {"visits": 3}}}
    shop, holder = make_shop(scope, rules=rules), make_holder(scope)
    visit(shop.counter(), holder)
    assert succeeded(at_once([lambda: visit(shop.counter(), holder)] * 12)) == 12
    assert standing(scope, holder.member_id, shop.programme_id).balance == 3


def test_a_rotating_code_shown_to_two_tablets_works_at_one(scope: Scope) -> None:
    shop, holder = make_shop(scope, points="1", reward={}), make_holder(scope)
    visit(shop.counter(), holder, amount_minor=100_00)
    code = rotating_code(scope, holder, start_phone(scope, holder))
    counters = [shop.counter(), shop.another_device()]
    answers = at_once([lambda c=c: redeem(shop.same(c), code, shop.reward_ids[0]) for c in counters * 4])
    assert succeeded(answers) == 1
    assert codes(answers) == {None, "code_used"}


def test_a_rotating_code_scanned_by_two_tablets_is_read_by_one(scope: Scope) -> None:
    shop, holder = make_shop(scope, points="1"), make_holder(scope)
    code = rotating_code(scope, holder, start_phone(scope, holder))
    counters = [shop.counter(), shop.another_device()]
    seen = at_once([lambda c=c: scanning.scan(shop.same(c), code) for c in counters * 4])
    assert sum(isinstance(one, CodeUsedError) for one in seen) == 7


def test_a_voucher_at_two_tablets_is_used_once(scope: Scope) -> None:
    shop, holder = make_shop(scope, stamps=2), make_holder(scope)
    code = visit(shop.counter(), holder, units=2).body["unlocked"][0]["voucher_code"]
    counters = [shop.counter(), shop.another_device(), shop.another_location().counter()]
    answers = at_once([lambda c=c: redeem_voucher(shop.same(c), code) for c in counters * 6])
    assert succeeded(answers) == 1
    assert codes(answers) == {None, "voucher_used"}
    assert count(scope, "ledger_transaction", "kind = 'redeem'") == 2  # the full card, and its use


def test_a_reversal_at_two_tablets_happens_once(scope: Scope) -> None:
    shop, holder = make_shop(scope, points="1", reward={}), make_holder(scope)
    booked = visit(shop.counter(), holder, amount_minor=10_00)
    spent = redeem(shop.counter(), holder, shop.reward_ids[0])
    for transaction_id in (booked.transaction_id, spent.transaction_id):
        answers = at_once([lambda t=transaction_id: reverse(shop.counter(), t)] * 12)
        assert succeeded(answers) == 1
        assert codes(answers) == {None, "already_reversed"}
    assert standing(scope, holder.member_id, shop.programme_id).balance == 0
    assert_books_balance(scope)


def test_refunds_at_once_never_exceed_the_visit(scope: Scope) -> None:
    shop, holder = make_shop(scope, points="1"), make_holder(scope)
    booked = visit(shop.counter(), holder, amount_minor=10_00)
    answers = at_once([lambda: reverse(shop.counter(), booked.transaction_id, 3_00)] * 12)
    assert succeeded(answers) == 3
    assert standing(scope, holder.member_id, shop.programme_id).balance == 1
    assert_books_balance(scope)


def test_fractions_of_visits_and_refunds_at_once_add_up(scope: Scope) -> None:
    rules = {"earn": [{"per": "amount", "units": "1", "step": "1000"}], "rounding": "carry"}
    shop, holder = make_shop(scope, rules=rules), make_holder(scope)
    booked = visit(shop.counter(), holder, amount_minor=10_00)
    acts: list[Any] = []
    for _ in range(12):
        acts.append(lambda: visit(shop.counter(), holder, amount_minor=3_00))
        acts.append(lambda: reverse(shop.counter(), booked.transaction_id, 7))
    assert succeeded(at_once(acts)) == 24
    assert standing(scope, holder.member_id, shop.programme_id).remainder == Fraction(10_00 + 12 * (3_00 - 7), 1000_00)


def test_a_queue_that_is_sent_twice_at_once_is_applied_once(scope: Scope) -> None:
    shop, holder = make_shop(scope, points="1"), make_holder(scope)
    events = [
        QueuedEvent(new_id(), number, visit=VisitRequest(who(holder), amount_minor=1_00, occurred_at=scope.now))
        for number in range(8)
    ]
    results = at_once([lambda: sync(shop.counter(), events)] * 4)
    told: Counter[str] = Counter()
    for result in results:
        assert isinstance(result, list), repr(result)
        told.update(one.status for one in result)
    assert told == {"applied": 8, "duplicate": 24}
    assert standing(scope, holder.member_id, shop.programme_id).balance == 8


def test_the_quick_way_of_writing_has_the_services_own_role(scope: Scope) -> None:
    if scope.database.dialect == "postgresql":
        asked = Statement("SELECT current_user")
        assert scope.run_single(lambda tx: tx.rows(asked, {})) == [("zegel_app",)]


def test_a_hold_ends_one_way_only(scope: Scope, clock: FixedClock) -> None:
    shop, holder = make_shop(scope, points="1", reward={}), make_holder(scope)
    visit(shop.counter(), holder, amount_minor=100_00)
    ways: set[str] = set()
    for _ in range(6):
        before = standing(scope, holder.member_id, shop.programme_id).balance
        held = hold(shop.counter(), holder, shop.reward_ids[0]).body["redemption_id"]
        committed, cancelled = at_once(
            [lambda h=held: commit(shop.counter(), h), lambda h=held: cancel(shop.counter(), h)]
        )
        assert isinstance(committed, Answer)
        assert isinstance(cancelled, Answer)
        assert committed.ok != cancelled.ok
        spent = before - standing(scope, holder.member_id, shop.programme_id).balance
        assert spent == (5 if committed.ok else 0)
        ways.add("commit" if committed.ok else "cancel")
    assert_books_balance(scope)


def test_a_hold_that_runs_out_is_not_committed_too(scope: Scope, clock: FixedClock) -> None:
    shop, holder = make_shop(scope, points="1", reward={}), make_holder(scope)
    visit(shop.counter(), holder, amount_minor=100_00)
    late = FixedClock(clock.now)
    for _ in range(6):
        before = standing(scope, holder.member_id, shop.programme_id).balance
        held = hold(shop.counter(), holder, shop.reward_ids[0]).body["redemption_id"]
        late.set(clock.now)
        late.advance(minutes=16)  # the job's clock is ahead of the counter's: both believe that they are right
        committed, released = at_once(
            [
                lambda h=held: commit(shop.counter(), h),
                lambda: scanning.release_run_out_holds(replace(scope, clock=late)),
            ]
        )
        assert isinstance(committed, Answer)
        assert (committed.ok, released) in ((True, 0), (False, 1))
        spent = before - standing(scope, holder.member_id, shop.programme_id).balance
        assert spent == (5 if committed.ok else 0)
    assert_books_balance(scope)


def test_the_nights_job_and_the_counter_expire_a_lot_once(scope: Scope, clock: FixedClock) -> None:
    rules = {"earn": [{"per": "amount", "units": "1"}], "expiry": {"kind": "months", "months": 1}}
    shop, holder = make_shop(scope, rules=rules), make_holder(scope)
    visit(shop.counter(), holder, amount_minor=10_00)
    clock.advance(days=60)
    acts: list[Any] = [lambda: visit(shop.counter(), holder, amount_minor=1_00)] * 4
    acts += [lambda: expire_lots(replace(scope))] * 4
    answers = at_once(acts)
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert standing(scope, holder.member_id, shop.programme_id).balance == 4
    assert count(scope, "transfer", "credit = 'expired'") == 1
    assert_books_balance(scope)


@pytest.mark.parametrize("has_account", [True, False])
def test_visits_during_a_merge_are_the_survivors(scope: Scope, has_account: bool) -> None:
    shop = make_shop(scope, points="1")
    for _ in range(5):
        survivor, other = make_holder(scope), make_holder(scope)
        before = 0
        if has_account:
            before = visit(shop.counter(), other, amount_minor=7_00).balance
            before += visit(shop.counter(), survivor, amount_minor=2_00).balance
        acts: list[Any] = [lambda o=other: visit(shop.counter(), o, amount_minor=1_00)] * 8
        own = replace(scope, member_id=survivor.member_id)
        acts.insert(
            4,
            lambda o=other, s=survivor, own=own: own.run(
                lambda tx: merge(tx, own, survivor_id=s.member_id, merged_id=o.member_id)
            ),
        )
        answers = at_once(acts)
        assert not [answer for answer in answers if isinstance(answer, Exception)], answers
        assert standing(scope, other.member_id, shop.programme_id).balance == 0
        assert standing(scope, survivor.member_id, shop.programme_id).balance == before + 8
    assert_books_balance(scope)


def test_redemptions_during_a_merge_spend_what_is_there(scope: Scope) -> None:
    shop = make_shop(scope, points="1", reward={})
    for _ in range(5):
        survivor, other = make_holder(scope), make_holder(scope)
        visit(shop.counter(), other, amount_minor=22_00)
        own = replace(scope, member_id=survivor.member_id)
        acts: list[Any] = [lambda o=other: redeem(shop.counter(), o, shop.reward_ids[0])] * 6
        acts.insert(
            3,
            lambda o=other, s=survivor, own=own: own.run(
                lambda tx: merge(tx, own, survivor_id=s.member_id, merged_id=o.member_id)
            ),
        )
        answers = at_once(acts)
        assert not [answer for answer in answers if isinstance(answer, Exception)], answers
        assert succeeded([answer for answer in answers if isinstance(answer, Answer)]) == 4
        assert standing(scope, survivor.member_id, shop.programme_id).balance == 2
    assert_books_balance(scope)


def test_a_card_that_is_blocked_at_the_same_moment_either_earned_before_or_not_at_all(scope: Scope) -> None:
    shop = make_shop(scope, points="1")
    for _ in range(5):
        holder = make_holder(scope)
        own = replace(scope, member_id=holder.member_id)
        acts: list[Any] = [lambda h=holder: visit(shop.counter(), h, amount_minor=1_00)] * 6
        acts.insert(3, lambda h=holder, own=own: cards.block_card(own, card_id=h.card_id))
        answers = [answer for answer in at_once(acts) if isinstance(answer, Answer)]
        assert standing(scope, holder.member_id, shop.programme_id).balance == succeeded(answers)
        assert codes(answers) <= {None, "card_blocked"}
