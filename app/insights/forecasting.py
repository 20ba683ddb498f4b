"""How well the coming weeks can be forecast, judged on days that the forecasters never saw.

Three forecasters of how many days each customer will come: ``repeat`` (as often as in the last period of that length),
``bgnbd`` (BG/NBD as fitted) and ours, which learns from earlier periods of the same length how counts over several
spans, recency and the BG/NBD figures turn into what comes next: the median for the count, a logistic regression for
coming at all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit
from scipy.stats import rankdata

from app.insights import bgnbd
from app.insights.errors import HistoryTooShortError
from app.insights.purchases import Floats, History, Ints, Summary, counts_between, summarise

SPANS = (0.125, 0.25, 0.5, 1.0, 2.0)  # of the forecast's length, counted back from its beginning
LESSONS = 3  # earlier periods to learn from, each a half length before the next
FEWEST_LEARNERS = 50
_RIDGE = 1e-3
_HELD = 1e-6  # so that columns that say the same have one answer
_ROUNDS, _NEAREST, _STILL = 80, 0.02, 1e-5


@dataclass(frozen=True, slots=True)
class Score:
    """The mean absolute error of the counts, and how well those who come are told from those who don't (the area under
    the ROC curve; ``None`` where all came or nobody did)."""

    mae: float
    auc: float | None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The scores of our forecast and of the two simple ones, over the same customers."""

    customers: int
    ours: Score
    repeat: Score
    bgnbd: Score


@dataclass(frozen=True, slots=True)
class _View:
    """What is known of the customers at the end of a day."""

    summary: Summary
    features: Floats
    repeat: Floats
    plain: Floats


@dataclass(frozen=True, slots=True)
class Forecast:
    """For each customer seen so far (sorted): on how many of the coming days she is expected to come (the median), and
    how sure it is that she comes at all (log odds where that could be learnt; only the order counts)."""

    customer: Ints
    count: Floats
    comes: Floats


def forecast(history: History, days: int, *, end: int | None = None) -> Forecast:
    """Forecast the ``days`` after the day ``end`` (the history's last unless told); nothing later is looked at.

    Raises :class:`HistoryTooShortError` when too few customers came again.
    """
    return _forecast(history, history.last_day if end is None else end, days)[0]


def _forecast(history: History, end: int, days: int) -> tuple[Forecast, _View]:
    past = history.until(end)  # from here on there is no future
    now = _look(past, end, days)
    return Forecast(now.summary.customer, *_learned(past, end, days, now)), now


def evaluate(history: History, holdout_days: int) -> Evaluation:
    """Forecast the last ``holdout_days`` days from what came before, for every customer seen by then.

    Raises :class:`HistoryTooShortError` when less than as many days come before, or too few customers came again.
    """
    begin = history.last_day - holdout_days
    if begin - history.first_day < holdout_days:
        raise HistoryTooShortError
    ours, simple = _forecast(history, begin, holdout_days)
    came = counts_between(history, ours.customer, begin, history.last_day)
    return Evaluation(
        customers=len(came),
        ours=_score(came, ours.count, ours.comes),
        repeat=_score(came, simple.repeat, simple.repeat),
        bgnbd=_score(came, simple.plain, simple.plain),
    )


def _look(history: History, end: int, days: int) -> _View:
    summary = summarise(history, end)
    model = bgnbd.fit(summary)
    plain = bgnbd.expected(model, summary, days / 7)
    customers = summary.customer
    counts = [counts_between(history, customers, end - max(1, round(span * days)), end) for span in SPANS]
    seen = np.minimum(summary.age * 7 + 1, days * max(SPANS))  # days on which she could have come, in the widest span
    rate = counts[-1] / seen * days
    away = (summary.age - summary.t_x) * 7
    usual = np.where(summary.x > 0, summary.t_x * 7 / np.maximum(summary.x, 1), days)
    columns = [
        *counts,
        rate,
        plain,
        bgnbd.alive(model, summary),
        np.log1p(away),
        np.minimum(away / (usual + 1), 10),
        np.log1p(summary.x),
        np.minimum(summary.age * 7, days) / days,
        np.ones(len(customers)),
    ]
    return _View(summary, np.column_stack(columns), counts[SPANS.index(1.0)], plain)


def _learned(history: History, begin: int, days: int, now: _View) -> tuple[Floats, Floats]:
    lessons = []
    for back in range(LESSONS):
        end = begin - days - back * (days // 2)
        if end - history.first_day < days // 2:
            break
        try:
            view = _look(history, end, days)
        except HistoryTooShortError:
            break
        lessons.append((view, counts_between(history, view.summary.customer, end, end + days)))
    if not lessons or sum(len(came) for _, came in lessons) < FEWEST_LEARNERS:
        return now.plain, now.plain
    features = np.concatenate([view.features for view, _ in lessons])
    came = np.concatenate([counts for _, counts in lessons])
    scale = np.maximum(features.std(axis=0), 1e-9)
    scale[-1] = 1.0  # the constant
    counts = np.maximum(0.0, now.features / scale @ _median(features / scale, came))
    chances = _logistic(features / scale, (came > 0).astype(np.float64))
    return counts, now.features / scale @ chances


def _median(features: Floats, came: Floats) -> Floats:
    """The weights of the least absolute deviations: the conditional median, which the mean absolute error rewards.

    By least squares weighed anew each round with one over the deviations, each round below the last (Schlossmacher,
    1973), rounded off near nought and less so as it goes on: seconds for a town, for which a linear programme takes
    minutes.
    """
    held = _HELD * len(came) * np.eye(features.shape[1])
    weights = np.linalg.solve(features.T @ features + held, features.T @ came)
    near = 1.0
    for _ in range(_ROUNDS):
        near = max(_NEAREST, near * 0.7)
        one_over = 1 / np.hypot(features @ weights - came, near)
        curve = (features * one_over[:, None]).T @ features + held
        better = np.linalg.solve(curve, features.T @ (one_over * came))
        moved = float(np.abs(better - weights).max())
        weights = better
        if moved < _STILL and near == _NEAREST:
            break
    return np.asarray(weights, np.float64)


def _logistic(features: Floats, came: Floats) -> Floats:
    sign = 2 * came - 1

    def cost(weights: Floats) -> tuple[float, Floats]:
        margin = sign * (features @ weights)
        value = np.logaddexp(0, -margin).mean() + _RIDGE * weights @ weights
        slope = -(sign * expit(-margin)) @ features / len(came) + 2 * _RIDGE * weights
        return float(value), slope

    return np.asarray(minimize(cost, np.zeros(features.shape[1]), jac=True, method="L-BFGS-B").x, np.float64)


def _score(came: Floats, counts: Floats, ranking: Floats) -> Score:
    positive = came > 0
    ones, zeros = int(positive.sum()), int((~positive).sum())
    auc = None
    if ones and zeros:
        ranks = rankdata(ranking)
        auc = float((ranks[positive].sum() - ones * (ones + 1) / 2) / (ones * zeros))
    return Score(float(np.abs(came - counts).mean()), auc)
