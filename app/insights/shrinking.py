"""Leaning a shop's model to its trade's, the more so the less the shop knows itself. Pure numbers.

Empirical Bayes on the parameters: a shop with n customers who came again keeps w = n / (n + 50) of its own and takes
the rest from its trade. They are mixed as what they mean, each on the scale on which it is free: of BG/NBD the mean
rate r/alpha and its evenness r (logarithms), the chance of leaving a/(a+b) (log odds) and how alike customers are in
it, a+b (logarithm); of Gamma-Gamma p, q and v (logarithms). A trade is the mean of at least five shops' customers, with
as many from each.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from app.insights import bgnbd, gamma_gamma
from app.insights.bgnbd import BgNbd
from app.insights.errors import HistoryTooShortError
from app.insights.gamma_gamma import GammaGamma
from app.insights.purchases import Floats, Summary

FEWEST_CUSTOMERS = 30
"""With fewer, or with fewer who came again than :data:`FEWEST_REPEATERS`, a shop's own history says nothing."""
FEWEST_REPEATERS = 10
HALF = 50  # customers who came again, with whom a shop is believed as much as its trade
ENOUGH = 1000  # with whom it is believed alone
FEWEST_SHOPS = 5
_SURE = 1e6  # where nobody leaves, a+b and its odds have no bounds; beyond this they mean the same


def weight(repeaters: int) -> float:
    """How much of its own a shop keeps, 0 to 1."""
    return 1.0 if repeaters >= ENOUGH else repeaters / (repeaters + HALF)


def knows_enough(customers: int, repeaters: int) -> bool:
    """Whether a shop's own history can be fitted to."""
    return customers >= FEWEST_CUSTOMERS and repeaters >= FEWEST_REPEATERS


def estimate_coming(summary: Summary, trade: BgNbd | None) -> tuple[BgNbd | None, str]:
    """How customers come, and on which basis that is said: ``own``, ``shrunk``, ``trade`` or ``none``."""
    customers, repeaters = len(summary.x), int(np.count_nonzero(summary.x))
    own = None
    if knows_enough(customers, repeaters):
        try:
            own = bgnbd.fit(summary)
        except HistoryTooShortError:
            own = None
    if own is None:
        return (None, "none") if trade is None else (replace(trade, log_likelihood=float("nan")), "trade")
    if trade is None or weight(repeaters) >= 1:
        return own, "own"
    return mix_coming(own, trade, weight(repeaters)), "shrunk"


def estimate_spending(summary: Summary, trade: GammaGamma | None) -> GammaGamma | None:
    """What customers spend; None where neither the shop nor its trade can say."""
    spenders = int(np.count_nonzero((summary.x > 0) & (summary.mean_amount > 0)))
    own = None
    if spenders >= FEWEST_REPEATERS:
        try:
            own = gamma_gamma.fit(summary)
        except HistoryTooShortError:
            own = None
    if own is None:
        return trade if spenders else None
    if trade is None or weight(spenders) >= 1:
        return own
    return mix_spending(own, trade, weight(spenders))


def mix_coming(own: BgNbd, other: BgNbd, share: float) -> BgNbd:
    """``share`` of the one and the rest of the other. The likelihood stays the own one's."""
    rate, shape, odds, sure = np.exp(share * _coming(own) + (1 - share) * _coming(other))
    leaving = odds / (1 + odds)
    return BgNbd(
        float(shape), float(shape / rate), float(sure * leaving), float(sure * (1 - leaving)), own.log_likelihood
    )


def mix_spending(own: GammaGamma, other: GammaGamma, share: float) -> GammaGamma:
    """The same for what is spent."""
    p, q, v = np.exp(share * np.log([own.p, own.q, own.v]) + (1 - share) * np.log([other.p, other.q, other.v]))
    return GammaGamma(float(p), float(q), float(v), own.customers)


def _coming(model: BgNbd) -> Floats:
    odds = np.clip(model.a / model.b, 1 / _SURE, _SURE)
    return np.log([model.r / model.alpha, model.r, odds, min(max(model.a + model.b, 1 / _SURE), _SURE)])
