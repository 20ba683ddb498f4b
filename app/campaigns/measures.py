"""From what became of a campaign's members to its result, as it is kept: a plain document of totals, which tells of
nobody who she was. No database; the estimating is :mod:`app.insights.uplift`'s. What its numbers mean is told in
``docs/measuring.md``."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.insights.uplift import LEAST, Arm, Effect, Listed, estimate, first_of, qini

LEAST_SHOWN = 20
"""So many people a part of a campaign needs, before anything is said about it."""
WEEKS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 26, 39, 52)
"""Where those who were away are told apart."""
Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Offer:
    """A voucher that came with the campaign and was redeemed within its time: its ``value`` as a till applies it."""

    reward_id: str
    value: dict[str, Any]


@dataclass(slots=True)
class Outcomes:
    """One place a person, in the order of the ids by which they were drawn. Money in minor units.

    ``visits``, ``spend`` (less refunds, of visits with an amount) and ``redeemed`` (rewards, of any kind) fall between
    the moment of sending and its end; ``before`` and ``spend_before`` in the time before, which is as long for all.
    ``away`` are days since the last visit before (NaN: never seen before).
    """

    is_treated: NDArray[np.bool_]
    visits: Floats
    spend: Floats
    redeemed: Floats
    before: Floats
    spend_before: Floats
    away: Floats
    score: Floats
    facts: list[dict[str, Any] | None]
    starts: datetime | None
    ends: datetime | None
    reached: int = 0
    left: int = 0
    merged: int = 0
    erased: int = 0
    mails: int = 0
    priced: int = 0
    offers: list[Offer] = field(default_factory=list)

    @property
    def people(self) -> int:
        return len(self.visits)


@dataclass(frozen=True, slots=True)
class Money:
    """What the campaign cost and what a visit leaves, in minor units of the shop's currency. ``visit_minor``: what
    stays of an average basket (None: nobody knows what a visit comes to); ``is_estimated``: a typed basket, or the
    trade's usual margin, is in it."""

    currency: str
    sending_minor: int
    offers_minor: int
    unpriced: int
    visit_minor: int | None
    basket_minor: int | None
    margin_percent: int
    is_estimated: bool

    @property
    def cost_minor(self) -> int:
        return self.sending_minor + self.offers_minor


def measure(found: Outcomes, money: Money) -> dict[str, Any]:
    """The result of a campaign: totals of both groups, the effect on visits, spend and redemptions per head, what it
    brought in all, its twenty dots, what it left in money and how surely it paid, the same by how long people were
    away, and how orders of the list would have done. A repeat over the same outcomes gives the same."""
    treated = found.is_treated
    visits = _effect(found, found.visits, found.before)
    spend = _effect(found, found.spend, found.spend_before, unit=float(money.basket_minor or 1_000))
    if not found.priced:
        spend = None
    parts = {
        "visits": visits,
        "spend": spend,
        "redemptions": _effect(found, found.redeemed, found.before),
    }
    return {
        "version": 1,
        "treated": int(treated.sum()),
        "control": int((~treated).sum()),
        "reached": found.reached,
        "came": [int((found.visits[treated] > 0).sum()), int((found.visits[~treated] > 0).sum())],
        "visits": [int(found.visits[treated].sum()), int(found.visits[~treated].sum())],
        "redeemed": len(found.offers),
        "left": found.left,
        "merged": found.merged,
        "erased": found.erased,
        "effects": {name: None if effect is None else _told(effect) for name, effect in parts.items()},
        "total": None if visits is None else _total(visits),
        "money": _money(money, visits),
        "parts": _parts(found),
        "orders": _orders(found),
    }


def _effect(
    found: Outcomes, after: NDArray[np.float64], before: NDArray[np.float64], unit: float = 1.0
) -> Effect | None:
    mine = found.is_treated
    return estimate(Arm(after[mine], before[mine]), Arm(after[~mine], before[~mine]), unit=unit)


def _told(effect: Effect) -> dict[str, Any]:
    return {
        "with": effect.with_mean,
        "without": effect.without_mean,
        "mean": effect.mean,
        "low": effect.low,
        "high": effect.high,
    }


def _total(effect: Effect) -> dict[str, Any]:
    """What it brought in all: per head, times those written to."""
    people = effect.treated
    return {
        "mean": effect.mean * people,
        "low": effect.low * people,
        "high": effect.high * people,
        "dots": [dot * people for dot in effect.dots()],
        "chance_helped": effect.chance_above(0.0),
    }


