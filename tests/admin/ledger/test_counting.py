"""What was ever booked, by programme and day: each number leads to rows that make exactly it."""

from __future__ import annotations

import pytest

from app.admin.queries import ledger as books
from app.common.errors import NotFoundError
from app.common.scope import Scope
from app.insights import turnover
from app.members.service import merge
from app.rewards.service.adjusting import adjust
from app.rewards.service.upkeep import expire_lots
from tests.clocks import FixedClock
from tests.factories import Shop, make_holder, make_shop, redeem, redeem_voucher, reverse, visit

EXPIRING = {"earn": [{"per": "amount", "units": "1"}], "expiry": {"kind": "months", "months": 1}}


@pytest.fixture
def shop(scope: Scope, clock: FixedClock) -> Shop:
    """A shop in which everything that can be booked was booked, at two locations, over two months."""
    shop = make_shop(scope, rules=EXPIRING, reward={"cost": 5})
    stamps = make_shop(scope, stamps=3, name="Café")
    other = shop.another_location()
    holders = [make_holder(scope) for _ in range(4)]
    for day in range(6):
        for holder in holders:
            bought = visit((shop if day % 2 else other).counter(), holder, amount_minor=7_00)
            visit(stamps.counter(), holder, units=2)
        redeem(shop.counter(), holders[0], shop.reward_ids[0])
        if day == 3:
            reverse(shop.counter(), bought.transaction_id, 3_00)
            reverse(shop.counter(), visit(shop.counter(), holders[1], amount_minor=9_00).transaction_id)
        clock.advance(days=1)
    adjust(scope, member_id=holders[2].member_id, programme_id=shop.programme_id, units=4, reason="goodwill")
    adjust(scope, member_id=holders[2].member_id, programme_id=shop.programme_id, units=-3, reason="too much")
    unlocked = visit(stamps.counter(), holders[3], units=3).body["unlocked"]
    redeem_voucher(stamps.counter(), unlocked[0]["voucher_code"])
    reverse(stamps.counter(), visit(stamps.counter(), holders[3], units=5).transaction_id)
    scope.run(lambda tx: merge(tx, scope, survivor_id=holders[0].member_id, merged_id=holders[1].member_id))
    clock.advance(days=50)
    expire_lots(scope)
    visit(shop.counter(), holders[0], amount_minor=2_00)
    return shop


def test_every_total_is_the_sum_of_its_days_and_every_day_of_its_rows(scope: Scope, shop: Shop) -> None:
    turnover.count_ledger(scope)
    totals = books.list_totals(scope).programmes
    assert len(totals) == 2
    seen = set()
    for total in totals:
        assert sum(total.units.values()) == total.outstanding - total.owed
        days = books.list_days(scope, total.programme_id).days
        for counter in books.COUNTERS:
            assert sum(day.units.get(counter, 0) for day in days) == total.units[counter]
            for day in days:
                if counter not in day.units:
                    continue
                seen.add(counter)
                rows: list[books.Moved] = []
                after = None
                while True:
                    page = books.list_rows(scope, total.programme_id, day.day, counter, after=after)
                    rows += page.rows
                    after = page.next
                    if after is None:
                        break
                assert len(rows) == len({(row.account_id, row.seq) for row in rows})
                assert (len(rows), sum(row.units for row in rows)) == (day.rows[counter], day.units[counter])
    assert seen == set(books.COUNTERS)


def test_long_days_are_paged_without_losing_a_row(scope: Scope, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.admin.queries.ledger import totals

    monkeypatch.setattr(totals, "PAGE", 2)
    test_every_total_is_the_sum_of_its_days_and_every_day_of_its_rows(scope, shop)


def test_what_is_booked_after_the_count_changes_nothing_that_was_counted(
    scope: Scope, shop: Shop, clock: FixedClock
) -> None:
    turnover.count_ledger(scope)
    day = books.list_days(scope, shop.programme_id).days[0]
    before = books.list_rows(scope, shop.programme_id, day.day, "issued")
    clock.advance(minutes=1)
    visit(shop.counter(), make_holder(scope), amount_minor=9_00)
    assert books.list_rows(scope, shop.programme_id, day.day, "issued") == before
    turnover.count_ledger(scope)
    after = books.list_rows(scope, shop.programme_id, day.day, "issued")
    assert (after.counted, after.counted_units) == (before.counted + 1, before.counted_units + 9)
    assert len(after.rows) == after.counted


def test_a_repeat_counts_the_same(scope: Scope, shop: Shop) -> None:
    assert turnover.count_ledger(scope) == turnover.count_ledger(scope)
    first = books.list_totals(scope)
    turnover.count_ledger(scope)
    assert books.list_totals(scope) == first


def test_liability_is_told_in_money_where_a_reward_says_it(scope: Scope) -> None:
    shop = make_shop(scope, points="1", reward={"kind": "amount_off", "amount_minor": 500, "cost": 50})
    visit(shop.counter(), make_holder(scope), amount_minor=30_00)
    turnover.count_ledger(scope)
    totals = books.list_totals(scope)
    (total,) = totals.programmes
    assert (total.worth_minor, total.is_estimated) == (300, False)
    assert (totals.owed_to_members, totals.unpriced) == ({"EUR": 300}, 0)


def test_shops_are_found_by_name_and_paged(scope: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.admin.queries.ledger import totals

    monkeypatch.setattr(totals, "PAGE", 2)
    for name in ("Wilg", "Anker", "anker 100%", "Zon", "Berk"):
        shop = make_shop(scope, stamps=10, name=name)
        visit(shop.counter(), make_holder(scope))
    turnover.count_ledger(scope)
    names, after = [], None
    while True:
        page = books.list_totals(scope, after=after)
        names += [total.merchant for total in page.programmes]
        after = page.next
        if after is None:
            break
    assert names == ["Anker", "anker 100%", "Berk", "Wilg", "Zon"]
    assert [total.merchant for total in books.list_totals(scope, words="100%").programmes] == ["anker 100%"]


def test_what_was_never_counted_is_not_there(scope: Scope) -> None:
    shop = make_shop(scope, stamps=10)
    assert books.list_totals(scope).programmes == []
    for act in (
        lambda: books.list_days(scope, shop.programme_id),
        lambda: books.list_rows(scope, shop.programme_id, "2026-03-04", "issued"),
        lambda: books.list_days(scope, "nonsense"),
    ):
        with pytest.raises(NotFoundError):
            act()
