"""Who will answer a campaign, and for whom it makes a difference, from facts that were known before it went out.

A logistic regression with a normal prior on its weights. Those who were written to and those who by lot were not share
one set of weights; a second set says how much writing changes, and has a prior of its own that holds it at "the same
for all" (in logits) until the data say otherwise. How narrow both priors are is learnt too, by the evidence (MacKay,
1992, "The evidence framework applied to classification networks"). Pure NumPy and
SciPy, no database: members are numbers, days proleptic ordinals, as in :mod:`app.insights.purchases`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.special import expit

from app.insights import bgnbd
from app.insights.bgnbd import BgNbd
from app.insights.errors import HistoryTooShortError
from app.insights.purchases import Floats, History, Ints, counts_between, summarise

FACTS = (
    "recency",  # log(1 + days since the last visit)
    "lateness",  # those days in usual gaps between visits
    "visits_14",  # log(1 + days with a visit) in the last 14 days
    "visits_28",
    "visits_91",
    "visits",  # after the first, ever
    "tenure",  # log(1 + weeks since the first visit)
    "basket",  # log(1 + mean amount of a day)
    "spend_91",  # log(1 + amount in the last 91 days)
    "alive",  # the chance that she still comes (BG/NBD)
    "expected",  # log(1 + visits expected in four weeks)
    "told",  # log(1 + earlier campaigns to her)
    "redeemed",  # log(1 + days on which she redeemed an offer)
    "redemptions",  # log(1 + offers redeemed)
    "rate",  # days with a redemption for each campaign to her, drawn to nought
    "freshness",  # of the last redemption: halved every sixty days
)
"""What is known of a member before a campaign, in the order of the columns."""
FEWEST = 10  # who responded, and who did not, among those written to
FEWEST_CONTROL = 30  # not written to, before a difference is learnt
_LONGEST = 365.0  # days since the last visit: of somebody who never came, too
_LATEST = 5.0
_QUARTER = 91
_WIDEST = 4.0  # standard deviations from the mean: what lies beyond was hardly seen
_PRECISIONS = (0.3, 1e4)  # of the priors: from weights that may be anything to weights that are nought
_FIRST_PRECISION = 3.0
_LOOSE = 1e-2
_STEPS = 40
_STILL = 1e-3
_SHORTEST = 1e-6


@dataclass(frozen=True, slots=True)
class Events:
    """Things that happened to members, in any order: ``member`` numbers and ``day`` ordinals."""

    member: Ints
    day: Ints

    @classmethod
    def none(cls) -> Events:
        """Nothing happened yet."""
        return cls(np.zeros(0, np.int64), np.zeros(0, np.int64))


def facts_of(
    members: Ints, day: int, visits: History, told: Events, redeemed: Events, *, model: BgNbd | None = None
) -> Floats:
    """What was known of ``members`` (any order) before the day of a campaign: a row each, the columns of ``FACTS``.

    ``visits`` are the shop's (of these members at least), ``told`` earlier campaigns to a member, ``redeemed`` offers
    redeemed; of each only what happened before ``day`` is looked at, so that facts of long ago can be made today.
    ``model`` is the shop's BG/NBD; without one it is fitted to ``visits``, and where that can't be, everybody counts
    as alive and comes as often as so far.
    """
    customers, place = np.unique(members, return_inverse=True)
    columns = [np.zeros(len(customers)) for _ in FACTS]
    by_name = dict(zip(FACTS, columns, strict=True))
    before = visits.until(day - 1)
    by_name["recency"][:] = np.log1p(_LONGEST)
    by_name["lateness"][:] = _LATEST
    if len(before.customer):
        _visited(by_name, customers, before, day, model)
    told_to, _, _ = _counted(told, customers, day)
    offers, days, last = _counted(redeemed, customers, day)
    by_name["told"][:] = np.log1p(told_to)
    by_name["redeemed"][:] = np.log1p(days)
    by_name["redemptions"][:] = np.log1p(offers)
    by_name["rate"][:] = days / (told_to + 2)
    by_name["freshness"][:] = np.where(offers > 0, 0.5 ** ((day - last) / 60), 0.0)
    return np.column_stack(columns)[place]


def _visited(columns: dict[str, Floats], customers: Ints, before: History, day: int, model: BgNbd | None) -> None:
    end = day - 1
    summary = summarise(before, end)
    if model is None:
        try:
            model = bgnbd.fit(summary)
        except HistoryTooShortError:
            model = None
    at = np.minimum(np.searchsorted(summary.customer, customers), len(summary.customer) - 1)
    has = summary.customer[at] == customers

    def take(name: str, values: Floats) -> None:
        columns[name][has] = values[at[has]]

    away = (summary.age - summary.t_x) * 7
    usual = np.where(summary.x > 0, summary.t_x * 7 / np.maximum(summary.x, 1), _QUARTER)
    take("recency", np.log1p(np.minimum(away, _LONGEST)))
    take("lateness", np.minimum(away / (usual + 1), _LATEST))
    take("visits", np.log1p(summary.x))
    take("tenure", np.log1p(summary.age))
    own_rate = (summary.x + 1) / (summary.age + 1) * 4
    take("alive", np.ones(len(own_rate)) if model is None else bgnbd.alive(model, summary))
    take("expected", np.log1p(own_rate if model is None else bgnbd.expected(model, summary, 4.0)))
    for back in (14, 28, _QUARTER):
        columns[f"visits_{back}"][:] = np.log1p(counts_between(before, customers, end - back, end))
    rows = np.searchsorted(customers, before.customer)
    known = rows < len(customers)
    known[known] &= customers[rows[known]] == before.customer[known]
    rows, amount, on = rows[known], before.amount[known], before.day[known]
    spent = np.bincount(rows, weights=amount, minlength=len(customers))
    came = np.bincount(rows, minlength=len(customers))
    lately = np.bincount(rows, weights=amount * (on > end - _QUARTER), minlength=len(customers))
    columns["basket"][:] = np.log1p(np.maximum(0.0, spent / np.maximum(came, 1)))
    columns["spend_91"][:] = np.log1p(np.maximum(0.0, lately))


def _counted(events: Events, customers: Ints, day: int) -> tuple[Floats, Floats, Floats]:
    """How many of the events each had before the day, on how many days, and when the last (nought without one)."""
    rows = np.searchsorted(customers, events.member)
    used = (rows < len(customers)) & (events.day < day)
    used[used] &= customers[rows[used]] == events.member[used]
    rows, days = rows[used], events.day[used]
    last = np.zeros(len(customers))
    np.maximum.at(last, rows, days)
    distinct = np.unique(np.stack((rows, days)), axis=1)[0] if len(rows) else rows
    each, once = (np.bincount(found, minlength=len(customers)).astype(np.float64) for found in (rows, distinct))
    return each, once, last


def as_document(row: Floats) -> dict[str, float]:
    """One member's facts by name, as they are kept with a campaign to learn from later."""
    return {name: round(float(value), 6) for name, value in zip(FACTS, row, strict=True)}


