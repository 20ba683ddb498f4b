"""Gamma-Gamma: what a customer spends on a day of purchase (Fader and Hardie, 2013).

A customer's purchases vary around a mean of her own, and the means vary among customers; the fewer purchases she made,
the more her expected amount leans to everybody's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln, psi

from app.insights.bgnbd import climb
from app.insights.errors import HistoryTooShortError
from app.insights.purchases import Floats, Summary

FEWEST = 5


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
    unit = float(np.median(summary.mean_amount[used]))  # fitted in amounts around one, whatever the currency
    rows = _Rows.of(summary.x[used], summary.mean_amount[used] / unit)
    many = len(rows.x)

    def cost(logs: Floats) -> tuple[float, Floats]:
        value, gradient = _log_likelihood(np.exp(logs), rows)
        return -value / many, -gradient * np.exp(logs) / many

    best = climb(cost, ((1.0, 1.0, 1.0), (0.0, 0.5, 0.0), (2.0, 1.5, -1.0)))
    if best is None:
        raise HistoryTooShortError
    p, q, v = np.exp(best[0])
    return GammaGamma(float(p), float(q), float(v) * unit, many)


@dataclass(frozen=True, slots=True)
class _Rows:
    """The customers, and the different counts of their purchases, for which alone the gamma functions are asked."""

    x: Floats
    spent: Floats  # in all
    levels: Floats
    customers: Floats  # at each level
    by_level: Floats  # the sum of log(spent) at each level
    constant: float

    @classmethod
    def of(cls, x: Floats, mean: Floats) -> _Rows:
        levels, level = np.unique(x, return_inverse=True)
        customers = np.bincount(level, weights=np.ones(len(x)), minlength=len(levels)).astype(np.float64)
        by_level = np.bincount(level, weights=np.log(mean * x), minlength=len(levels)).astype(np.float64)
        return cls(x, mean * x, levels, customers, by_level, float(-np.log(mean).sum()))


def _log_likelihood(parameters: Floats, rows: _Rows) -> tuple[float, Floats]:
    p, q, v = parameters
    px, customers = p * rows.levels, rows.customers
    whole = np.log(v + rows.spent)
    many = customers.sum()
    total = float(
        customers @ (gammaln(px + q) - gammaln(px))
        + many * (q * np.log(v) - gammaln(q))
        + px @ rows.by_level
        + rows.constant
        - (p * rows.x + q) @ whole
    )
    both = psi(px + q)
    by_p = rows.levels @ (customers * (both - psi(px)) + rows.by_level) - rows.x @ whole
    by_q = customers @ both + many * (np.log(v) - psi(q)) - whole.sum()
    by_v = many * q / v - (p * rows.x + q) @ (1 / (v + rows.spent))
    return total, np.array([by_p, by_q, by_v])


def expected(model: GammaGamma, summary: Summary) -> Floats:
    """What each customer is expected to spend on a day of purchase: her own mean, drawn towards everybody's."""
    everybodys = model.v * model.p / (model.q - 1) if model.q > 1 else float(np.median(summary.mean_amount))
    own = model.p * summary.x
    lean = (model.q - 1) / (own + model.q - 1) if model.q > 1 else 1 / (1 + summary.x)
    return lean * everybodys + (1 - lean) * summary.mean_amount
