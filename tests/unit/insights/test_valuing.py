"""What is still to come of a customer, against plain sums; groups, rungs and shrinking by their rules."""

from __future__ import annotations

import numpy as np
import pytest

from app.insights import bgnbd, relationships, shrinking, valuing
from app.insights.bgnbd import BgNbd
from app.insights.gamma_gamma import GammaGamma
from app.insights.purchases import Summary
from app.insights.relationships import Lines, group, natural_lines, rungs

MODELS = {
    "CDNOW": BgNbd(0.243, 4.414, 0.793, 2.426, 0.0),
    "nobody leaves": BgNbd(0.6, 0.8, 1e-5, 1e4, 0.0),
    "everybody leaves": BgNbd(3.0, 20.0, 5.0, 2.0, 0.0),
    "all leave alike": BgNbd(0.34, 0.89, 4463.4, 162754.8, 0.0),
}


def customers(count: int = 200) -> Summary:
    draw = np.random.default_rng(7)
    x = draw.integers(0, 60, count).astype(float)
    age = draw.uniform(0, 200, count)
    t_x = np.where(x > 0, age * draw.uniform(0, 1, count), 0.0)
    return Summary(np.arange(count), x, t_x, age, np.where(x > 0, draw.uniform(500, 4000, count), 0.0))


@pytest.mark.parametrize("name", MODELS)
def test_the_discounted_visits_are_the_sum_over_many_short_steps(name: str) -> None:
    model, known = MODELS[name], customers()
    weeks = np.linspace(0, valuing.HORIZON, 1561)
    until = np.array([bgnbd.expected(model, known, float(week)) if week else np.zeros(200) for week in weeks])
    a_week = (1 + valuing.DISCOUNT) ** (-1 / valuing.YEAR)
    plain = (np.diff(until, axis=0) * (a_week ** ((weeks[1:] + weeks[:-1]) / 2))[:, None]).sum(0)
    assert np.allclose(valuing.discounted_visits(model, known), plain, rtol=1e-5, atol=1e-6)


def test_a_value_is_what_stays_of_the_visits_to_come() -> None:
    costs = valuing.Costs(margin_percent=50, visit_minor=30.0, year_minor=100.0)
    told = valuing.outlook(MODELS["CDNOW"], None, customers(), basket_minor=2000, costs=costs)
    assert set(told.basket.tolist()) == {2000}
    left = told.to_come * (2000 * 0.5 - 30.0) - told.alive * 100.0 * valuing.ANNUITY
    assert np.abs(told.value - left).max() <= 0.5
    # A year's worth of a euro a year for ever so long is less than three euros of three years.
    assert 2.5 < valuing.ANNUITY < 3.0


def test_amounts_lean_to_everybodys_where_few_are_known() -> None:
    spending = GammaGamma(p=6.0, q=4.0, v=1500.0, customers=50)
    costs = valuing.Costs(50, 0.0, 0.0)
    known = customers()
    told = valuing.outlook(MODELS["CDNOW"], spending, known, basket_minor=2000, costs=costs)
    everybodys = 1500.0 * 6.0 / 3.0
    nobody_knows = known.mean_amount == 0
    assert np.abs(told.basket[nobody_knows] - everybodys).max() <= 0.5
    between = np.sort(np.stack((known.mean_amount, np.full(200, everybodys))), axis=0)
    assert ((told.basket >= between[0] - 1) & (told.basket <= between[1] + 1))[~nobody_knows].all()


def test_profit_is_reckoned_in_whole_cents() -> None:
    found = valuing.profits(
        np.array([101, 0]), np.array([0, 2]), np.array([10, 500]), basket_minor=333, margin_percent=50
    )
    assert found.tolist() == [41, -167]