def from_documents(documents: Iterable[Mapping[str, float] | None]) -> tuple[Floats, NDArray[np.bool_]]:
    """Facts that were kept: the rows that can be used, and which of the documents those are. One that lacks a fact (it
    was kept by an earlier version, or nothing was known) is left out."""
    usable, rows = [], []
    for document in documents:
        usable.append(document is not None and all(name in document for name in FACTS))
        if document is not None and usable[-1]:
            rows.append([float(document[name]) for name in FACTS])
    return np.array(rows, np.float64).reshape(len(rows), len(FACTS)), np.array(usable, bool)


@dataclass(frozen=True, slots=True)
class Response:
    """What was learnt: the weights of the standardised facts (the constant first) for those not written to, and by how
    much writing changes them."""

    centre: Floats
    scale: Floats
    base: Floats
    change: Floats
    members: int
    responses: int
    knows_difference: bool  # there was a control group to learn it from

    def expected(self, facts: Floats) -> Floats:
        """The chance that each responds if she is written to."""
        return np.asarray(expit(self._standard(facts) @ (self.base + self.change)), np.float64)

    def uplift(self, facts: Floats) -> Floats:
        """How much likelier each responds if she is written to than if she is not, from −1 to 1: the order in which to
        write. Where no control group ever was, nobody knows, and the expected response stands in."""
        if not self.knows_difference:
            return self.expected(facts)
        return self.expected(facts) - np.asarray(expit(self._standard(facts) @ self.base), np.float64)

    def _standard(self, facts: Floats) -> Floats:
        return _standard(facts, self.centre, self.scale)


