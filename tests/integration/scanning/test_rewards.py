"""Redeeming: who may have which reward when, and what a till holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.cards import service as cards
from app.common.scope import Scope
from app.members.service import merge
from app.merchants import service as merchants
from app.rewards import service as rewards
from app.rewards.service.adjusting import adjust
from app.scanning import service as scanning
from app.scanning.errors import PinWrongError, ProofNeededError, ScanOverError
from app.scanning.requests import Identification, RedemptionRequest
from tests.books import count, standing
from tests.clocks import FixedClock
from tests.factories import (
    Answer,
    Holder,
    commit,
    hold,
    make_holder,
    make_shop,
    redeem,
    redeem_voucher,
    render,
    render_refusal,
    reverse,
    rotating_code,
    start_phone,
    visit,
)

TIERED: dict[str, Any] = {
    "earn": [{"per": "amount", "units": "1"}],
    "tiers": {
        "months": 2,
        "by": "units",
        "table": [{"key": "silver", "from": 20, "multiplier": "2"}, {"key": "gold", "from": 100, "multiplier": "3"}],
    },
}


@pytest.fixture
def holder(scope: Scope) -> Holder:
    return make_holder(scope)


def test_a_reward_may_be_had_as_often_as_its_limit_says_and_cancelled_ones_do_not_count(
    scope: Scope, holder: Holder
) -> None:
    shop = make_shop(scope, points="1", reward={"per_member_limit": 2})
    visit(shop.counter(), holder, amount_minor=100_00)
    first = redeem(shop.counter(), holder, shop.reward_ids[0])
    assert redeem(shop.counter(), holder, shop.reward_ids[0]).ok
    assert redeem(shop.counter(), holder, shop.reward_ids[0]).code == "reward_limit"
    assert reverse(shop.counter(), first.transaction_id).ok
    assert redeem(shop.counter(), holder, shop.reward_ids[0]).ok


def test_stock_runs_out_and_comes_back_with_a_reversal(scope: Scope, holder: Holder) -> None:
    shop = make_shop(scope, points="1", reward={"stock": 2})
    visit(shop.counter(), holder, amount_minor=100_00)
    taken = [redeem(shop.counter(), holder, shop.reward_ids[0]) for _ in range(3)]
    assert [answer.code for answer in taken] == [None, None, "reward_sold_out"]
    assert standing(scope, holder.member_id, shop.programme_id).balance == 90
    reverse(shop.counter(), taken[0].transaction_id)
    assert redeem(shop.counter(), holder, shop.reward_ids[0]).ok


def test_a_flexible_reward_is_taken_as_often_as_the_member_chooses(scope: Scope, holder: Holder) -> None:
    flexible = {"kind": "amount_off", "amount_minor": 100, "is_flexible": True, "stock": 8, "per_member_limit": 6}
    shop = make_shop(scope, points="1", reward=flexible)
    visit(shop.counter(), holder, amount_minor=40_00)
    answer = redeem(shop.counter(), holder, shop.reward_ids[0], quantity=6)
    assert (answer.balance, answer.body["value"]) == (10, {"amount": "6.00", "currency": "EUR"})
    assert redeem(shop.counter(), holder, shop.reward_ids[0]).code == "reward_limit"
    assert reverse(shop.counter(), answer.transaction_id).balance == 40
    assert count(scope, "reward", "stock = 8") == 1


def test_one_that_is_not_flexible_is_taken_once_at_a_time(scope: Scope, holder: Holder) -> None:
    shop = make_shop(scope, points="1", reward={})
    visit(shop.counter(), holder, amount_minor=40_00)
    assert redeem(shop.counter(), holder, shop.reward_ids[0], quantity=2).code == "reward_not_offered"


def test_a_reward_has_its_dates_and_its_tier(scope: Scope, clock: FixedClock, holder: Holder) -> None:
    later = clock.now + timedelta(days=2)
    shop = make_shop(scope, rules=TIERED, reward={"valid_from": later, "valid_until": later + timedelta(days=1)})
    gold = shop.add_reward(tier="gold")
    counter = shop.counter()
    visit(counter, holder, amount_minor=50_00)
    assert redeem(counter, holder, shop.reward_ids[0]).code == "reward_not_offered"
    assert redeem(counter, holder, gold).code == "reward_tier"
    clock.set(later)
    assert redeem(counter, holder, shop.reward_ids[0]).ok
    assert visit(counter, holder, amount_minor=25_00).body["earned"][0]["units"] == 50  # silver earns twofold
    assert standing(scope, holder.member_id, shop.programme_id).tier == "gold"
    assert redeem(counter, holder, gold).ok
    clock.advance(days=1)
    assert redeem(counter, holder, shop.reward_ids[0]).code == "reward_not_offered"


def test_savings_periods_have_a_redeeming_window_of_their_own(scope: Scope, clock: FixedClock, holder: Holder) -> None:
    period = {
        "collect_from": "2026-03-01",
        "collect_to": "2026-03-31",
        "redeem_from": "2026-03-10",
        "redeem_to": "2026-04-15",
    }
    rules = {"earn": [{"per": "amount", "units": "1"}], "expiry": {"kind": "periods", "periods": [period]}}
    shop = make_shop(scope, rules=rules, reward={})
    visit(shop.counter(), holder, amount_minor=20_00)
    assert redeem(shop.counter(), holder, shop.reward_ids[0]).code == "reward_not_offered"
    clock.set(datetime(2026, 3, 9, 23, tzinfo=UTC))  # midnight in Brussels
    assert redeem(shop.counter(), holder, shop.reward_ids[0]).ok
    clock.set(datetime(2026, 3, 31, 22, tzinfo=UTC))
    assert visit(shop.counter(), holder, amount_minor=20_00).balance == 15
    clock.set(datetime(2026, 4, 15, 21, 59, tzinfo=UTC))
    assert redeem(shop.counter(), holder, shop.reward_ids[0]).ok
    clock.set(datetime(2026, 4, 15, 22, tzinfo=UTC))
    assert redeem(shop.counter(), holder, shop.reward_ids[0]).code == "reward_not_offered"
    assert visit(shop.counter(), holder, amount_minor=20_00).balance == 0


def test_a_tier_is_lost_when_its_months_are_over(scope: Scope, clock: FixedClock, holder: Holder) -> None:
    shop = make_shop(scope, rules=TIERED)
    visit(shop.counter(), holder, amount_minor=30_00)
    assert visit(shop.counter(), holder, amount_minor=10_00).body["earned"][0]["units"] == 20
    clock.set(datetime(2026, 5, 31, 12, tzinfo=UTC))  # March still counts
    assert visit(shop.counter(), holder, amount_minor=1_00).body["earned"][0]["units"] == 2
    clock.set(datetime(2026, 6, 1, 12, tzinfo=UTC))
    assert visit(shop.counter(), holder, amount_minor=1_00).body["earned"][0]["units"] == 1
    assert standing(scope, holder.member_id, shop.programme_id).tier is None


def test_caps_count_the_visits_of_both_after_a_merge(scope: Scope, clock: FixedClock, holder: Holder) -> None:
    caps = {"day": {"visits": 3}, "card": {"units": 5}}
    shop = make_shop(scope, rules={"earn": [{"per": "visit", "units": "1"}], "caps": caps})
    other = make_holder(scope)
    for card in (holder, other, other):
        visit(shop.counter(), card)
    own = replace(scope, member_id=holder.member_id)
    own.run(lambda tx: merge(tx, own, survivor_id=holder.member_id, merged_id=other.member_id))
    assert visit(shop.counter(), other).balance == 3  # three visits today, whoever's they were
    clock.advance(days=1)
    assert [visit(shop.counter(), card).balance for card in (holder, other, holder)] == [4, 5, 5]


def test_a_reversal_takes_the_tier_with_it(scope: Scope, holder: Holder) -> None:
    shop = make_shop(scope, rules=TIERED)
    booked = visit(shop.counter(), holder, amount_minor=30_00)
    assert standing(scope, holder.member_id, shop.programme_id).tier == "silver"
    reverse(shop.counter(), booked.transaction_id, 15_00)
    assert standing(scope, holder.member_id, shop.programme_id).tier is None


def test_a_visit_of_a_month_that_no_longer_counts_can_be_undone(
    scope: Scope, clock: FixedClock, holder: Holder
) -> None:
    shop = make_shop(scope, rules=TIERED)
    booked = visit(shop.counter(), holder, amount_minor=30_00)
    clock.advance(days=200)
    visit(shop.counter(), holder, amount_minor=25_00)
    assert reverse(shop.counter(), booked.transaction_id).ok
    assert standing(scope, holder.member_id, shop.programme_id).tier == "silver"


def test_a_voucher_whose_time_is_over_is_not_paid_out_by_undoing_its_visit(
    scope: Scope, clock: FixedClock, holder: Holder
) -> None:
    shop = make_shop(scope, stamps=10, reward={"voucher_days": 3})
    visit(shop.counter(), holder, units=9)
    filled = visit(shop.counter(), holder)
    clock.advance(days=10)
    undone = reverse(shop.counter(), filled.transaction_id)
    # As after the night that marks it: it was the member's until it ended, so its tenth stamp is owed.
    assert (undone.balance, undone.owed) == (0, 1)
    assert redeem_voucher(shop.counter(), filled.body["unlocked"][0]["voucher_code"]).code == "voucher_over"


def test_a_static_code_alone_does_not_redeem(scope: Scope, clock: FixedClock, holder: Holder) -> None:
    shop = make_shop(scope, points="1", reward={})
    visit(shop.counter(), holder, amount_minor=100_00)
    plain = shop.counter(scopes=frozenset())
    with pytest.raises(ProofNeededError):
        redeem(plain, holder, shop.reward_ids[0])
    phone = start_phone(scope, holder)
    assert redeem(plain, rotating_code(scope, holder, phone), shop.reward_ids[0]).ok
    assert redeem(plain, rotating_code(scope, holder, phone), shop.reward_ids[0]).code == "code_used"
    clock.advance(seconds=30)
    assert visit(plain, rotating_code(scope, holder, phone, clock.now - timedelta(minutes=1))).code == "code_too_old"
    merchants.add_staff(scope, shop.merchant_id, name="Ann", role="cashier", pin="7391")
    assert redeem(plain, holder, shop.reward_ids[0], staff_pin="7391").ok
    assert count(scope, "ledger_transaction", "kind = 'redeem' AND staff_id IS NOT NULL") == 1
    assert standing(scope, holder.member_id, shop.programme_id).balance == 90


def test_a_scan_stands_for_its_proof_on_its_device_for_ten_minutes(
    scope: Scope, clock: FixedClock, holder: Holder
) -> None:
    shop = make_shop(scope, points="1", reward={})
    visit(shop.counter(), holder, amount_minor=100_00)
    plain, other = shop.counter(scopes=frozenset()), shop.another_device()
    scan_id = scanning.scan(plain, rotating_code(scope, holder, start_phone(scope, holder))).scan_id

    def redeem_scan(counter: Any) -> Answer:
        asked = RedemptionRequest(Identification(scan_id=scan_id), shop.reward_ids[0])
        return Answer(scanning.redeem(counter, asked, key=str(clock.now), render=render, render_refusal=render_refusal))

    with pytest.raises(ScanOverError):
        redeem_scan(other)
    assert redeem_scan(plain).ok
    clock.advance(minutes=10)
    with pytest.raises(ScanOverError):
        redeem_scan(plain)


def test_the_pin_of_a_printed_card_redeems_and_five_wrong_ones_close_the_way(scope: Scope, clock: FixedClock) -> None:
    shop = make_shop(scope, points="1", reward={})
    [card] = cards.issue_printed_cards(scope, 1)
    visit(shop.counter(), card.number, amount_minor=100_00)
    cards.set_pin(scope, card_id=card.card_id, pin="4826")
    plain = shop.counter(scopes=frozenset())
    assert redeem(plain, card.number, shop.reward_ids[0], member_pin="4826").ok
    for _ in range(5):
        with pytest.raises(PinWrongError):
            redeem(plain, card.number, shop.reward_ids[0], member_pin="4827")
    with pytest.raises(Exception, match="tries_used_up"):
        redeem(plain, card.number, shop.reward_ids[0], member_pin="4826")
    clock.advance(minutes=16)
    assert redeem(plain, card.number, shop.reward_ids[0], member_pin="4826").ok


def test_a_hold_is_committed_once_or_cancelled_once_or_runs_out(
    scope: Scope, clock: FixedClock, holder: Holder
) -> None:
    shop = make_shop(scope, points="1", reward={})
    counter = shop.counter()
    visit(counter, holder, amount_minor=20_00)
    held = hold(counter, holder, shop.reward_ids[0])
    assert held.balance == 15
    elsewhere = shop.another_location().counter()
    assert commit(elsewhere, held.body["redemption_id"]).code == "voucher_unknown"
    done = commit(counter, held.body["redemption_id"])
    assert done.ok
    assert commit(counter, held.body["redemption_id"]).code == "hold_over"
    run_out = hold(counter, holder, shop.reward_ids[0])
    clock.advance(minutes=15)
    assert commit(counter, run_out.body["redemption_id"]).code == "hold_over"
    assert [scanning.release_run_out_holds(scope), scanning.release_run_out_holds(scope)] == [1, 0]
    assert standing(scope, holder.member_id, shop.programme_id).balance == 15
    assert reverse(counter, done.transaction_id).ok  # the member's again, to be used or undone
    assert reverse(counter, held.transaction_id).balance == 20


def test_a_blocked_card_neither_earns_nor_spends_and_its_replacement_has_everything(
    scope: Scope, holder: Holder
) -> None:
    shop = make_shop(scope, points="1", reward={})
    visit(shop.counter(), holder, amount_minor=20_00)
    own = replace(scope, member_id=holder.member_id)
    replaced = cards.replace_card(own, card_id=holder.card_id)
    assert visit(shop.counter(), holder, amount_minor=1_00).code == "card_blocked"
    assert redeem(shop.counter(), holder, shop.reward_ids[0]).code == "card_blocked"
    assert redeem(shop.counter(), replaced.number, shop.reward_ids[0]).balance == 15


def test_nobody_else_may_adjust_and_no_more_is_taken_than_there_is(scope: Scope, holder: Holder) -> None:
    shop, other = make_shop(scope, points="1"), make_shop(scope, points="1", name="Café")
    visit(shop.counter(), holder, amount_minor=5_00)
    who: dict[str, Any] = {"member_id": holder.member_id, "programme_id": shop.programme_id, "reason": "x"}
    with pytest.raises(Exception, match="not_found"):
        adjust(replace(other.counter().scope), units=5, **who)
    with pytest.raises(Exception, match="not_enough"):
        adjust(shop.counter().scope, units=-6, **who)
    rewards.change_programme(scope, shop.programme_id, name="Renamed")
    assert adjust(shop.counter().scope, units=-5, **who).balance == 0
