"""What changed in a month against the usual, told by size and certainty. Pure.

The usual is what the three months before were, weekday by weekday, and, where the same four months of the year before
are known, how those moved then. Counts of days scatter more than chance alone would have it (weather, a feast), so
every test is widened by the scatter that the days and weeks before showed: a quasi-Poisson model (McCullagh and
Nelder, *Generalized Linear Models*, chapter 6). Of all that is looked at, only what passes a test shared out among
them (Bonferroni) at one in twenty is told: in a month in which nothing happened, something is said once in twenty
months at most.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt
from statistics import NormalDist, median

from app.insights.rhythm import named, number_of

AT_LEAST_DAYS = 56
"""Of so many days before the month something must be known, or there is nothing to be called usual."""
LEAST_SHARE = 0.08
"""A change of less than this is trivial, however certain."""
LEAST_VISITS = 5.0
"""And so is one that comes to fewer visits than this."""
EXPLAINS = 0.4
"""A weekday or a part of the day with so much of the difference in all visits is told in their place."""
ALONG = 1.3
"""What moved as the visits did, within this factor, is not told beside them."""
TOLD = 3
ERROR = 0.05
PARTS = ((0, 11), (11, 14), (14, 17), (17, 24))
"""Parts of the day by their hours: morning, midday, afternoon, evening."""
_SURE = 1.64  # of a change, so much is sure that only one in twenty would be smaller


@dataclass(frozen=True, slots=True)
class Day:
    """What was counted on one local day; money in minor units."""

    visits: int = 0
    new: int = 0
    redemptions: int = 0
    amount_minor: int = 0
    amount_visits: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changed. ``what``: visits, weekday, part, new, rewards, basket or return; ``which``: the weekday
    (0 is Monday) or the part of the day. ``now`` and ``usual`` are counts of the month, minor units for the basket,
    shares for the return. ``sure``: how many visits it comes to at the least, which it is ordered by."""

    what: str
    now: float
    usual: float
    sure: float
    which: int | None = None

    @property
    def share(self) -> float:
        """By how much of the usual it changed."""
        return self.now / self.usual - 1

    @property
    def visits(self) -> float:
        """The difference itself."""
        return self.now - self.usual


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of a month. ``is_early``: too little was there before. ``has_season``: the year before is in
    it."""

    changes: tuple[Change, ...] = ()
    is_early: bool = False
    has_season: bool = False


@dataclass(frozen=True, slots=True)
class History:
    """What is known: days with anything on them, from ``first_day`` on; visits by hour of the month and of the three
    months before; of those who began a month ago and in the three months before that, how many came one month later,
    and of how many."""

    days: Mapping[date, Day]
    first_day: date
    hours: Mapping[int, int]
    hours_before: Mapping[int, int]
    returned: tuple[int, int] = (0, 0)
    returned_before: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class _Test:
    change: Change
    z: float


def find_changes(history: History, month: date) -> Found:
    """What changed in the month that begins on ``month``: at most three things, the largest first."""
    before, now = _months_before(month, 3), _days(month, _months_before(month, -1))
    reference = _days(max(before, history.first_day), month)
    if len(reference) < AT_LEAST_DAYS:
        return Found(is_early=True)
    season = _season(history, month)
    tests = [
        *_weekly(history, reference, now),
        *_daily(history, reference, now),
        *_counted(history, reference, now, season),
        *_basket(history, reference, now),
        *_returned(history),
    ]
    limit = NormalDist().inv_cdf(1 - ERROR / 2 / max(1, len(tests)))
    found = sorted(
        (
            one.change
            for one in tests
            if abs(one.z) > limit and abs(one.change.share) >= LEAST_SHARE and one.change.sure >= LEAST_VISITS
        ),
        key=lambda one: -one.sure,
    )
    return Found(tuple(_different(found)[:TOLD]), has_season=season is not None)


def _different(found: Sequence[Change]) -> list[Change]:
    """Not three times the same: of the weekdays two at most, of the parts of the day one; not all visits where one of
    these makes most of the difference; not what went along with the visits."""
    kept: list[Change] = []
    parts = [one for one in found if one.what in ("weekday", "part")]
    whole = next((one for one in found if one.what == "visits"), None)
    if whole is not None and any(one.visits / whole.visits >= EXPLAINS for one in parts):
        found = [one for one in found if one is not whole]
    for one in found:
        is_echo = whole is not None and one.what in ("new", "rewards") and _goes_along(one, whole)
        if not is_echo and sum(other.what == one.what for other in kept) < (2 if one.what == "weekday" else 1):
            kept.append(one)
    return kept


def _goes_along(one: Change, whole: Change) -> bool:
    return 1 / ALONG < (1 + one.share) / max(1 + whole.share, 0.01) < ALONG


@dataclass(frozen=True, slots=True)
class _Season:
    """How the month was to the three before it in the year before, and how uncertain that is (relative variance)."""

    days: Sequence[date]
    before: Sequence[date]

    def of(self, history: History, name: str) -> tuple[float, float] | None:
        now, then = _sum(history, self.days, name), _sum(history, self.before, name)
        if now < 20 or then < 60:
            return None
        return now / len(self.days) / (then / len(self.before)), 1 / now + 1 / then


def _season(history: History, month: date) -> _Season | None:
    last_year = month.replace(year=month.year - 1)
    before = _months_before(last_year, 3)
    if history.first_day > before:
        return None
    return _Season(_days(last_year, _months_before(last_year, -1)), _days(before, last_year))


def _counted(
    history: History, reference: Sequence[date], now: Sequence[date], season: _Season | None
) -> Iterable[_Test]:
    for what, name in (("visits", "visits"), ("new", "new"), ("rewards", "redemptions")):
        known = _sum(history, reference, name)
        if known < 10:
            continue
        spread = _spread(history, reference, name)
        expected = sum(_per_weekday(history, reference, name)[day.weekday()] for day in now)
        relative = 1 / known
        factor = None if season is None else season.of(history, name)
        if factor is not None:
            expected *= factor[0]
            relative += factor[1]
        yield _test(what, _sum(history, now, name), expected, spread * (expected + expected**2 * relative))


def _weekly(history: History, reference: Sequence[date], now: Sequence[date]) -> Iterable[_Test]:
    """Each weekday against the middle one of all: a bad Tuesday makes no good Wednesday."""
    spread = _spread(history, reference, "visits")
    means = _per_weekday(history, reference, "visits")
    came, usual = [0.0] * 7, [0.0] * 7
    for day in now:
        came[day.weekday()] += _value(history, day, "visits")
        usual[day.weekday()] += means[day.weekday()]
    known = [sum(_value(history, day, "visits") for day in reference if day.weekday() == which) for which in range(7)]
    yield from _against_middle("weekday", came, usual, known, spread)


def _daily(history: History, reference: Sequence[date], now: Sequence[date]) -> Iterable[_Test]:
    spread = _spread(history, reference, "visits")
    came = [float(sum(n for hour, n in history.hours.items() if low <= hour < high)) for low, high in PARTS]
    known = [float(sum(n for hour, n in history.hours_before.items() if low <= hour < high)) for low, high in PARTS]
    usual = [one * len(now) / len(reference) for one in known]
    yield from _against_middle("part", came, usual, known, spread)


def _against_middle(
    what: str, came: Sequence[float], usual: Sequence[float], known: Sequence[float], spread: float
) -> Iterable[_Test]:
    open_ones = [at for at, expected in enumerate(usual) if expected >= 8]
    if len(open_ones) < 3:
        return
    middle = median(came[at] / usual[at] for at in open_ones)
    if not middle:
        return
    for at in open_ones:
        expected = usual[at] * middle
        # The middle is uncertain too: pi/2 of what a mean would be.
        relative = 1 / known[at] + 1.57 / sum(came)
        yield _test(what, came[at], expected, spread * (expected + expected**2 * relative), at)


def _basket(history: History, reference: Sequence[date], now: Sequence[date]) -> Iterable[_Test]:
    """What a visit came to: ratios over days, whose scatter is that of the days."""
    told = [_ratio(history, days) for days in (now, reference)]
    (value, variance, visits), (usual, uncertain, known) = told
    if visits < 30 or known < 90 or not usual:
        return
    visits_now = _sum(history, now, "visits")
    deviation = sqrt(variance + uncertain) or 1.0
    sure = max(0.0, abs(value - usual) - _SURE * deviation) / usual * visits_now
    yield _Test(Change("basket", value, usual, sure), (value - usual) / deviation)


def _ratio(history: History, days: Sequence[date]) -> tuple[float, float, int]:
    rows = [history.days[day] for day in days if day in history.days and history.days[day].amount_visits]
    visits = sum(row.amount_visits for row in rows)
    if not visits or len(rows) < 2:
        return 0.0, 0.0, 0
    ratio = sum(row.amount_minor for row in rows) / visits
    scatter = sum((row.amount_minor - ratio * row.amount_visits) ** 2 for row in rows)
    return ratio, scatter * len(rows) / (len(rows) - 1) / visits**2, visits


def _returned(history: History) -> Iterable[_Test]:
    came, of = history.returned
    usually, of_before = history.returned_before
    if of < 20 or of_before < 40 or not usually:
        return
    share, usual = came / of, usually / of_before
    pooled = (came + usually) / (of + of_before)
    deviation = sqrt(pooled * (1 - pooled) * (1 / of + 1 / of_before)) or 1.0
    sure = max(0.0, abs(share - usual) - _SURE * deviation) * of
    yield _Test(Change("return", share, usual, sure), (share - usual) / deviation)


def _test(what: str, now: float, usual: float, variance: float, which: int | None = None) -> _Test:
    deviation = sqrt(variance) or 1.0
    sure = max(0.0, abs(now - usual) - _SURE * deviation)
    return _Test(Change(what, now, usual or 1.0, sure, which), (now - usual) / deviation)


def _spread(history: History, days: Sequence[date], name: str) -> float:
    """How much more days and weeks scatter about their mean than chance alone: 1 or more."""
    means = _per_weekday(history, days, name)
    pairs = [(_value(history, day, name), means[day.weekday()]) for day in days if means[day.weekday()] > 0]
    daily = sum((n - mean) ** 2 / mean for n, mean in pairs) / max(1, len(pairs) - 7)
    weeks: dict[tuple[int, int], list[float]] = {}
    for day in days:
        weeks.setdefault(day.isocalendar()[:2], []).append(_value(history, day, name))
    whole = [sum(one) for one in weeks.values() if len(one) == 7]
    mean = sum(whole) / len(whole) if whole else 0
    weekly = sum((one - mean) ** 2 for one in whole) / mean / max(1, len(whole) - 1) if mean else 0.0
    return max(1.0, daily, weekly)


def _per_weekday(history: History, days: Sequence[date], name: str) -> list[float]:
    sums, many = [0.0] * 7, [0] * 7
    for day in days:
        sums[day.weekday()] += _value(history, day, name)
        many[day.weekday()] += 1
    return [total / max(1, n) for total, n in zip(sums, many, strict=True)]


def _value(history: History, day: date, name: str) -> float:
    found = history.days.get(day)
    return 0.0 if found is None else float(getattr(found, name))


def _sum(history: History, days: Iterable[date], name: str) -> float:
    return sum(_value(history, day, name) for day in days)


def _days(first: date, after: date) -> list[date]:
    return [first + timedelta(days=number) for number in range(max(0, (after - first).days))]


def _months_before(month: date, months: int) -> date:
    return date.fromisoformat(f"{named(number_of(month.isoformat()) - months)}-01")
