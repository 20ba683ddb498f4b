"""The next shop, in towns where it is known what members do."""

from __future__ import annotations

import numpy as np
import pytest

from app.insights import next_shop
from app.insights.errors import HistoryTooShortError
from app.insights.next_shop import NextShop, Visits, table_of
from app.insights.purchases import Ints

FIRST = 738_000
DAYS = 240
SHOPS = 12


def town(members: int = 150, seed: int = 4) -> Visits:
    """Two quarters of six shops: who goes to one shop of a quarter goes to others of it; half of all members have a
    new favourite, in the same quarter, after half the time."""
    chance = np.random.default_rng(seed)
    rows = []
    for member in range(members):
        quarter = member % 2 * 6
        liked = quarter + chance.permutation(6)[:3]
        share = np.array([0.7, 0.2, 0.1])
        moves = chance.random() < 0.5
        for day in np.flatnonzero(chance.random(DAYS) < 0.15):
            order = np.roll(liked, 1) if moves and day > DAYS // 2 else liked
            rows.append((member, chance.choice(order, p=share), FIRST + day))
    member, shop, day = np.array(rows, np.int64).T
    return Visits(member, shop, day, SHOPS)


@pytest.fixture(scope="module")
def visits() -> Visits:
    return town()


@pytest.fixture(scope="module")
def model(visits: Visits) -> NextShop:
    return next_shop.fit(visits)


def test_the_new_favourite_comes_before_the_old_one(model: NextShop) -> None:
    shops = np.array([0] * 20 + [1] * 8)
    days = FIRST + np.concatenate((np.arange(0, 100, 5), np.arange(150, 190, 5)))
    ranked = model.scores(shops, days, FIRST + 192)
    assert ranked.shop[:2].tolist() == [1, 0]
    assert ranked.reason[:2] == ("own", "own")
    assert np.all(np.diff(ranked.score) <= 0)
    assert ranked.score.sum() == pytest.approx(1, abs=1e-6)
    # Seen from the hundredth day, none of what came later counts.
    assert model.scores(shops, days, FIRST + 100).shop[0] == 0


def test_new_shops_are_those_of_people_who_go_to_the_same_ones(model: NextShop) -> None:
    shops, days = np.array([7, 7, 8]), np.array([FIRST + 200, FIRST + 210, FIRST + 205])
    ranked = model.scores(shops, days, FIRST + 220, is_new=True, most=4)
    assert set(ranked.shop.tolist()) == {6, 9, 10, 11}  # the same quarter, and neither of her own
    assert set(ranked.reason) == {"similar"}
    assert set(ranked.because.tolist()) <= {7, 8}


def test_without_visits_the_most_popular_come_first(model: NextShop) -> None:
    none: Ints = np.zeros(0, np.int64)
    ranked = model.scores(none, none, FIRST, most=3)
    assert np.array_equal(ranked.shop, np.argsort(-model.popularity, kind="stable")[:3])
    assert ranked.reason == ("popular",) * 3
    assert ranked.because.tolist() == [-1] * 3


def test_nine_in_common_are_nobodys_business() -> None:
    """Shops 0 and 1 have nine members in common, 1 and 2 ten; shop 3 has nine in all."""
    rows = [(member, shop) for member in range(9) for shop in (0, 1)]
    rows += [(member, shop) for member in range(20, 30) for shop in (1, 2)]
    rows += [(member, 3) for member in range(40, 49)]
    rows += [(member, 0) for member in range(50, 60)]
    told = [(member, shop, FIRST + day) for member, shop in rows for day in (0, 10, 20, 30, 40)]
    member, shop, day = np.array(told, np.int64).T
    model = next_shop.fit(Visits(member, shop, day, 5))
    assert {(one, other) for one, other, _ in model.table()} == {(1, 2), (2, 1)}
    assert model.similar(0) == []
    assert model.similar(1)[0][1] == pytest.approx(10 / np.sqrt(19 * 10))
    assert model.popularity[3] == model.popularity[4] == 0


def test_of_a_shop_only_the_nearest_are_told() -> None:
    chance = np.random.default_rng(2)
    member, shop = np.repeat(np.arange(60), 30), np.tile(np.arange(30), 60)
    kept = chance.random(len(member)) < 0.8
    member, shop = np.tile(member[kept], 3), np.tile(shop[kept], 3)
    day = FIRST + np.repeat((0, 30, 60), int(kept.sum()))
    model = next_shop.fit(Visits(member, shop, day, 30))
    for one in range(30):
        near = model.similar(one)
        assert len(near) == next_shop.NEAREST
        assert [nearness for _, nearness in near] == sorted((nearness for _, nearness in near), reverse=True)
        assert one not in {other for other, _ in near}


def test_the_table_comes_back(model: NextShop) -> None:
    again = NextShop(model.weights, *table_of(model.table()), model.popularity)
    shops, days = np.array([7, 8]), np.array([FIRST + 200, FIRST + 205])
    assert again.scores(shops, days, FIRST + 220).shop.tolist() == model.scores(shops, days, FIRST + 220).shop.tolist()
    assert [len(one) for one in table_of([])] == [0, 0, 0]


def test_order_and_repeats_within_a_day_change_nothing(visits: Visits, model: NextShop) -> None:
    order = np.random.default_rng(1).permutation(len(visits.day))
    order = np.concatenate((order, order[:500]))
    again = next_shop.fit(Visits(visits.member[order], visits.shop[order], visits.day[order], SHOPS))
    assert np.array_equal(again.weights, model.weights)
    assert again.table() == model.table()


def test_what_comes_after_the_question_is_not_in_the_answer(visits: Visits) -> None:
    """The questions of the days to come are made from what was known, whatever came."""
    cut = FIRST + 200
    history = visits.once_a_day()
    for ahead in (1, 10, 40):
        for hers, today, asked in next_shop.questions(history, cut, ahead):
            assert (today - cut - 1) % ahead == 0
            came = hers.shop[(hers.day >= today) & (hers.day < today + ahead)]
            assert asked.tolist() == came.tolist()
    past = next_shop.fit(visits.until(cut))
    some = history.member == 3
    shops, days = history.shop[some], history.day[some]
    known = days < cut
    assert np.array_equal(past.scores(shops, days, cut).score, past.scores(shops[known], days[known], cut).score)


def test_ours_beats_the_favourite_where_habits_change(visits: Visits) -> None:
    cut = FIRST + 180
    history = visits.once_a_day()
    model = next_shop.fit(history.until(cut))
    ours = favourite = 0
    for hers, today, asked in next_shop.questions(history, cut, 1):
        before = hers.day < today
        ours += int(np.isin(asked, model.scores(hers.shop[before], hers.day[before], today, most=1).shop).sum())
        favourite += int((asked == np.bincount(hers.shop[before]).argmax()).sum())
    assert ours > favourite * 1.05


@pytest.mark.parametrize("day", [np.full(40, FIRST), FIRST + np.arange(40)])
def test_too_little_is_said_so(day: Ints) -> None:
    """Forty members, each once: all on one day, or one a day."""
    with pytest.raises(HistoryTooShortError):
        next_shop.fit(Visits(np.arange(40), np.zeros(40, np.int64), day, 1))
    none: Ints = np.zeros(0, np.int64)
    with pytest.raises(HistoryTooShortError):
        next_shop.fit(Visits(none, none, none, 1))
