"""BG/NBD: how often customers come, and whether they still do (Fader, Hardie and Lee, 2005).

While active, a customer buys at a rate that differs from person to person (gamma, r and alpha); after each purchase
she leaves with a chance that differs too (beta, a and b). Fitted by maximum likelihood with the exact gradient, over
customers with equal histories taken together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln, hyp2f1, psi

from app.insights.errors import HistoryTooShortError
from app.insights.purchases import Floats, Summary

FEWEST_REPEATERS = 5
_LARGEST = 12.0  # of a logarithm: a parameter beyond e^12 says that it can't be told from this data
_NO_ATTRITION = 1e-9


@dataclass(frozen=True, slots=True)
class BgNbd:
    """The four parameters, with time in weeks, and the log-likelihood of the data that they were fitted to."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float


def fit(summary: Summary) -> BgNbd:
    """The parameters under which the observed histories are most likely.

    Raises :class:`HistoryTooShortError` when fewer than five customers ever came again.
    """
    if np.count_nonzero(summary.x) < FEWEST_REPEATERS:
        raise HistoryTooShortError
    same, times = np.unique(np.stack((summary.x, summary.t_x, summary.age)), axis=1, return_counts=True)
    x, t_x, age = same
    weight = times.astype(np.float64)

    def cost(logs: Floats) -> tuple[float, Floats]:
        value, gradient = _log_likelihood(np.exp(logs), x, t_x, age, weight)
        # By customer, so that the optimiser's tolerances mean the same for large and small shops.
        return -value / weight.sum(), -gradient * np.exp(logs) / weight.sum()

    best = None
    for start in ((0.0, 1.0, 0.0, 1.0), (-1.0, 2.0, -2.0, 0.0), (1.0, 0.0, -3.0, 2.0)):
        tried = minimize(
            cost,
            np.array(start),
            jac=True,
            method="L-BFGS-B",
            bounds=[(-_LARGEST, _LARGEST)] * 4,
            options={"ftol": 1e-14, "gtol": 1e-9, "maxiter": 2_000},
        )
        if np.isfinite(tried.fun) and (best is None or tried.fun < best.fun - 1e-9):
            best = tried
    if best is None:
        raise HistoryTooShortError
    r, alpha, a, b = np.exp(best.x)
    return BgNbd(float(r), float(alpha), float(a), float(b), float(-best.fun * weight.sum()))


def _log_likelihood(parameters: Floats, x: Floats, t_x: Floats, age: Floats, weight: Floats) -> tuple[float, Floats]:
    r, alpha, a, b = parameters
    repeats = x > 0
    first = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    second = gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x)
    here = -(r + x) * np.log(alpha + age)
    last = np.where(repeats, np.log(a) - np.log(b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + t_x), -np.inf)
    both = np.logaddexp(here, last)
    total = float(np.sum(weight * (first + second + both)))

    still, gone = np.exp(here - both), np.exp(last - both)
    by_r = psi(r + x) - psi(r) + np.log(alpha) - still * np.log(alpha + age) - gone * np.log(alpha + t_x)
    by_alpha = r / alpha - (r + x) * (still / (alpha + age) + gone / (alpha + t_x))
    by_a = psi(a + b) - psi(a + b + x) + gone / a
    by_b = psi(a + b) + psi(b + x) - psi(b) - psi(a + b + x) - gone / (b + np.maximum(x, 1) - 1)
    gradient = np.array([np.sum(weight * part) for part in (by_r, by_alpha, by_a, by_b)])
    return total, gradient


def alive(model: BgNbd, summary: Summary) -> Floats:
    """The chance that each customer still comes at the end of the observation."""
    with np.errstate(over="ignore"):
        odds = np.exp(
            np.log(model.a / (model.b + np.maximum(summary.x, 1) - 1))
            + (model.r + summary.x) * np.log((model.alpha + summary.age) / (model.alpha + summary.t_x))
        )
    return np.asarray(np.where(summary.x > 0, 1 / (1 + odds), 1.0), np.float64)


def expected(model: BgNbd, summary: Summary, weeks: float) -> Floats:
    """On how many days each customer is expected to come in the ``weeks`` after the observation."""
    r, alpha, a, b = model.r, model.alpha, model.a, model.b
    if a < _NO_ATTRITION:  # nobody ever leaves: the formula below would be nought over nought
        return (r + summary.x) / (alpha + summary.age) * weeks
    x, age = summary.x, summary.age
    share = weeks / (alpha + age + weeks)
    # Euler's transformation: the series' argument is below one, and this form keeps its terms small.
    tail = (1 - share) ** (r + x) * hyp2f1(r + x, b + x, a + b + x - 1, share)
    moved = (1 - share) ** (a - 1) * hyp2f1(a + b - 1 - r, a - 1, a + b + x - 1, share)
    tail = np.where(np.isfinite(tail), tail, moved)
    come = (a + b + x - 1) / (a - 1) * (1 - tail)
    return np.asarray(np.maximum(0.0, come) * alive(model, summary), np.float64)