def fit(facts: Floats, responded: NDArray[np.bool_], treated: NDArray[np.bool_] | None = None) -> Response:
    """Learn from earlier campaigns: a row of ``facts`` for each member of each, whether she responded, and whether she
    was written to or by lot was not (``None``: all were). The same data give the same weights.

    Raises :class:`HistoryTooShortError` when fewer than ten of those written to responded, or fewer than ten did not.
    """
    came = np.asarray(responded, np.float64)
    told = np.ones(len(came), bool) if treated is None else np.asarray(treated, bool)
    hits = int(came[told].sum())
    if hits < FEWEST or int(told.sum()) - hits < FEWEST:
        raise HistoryTooShortError
    knows = int((~told).sum()) >= FEWEST_CONTROL
    if not knows:
        facts, came, told = facts[told], came[told], told[told]
    centre, scale = facts.mean(axis=0), facts.std(axis=0)
    scale = np.where(scale > 1e-9, scale, 1.0)
    x = _standard(facts, centre, scale)
    width = x.shape[1]
    if not knows:
        base = _posterior(x, came, [width])
        return Response(centre, scale, base, np.zeros(width), len(came), int(came.sum()), knows_difference=False)
    weights = _posterior(np.hstack((x, x * told[:, None])), came, [width, width])
    return Response(centre, scale, weights[:width], weights[width:], len(came), int(came.sum()), knows_difference=True)


def _standard(facts: Floats, centre: Floats, scale: Floats) -> Floats:
    inside = np.clip((facts - centre) / scale, -_WIDEST, _WIDEST)
    return np.column_stack((np.ones(len(inside)), inside))


def _posterior(x: Floats, came: Floats, blocks: list[int]) -> Floats:
    """The likeliest weights, by Newton's method with halved steps, while each block of columns learns its prior's
    precision: as many as its well-determined weights, over the sum of their squares (MacKay's fixed point)."""
    first = np.cumsum([0, *blocks])
    prior = np.full(x.shape[1], _FIRST_PRECISION)
    prior[first[:-1]] = _LOOSE  # of the constants
    weights = np.zeros(x.shape[1])
    for _ in range(_STEPS):
        chance = expit(x @ weights)
        slope = x.T @ (came - chance) - prior * weights
        curve = (x * (chance * (1 - chance))[:, None]).T @ x + np.diag(prior)
        step = cho_solve(cho_factor(curve), slope)
        value, share = _log_posterior(x, came, prior, weights), 1.0
        while share > _SHORTEST and _log_posterior(x, came, prior, weights + share * step) < value:
            share /= 2
        if share > _SHORTEST:
            weights = weights + share * step
        spread = np.diag(cho_solve(cho_factor(curve), np.eye(len(prior))))
        before = prior.copy()
        for begin, end in itertools.pairwise(first):
            inside = slice(begin + 1, end)
            told = (1 - prior[inside] * spread[inside]).sum()
            precision = max(told, 1e-9) / max(float(weights[inside] @ weights[inside]), 1e-12)
            prior[inside] = np.clip(precision, *_PRECISIONS)
        if np.abs(step).max() < _STILL and np.abs(np.log(prior / before)).max() < _STILL * 10:
            break
    return weights


def _log_posterior(x: Floats, came: Floats, prior: Floats, weights: Floats) -> float:
    margin = (2 * came - 1) * (x @ weights)
    return float(-np.logaddexp(0, -margin).sum() - 0.5 * (prior * weights) @ weights)