def _money(money: Money, visits: Effect | None) -> dict[str, Any]:
    told: dict[str, Any] = {
        "currency": money.currency,
        "cost_minor": money.cost_minor,
        "sending_minor": money.sending_minor,
        "offers_minor": money.offers_minor,
        "unpriced": money.unpriced,
        "visit_minor": money.visit_minor,
        "margin_percent": money.margin_percent,
        "is_estimated": money.is_estimated,
        "profit_minor": None,
        "break_even": None,
        "chance_paid": None,
    }
    if visits is not None and money.visit_minor:
        needed = money.cost_minor / money.visit_minor
        told["profit_minor"] = round(visits.mean * visits.treated * money.visit_minor)
        told["break_even"] = needed
        told["chance_paid"] = visits.chance_above(needed / visits.treated)
    return told


def _parts(found: Outcomes) -> list[dict[str, Any]]:
    """The effect by how long people had been away, in three parts of about a third; none where they are too few."""
    weeks = found.away / 7
    seen = np.isfinite(weeks)
    if int(seen.sum()) < 2 * LEAST_SHOWN:
        return []
    edges = _edges(weeks[seen])
    told = []
    for least, most in zip([0, *edges], [*edges, None], strict=True):
        inside = seen & (weeks >= least) & (weeks < (np.inf if most is None else most))
        effect = _effect_of(found, inside)
        people = int(inside.sum())
        if not people:
            continue
        told.append(
            {
                "from_weeks": least,
                "to_weeks": most,
                "people": people,
                "effect": None if effect is None else _told(effect),
            }
        )
    return told if len(told) > 1 else []


def _effect_of(found: Outcomes, inside: Flags) -> Effect | None:
    if int(inside.sum()) < LEAST_SHOWN:
        return None
    arms = [
        Arm(found.visits[inside & mine], found.before[inside & mine]) for mine in (found.is_treated, ~found.is_treated)
    ]
    return estimate(arms[0], arms[1])


def _edges(weeks: NDArray[np.float64]) -> list[int]:
    """Two whole numbers of weeks that part people into about three thirds."""
    edges: list[int] = []
    for share in (1 / 3, 2 / 3):
        wanted = float(np.quantile(weeks, share))
        nearest = min(WEEKS, key=lambda week: abs(np.log(week) - np.log(max(wanted, 0.5))))
        if nearest not in edges:
            edges.append(nearest)
    return sorted(edges)


def plain_score(away: NDArray[np.float64], before: NDArray[np.float64]) -> NDArray[np.float64]:
    """The order without anything learnt: who came often and lately comes first, as recency and frequency rank them."""
    lately = -np.where(np.isfinite(away), away, np.inf)
    return _ranks(lately) + _ranks(before)


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """From 0 (lowest) to 1; equals share their rank."""
    ordered = np.sort(values)
    middle = np.searchsorted(ordered, values, "left") + np.searchsorted(ordered, values, "right")
    return middle / max(2 * len(values), 1)


def _orders(found: Outcomes) -> dict[str, Any] | None:
    """How the first half of the list would have done by the order that was learnt, and by the plain one: told from
    the lot's own groups, for both orders were known before anything was sent."""
    known = np.isfinite(found.score)
    if int(known.sum()) < 2 * LEAST_SHOWN or len(np.unique(found.score[known])) < 2:
        return None
    most = int(known.sum()) // 2
    after, mine, before = found.visits[known], found.is_treated[known], found.before[known]
    orders = {"learnt": found.score[known], "plain": plain_score(found.away[known], before)}
    firsts = [set(np.argsort(-score, kind="stable")[:most].tolist()) for score in orders.values()]
    if firsts[0] == firsts[1]:
        return None  # nothing was learnt yet: there is one list
    told = {
        name: {"qini": qini(score, after, mine), **_listed(first_of(score, after, mine, most, before))}
        for name, score in orders.items()
    }
    return {"people": most, "both": len(firsts[0] & firsts[1]), **told}


def _listed(listed: Listed) -> dict[str, Any]:
    effect = listed.effect
    if effect is None or min(effect.treated, effect.control) < LEAST:
        return {"extra": None, "low": None, "high": None}
    return {
        "extra": effect.mean * listed.people,
        "low": effect.low * listed.people,
        "high": effect.high * listed.people,
    }
