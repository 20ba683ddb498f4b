"""Kinds of customers: members of one shop who behave alike, found by k-means over what they do. Pure NumPy.

A member is told by six figures: her usual gap, the share of her visits at the weekend, her usual hour, what she spends,
how long she is silent, and how many rewards she takes for a visit; gap, spend and silence as logarithms, all of them
standardised and held within three deviations. The number of kinds, three to five, is the one with the best silhouette
(Rousseeuw, 1987) on a sample. Everything that is drawn is drawn from a fixed seed, so a repeat gives the same. Whoever
came on fewer than three days, or not at all in the last year, is of no kind yet; a shop with fewer than forty others
has none, and no kind is of fewer than ten.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.insights.histories import UNKNOWN, YEAR, Histories, Visits
from app.insights.local_time import DAY
from app.insights.purchases import Floats, Ints

LEAST_MEMBERS = 40
LEAST_OF_KIND = 10
LEAST_DAYS = 3
KINDS = (3, 4, 5)
_SEED = 20_07
_STARTS = 4
_ROUNDS = 50
_SAMPLE = 400
_FAR = 3.0
_MONTH = 30.44
_QUARTER = 91
_LEAST_SILHOUETTE = 0.05


@dataclass(frozen=True, slots=True)
class Habits:
    """What each member does, as columns in the order of the histories: ``features`` to tell kinds by, and what else the
    kinds are described with. ``counts`` who can be of a kind."""

    features: Floats
    counts: Ints  # places
    gap: Floats
    hours: Floats
    weekdays: Floats
    basket: Floats
    rewards: Floats
    silent: Floats
    months: Floats
    first_quarter: Floats
    last_quarter: Floats
    visits: Floats


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: how many are of it, the figures it is described by, and where its middle lies."""

    number: int
    members: int
    facts: dict[str, Any]


def habits(visits: Visits, known: Histories, rewards: Mapping[str, int], today: int) -> Habits:
    """What the members of ``known`` do, from their visits; ``rewards`` they redeemed in the year."""
    size = len(known.members)
    place = {member: one for one, member in enumerate(known.members)}
    to = np.array([place[member] for member in visits.members], np.int64)
    who = to[visits.who]
    day, hour = visits.second // DAY, visits.second % DAY // 3600
    weekday = (day + 3) % 7  # 1 January 1970 was a Thursday
    hours, weekdays = np.zeros((size, 24)), np.zeros((size, 7))
    np.add.at(hours, (who, hour), 1.0)
    np.add.at(weekdays, (who, weekday), 1.0)
    total = np.maximum(hours.sum(1), 1.0)
    priced = visits.spent != UNKNOWN
    spent = np.bincount(who[priced], weights=visits.spent[priced], minlength=size)
    basket = spent / np.maximum(np.bincount(who[priced], minlength=size), 1)
    gap = (known.last - known.first) / np.maximum(known.x, 1)
    silent = np.maximum(today - known.last, 0).astype(np.float64)
    taken = np.array([rewards.get(member, 0) for member in known.members], np.float64) / np.maximum(known.visits, 1)
    weekend = weekdays[:, 5:].sum(1) / total
    usual_hour = (hours * np.arange(24)).sum(1) / total
    features = np.stack(
        (np.log1p(gap), weekend, usual_hour, np.log1p(np.maximum(basket, 0)), np.log1p(silent), taken), axis=1
    )
    can = (known.x + 1 >= LEAST_DAYS) & (known.visits > 0) & (today - known.last < YEAR)
    return Habits(
        features=features,
        counts=np.flatnonzero(can),
        gap=gap,
        hours=hours,
        weekdays=weekdays,
        basket=basket,
        rewards=taken,
        silent=silent,
        months=(known.last - known.first) / _MONTH,
        first_quarter=np.bincount(who[day - known.first[who] < _QUARTER], minlength=size).astype(np.float64),
        last_quarter=np.bincount(who[day > today - _QUARTER], minlength=size).astype(np.float64),
        visits=known.visits.astype(np.float64),
    )


def find_kinds(told: Habits) -> tuple[list[Kind], Ints]:
    """The kinds, the largest first, and the number of each member's (0: none), from 1."""
    found = np.zeros(len(told.features), np.int64)
    if len(told.counts) < LEAST_MEMBERS:
        return [], found
    features = told.features[told.counts]
    middle, scale = features.mean(0), features.std(0)
    scale = np.where(scale > 1e-9, scale, 1.0)
    points = _standard(features, middle, scale)
    best: tuple[float, Ints, Floats] | None = None
    for count in KINDS:
        labels, centres = _k_means(points, count)
        if np.bincount(labels, minlength=count).min() < LEAST_OF_KIND:
            continue
        score = _silhouette(points, labels)
        if score >= _LEAST_SILHOUETTE and (best is None or score > best[0] + 1e-9):
            best = score, labels, centres
    if best is None:
        return [], found
    _, labels, centres = best
    order = np.argsort(-np.bincount(labels, minlength=len(centres)), kind="stable")
    kinds = []
    for number, label in enumerate(order.tolist(), start=1):
        places = told.counts[labels == label]
        found[places] = number
        middles = {"centre": centres[label].tolist(), "middle": middle.tolist(), "scale": scale.tolist()}
        kinds.append(Kind(number, len(places), _facts(told, places) | middles))
    return kinds, found


