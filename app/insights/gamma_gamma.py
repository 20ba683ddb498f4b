"""Gamma-Gamma: what a customer spends on a day of purchase (Fader and Hardie, 2013).

A customer's purchases vary around a mean of her own, and the means vary among customers; the fewer purchases she made,
the more her expected amount leans to everybody's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln, psi

from app.insights.errors import HistoryTooShortError
from app.insights.purchases import Floats, Summary

FEWEST = 5
_LARGEST = 12.0


@dataclass(frozen=True, slots=True)
class GammaGamma:
    """The three parameters in the currency of the amounts, and how many customers they were fitted to: those who came
    again and spent something."""

    p: float
    q: float
    v: float
    customers: int


def fit(summary: Summary) -> GammaGamma:
    """The parameters under which the customers' mean amounts are most likely.

    Raises :class:`HistoryTooShortError` with fewer than five customers to fit.
    """
    used = (summary.x > 0) & (summary.mean_amount > 0)
    if np.count_nonzero(used) < FEWEST:
        raise HistoryTooShortError
    x, mean = summary.x[used], summary.mean_amount[used]
    unit = float(np.median(mean))  # fitted in amounts around one, whatever the currency
    scaled = mean / unit

    def cost(logs: Floats) -> tuple[float, Floats]:
        value, gradient = _log_likelihood(np.exp(logs), x, scaled)
        return -value / len(x), -gradient * np.exp(logs) / len(x)

    best = None
    for start in ((1.0, 1.0, 1.0), (0.0, 0.5, 0.0), (2.0, 1.5, -1.0)):
        tried = minimize(
            cost,
            np.array(start),
            jac=True,
            method="L-BFGS-B",
            bounds=[(-_LARGEST, _LARGEST)] * 3,
            options={"ftol": 1e-14, "gtol": 1e-9, "maxiter": 2_000},
        )
        if np.isfinite(tried.fun) and (best is None or tried.fun < best.fun - 1e-9):
            best = tried
    if best is None:
        raise HistoryTooShortError
    p, q, v = np.exp(best.x)
    return GammaGamma(float(p), float(q), float(v) * unit, len(x))


def _log_likelihood(parameters: Floats, x: Floats, mean: Floats) -> tuple[float, Floats]:
    p, q, v = parameters
    px = p * x
    spent = v + mean * x
    total = float(
        np.sum(
            gammaln(px + q)
            - gammaln(px)
            - gammaln(q)
            + q * np.log(v)
            + (px - 1) * np.log(mean)
            + px * np.log(x)
            - (px + q) * np.log(spent)
        )
    )
    by_p = x * (psi(px + q) - psi(px) + np.log(mean) + np.log(x) - np.log(spent))
    by_q = psi(px + q) - psi(q) + np.log(v) - np.log(spent)
    by_v = q / v - (px + q) / spent
    return total, np.array([by_p.sum(), by_q.sum(), by_v.sum()])


def expected(model: GammaGamma, summary: Summary) -> Floats:
    """What each customer is expected to spend on a day of purchase: her own mean, drawn towards everybody's."""
    everybodys = model.v * model.p / (model.q - 1) if model.q > 1 else float(np.median(summary.mean_amount))
    own = model.p * summary.x
    lean = (model.q - 1) / (own + model.q - 1) if model.q > 1 else 1 / (1 + summary.x)
    return lean * everybodys + (1 - lean) * summary.mean_amount
