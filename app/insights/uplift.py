"""What a campaign changed, per head: those who were written to against those whom the lot left out. Pure NumPy, no
database.

Visits and spend are skewed, control groups are small and unequal: of 40 people four may have got nothing, and none of
them came. The variance of such a group can't be had from the group alone. So the interval is a score interval: at
every effect that might be true, the variance is what it would be if it were (it grows with the mean, as that of counts
and of sums of purchases does), its scale estimated from both groups together and from each alone as far as it has
people enough; whatever effect can't be refused at 5 % lies inside. Visits before the campaign take out what people
differ in anyhow (a common slope within the groups), which narrows the interval and never shifts it.

Sources: the score interval for a difference is that of Miettinen and Nurminen, "Comparative analysis of two rates",
Statistics in Medicine 4 (1985), with a variance in proportion to the mean as in McCullagh and Nelder, "Generalized
Linear Models" (1989), chapter 9; the visits before are used as in Deng, Xu, Kohavi and Walker, "Improving the
sensitivity of online controlled experiments by utilizing pre-experiment data" (WSDM 2013); the degrees of freedom are
Welch's (1947). That it holds what it says is shown in ``tests/unit/insights/test_uplift.py``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

LEAST = 4
"""So many people a group needs before anything is said about it."""
CERTAINTY = 0.95
POWER = 0.8
DOTS = 20
_SHRINK = 20.0  # so many people of its own a group needs to be believed by half about its scale
_FLATTEST = 0.1  # of what chance alone does: people who all came once are no proof that the next will
_WANTED, _FOUND = (float(stats.norm.ppf(one)) for one in ((1 + CERTAINTY) / 2, POWER))
_NOBODY = 0.5  # where nobody came: as if half a person had


@dataclass(frozen=True, slots=True)
class Arm:
    """One group: what each of its people did after the sending day, and the same before it (any measure of what was
    to be expected of them; none: nothing is known)."""

    after: Floats
    before: Floats | None = None

    @property
    def people(self) -> int:
        return len(self.after)


@dataclass(frozen=True, slots=True)
class Effect:
    """What was changed per head of those written to, and how sure that is.

    ``mean`` is the likeliest difference per head, ``low`` to ``high`` the interval that holds the truth 95 times of
    100. ``with_mean`` and ``without_mean`` are what the groups did per head, unadjusted.
    """

    treated: int
    control: int
    with_mean: float
    without_mean: float
    mean: float
    low: float
    high: float
    degrees: float
    level: float
    per_treated: float  # what one more per head adds to the variance
    lean: float  # the same for the group without, where a larger effect means that it did less
    fixed: float

    @property
    def has_helped(self) -> bool:
        """Whether it may be said that it helped: no effect and a harmful one are both outside the interval."""
        return self.low > 0

    @property
    def has_harmed(self) -> bool:
        return self.high < 0

    def variance(self, effect: float) -> float:
        """Of the difference, were ``effect`` the true one."""
        share = self.treated / (self.treated + self.control)
        with_it = max(self.level + effect * (1 - share), 0.0)
        without = max(self.level - effect * share, 0.0)
        return self.per_treated * with_it + self.lean * without + self.fixed

    def chance_above(self, effect: float) -> float:
        """How sure it is, 0 to 1, that the true effect per head is larger than ``effect``."""
        distance = (self.mean - effect) / math.sqrt(self.variance(effect))
        return float(stats.t.cdf(distance, self.degrees))

    def quantile(self, share: float) -> float:
        """The effect per head below which the truth lies with the chance ``share``."""
        wanted = float(stats.t.ppf(share, self.degrees))
        return _solve(lambda effect: (effect - self.mean) / math.sqrt(self.variance(effect)) - wanted, self.mean)

    def dots(self, number: int = DOTS) -> list[float]:
        """So many effects per head that are all as likely: the picture of what is known."""
        return [self.quantile((one + 0.5) / number) for one in range(number)]


def estimate(treated: Arm, control: Arm, *, unit: float = 1.0) -> Effect | None:
    """The effect per head, from everybody whom the lot put in either group, whether reached or not.

    ``unit`` is the size of one happening (one visit, one basket): it says what is not known where nobody came. None
    where a group has fewer than :data:`LEAST` people: then nothing can be told.
    """
    n_with, n_without = treated.people, control.people
    if min(n_with, n_without) < LEAST:
        return None
    people = n_with + n_without
    with_mean, without_mean = float(treated.after.mean()), float(control.after.mean())
    slope, imbalance, leverage = _slope(treated, control)
    rest_with = _rest(treated, slope)
    rest_without = _rest(control, slope)
    level = max((n_with * with_mean + n_without * without_mean) / people, _NOBODY * unit / people)
    scale = (rest_with + rest_without) / (people - 3) / level
    scale = max(scale, _FLATTEST * unit) if with_mean or without_mean else unit
    own_with = _own_scale(rest_with, n_with, with_mean, level, scale)
    own_without = _own_scale(rest_without, n_without, without_mean, level, scale)
    mean = with_mean - without_mean - slope * imbalance
    effect = Effect(
        treated=n_with,
        control=n_without,
        with_mean=with_mean,
        without_mean=without_mean,
        mean=mean,
        low=mean,
        high=mean,
        degrees=float(people - 3),
        level=level,
        per_treated=own_with / n_with,
        lean=own_without / n_without,
        fixed=scale * level * leverage,
    )
    return _bounded(effect)


def _bounded(effect: Effect) -> Effect:
    """The same with its degrees of freedom and its interval."""
    share = effect.treated / (effect.treated + effect.control)
    of_with = effect.per_treated * max(effect.level + effect.mean * (1 - share), 0.0)
    of_without = effect.lean * max(effect.level - effect.mean * share, 0.0)
    known = of_with**2 / (effect.treated - 1 + _SHRINK) + of_without**2 / (effect.control - 1 + _SHRINK)
    degrees = min((of_with + of_without) ** 2 / known, effect.degrees) if known else effect.degrees
    settled = replace(effect, degrees=degrees)
    outside = (1 - CERTAINTY) / 2
    return replace(settled, low=settled.quantile(outside), high=settled.quantile(1 - outside))


def _slope(treated: Arm, control: Arm) -> tuple[float, float, float]:
    """How much of a difference before is left after, by how much the groups differed before per head, and what not
    knowing the slope adds."""
    if treated.before is None or control.before is None:
        return 0.0, 0.0, 0.0
    spread, shared = 0.0, 0.0
    for arm in (treated, control):
        before = cast("Floats", arm.before) - cast("Floats", arm.before).mean()
        spread += float(before @ before)
        shared += float(before @ (arm.after - arm.after.mean()))
    if spread <= 0:
        return 0.0, 0.0, 0.0
    imbalance = float(treated.before.mean() - control.before.mean())
    return shared / spread, imbalance, imbalance**2 / spread


def _rest(arm: Arm, slope: float) -> float:
    """The sum of squares that the visits before don't account for."""
    left = arm.after - arm.after.mean()
    if arm.before is not None and slope:
        left = left - slope * (arm.before - arm.before.mean())
    return float(left @ left)


