"""A stamp card that fills: the voucher in the same transaction, the rest on the next card, and all of it undone."""

from __future__ import annotations

from dataclasses import replace

from app.common.scope import Scope
from app.merchants import service as merchants
from app.rewards import service as rewards
from tests.books import Standing, count, open_lots, standing
from tests.clocks import FixedClock
from tests.factories import Answer, Holder, Shop, make_holder, make_shop, redeem_voucher, reverse, visit


def standing_of(shop: Shop, holder: Holder) -> Standing:
    return standing(shop.scope, holder.member_id, shop.programme_id)


def voucher_code(answer: Answer, place: int = 0) -> str:
    code: str = answer.body["unlocked"][place]["voucher_code"]
    return code


def test_the_tenth_stamp_fills_the_card_and_the_rest_stays_on_the_next(scope: Scope) -> None:
    shop, holder = make_shop(scope, stamps=10), make_holder(scope)
    counter = shop.counter()
    for number in range(1, 10):
        answer = visit(counter, holder)
        assert (answer.balance, answer.body["unlocked"]) == (number, [])
    before = count(scope, "ledger_transaction")

    filled = visit(counter, holder, units=3)

    assert filled.balance == 2
    [unlocked] = filled.body["unlocked"]
    assert (unlocked["reward_id"], unlocked["name"]) == (shop.reward_ids[0], "Full card")
    assert count(scope, "ledger_transaction") == before + 2
    assert redeem_voucher(counter, unlocked["voucher_code"]).ok


def test_a_big_purchase_fills_several_cards(scope: Scope) -> None:
    shop, holder = make_shop(scope, stamps=3), make_holder(scope)
    answer = visit(shop.counter(), holder, units=10)
    assert (answer.balance, len(answer.body["unlocked"])) == (1, 3)
    for place in range(3):
        assert redeem_voucher(shop.counter(), voucher_code(answer, place)).ok


def test_a_full_card_without_its_reward_keeps_its_stamps(scope: Scope) -> None:
    shop, holder = make_shop(scope, stamps=3), make_holder(scope)
    rewards.change_reward(scope, shop.reward_ids[0], is_active=False)
    assert visit(shop.counter(), holder, units=4).balance == 4
    rewards.change_reward(scope, shop.reward_ids[0], is_active=True)
    answer = visit(shop.counter(), holder)
    assert (answer.balance, len(answer.body["unlocked"])) == (2, 1)


def test_a_sold_out_reward_keeps_the_stamps_too(scope: Scope) -> None:
    shop, holder = make_shop(scope, stamps=3, reward={"stock": 1}), make_holder(scope)
    assert visit(shop.counter(), holder, units=3).balance == 0
    answer = visit(shop.counter(), holder, units=3)
    assert (answer.balance, answer.body["unlocked"]) == (3, [])
    assert count(scope, "reward", "stock = 0") == 1


def test_reversing_the_visit_that_filled_the_card_cancels_the_unused_voucher(scope: Scope, clock: FixedClock) -> None:
    shop, holder = make_shop(scope, stamps=10, reward={"stock": 5}), make_holder(scope)
    counter = shop.counter()
    visit(counter, holder, units=9)
    lots = open_lots(scope, holder.member_id, shop.programme_id)
    filled = visit(counter, holder, units=2)
    assert filled.balance == 1

    undone = reverse(counter, filled.transaction_id)

    assert (undone.balance, undone.owed) == (9, 0)
    assert open_lots(scope, holder.member_id, shop.programme_id) == lots
    assert redeem_voucher(counter, voucher_code(filled)).code == "voucher_over"
    assert count(scope, "reward", "stock = 5") == 1
    assert standing_of(shop, holder).visits == 1
    assert reverse(counter, filled.transaction_id).code == "already_reversed"


