"""The models against published results, and against customers who were drawn from known parameters."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import check_grad

from app.insights import bgnbd, gamma_gamma
from app.insights.errors import HistoryTooShortError
from app.insights.forecasting import evaluate
from app.insights.purchases import Floats, History, Summary
from benchmarks.models import fitting


@pytest.fixture(scope="module")
def cdnow() -> History:
    return fitting.cdnow()


@pytest.fixture(scope="module")
def calibration(cdnow: History) -> Summary:
    return fitting.calibration(cdnow)


def test_the_published_estimates_are_met(calibration: Summary) -> None:
    assert len(calibration.customer) == 2357
    coming = bgnbd.fit(calibration)
    assert coming.r == pytest.approx(0.243, rel=0.005)
    assert coming.alpha == pytest.approx(4.414, rel=0.005)
    assert coming.a == pytest.approx(0.793, rel=0.005)
    assert coming.b == pytest.approx(2.426, rel=0.005)
    assert coming.log_likelihood == pytest.approx(-9582.4, abs=0.1)
    spending = gamma_gamma.fit(calibration)
    assert spending.customers == 946
    assert spending.p == pytest.approx(6.25, rel=0.005)
    assert spending.q == pytest.approx(3.74, rel=0.005)
    assert spending.v == pytest.approx(15.44, rel=0.005)


def test_the_published_forecast_of_one_customer_is_met(calibration: Summary) -> None:
    """x = 2, t_x = 30.43, T = 38.86: 1.226 purchases in the next 39 weeks, as in the paper's worked example."""
    model = bgnbd.fit(calibration)
    one = Summary(np.array([0]), *(np.array([value]) for value in (2.0, 30.43, 38.86, 22.35)))
    assert bgnbd.expected(model, one, 39.0)[0] == pytest.approx(1.226, abs=0.002)


def test_the_sum_of_forecasts_is_near_what_came(cdnow: History, calibration: Summary) -> None:
    model = bgnbd.fit(calibration)
    after = int(np.sum(cdnow.day > cdnow.first_day + fitting.WEEKS * 7 - 1))
    assert bgnbd.expected(model, calibration, 39).sum() == pytest.approx(after, rel=0.15)


@pytest.mark.parametrize("at", [(0.3, 4.0, 0.8, 2.4), (2.0, 10.0, 0.05, 1.0), (0.9, 0.5, 3.0, 7.0)])
def test_the_gradients_are_those_of_the_likelihoods(calibration: Summary, at: tuple[float, ...]) -> None:
    few = Summary(*(getattr(calibration, name)[:400] for name in ("customer", "x", "t_x", "age", "mean_amount")))
    rows = bgnbd._Rows.of(few)
    point = np.array(at)
    slope = np.linalg.norm(bgnbd._log_likelihood(point, rows)[1])
    assert (
        check_grad(
            lambda where: bgnbd._log_likelihood(where, rows)[0],
            lambda where: bgnbd._log_likelihood(where, rows)[1],
            point,
        )
        < 1e-5 * slope
    )

    used = calibration.x > 0
    spent = gamma_gamma._Rows.of(calibration.x[used][:300], calibration.mean_amount[used][:300] + 0.01)
    slope = np.linalg.norm(gamma_gamma._log_likelihood(point[:3], spent)[1])
    assert (
        check_grad(
            lambda where: gamma_gamma._log_likelihood(where, spent)[0],
            lambda where: gamma_gamma._log_likelihood(where, spent)[1],
            point[:3],
        )
        < 1e-5 * slope
    )


def drawn(customers: int, *, r: float, alpha: float, a: float, b: float, weeks: float, seed: int = 7) -> Summary:
    """Customers who live by the model's own story, seen for ``weeks``."""
    chance = np.random.default_rng(seed)
    x, t_x = np.zeros(customers), np.zeros(customers)
    for one in range(customers):
        rate, leaves, at = chance.gamma(r, 1 / alpha), chance.beta(a, b), 0.0
        while True:
            at += chance.exponential(1 / rate)
            if at > weeks:
                break
            x[one], t_x[one] = x[one] + 1, at
            if chance.random() < leaves:
                break
    return Summary(np.arange(customers), x, t_x, np.full(customers, weeks), np.zeros(customers))