def test_who_stands_on_a_line_is_above_it() -> None:
    lines = Lines(6.0, 4500)
    found = group(np.array([5.9, 5.9, 6.0, 6.0]), np.array([4499, 4500, 4500, 4499]), lines)
    assert found.tolist() == [
        relationships.STRANGER,
        relationships.BUTTERFLY,
        relationships.FRIEND,
        relationships.BARNACLE,
    ]


def test_the_data_set_lines_that_people_remember() -> None:
    expected = np.array([0.1, 0.2, 5.2, 6.1, 7.9])
    assert natural_lines(expected, np.array([-100, 0, 4444, 4521, 9000]), 1) == Lines(6.0, 4500)
    assert natural_lines(np.zeros(3), np.zeros(3, np.int64), 1234) == Lines(2.0, 1200)


def test_each_rung_by_its_rule() -> None:
    names = ("once", "gone", "comes", "rates", "says so", "invites", "does both", "invites many", "was invited too")
    found = rungs(
        days=np.array([2, 9, 9, 9, 9, 9, 9, 9, 2]),
        visits_year=np.array([2, 9, 9, 9, 9, 9, 9, 9, 2]) + np.array([0] * 2 + [0] + [0] * 6),
        alive=np.array([0.9, 0.4, 0.5, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9]),
        silent=np.zeros(9, np.int64),
        span=np.full(9, 90),
        score=np.array([10, 10, 8, 9, 9, -1, 10, -1, -1]),
        has_words=np.array([True, True, True, False, True, False, True, False, False]),
        invited=np.array([0, 0, 0, 0, 0, 1, 1, 3, 5]),
    )
    # All clients came as often, so all of them are among those who came most often.
    assert dict(zip(names, found.tolist(), strict=True)) == {
        "once": relationships.CUSTOMER,
        "gone": relationships.CUSTOMER,
        "comes": relationships.SUPPORTER,
        "rates": relationships.SUPPORTER,
        "says so": relationships.ADVOCATE,
        "invites": relationships.ADVOCATE,
        "does both": relationships.PARTNER,
        "invites many": relationships.PARTNER,
        "was invited too": relationships.CUSTOMER,
    }


def test_a_tenth_of_the_clients_comes_most_often() -> None:
    found = rungs(
        days=np.full(20, 5),
        visits_year=np.arange(20) + 1,
        alive=None,
        silent=np.array([10] * 19 + [300]),
        span=np.full(20, 40),
        score=np.full(20, -1),
        has_words=np.zeros(20, np.bool_),
        invited=np.zeros(20, np.int64),
    )
    assert found.tolist() == [relationships.CLIENT] * 17 + [relationships.SUPPORTER] * 2 + [relationships.CUSTOMER]


def test_a_shop_leans_to_its_trade_the_more_so_the_less_it_knows() -> None:
    assert shrinking.weight(0) == 0
    assert shrinking.weight(shrinking.HALF) == 0.5
    assert shrinking.weight(shrinking.ENOUGH) == 1
    own, trade = MODELS["CDNOW"], MODELS["nobody leaves"]
    for share, like in ((1.0, own), (0.0, trade)):
        mixed = shrinking.mix_coming(own, trade, share)
        assert mixed.r == pytest.approx(like.r)
        assert mixed.alpha == pytest.approx(like.alpha)
    mixed = shrinking.mix_coming(own, trade, 0.5)
    rates = sorted(one.r / one.alpha for one in (own, trade))
    assert rates[0] < mixed.r / mixed.alpha < rates[1]
    assert 1e-5 / 1e4 < mixed.a / (mixed.a + mixed.b) < 0.793 / (0.793 + 2.426)


def test_too_little_to_say_is_said() -> None:
    few = Summary(*(np.array([0.0, 1.0, 2.0]),) * 5)
    assert shrinking.estimate_coming(few, None) == (None, "none")
    model, basis = shrinking.estimate_coming(few, MODELS["CDNOW"])
    assert basis == "trade"
    assert model is not None
    assert model.r == MODELS["CDNOW"].r
    assert shrinking.estimate_spending(few, None) is None