def test_reversing_it_after_the_voucher_was_used_leaves_a_debt_that_later_stamps_pay(scope: Scope) -> None:
    shop, holder = make_shop(scope, stamps=10), make_holder(scope)
    counter = shop.counter()
    filled = visit(counter, holder, units=10)
    assert redeem_voucher(counter, voucher_code(filled)).ok

    undone = reverse(counter, filled.transaction_id)

    assert (undone.balance, undone.owed) == (0, 10)
    paying = visit(counter, holder, units=4)
    assert (paying.balance, paying.owed) == (0, 6)
    paid = visit(counter, holder, units=9)
    assert (paid.balance, paid.owed) == (3, 0)


def test_reversing_an_earlier_visit_cancels_the_card_that_it_helped_to_fill_only_if_it_must(scope: Scope) -> None:
    shop, holder = make_shop(scope, stamps=10), make_holder(scope)
    counter = shop.counter()
    first = visit(counter, holder, units=4)
    filled = visit(counter, holder, units=8)
    assert filled.balance == 2

    undone = reverse(counter, first.transaction_id)

    # The card was filled by another visit: its voucher stays, and what the balance lacks is owed.
    assert (undone.balance, undone.owed) == (0, 2)
    assert redeem_voucher(counter, voucher_code(filled)).ok


def test_a_reversed_redemption_of_a_voucher_makes_it_issued_again(scope: Scope) -> None:
    shop, holder = make_shop(scope, stamps=2), make_holder(scope)
    counter = shop.counter()
    filled = visit(counter, holder, units=2)
    used = redeem_voucher(counter, voucher_code(filled))
    assert redeem_voucher(counter, voucher_code(filled)).code == "voucher_used"

    assert reverse(counter, used.transaction_id).ok
    assert reverse(counter, used.transaction_id).code == "already_reversed"

    again = redeem_voucher(counter, voucher_code(filled))
    assert again.ok
    assert reverse(counter, used.transaction_id).code == "already_reversed"
    assert reverse(counter, again.transaction_id).ok


def test_another_merchants_voucher_is_not_there_and_another_location_of_the_same_takes_it(scope: Scope) -> None:
    shop, other, holder = make_shop(scope, stamps=2), make_shop(scope, stamps=2, name="Café"), make_holder(scope)
    code = voucher_code(visit(shop.counter(), holder, units=2))
    assert redeem_voucher(other.counter(), code).code == "voucher_unknown"
    assert redeem_voucher(shop.another_location().counter(), code).ok


def test_a_voucher_ends_at_midnight_of_its_last_day_in_the_programmes_zone(scope: Scope, clock: FixedClock) -> None:
    shop, holder = make_shop(scope, stamps=2, reward={"voucher_days": 3}), make_holder(scope)
    counter = shop.counter()
    codes = [voucher_code(visit(counter, holder, units=2)) for _ in range(2)]
    clock.set(clock.now.replace(day=7, hour=22, minute=59, second=59))  # 23:59:59 in Brussels
    assert redeem_voucher(counter, codes[0]).ok
    clock.advance(seconds=1)
    assert redeem_voucher(counter, codes[1]).code == "voucher_over"


def test_a_suspended_shop_earns_nothing_and_still_redeems(scope: Scope) -> None:
    shop, holder = make_shop(scope, stamps=2), make_holder(scope)
    code = voucher_code(visit(shop.counter(), holder, units=2))
    merchants.change_merchant(scope, shop.merchant_id, status="suspended")
    assert visit(shop.counter(), holder).code == "merchant_inactive"
    assert redeem_voucher(shop.counter(), code).ok


def test_what_a_shop_changes_counts_at_the_next_scan(scope: Scope) -> None:
    shop, holder = make_shop(scope, stamps=10), make_holder(scope)
    counter = shop.counter()
    assert visit(counter, holder).balance == 1
    rewards.create_promotion(
        scope, shop.programme_id, name="Double", rule={"conditions": {}, "effect": {"multiplier": "2"}}
    )
    assert visit(counter, holder).balance == 3
    assert visit(replace(counter, scope=replace(counter.scope)), holder).balance == 5