def test_known_parameters_are_found_again() -> None:
    model = bgnbd.fit(drawn(6_000, r=0.8, alpha=3.0, a=0.6, b=2.0, weeks=60))
    assert model.r == pytest.approx(0.8, rel=0.1)
    assert model.alpha == pytest.approx(3.0, rel=0.12)
    assert model.a / (model.a + model.b) == pytest.approx(0.6 / 2.6, rel=0.12)


def test_forecasts_stay_finite_for_those_who_come_every_day() -> None:
    model = bgnbd.BgNbd(1.2, 2.0, 0.01, 3.0, 0.0)
    many: Floats = np.array([0.0, 50.0, 300.0, 365.0])
    summary = Summary(np.arange(4), many, np.array([0.0, 50.0, 51.0, 52.0]), np.full(4, 52.1), np.zeros(4))
    come = bgnbd.expected(model, summary, 13)
    assert np.all(np.isfinite(come))
    assert np.all(come >= 0)
    assert np.all(np.diff(come) > 0)
    assert come[3] < 365 / 52.1 * 13 * 1.05
    chance = bgnbd.alive(model, summary)
    assert chance[0] == 1
    assert np.all((chance >= 0) & (chance <= 1))


@pytest.mark.parametrize(
    ("r", "alpha", "a", "b"),
    [
        (0.198, 0.475, 6782.0, 162755.0),  # all leave alike
        (0.5, 4.0, 1.0, 2.0),  # nought over nought in the published formula
        (3.0, 0.01, 1e-5, 1e-5),
        (100.0, 160_000.0, 2.0, 1e-5),
        (1e-5, 1e-5, 160_000.0, 160_000.0),
    ],
)
def test_forecasts_hold_at_the_edges_of_the_parameters(r: float, alpha: float, a: float, b: float) -> None:
    """Never less than nothing, never more than if nobody left, and the same from next to the edge."""
    x: Floats = np.array([0.0, 1.0, 7.0, 300.0])
    summary = Summary(np.arange(4), x, np.minimum(x, 30.0), np.array([5.0, 20.0, 40.0, 52.0]), np.zeros(4))
    come = bgnbd.expected(bgnbd.BgNbd(r, alpha, a, b, 0.0), summary, 13)
    assert np.all(np.isfinite(come))
    assert np.all((come >= 0) & (come <= (r + x) / (alpha + summary.age) * 13 * (1 + 1e-6)))
    beside = bgnbd.expected(bgnbd.BgNbd(r, alpha, a * 1.001, b, 0.0), summary, 13)
    assert come == pytest.approx(beside, rel=0.02, abs=1e-9)


def test_the_two_ways_to_a_forecast_agree(calibration: Summary) -> None:
    model = bgnbd.fit(calibration)
    series = bgnbd.expected(model, calibration, 39) / bgnbd.alive(model, calibration)
    assert bgnbd._by_quadrature(model, calibration.x, calibration.age, 39) == pytest.approx(series, rel=1e-4)


def test_what_somebody_spends_leans_to_everybody_the_less_she_came(calibration: Summary) -> None:
    model = gamma_gamma.fit(calibration)
    few, many = (
        Summary(np.array([0]), np.array([x]), np.array([1.0]), np.array([2.0]), np.array([100.0])) for x in (1.0, 50.0)
    )
    assert gamma_gamma.expected(model, few)[0] < gamma_gamma.expected(model, many)[0] < 100


def test_ours_beats_repeating_and_the_plain_model_on_days_that_nobody_saw(cdnow: History) -> None:
    found = evaluate(cdnow, 180)
    assert found.customers == 2357
    assert found.ours.mae < min(found.repeat.mae, found.bgnbd.mae)
    assert found.ours.auc is not None
    assert found.bgnbd.auc is not None
    assert found.ours.auc > found.bgnbd.auc > 0.7


def test_too_little_history_is_said_so(cdnow: History) -> None:
    with pytest.raises(HistoryTooShortError):
        evaluate(cdnow, 400)
    lonely = Summary(np.arange(9), np.zeros(9), np.zeros(9), np.full(9, 10.0), np.zeros(9))
    for model in (bgnbd, gamma_gamma):
        with pytest.raises(HistoryTooShortError):
            model.fit(lonely)
