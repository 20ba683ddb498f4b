"""A month's letter says what changed, where the truth is known, and nothing where nothing did."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

import pytest

from app.insights.changing import Day, Found, History, find_changes

MONTH = date(2026, 10, 1)
WEEK = (0.8, 1.0, 0.9, 1.1, 1.3, 1.7, 0.0)  # closed on Sundays
HOURS = {8: 3.0, 10: 4.0, 12: 3.0, 13: 2.0, 15: 3.0, 16: 3.0, 17: 2.0, 18: 1.0}


@dataclass
class Town:
    """A shop whose days are drawn, so that what is true of them is known. Factors are of the month alone."""

    a_day: float = 40
    seed: int = 1
    since: date = date(2026, 5, 1)
    all: float = 1
    weekdays: dict[int, float] = field(default_factory=dict)
    hours: dict[int, float] = field(default_factory=dict)
    new: float = 1
    basket: float = 1
    rewards: float = 1
    season: dict[int, float] = field(default_factory=dict)  # by month of every year
    weather: float = 0.15  # by how much a day's mean scatters

    def history(self) -> History:
        random = Random(self.seed)
        days: dict[date, Day] = {}
        hours: dict[bool, Counter[int]] = {True: Counter(), False: Counter()}
        day = self.since
        while day < date(2026, 11, 1):
            is_now = day >= MONTH
            mean = self.a_day * WEEK[day.weekday()] * self.season.get(day.month, 1)
            mean *= max(0.2, random.gauss(1, self.weather))
            if is_now:
                mean *= self.all * self.weekdays.get(day.weekday(), 1)
            visits = 0
            for hour, weight in HOURS.items():
                factor = self.hours.get(hour, 1) if is_now else 1
                came = poisson(random, mean * factor * weight / sum(HOURS.values()))
                visits += came
                if is_now or day >= date(2026, 7, 1):
                    hours[is_now][hour] += came
            new = poisson(random, visits * 0.12 * (self.new if is_now else 1))
            rewards = poisson(random, visits * 0.15 * (self.rewards if is_now else 1))
            amount = sum(round(random.lognormvariate(7.5, 0.6)) for _ in range(visits))
            amount = round(amount * (self.basket if is_now else 1))
            if visits:
                days[day] = Day(visits, new, rewards, amount, visits)
            day += timedelta(days=1)
        return History(days, self.since, dict(hours[True]), dict(hours[False]))

    def found(self) -> Found:
        return find_changes(self.history(), MONTH)

    def said(self) -> list[tuple[str, int | None]]:
        return [(one.what, one.which) for one in self.found().changes]


def poisson(random: Random, mean: float) -> int:
    if mean > 50:
        return max(0, round(random.gauss(mean, mean**0.5)))
    count, at = 0, random.expovariate(1)
    while at < mean:
        count, at = count + 1, at + random.expovariate(1)
    return count


def test_a_drop_on_tuesdays_is_named_and_no_other_day_is() -> None:
    for seed in range(3):
        found = Town(weekdays={1: 0.5}, seed=seed).found()
        assert [(one.what, one.which) for one in found.changes if one.what in ("weekday", "part")] == [("weekday", 1)]
        assert 0.35 < 1 + found.changes[0].share < 0.65
        assert found.changes[0].visits < -60


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"all": 0.75}, ("visits", None)),
        ({"new": 1.9}, ("new", None)),
        ({"basket": 1.25}, ("basket", None)),
        ({"rewards": 0.4}, ("rewards", None)),
        ({"hours": {8: 0.4, 10: 0.4}}, ("part", 0)),
        ({"weekdays": {5: 1.6}}, ("weekday", 5)),
    ],
)
def test_what_is_true_is_said(changed: dict[str, object], said: tuple[str, int | None]) -> None:
    assert said in Town(**changed).said()  # type: ignore[arg-type]


def test_where_nothing_changed_nothing_is_said() -> None:
    spoken = [seed for seed in range(30) if Town(seed=seed, a_day=(6, 20, 60)[seed % 3]).said()]
    assert len(spoken) <= 3, "by chance at most one in twenty; in three hundred such towns it was eleven times"


def test_never_more_than_three_the_largest_first() -> None:
    found = Town(all=0.6, new=0.4, basket=1.4, rewards=0.4, weekdays={1: 0.4, 2: 0.4, 4: 0.4}).found()
    assert len(found.changes) == 3
    assert [one.sure for one in found.changes] == sorted((one.sure for one in found.changes), reverse=True)


def test_a_busy_october_of_every_year_is_no_change() -> None:
    busy = {10: 1.5}
    assert Town(season=busy).said() == [("visits", None)], "without a year before nobody can know"
    known = Town(season=busy, since=date(2025, 6, 1)).found()
    assert known.has_season
    assert "visits" not in [one.what for one in known.changes]
    missed = Town(season=busy, since=date(2025, 6, 1), all=0.67).found()
    assert "visits" in [one.what for one in missed.changes], "as many as in September is few for an October"


def test_a_young_shop_is_told_that_it_is_early() -> None:
    assert Town(since=date(2026, 9, 1)).found() == Found(is_early=True)
