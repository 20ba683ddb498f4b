"""What shops that agreed are told of one another: totals of ten at least, and nothing from which fewer follow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import combinations, product
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.common.models import AuditEvent
from app.common.scope import Scope
from app.insights import crossing
from app.insights.crossing import LEAST, Told, bounds, quarter_before, quarter_of, tell_all
from app.insights.queries.patterns import crossing_of
from app.insights.service.crossing import agree, make_totals, withdraw
from tests.clocks import FixedClock
from tests.factories import Shop, make_holder, make_shop, visit

Member = Mapping[int, int]
Pair = tuple[int, int]

# --- attacks ---


def town(random: Random, shops: int) -> list[Member]:
    """Members, each with some shops and days there; some pairs are popular together, so that much is told."""
    liked = [set(random.sample(range(shops), 2)) for _ in range(3)]
    members: list[Member] = []
    for _ in range(random.randrange(40, 260)):
        seen = set(random.choice(liked)) if random.random() < 0.6 else {random.randrange(shops)}
        seen |= {shop for shop in range(shops) if random.random() < 0.06}
        days = 1 << random.choice((5, 5, 12, 3)) if random.random() < 0.7 else 0
        members.append({shop: days | 1 << random.randrange(90) for shop in seen})
    return members


def emptiest(members: Sequence[Member], told: Mapping[Pair, Told]) -> list[Member]:
    """Another town with the same sizes of shops, in which nobody comes to three shops, and nobody to two but those who
    must: so many as are told, of each pair that is."""
    left: dict[int, int] = defaultdict(int)
    for member in members:
        for shop in member:
            left[shop] += 1
    made: list[Member] = []
    for (one, other), what in told.items():
        for number in range(what.members):
            together = 0 if what.weekday is None or number >= LEAST else 1 << what.weekday
            made.append({one: together | 1 << 7, other: together | 1 << 15})  # another Monday, another Tuesday
        left[one] -= what.members
        left[other] -= what.members
    assert min(left.values()) >= 0, "what a shop is told adds up to no more than it has members"
    return made + [{shop: 1} for shop, many in left.items() for _ in range(many)]


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**9), shops=st.integers(2, 6))
def test_the_same_is_told_of_a_town_where_all_that_is_not_told_is_nothing(seed: int, shops: int) -> None:
    """So nobody who knows everything that is told, and how many members every shop has, can be sure that there is even
    one in anything else: in a pair that is not told, in three shops at once, or on another weekday."""
    members = town(Random(seed), shops)
    told = tell_all(members)
    assert tell_all(emptiest(members, told)) == told
    sizes, pairs = crossing.count_shared(members)
    for (one, other), what in told.items():
        true = pairs[one, other].members
        assert LEAST <= what.members <= true < what.members + LEAST
        assert min(sizes[one], sizes[other]) - true >= LEAST, "a shop that knows its own members learns of no few"


def test_random_towns_are_told_of() -> None:
    """The towns above are not silent ones."""
    told = [tell_all(town(Random(seed), 5)) for seed in range(20)]
    assert sum(map(len, told)) >= 20
    assert any(one.weekday == 5 for found in told for one in found.values())


REGIONS = ((0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2))
# What somebody might want to know: who comes to just these shops, to both, to one and not to another.
CELLS: dict[str, tuple[int, ...]] = {f"just {region}": (at,) for at, region in enumerate(REGIONS)}
CELLS |= {
    f"{a} and {b}": tuple(at for at, region in enumerate(REGIONS) if a in region and b in region)
    for a, b in combinations(range(3), 2)
}
CELLS |= {
    f"{a}, not {b}": tuple(at for at, region in enumerate(REGIONS) if a in region and b not in region)
    for a, b in product(range(3), repeat=2)
    if a != b
}


def worlds(most: int) -> Iterator[tuple[int, ...]]:
    """All towns of three shops with up to so many members each: how many there are in each region."""
    for ab, ac, bc, abc in product(range(most + 1), repeat=4):
        room = (most - ab - ac - abc, most - ab - bc - abc, most - ac - bc - abc)
        if min(room) >= 0:
            for a, b, c in product(*(range(one + 1) for one in room)):
                yield a, b, c, ab, ac, bc, abc


def established(publish: Callable[[list[Member]], Mapping[Pair, Told]], least: int, most: int) -> list[str]:
    """Every world is tried: for all that give the same sizes and the same told totals, which cells are sure to hold
    somebody, but fewer than ``least``? What the sizes alone say is left out: a shop with one member has one."""
    seen: dict[Any, list[tuple[int, ...]]] = defaultdict(list)
    for world in worlds(most):
        sizes = tuple(sum(n for n, region in zip(world, REGIONS, strict=True) if shop in region) for shop in range(3))
        members: list[Member] = [
            dict.fromkeys(region, 0) for n, region in zip(world, REGIONS, strict=True) for _ in range(n)
        ]
        seen[sizes, tuple(sorted((pair, told.members) for pair, told in publish(members).items()))].append(world)
    alone: dict[Any, list[tuple[int, ...]]] = defaultdict(list)
    for (sizes, _), found in seen.items():
        alone[sizes] += found

    def is_sure(found: list[tuple[int, ...]], parts: tuple[int, ...]) -> bool:
        values = {sum(world[at] for at in parts) for world in found}
        return min(values) >= 1 and max(values) < least

    return [
        f"{sizes} {told}: {name}"
        for (sizes, told), found in seen.items()
        for name, parts in CELLS.items()
        if is_sure(found, parts) and not is_sure(alone[sizes], parts)
    ]


def test_no_small_number_follows_from_all_that_is_told() -> None:
    """With ten made two, so that all towns can be tried."""
    assert established(lambda members: tell_all(members, least=2), least=2, most=5) == []


def test_the_attack_finds_what_a_rule_without_the_rest_would_give_away() -> None:
    """The twin: two in common are enough, whatever is left of a shop."""

    def publish(members: list[Member]) -> dict[Pair, Told]:
        _, pairs = crossing.count_shared(members)
        return {pair: Told(one.members // 2 * 2) for pair, one in pairs.items() if one.members >= 2}

    assert established(publish, least=2, most=4) != []


def test_what_a_shop_is_told_adds_up_to_no_more_than_its_members() -> None:
    """Else: of forty members twenty go to each of three shops, so some go to two of these, which nobody may tell."""
    members: list[Member] = [{0: 0, 1: 0} for _ in range(10)]
    members += [{0: 0, 1: 0, 2: 0}] * 7 + [{0: 0, 2: 0, 3: 0}] * 7
    members += [{0: 0, 1: 0, 3: 0}] * 6 + [{0: 0, 2: 0}] * 6 + [{0: 0, 3: 0}] * 7
    members += [{shop: 0} for shop in (1, 2, 3) for _ in range(60)]
    sizes, _ = crossing.count_shared(members)
    told = tell_all(members)
    assert {pair: one.members for pair, one in told.items()} == {(0, 1): 20, (0, 2): 20}
    assert sizes[0] == 43


@pytest.mark.parametrize(
    ("shared", "own", "other", "told"),
    [
        (9, 100, 100, None),
        (10, 100, 100, 10),
        (19, 100, 100, 10),
        (20, 29, 100, None),  # nine others
        (20, 30, 100, 20),
        (20, 100, 29, None),
    ],
)
def test_a_total_needs_ten_and_ten_beside_them(shared: int, own: int, other: int, told: int | None) -> None:
    found = crossing.tell(crossing.Shared(shared), own, other)
    assert (None if found is None else found.members) == told


@pytest.mark.parametrize(("best", "weekday"), [(9, None), (10, 5), (15, 5), (16, None)])
def test_a_weekday_needs_ten_who_came_on_it_and_ten_who_did_not(best: int, weekday: int | None) -> None:
    assert crossing.tell(crossing.Shared(25, {5: best, 1: 3}), 100, 100) == Told(20, weekday)


def test_quarters() -> None:
    assert quarter_of(date(2026, 3, 31)) == "2026-Q1"
    assert quarter_before(date(2026, 1, 10)) == "2025-Q4"
    assert quarter_before(date(2026, 11, 28)) == "2026-Q3"
    assert bounds("2026-Q4") == (date(2026, 10, 1), date(2027, 1, 1))


# --- in the shops ---


@pytest.fixture
def shops(scope: Scope, clock: FixedClock) -> list[Shop]:
    """Three shops; eleven members come to the first two, all on one day, and ten more to each."""
    made = [make_shop(scope, name=name) for name in ("Bakery", "Florist", "Butcher")]
    clock.set(datetime(2026, 3, 31, 21, 30, tzinfo=UTC))  # the last evening of the quarter in Brussels
    for _ in range(11):
        holder = make_holder(scope)
        for shop in made[:2]:
            assert visit(shop.counter(), holder).ok
    for shop in made:
        for _ in range(10):
            assert visit(shop.counter(), make_holder(scope)).ok
    return made


def of(shop: Shop) -> Scope:
    return replace(shop.scope, merchant_id=shop.merchant_id, actor_kind="staff", staff_role="owner")


def told_to(shop: Shop) -> list[tuple[str, str, int]]:
    return [(one.quarter, one.name, one.members) for one in crossing_of(of(shop)).neighbours]


def test_totals_are_made_once_of_those_who_agreed_and_go_with_who_withdraws(
    scope: Scope, clock: FixedClock, shops: list[Shop]
) -> None:
    bakery, florist, butcher = shops
    assert told_to(bakery) == []
    agree(of(bakery))
    agree(of(bakery))
    agree(of(butcher))
    clock.set(datetime(2026, 4, 9, 12, tzinfo=UTC))
    assert make_totals(scope) == 0, "of the quarter before, which nobody had agreed to"
    clock.set(datetime(2026, 4, 10, 12, tzinfo=UTC))
    agree(of(florist))
    assert make_totals(scope) == 1
    assert told_to(bakery) == [("2026-Q1", "Florist", 10)]
    assert told_to(florist) == [("2026-Q1", "Bakery", 10)]
    assert told_to(butcher) == []
    # Fixed: nothing that comes later is counted, or it could be told from the first total.
    for _ in range(9):
        holder = make_holder(scope)
        for shop in (bakery, florist):
            assert visit(shop.counter(), holder, occurred_at=datetime(2026, 3, 31, 12, tzinfo=UTC)).ok
    assert make_totals(scope) == 0
    assert told_to(bakery) == [("2026-Q1", "Florist", 10)]
    withdraw(of(florist))
    withdraw(of(florist))
    assert told_to(bakery) == told_to(florist) == []
    agree(of(florist))
    assert make_totals(scope) == 0
    assert told_to(bakery) == [], "what was taken back is not made again"
    with scope.reading() as tx:
        acts = tx.session.scalars(select(AuditEvent.action).where(AuditEvent.action.like("crossing.%"))).all()
    assert sorted(acts) == ["crossing.agreed"] * 4 + ["crossing.withdrawn"]


def test_without_both_nothing_is_told(scope: Scope, clock: FixedClock, shops: list[Shop]) -> None:
    agree(of(shops[0]))
    clock.set(datetime(2026, 4, 10, 12, tzinfo=UTC))
    assert make_totals(scope) == 0
    agree(of(shops[1]))
    clock.advance(days=1)
    assert make_totals(scope) == 0, "whoever agrees later takes part from the next quarter on"
    assert told_to(shops[0]) == []