def nearest_kind(told: Habits, kinds: Sequence[Kind]) -> Ints:
    """Of which of these kinds each member is now (0: of none)."""
    found = np.zeros(len(told.features), np.int64)
    if not kinds or len(told.counts) == 0:
        return found
    facts = kinds[0].facts
    points = _standard(told.features[told.counts], np.array(facts["middle"]), np.array(facts["scale"]))
    centres = np.array([one.facts["centre"] for one in kinds])
    numbers = np.array([one.number for one in kinds], np.int64)
    found[told.counts] = numbers[_distances(points, centres).argmin(1)]
    return found


def _facts(told: Habits, places: Ints) -> dict[str, Any]:
    hours, weekdays = told.hours[places].sum(0), told.weekdays[places].sum(0)
    total = max(float(hours.sum()), 1.0)
    basket = told.basket[places]
    paying = basket[basket > 0]
    return {
        "weekend": round(float(weekdays[5:].sum()) / total, 4),
        "hour": int(np.searchsorted(np.cumsum(hours), total / 2)),
        "gap_days": max(round(float(np.median(told.gap[places]))), 1),
        "basket_minor": None if len(paying) == 0 else round(float(np.median(paying))),
        "visits_year": round(float(told.visits[places].mean()), 1),
        "redeemed": round(float(told.rewards[places].mean()), 4),
        "months": round(float(np.median(told.months[places])), 1),
        "silent_days": round(float(np.median(told.silent[places]))),
        "weekdays": [round(float(one) / total, 4) for one in weekdays],
        "hours": [round(float(one) / total, 4) for one in hours],
        "path": {
            "first_months": round(float(told.first_quarter[places].mean()), 1),
            "last_months": round(float(told.last_quarter[places].mean()), 1),
        },
    }


def _standard(features: Floats, middle: Floats, scale: Floats) -> Floats:
    return np.asarray(np.clip((features - middle) / scale, -_FAR, _FAR), np.float64)


def _k_means(points: Floats, count: int) -> tuple[Ints, Floats]:
    """The best of a few starts (k-means++), by the sum of squared distances."""
    draw = np.random.default_rng(_SEED)
    best: tuple[float, Ints, Floats] | None = None
    for _ in range(_STARTS):
        centres = points[draw.integers(len(points))][None]
        while len(centres) < count:
            distance = _distances(points, centres).min(1)
            chance = distance / distance.sum() if distance.sum() > 0 else None
            centres = np.vstack((centres, points[draw.choice(len(points), p=chance)]))
        labels = np.zeros(len(points), np.int64)
        for _ in range(_ROUNDS):
            near = _distances(points, centres).argmin(1)
            sizes = np.bincount(near, minlength=count)
            sums = np.stack([np.bincount(near, weights=column, minlength=count) for column in points.T], axis=1)
            centres = np.where(sizes[:, None] > 0, sums / np.maximum(sizes, 1)[:, None], centres)
            if np.array_equal(near, labels):
                break
            labels = near
        spread = float(_distances(points, centres)[np.arange(len(points)), labels].sum())
        if best is None or spread < best[0] - 1e-9:
            best = spread, labels, centres
    assert best is not None
    return best[1], best[2]


def _silhouette(points: Floats, labels: Ints) -> float:
    """How much nearer the members of a sample are to their own kind than to the next one: -1 to 1."""
    if len(points) > _SAMPLE:
        chosen = np.random.default_rng(_SEED).choice(len(points), _SAMPLE, replace=False)
        points, labels = points[chosen], labels[chosen]
    apart = np.sqrt(_distances(points, points))
    kinds = np.unique(labels)
    if len(kinds) < 2:
        return -1.0
    sums = np.stack([apart[:, labels == kind].sum(1) for kind in kinds], axis=1)
    sizes = np.array([np.count_nonzero(labels == kind) for kind in kinds], np.float64)
    own = np.searchsorted(kinds, labels)
    rows = np.arange(len(points))
    within = sums[rows, own] / np.maximum(sizes[own] - 1, 1)
    means = sums / sizes
    means[rows, own] = np.inf
    other = means.min(1)
    return float(np.mean((other - within) / np.maximum(np.maximum(other, within), 1e-12)))


def _distances(points: Floats, centres: Floats) -> Floats:
    """Squared distances of all points from all centres."""
    squares = (points**2).sum(1)[:, None] - 2 * points @ centres.T + (centres**2).sum(1)
    return np.asarray(np.maximum(squares, 0.0), np.float64)
