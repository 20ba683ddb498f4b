"""BG/NBD: how often customers come, and whether they still do (Fader, Hardie and Lee, 2005).

While active, a customer buys at a rate that differs from person to person (gamma, r and alpha); after each purchase
she leaves with a chance that differs too (beta, a and b). Fitted by maximum likelihood with the exact gradient, over
customers with equal histories taken together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import betaincinv, gammaln, hyp2f1, psi

from app.insights.errors import HistoryTooShortError
from app.insights.purchases import Floats, Ints, Summary

FEWEST_REPEATERS = 5
_LARGEST = 12.0  # of a logarithm: a parameter beyond e^12 says that it can't be told from this data
_USUAL = 7.0  # of a logarithm: within this an optimum is no edge
_LEVEL = 1e-5  # of the gradient a customer
_NO_ATTRITION = 1e-9
_NODES = 64


@dataclass(frozen=True, slots=True)
class BgNbd:
    """The four parameters, with time in weeks, and the log-likelihood of the data that they were fitted to."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float


@dataclass(frozen=True, slots=True)
class _Rows:
    """Equal histories once, with how many customers have each. ``levels`` are the different counts of purchases, few
    even in a large shop: the gamma functions, which cost most, are asked only for those, and spread by ``level``."""

    x: Floats
    t_x: Floats
    age: Floats
    weight: Floats
    levels: Floats
    level: Ints
    customers: Floats  # at each level

    @classmethod
    def of(cls, summary: Summary) -> _Rows:
        same, times = np.unique(np.stack((summary.x, summary.t_x, summary.age)), axis=1, return_counts=True)
        levels, level = np.unique(same[0], return_inverse=True)
        weight = times.astype(np.float64)
        customers = np.bincount(level, weights=weight, minlength=len(levels))
        return cls(same[0], same[1], same[2], weight, levels, level, np.asarray(customers, np.float64))


def fit(summary: Summary) -> BgNbd:
    """The parameters under which the observed histories are most likely.

    Raises :class:`HistoryTooShortError` when fewer than five customers ever came again.
    """
    if np.count_nonzero(summary.x) < FEWEST_REPEATERS:
        raise HistoryTooShortError
    rows = _Rows.of(summary)
    many = rows.weight.sum()

    def cost(logs: Floats) -> tuple[float, Floats]:
        value, gradient = _log_likelihood(np.exp(logs), rows)
        # By customer, so that the optimiser's tolerances mean the same for large and small shops.
        return -value / many, -gradient * np.exp(logs) / many

    best = climb(cost, ((0.0, 1.0, 0.0, 1.0), (-1.0, 2.0, -2.0, 0.0), (1.0, 0.0, -3.0, 2.0)))
    if best is None:
        raise HistoryTooShortError
    (r, alpha, a, b), lowest = np.exp(best[0]), best[1]
    return BgNbd(float(r), float(alpha), float(a), float(b), float(-lowest * many))


def climb(
    cost: Callable[[Floats], tuple[float, Floats]], starts: tuple[tuple[float, ...], ...]
) -> tuple[Floats, float] | None:
    """Where ``cost`` (of logarithms of parameters, with its gradient) is least, and how little that is: found from the
    first start, and from the others too where that one ran off to an edge. ``None`` where it is nowhere finite."""
    best = None
    for start in starts:
        tried = minimize(
            cost,
            np.array(start),
            jac=True,
            method="L-BFGS-B",
            bounds=[(-_LARGEST, _LARGEST)] * len(start),
            options={"ftol": 1e-14, "gtol": 1e-8, "maxiter": 2_000},
        )
        if np.isfinite(tried.fun) and (best is None or tried.fun < best[1] - 1e-9):
            best = np.asarray(tried.x, np.float64), float(tried.fun)
            if np.abs(tried.x).max() < _USUAL and np.abs(tried.jac).max() < _LEVEL:
                break
    return best


def _log_likelihood(parameters: Floats, rows: _Rows) -> tuple[float, Floats]:
    r, alpha, a, b = parameters
    x, level, weight = rows.levels, rows.level, rows.weight
    more = np.maximum(x, 1) - 1
    by_level = (
        gammaln(r + x)
        - gammaln(r)
        + r * np.log(alpha)
        + gammaln(a + b)
        + gammaln(b + x)
        - gammaln(b)
        - gammaln(a + b + x)
    )
    leaves = np.where(x > 0, np.log(a) - np.log(b + more), -np.inf)[level]
    there, then = np.log(alpha + rows.age), np.log(alpha + rows.t_x)
    here = -(r + rows.x) * there
    last = leaves - (r + rows.x) * then
    both = np.logaddexp(here, last)
    total = float(rows.customers @ by_level + weight @ both)

    still = weight * np.exp(here - both)
    gone = weight - still
    gone_by_level = np.bincount(level, weights=gone, minlength=len(x))
    customers = rows.customers.sum()
    after = psi(a + b) - psi(a + b + x)
    by_r = rows.customers @ (psi(r + x) - psi(r) + np.log(alpha)) - still @ there - gone @ then
    by_alpha = r / alpha * customers - (r + rows.x) @ (still / (alpha + rows.age) + gone / (alpha + rows.t_x))
    by_a = rows.customers @ after + gone.sum() / a
    by_b = rows.customers @ (after + psi(b + x) - psi(b)) - gone_by_level @ (1 / (b + more))
    return total, np.array([by_r, by_alpha, by_a, by_b])


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
    x, age = summary.x, summary.age
    without_loss = (r + x) / (alpha + age) * weeks
    if a < _NO_ATTRITION:  # nobody ever leaves: the formula below would be nought over nought
        return without_loss
    share = weeks / (alpha + age + weeks)
    with np.errstate(all="ignore"):
        # Euler's transformation: the series' argument is below one, and this form keeps its terms small.
        tail = (1 - share) ** (r + x) * hyp2f1(r + x, b + x, a + b + x - 1, share)
        moved = (1 - share) ** (a - 1) * hyp2f1(a + b - 1 - r, a - 1, a + b + x - 1, share)
        come = (a + b + x - 1) / (a - 1) * (1 - np.where(np.isfinite(tail), tail, moved))
        # Parameters at the edge (a shop where hardly anybody leaves, or all alike) take the series beyond its reach.
        lost = ~((come >= 0) & (come <= without_loss * (1 + 1e-6)))
    if lost.any():
        come[lost] = _by_quadrature(model, x[lost], age[lost], weeks)
    return np.asarray(come * alive(model, summary), np.float64)


def _by_quadrature(model: BgNbd, x: Floats, age: Floats, weeks: float) -> Floats:
    """The same for those who are still there, whatever the parameters: with a chance p of leaving it is
    (1 - (1 + p weeks / (alpha + age))^-(r + x)) / p, averaged over p's quantiles."""
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    levels, level = np.unique(x, return_inverse=True)
    p = np.maximum(betaincinv(model.a, model.b + levels[:, None], (nodes + 1) / 2), _NO_ATTRITION)[level]
    times, ahead = (model.r + x)[:, None], (weeks / (model.alpha + age))[:, None]
    return np.asarray(-np.expm1(-times * np.log1p(p * ahead)) / p @ (weights / 2), np.float64)
