"""What a customer is worth: her visits still to come, discounted, times what the shop keeps of each. Pure NumPy.

The visits come from BG/NBD (:mod:`app.insights.bgnbd`), the spend from Gamma-Gamma (:mod:`app.insights.gamma_gamma`):
value = DET * (basket * margin - rewards for a visit) - messages while she is there, with DET the discounted expected
transactions (Fader, Hardie and Lee, "RFM and CLV", Journal of Marketing Research 2005, there for Pareto/NBD).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray
from scipy.special import hyp2f1

from app.insights import bgnbd, gamma_gamma
from app.insights.bgnbd import BgNbd
from app.insights.gamma_gamma import GammaGamma
from app.insights.purchases import Floats, Ints, Summary

DISCOUNT = 0.10  # a year: what a euro next year is worth less
HORIZON = 156.0  # weeks: nobody can see further in a shop
YEAR = 52.1775  # weeks
Bools = NDArray[np.bool_]
_NODES = 12
_ALIKE = 150.0
_RATE = log(1 + DISCOUNT) / YEAR

MARGINS: Mapping[str, int] = {
    "bakery": 60,
    "bicycle": 45,
    "bike-repair": 55,
    "bookshop": 35,
    "butcher": 40,
    "cafe": 65,
    "cheese": 40,
    "chips": 65,
    "chocolate": 55,
    "fashion": 50,
    "fishmonger": 40,
    "florist": 50,
    "greengrocer": 35,
    "hairdresser": 85,
    "home": 50,
    "ice": 70,
    "lunch": 65,
    "optician": 60,
    "pharmacy": 30,
    "records": 35,
    "restaurant": 65,
    "wine": 35,
}
"""What shops of a trade usually keep of a euro after paying for the goods, in per cent of the price: round figures of
trade statistics, good until the owner says better."""
USUAL_MARGIN = 45


@dataclass(frozen=True, slots=True)
class Costs:
    """With which the money is reckoned: ``margin_percent`` of a sale stays, of each visit ``visit_minor`` goes into
    rewards, and a year of one member costs ``year_minor`` in messages."""

    margin_percent: int
    visit_minor: float
    year_minor: float


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is expected of each customer: the chance that she still comes, visits in the coming twelve months, minor
    units a visit, discounted visits of three years, and what all of it is worth in minor units."""

    alive: Floats
    visits: Floats
    basket: Ints
    to_come: Floats
    value: Ints


def usual_margin(trade: str) -> int:
    """What a shop of this trade usually keeps of its price, in per cent."""
    return MARGINS.get(trade, USUAL_MARGIN)


def outlook(
    coming: BgNbd,
    spending: GammaGamma | None,
    summary: Summary,
    *,
    basket_minor: int,
    costs: Costs,
    needs: Callable[[Floats, Floats, Ints], Bools] | None = None,
) -> Outlook:
    """What to expect of each customer. Without ``spending``, and where a customer's own amounts aren't known
    (``mean_amount`` 0), a visit comes to ``basket_minor``. ``needs`` says, by their chance, visits and basket, of whom
    the discounted visits and the value are wanted, which cost the most; of the others they are 0."""
    alive = bgnbd.alive(coming, summary)
    visits = bgnbd.expected(coming, summary, YEAR)
    basket = np.full(len(summary.x), float(basket_minor))
    if spending is not None:
        known = summary.mean_amount > 0
        without = Summary(
            summary.customer, np.where(known, summary.x, 0.0), summary.t_x, summary.age, summary.mean_amount
        )
        expected = gamma_gamma.expected(spending, without)
        basket = np.where(np.isfinite(expected) & (expected > 0), expected, basket)
    rounded = np.rint(basket).astype(np.int64)
    wanted = np.flatnonzero(np.ones(len(alive), np.bool_) if needs is None else needs(alive, visits, rounded))
    to_come = np.zeros(len(alive))
    if len(wanted):
        some = Summary(
            summary.customer[wanted],
            summary.x[wanted],
            summary.t_x[wanted],
            summary.age[wanted],
            summary.mean_amount[wanted],
        )
        to_come[wanted] = discounted_visits(coming, some, alive[wanted])
    return Outlook(
        alive=alive,
        visits=visits,
        basket=rounded,
        to_come=to_come,
        value=worth(to_come, rounded, alive, costs),
    )


def worth(to_come: Floats, basket: Ints, alive: Floats, costs: Costs) -> Ints:
    """In minor units, rounded: what stays of the visits to come, less rewards for them and messages meanwhile."""
    kept = basket * (costs.margin_percent / 100) - costs.visit_minor
    return np.asarray(np.rint(to_come * kept - alive * (costs.year_minor * ANNUITY)), np.int64)


def profits(spend: Ints, unpriced: Ints, cost: Ints, *, basket_minor: int, margin_percent: int) -> Ints:
    """What stayed of the last twelve months' sales, less what was given: half a cent is rounded up. The same in whole
    numbers as :data:`app.insights.service.settings` says it in SQL."""
    kept: Ints = ((spend + unpriced * basket_minor) * margin_percent + 50) // 100 - cost
    return kept


def discounted_visits(model: BgNbd, summary: Summary, alive: Floats | None = None) -> Floats:
    """The discounted expected transactions of the coming :data:`HORIZON` weeks.

    Given that a customer is alive at T with x repeats, her rate is Gamma(r + x, alpha + T) and her chance of leaving
    after a purchase Beta(a, b + x), independently; so that she buys at the rate E[l exp(-l p t)] after a further t,
    which over both is (r+x)/(alpha+T) 2F1(r+x+1, a; a+b+x; -t/(alpha+T)). That, discounted, is integrated by Gauss and
    Legendre over u = log(1 + t/(alpha+T)), in which it is smooth; 2F1 is taken by Pfaff's transformation.
    """
    still = bgnbd.alive(model, summary) if alive is None else alive
    shape, scale = model.r + summary.x, model.alpha + summary.age
    a, c = model.a, model.a + model.b + summary.x
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    far = np.log1p(HORIZON / scale)
    total = np.zeros(len(scale))
    for node, weight in zip(nodes, weights, strict=True):
        grown = np.exp(far * (node + 1) / 2)
        rate = shape / scale * _thinned(grown, shape + 1, a, c)
        total += weight * rate * np.exp(-_RATE * scale * (grown - 1)) * scale * grown
    return np.asarray(np.maximum(total * far / 2, 0.0) * still, np.float64)


def _thinned(grown: Floats, s: Floats, a: float, c: Floats) -> Floats:
    """2F1(s, a; c; 1 - grown): E[(1 + p (grown - 1))^-s] for p ~ Beta(a, c - a). Where customers hardly differ in p,
    its terms are too large for a float; then by the mean and the variance of p."""
    with np.errstate(all="ignore"):
        found = grown**-a * hyp2f1(a, c - s, c, 1 - 1 / grown)
        mean = a / c
        spread = mean * (1 - mean) / (c + 1) * s * (s + 1) * ((grown - 1) / (1 + mean * (grown - 1))) ** 2 / 2
        near = (1 + mean * (grown - 1)) ** -s * (1 + spread)
    is_alike = (a > _ALIKE) | ~np.isfinite(found) | (found < 0) | (found > 1 + 1e-9)
    return np.asarray(np.where(is_alike, near, found), np.float64)


ANNUITY = (1 - (1 + DISCOUNT) ** -(HORIZON / YEAR)) / log(1 + DISCOUNT)
"""What one a year, all the year round, for the horizon comes to today."""
