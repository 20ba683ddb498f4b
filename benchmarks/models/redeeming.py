"""Who redeems: the list ordered by expected response against the list as it stood and recency-frequency-money scoring.

Held out are the campaigns of the Complete Journey that begin in its last 92 days; learnt is from those that had ended
before, and began after the first four weeks of data. A row is a household that a campaign was sent to; it responded if
it redeemed any of its coupons. All facts of a row are from before its campaign's first day. What is compared is each
list's order within each held-out campaign: the share of pairs of one who redeemed and one who did not in which the
former stands first, ties as halves, over all campaigns together (the area under the ROC curve, weighted by pairs).

- ``listed``: the households in the order in which the file has them.
- ``rfm``: the classic score, the sum of three quintiles among those on the list: days since the last visit, days with a
  visit, and amount spent, all of the 91 days before.
- ``ours``: :mod:`app.insights.responding`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.stats import rankdata

from app.insights import responding
from app.insights.purchases import Floats, History, Ints, counts_between, gather
from app.insights.responding import Events
from benchmarks.models import journey
from benchmarks.models.journey import Told

HELD_OUT = 92
HISTORY = 28  # days of visits before a campaign can be learnt from
_QUARTER = 91


def held_out() -> dict[str, Any]:
    """The three areas under the curve, over the held-out campaigns together and in each."""
    found = journey.baskets()
    visits = gather(found.household, found.day, found.amount)
    every = journey.campaigns()
    cut = visits.last_day - HELD_OUT + 1
    lessons = [one for one in every if one.begin >= visits.first_day + HISTORY and one.end < cut]
    judged = [one for one in every if one.begin >= cut]
    facts = np.concatenate([_facts(one, every, visits) for one in lessons])
    model = responding.fit(facts, np.concatenate([_responded(one) for one in lessons]))

    orders: dict[str, Callable[[Told], Floats]] = {
        "ours": lambda one: model.expected(_facts(one, every, visits)),
        "rfm": lambda one: rfm(one.households, one.begin, visits),
        "listed": lambda one: -np.arange(len(one.households), dtype=np.float64),
    }
    told: dict[str, Any] = {
        "learnt_from": {"campaigns": len(lessons), "households": len(facts), "redeemers": model.responses},
        "held_out": {
            "campaigns": len(judged),
            "households": sum(len(one.households) for one in judged),
            "redeemers": sum(int(_responded(one).sum()) for one in judged),
        },
    }
    each: dict[str, dict[str, float]] = {}
    for name, order in orders.items():
        right = pairs = 0.0
        for one in judged:
            won, of = _pairs(_responded(one), order(one))
            right, pairs = right + won, pairs + of
            each.setdefault(str(one.number), {})[name] = round(won / of, 3)
        told[name] = round(right / pairs, 4)
    return told | {"each": each}


def rfm(members: Ints, day: int, visits: History) -> Floats:
    """The sum of the quintiles (0 to 4) of recency, frequency and money among ``members``."""
    who = np.unique(members)
    begin, end = day - 1 - _QUARTER, day - 1
    came = counts_between(visits, who, begin, end)
    recent = (visits.day > begin) & (visits.day <= end) & np.isin(visits.customer, who)
    at = np.searchsorted(who, visits.customer[recent])
    spent = np.bincount(at, weights=visits.amount[recent], minlength=len(who))
    last = np.full(len(who), begin, np.float64)
    np.maximum.at(last, at, visits.day[recent].astype(np.float64))
    score = sum(np.digitize(one, np.quantile(one, (0.2, 0.4, 0.6, 0.8))) for one in (last, came, spent))
    return np.asarray(score, np.float64)[np.searchsorted(who, members)]


def _facts(one: Told, every: tuple[Told, ...], visits: History) -> Floats:
    sent = Events(
        np.concatenate([other.households for other in every]),
        np.concatenate([np.full(len(other.households), other.begin) for other in every]),
    )
    redeemed = Events(
        np.concatenate([other.redeemer for other in every]), np.concatenate([other.redeemed_on for other in every])
    )
    return responding.facts_of(one.households, one.begin, visits, sent, redeemed)


def _responded(one: Told) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return np.isin(one.households, one.redeemer)


def _pairs(responded: np.ndarray[Any, np.dtype[np.bool_]], order: Floats) -> tuple[float, float]:
    """How many pairs stand the right way round, and of how many."""
    ones, zeros = int(responded.sum()), int((~responded).sum())
    return float(rankdata(order)[responded].sum() - ones * (ones + 1) / 2), float(ones * zeros)
