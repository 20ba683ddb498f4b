"""Forecasts of the coming weeks: what they may know, what they make of shops where there is nothing to learn."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog

from app.insights import forecasting
from app.insights.errors import HistoryTooShortError
from app.insights.purchases import History, gather

FIRST = 738_000
DAYS = 400


@pytest.fixture(scope="module")
def shop() -> History:
    """Three hundred customers who come at rates of their own, and of whom a third stop some day."""
    chance = np.random.default_rng(8)
    who, days = [], []
    for customer in range(300):
        begin = int(chance.integers(0, DAYS - 20))
        end = int(chance.integers(begin, DAYS)) if chance.random() < 0.33 else DAYS
        came = begin + np.flatnonzero(chance.random(end - begin) < chance.gamma(1.0, 0.08))
        who.append(np.full(len(came), customer))
        days.append(FIRST + came)
    return gather(np.concatenate(who), np.concatenate(days), np.ones(sum(map(len, who))))


def test_the_future_is_not_looked_at(shop: History) -> None:
    """Without it, or with another one, the forecast is the same to the last bit."""
    end, chance = FIRST + 300, np.random.default_rng(3)
    plain = forecasting.forecast(shop, 60, end=end)
    later = shop.day > end
    day = np.where(later, end + 1 + chance.integers(0, 90, len(shop.day)), shop.day)
    customer = np.where(later, chance.permutation(shop.customer), shop.customer)
    shuffled = gather(customer, day, np.ones(len(day)))
    for other in (shop.until(end), shuffled):
        again = forecasting.forecast(other, 60, end=end)
        assert np.array_equal(again.customer, plain.customer)
        assert np.array_equal(again.count, plain.count)
        assert np.array_equal(again.comes, plain.comes)
    assert len(plain.count) < 300  # those who came later are not in it


def test_ours_is_nearer_than_repeating(shop: History) -> None:
    found = forecasting.evaluate(shop, 60)
    assert found.ours.mae < min(found.repeat.mae, found.bgnbd.mae)
    assert found.ours.auc is not None
    assert found.repeat.auc is not None
    assert found.ours.auc > found.repeat.auc


def test_the_median_is_that_of_the_linear_programme() -> None:
    chance = np.random.default_rng(5)
    features = np.column_stack((chance.normal(size=(400, 3)), np.ones(400)))
    came = np.maximum(0, features @ np.array([1.0, -2.0, 0.5, 3.0]) + chance.exponential(2, 400))
    weights = forecasting._median(features, came)
    over = np.eye(400)
    exact = linprog(
        np.concatenate((np.zeros(4), np.ones(800))),
        A_eq=np.hstack((features, over, -over)),
        b_eq=came,
        bounds=[(None, None)] * 4 + [(0, None)] * 800,
    )
    assert np.abs(features @ weights - came).sum() < exact.fun * 1.0005


def test_columns_that_say_the_same_have_an_answer() -> None:
    features = np.column_stack((np.arange(60.0), np.arange(60.0), np.zeros(60), np.ones(60)))
    weights = forecasting._median(features, np.arange(60.0) * 2)
    assert features @ weights == pytest.approx(np.arange(60.0) * 2, abs=0.05)


def test_all_or_nobody_coming_has_no_auc() -> None:
    assert forecasting._score(np.ones(3), np.ones(3), np.arange(3.0)).auc is None
    assert forecasting._score(np.zeros(3), np.ones(3), np.arange(3.0)).auc is None
    assert forecasting._score(np.array([0.0, 2.0]), np.ones(2), np.array([0.1, 0.9])).auc == 1


def test_a_young_shop_gets_the_plain_forecast() -> None:
    """Too little to learn from earlier periods: then BG/NBD stands."""
    chance = np.random.default_rng(1)
    history = gather(chance.integers(0, 20, 300), FIRST + chance.integers(0, 100, 300), np.ones(300))
    found = forecasting.evaluate(history, 45)
    assert np.isfinite(found.bgnbd.mae)
    assert found.ours.mae == found.bgnbd.mae


@pytest.mark.parametrize(
    ("customer", "day"),
    [
        (np.arange(80), FIRST + np.arange(80) * 3),  # each came once
        (np.arange(80) % 40, np.full(80, FIRST)),  # all on one day
        (np.zeros(80, np.int64), FIRST + np.arange(80) * 3),  # one customer
    ],
)
def test_where_nobody_comes_again_that_is_said(customer: np.ndarray, day: np.ndarray) -> None:
    with pytest.raises(HistoryTooShortError):
        forecasting.evaluate(gather(customer, day, np.ones(80)), 60)


def test_a_shop_whose_customers_all_left_is_forecast_to_stay_empty() -> None:
    """They came every week for half a year; only newcomers, who came once, came since."""
    weekly = np.tile(np.arange(40), 26), FIRST + np.repeat(np.arange(26) * 7, 40)
    newcomers = np.arange(100, 180), FIRST + 190 + np.arange(80) * 3
    history = gather(*(np.concatenate(pair) for pair in zip(weekly, newcomers, strict=True)), np.ones(26 * 40 + 80))
    found = forecasting.evaluate(history, 60)
    assert found.ours.mae < 0.5
