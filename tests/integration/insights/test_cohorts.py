"""Months, cohorts and rhythms are what a plain recount of the visits gives, whatever came late or was undone."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.cards import service as cards
from app.common.scope import Scope
from app.insights import rhythm
from app.insights.cohorts import came_later, cohorts
from app.insights.models import AcquisitionMonth, CohortMonth, PatternMonth, PatternProgress
from app.insights.queries.patterns import retention_of, rhythms_of
from app.insights.rhythm import Kept, gone_at, tally
from app.insights.service.cohorts import count_patterns
from app.members import service as joining
from app.rewards.models import Visit
from app.rewards.service import shop_members
from tests.clocks import FixedClock
from tests.factories import Holder, Shop, make_holder, make_shop, reverse, visit

BRUSSELS = ZoneInfo("Europe/Brussels")


@pytest.fixture(autouse=True)
def nothing_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bookings of the last minutes are read again, for those that commit late: all of a test's, which would hide what
    is missed."""
    monkeypatch.setattr("app.insights.service.cohorts.OVERLAP", timedelta(milliseconds=1))


Cells = dict[tuple[str, str], tuple[int, int]]


def counted(scope: Scope, merchant_id: str) -> tuple[Cells, dict[tuple[str, str], tuple[int, int]]]:
    with scope.reading() as tx:
        by_cohort = tx.session.scalars(select(CohortMonth).where(CohortMonth.merchant_id == merchant_id)).all()
        by_kind = tx.session.scalars(select(PatternMonth).where(PatternMonth.merchant_id == merchant_id)).all()
        return (
            {(one.cohort, one.month): (one.members, one.visits) for one in by_cohort},
            {(one.month, one.kind): (one.members, one.visits) for one in by_kind},
        )


def recounted(
    scope: Scope, merchant_id: str, same: dict[str, str]
) -> tuple[Cells, dict[tuple[str, str], tuple[int, int]]]:
    """By the plainest means: every member's visits by local month, one after the other."""
    with scope.reading() as tx:
        rows = tx.session.execute(
            select(Visit.member_id, Visit.occurred_at).where(
                Visit.merchant_id == merchant_id, Visit.reversed_at.is_(None)
            )
        ).all()
    months: dict[str, Counter[int]] = defaultdict(Counter)
    for member_id, at in rows:
        local = at.astimezone(BRUSSELS)
        months[same.get(member_id, member_id)][local.year * 12 + local.month - 1] += 1
    cells: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    kinds: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for hers in months.values():
        for month, visits in hers.items():
            earlier = [one for one in hers if one < month]
            kind = "new" if not earlier else "kept" if month - max(earlier) <= 3 else "back"
            for found in (cells[_named(min(hers)), _named(month)], kinds[_named(month), kind]):
                found.update(members=1, visits=visits)
    return _pairs(cells), _pairs(kinds)


def _named(number: int) -> str:
    return f"{number // 12}-{number % 12 + 1:02}"


def _pairs(found: dict[tuple[str, str], Counter[str]]) -> dict[tuple[str, str], tuple[int, int]]:
    return {key: (one["members"], one["visits"]) for key, one in found.items()}


def is_right(shop: Shop, same: dict[str, str] | None = None) -> None:
    assert counted(shop.scope, shop.merchant_id) == recounted(shop.scope, shop.merchant_id, same or {})


def test_a_month_ends_at_local_midnight_and_what_brought_them_is_told(scope: Scope, clock: FixedClock) -> None:
    shop = make_shop(scope)
    counter = shop.counter()
    clock.set(datetime(2026, 3, 31, 21, 30, tzinfo=UTC))
    last_of_march = make_holder(scope)
    assert visit(counter, last_of_march, amount_minor=1000).ok
    clock.advance(hours=1)  # it is April in Brussels, and still March in UTC
    [printed] = cards.issue_printed_cards(scope, 1)
    assert visit(counter, Holder(printed.member_id, printed.card_id, printed.number)).ok
    assert visit(counter, last_of_march, amount_minor=500).ok
    assert count_patterns(scope) == 2
    cells, kinds = counted(scope, shop.merchant_id)
    assert cells == {
        ("2026-03", "2026-03"): (1, 1),
        ("2026-03", "2026-04"): (1, 1),
        ("2026-04", "2026-04"): (1, 1),
    }
    assert kinds == {("2026-03", "new"): (1, 1), ("2026-04", "new"): (1, 1), ("2026-04", "kept"): (1, 1)}
    is_right(shop)
    with scope.reading() as tx:
        brought = tx.session.execute(select(AcquisitionMonth.month, AcquisitionMonth.source)).all()
        money = tx.session.execute(
            select(PatternMonth.amount_minor, PatternMonth.amount_visits).order_by(PatternMonth.month)
        ).all()
    assert sorted(tuple(row) for row in brought) == [
        ("2026-03", "app"),
        ("2026-04", "cards" if printed_has_batch(scope) else "counter"),
    ]
    assert sorted(tuple(row) for row in money) == [(0, 0), (500, 1), (1000, 1)]
    assert count_patterns(scope) >= 0
    assert counted(scope, shop.merchant_id) == (cells, kinds), "a repeat gives the same"


def printed_has_batch(scope: Scope) -> bool:
    from app.cards.models import Card

    with scope.reading() as tx:
        return tx.session.scalars(select(Card.batch_id).where(Card.kind == "printed")).first() is not None