def _own_scale(rest: float, people: int, mean: float, level: float, scale: float) -> float:
    """A group's own scale, leaning to the common one the more, the fewer people it has."""
    return scale * (rest + _SHRINK * scale * level) / ((people - 1) * scale * mean + _SHRINK * scale * level)


def _solve(what: Callable[[float], float], start: float) -> float:
    """Where a function that grows with its argument is nought, looked for from ``start`` outwards."""
    at = what(start)
    if at == 0:
        return start
    way = -1.0 if at > 0 else 1.0
    step, inner, outer = max(abs(start), 1e-6), start, start
    while (what(outer) > 0) == (at > 0):
        inner, outer, step = outer, outer + way * step, step * 2
    return float(optimize.brentq(what, min(inner, outer), max(inner, outer), xtol=1e-9))


def detectable(treated: int, control: int, mean: float, spread: float, *, likeness: float = 0.0) -> float | None:
    """The smallest effect per head that a campaign would show four times of five (at 95 %).

    ``mean`` and ``spread`` (standard deviation) are what people like these do per head in so many days without a
    mail; ``likeness`` is the correlation, 0 to 1, of what they did before with what they did after, which the estimate
    makes use of. None where a group has fewer than :data:`LEAST` people.
    """
    if min(treated, control) < LEAST:
        return None
    people = treated + control
    level = max(mean, _NOBODY / people)
    # Visits spread by chance and by what people differ in: the second grows with the square of the mean.
    differing = max(spread**2 - level, (_FLATTEST - 1) * level) / level**2
    left = 1 - min(abs(likeness), 0.99) ** 2

    def variance(of: float) -> float:
        return left * max(of + differing * of**2, _FLATTEST * of)

    def missing(effect: float) -> float:
        with_it = level + effect
        total = treated * with_it + control * level
        scale = (treated * variance(with_it) + control * variance(level)) / total
        refused = scale * total / people * (1 / treated + 1 / control)
        seen = variance(with_it) / treated + variance(level) / control
        return effect - _WANTED * math.sqrt(refused) - _FOUND * math.sqrt(seen)

    return _solve(missing, 0.0)


@dataclass(frozen=True, slots=True)
class Listed:
    """How a list of the first ``people`` of an order would have done: the effect per head within it, and what it would
    have brought in all had every one of them been written to."""

    people: int
    effect: Effect | None

    @property
    def extra(self) -> float | None:
        return None if self.effect is None else self.effect.mean * self.people


def first_of(score: Floats, after: Floats, is_treated: Flags, most: int, before: Floats | None = None) -> Listed:
    """The effect among the ``most`` people with the highest score, told from those of them whom the lot left out: the
    score was fixed before anything was sent, so within any part of the list the lot is as fair as in the whole. Ties
    are broken by place."""
    chosen = np.zeros(len(score), bool)
    chosen[np.argsort(-score, kind="stable")[:most]] = True
    arms = [
        Arm(after[chosen & mine], None if before is None else before[chosen & mine])
        for mine in (is_treated, ~is_treated)
    ]
    return Listed(int(chosen.sum()), estimate(arms[0], arms[1]))


def qini(score: Floats, after: Floats, is_treated: Flags) -> float:
    """How much better than by lot an order finds those whom a mail moves: the area between the order's curve of extra
    visits (per head of those written to) and the straight line, 0 for an order without any sense, positive for a good
    one. (Radcliffe, "Using control groups to target on predicted lift", 2007; the curve is that of differences of
    means, so that groups may be of any size.)"""
    order = np.argsort(-score, kind="stable")
    mine = is_treated[order]
    with_it, without = np.cumsum(mine), np.cumsum(~mine)
    sum_with, sum_without = np.cumsum(after[order] * mine), np.cumsum(after[order] * ~mine)
    known = (with_it > 0) & (without > 0)
    if not known.any():
        return 0.0
    lift = np.zeros(len(order))
    lift[known] = sum_with[known] / with_it[known] - sum_without[known] / without[known]
    share = np.arange(1, len(order) + 1) / len(order)
    curve = lift * share
    return float(np.trapezoid(curve - curve[-1] * share, share))