def test_what_comes_late_or_is_undone_moves_the_later_months_too(scope: Scope, clock: FixedClock) -> None:
    shop = make_shop(scope)
    counter, ann = shop.counter(), make_holder(scope)
    began = clock()
    first = visit(counter, ann)
    for _ in range(3):
        clock.advance(days=40)
        assert visit(counter, ann).ok
    count_patterns(scope)
    assert ("2026-03", "2026-07") in counted(scope, shop.merchant_id)[0]
    late = began - timedelta(days=60)
    assert visit(counter, ann, occurred_at=late).ok
    count_patterns(scope)
    assert ("2026-01", "2026-07") in counted(scope, shop.merchant_id)[0]
    is_right(shop)
    assert reverse(counter, first.transaction_id).ok
    count_patterns(scope)
    is_right(shop)


def test_merged_members_are_one_until_they_are_parted(scope: Scope, clock: FixedClock) -> None:
    shop = make_shop(scope)
    counter, ann, bob = shop.counter(), make_holder(scope), make_holder(scope)
    assert visit(counter, ann).ok
    clock.advance(days=35)
    assert visit(counter, bob).ok
    count_patterns(scope)
    assert ("2026-04", "2026-04") in counted(scope, shop.merchant_id)[0]
    clock.advance(days=1)
    with scope.transaction() as tx:
        merge_id = joining.merge(tx, scope, survivor_id=bob.member_id, merged_id=ann.member_id)
    count_patterns(scope)
    assert ("2026-03", "2026-04") in counted(scope, shop.merchant_id)[0]
    is_right(shop, {ann.member_id: bob.member_id})
    clock.advance(days=1)
    with scope.transaction() as tx:
        joining.undo(tx, scope, member_id=bob.member_id, merge_id=merge_id)
    count_patterns(scope)
    is_right(shop)


moves = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 90), st.sampled_from("vvvvlru")), min_size=1, max_size=9)


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(script=moves)
def test_counting_now_and_then_gives_what_a_recount_gives(scope: Scope, clock: FixedClock, script: object) -> None:
    assert isinstance(script, list)
    shop = make_shop(scope)
    counter, people = shop.counter(), [make_holder(scope) for _ in range(4)]
    done: list[str] = []
    clock.set(datetime(2026, 3, 4, 12, tzinfo=UTC))
    for who, days, what in script:
        clock.advance(days=days)
        if what == "v":
            done.append(visit(counter, people[who]).transaction_id)
        elif what == "l":
            done.append(visit(counter, people[who], occurred_at=clock() - timedelta(days=2 * days)).transaction_id)
        elif what == "r" and done:
            assert reverse(counter, done.pop()).ok
        else:
            count_patterns(scope, merchant_id=shop.merchant_id)
    count_patterns(scope, merchant_id=shop.merchant_id)
    is_right(shop)
    before = counted(scope, shop.merchant_id)
    count_patterns(scope, merchant_id=shop.merchant_id, is_whole=True)
    assert counted(scope, shop.merchant_id) == before


def test_who_stays_away_for_three_of_her_gaps_is_gone_and_who_is_late_is_not(scope: Scope, clock: FixedClock) -> None:
    shop = make_shop(scope)
    counter, late, gone, there = shop.counter(), make_holder(scope), make_holder(scope), make_holder(scope)
    for week in range(10):
        for who in (late, gone, there):
            if who is there or (who is late and week < 7) or (who is gone and week < 4):
                assert visit(counter, who, amount_minor=1000).ok
        clock.advance(days=7)
    shop_members.rebuild(scope)
    count_patterns(scope)
    own = replace(scope, merchant_id=shop.merchant_id)
    rhythms, retention = rhythms_of(own), retention_of(own, since="2026-01")
    assert (rhythms.usual_gap, rhythms.broken, rhythms.bars) == (7, 1, ((7, 2, 1),))
    assert (retention.members, retention.gone) == (2, 1)
    assert sum(went for _, went in retention.months.values()) == 1
    with scope.reading() as tx:
        assert tx.session.get_one(PatternProgress, shop.merchant_id).broken == 1


# --- pure ---

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def test_gone_is_three_gaps_at_least_thirty_days_or_half_a_year() -> None:
    assert gone_at(NOW, 1) - NOW == timedelta(days=30)
    assert gone_at(NOW, 9) - NOW == timedelta(days=30)
    assert gone_at(NOW, 20) - NOW == timedelta(days=60)
    assert gone_at(NOW, None) - NOW == timedelta(days=180)


def test_months_know_who_was_there_and_who_went() -> None:
    rows = [
        Kept(NOW - timedelta(days=300), NOW - timedelta(days=250), 10, None),  # went 220 days ago
        Kept(NOW - timedelta(days=300), NOW - timedelta(days=1), 10, NOW + timedelta(days=19)),
        Kept(NOW - timedelta(days=20), NOW - timedelta(days=20), None, None),
    ]
    found = tally(rows, now=NOW, local=BRUSSELS)
    assert (found.members, found.gone, found.broken) == (2, 1, 0)
    assert found.months["2026-02"] == (0, 0)
    assert found.months["2026-04"] == (2, 1)
    assert found.months["2026-05"] == (1, 0)
    assert found.months["2026-11"] == (1, 0)
    assert rhythm.bar_of(10) == 8
    assert rhythm.bar_of(400) == 91
    assert rhythm.next_bar(91) is None


def test_a_cohort_has_no_share_in_a_month_that_is_not_over() -> None:
    cells = {
        ("2026-09", "2026-09"): 10,
        ("2026-09", "2026-10"): 4,
        ("2026-10", "2026-10"): 5,
        ("2026-10", "2026-11"): 5,
    }
    found = cohorts(cells, now="2026-11", most=12)
    assert [(one.month, list(one.came)) for one in found] == [("2026-09", [10, 4]), ("2026-10", [5])]
    assert found[0].share(1) == 0.4
    assert found[1].share(1) is None
    assert came_later(found, 1) == (4, 10)
