"""Kinds of customers that were put there are found again; days are the shop's own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from app.insights.histories import UNKNOWN, Visits, gather, local_visits
from app.insights.local_time import DAY, EPOCH, local_seconds
from app.insights.personas import find_kinds, habits, nearest_kind

TODAY = 20_000


def a_shop(each: int = 30) -> tuple[Visits, list[str]]:
    """Two kinds: who buys bread each third morning, and who treats herself on Saturday afternoons; and one who came
    once."""
    draw = np.random.default_rng(3)
    who, second, spent = [], [], []
    for number in range(2 * each):
        is_daily = number < each
        start = TODAY - int(draw.integers(100, 300))
        day = start if is_daily else start + (5 - (start + 3) % 7) % 7
        while day <= TODAY:
            who.append(number)
            second.append(day * DAY + (8 if is_daily else 15) * 3600)
            spent.append(int(draw.integers(300, 500) if is_daily else draw.integers(2500, 3500)))
            day += int(draw.integers(2, 5)) if is_daily else 14
    who.append(2 * each)
    second.append(TODAY * DAY)
    spent.append(UNKNOWN)
    members = [f"m{number:03}" for number in range(2 * each + 1)]
    return Visits(members, np.array(who), np.array(second), np.array(spent)), members


def test_two_kinds_that_were_put_there_are_told_apart() -> None:
    visits, _ = a_shop()
    known = gather(visits, TODAY)
    told = habits(visits, known, {}, TODAY)
    kinds, numbers = find_kinds(told)
    assert numbers[-1] == 0  # who came once is of no kind yet
    assert sum(one.members for one in kinds) == 60
    daily, weekend = set(numbers[:30].tolist()), set(numbers[30:60].tolist())
    assert not daily & weekend
    by_number = {one.number: one.facts for one in kinds}
    assert all(by_number[one]["gap_days"] == 3 and by_number[one]["hour"] == 8 for one in daily)
    assert all(by_number[one]["weekend"] == 1 and by_number[one]["basket_minor"] > 2400 for one in weekend)
    assert [one.members for one in kinds] == sorted((one.members for one in kinds), reverse=True)
    # The same again, and the same for each of them by the kinds that are kept.
    assert find_kinds(told)[1].tolist() == numbers.tolist()
    assert nearest_kind(told, kinds).tolist() == numbers.tolist()


def test_a_small_shop_has_no_kinds() -> None:
    visits, _ = a_shop(each=15)
    kinds, numbers = find_kinds(habits(visits, gather(visits, TODAY), {}, TODAY))
    assert (kinds, set(numbers.tolist())) == ([], {0})


def test_a_day_is_the_shops_own() -> None:
    brussels = ZoneInfo("Europe/Brussels")
    moments = [
        datetime(2026, 3, 28, 22, 59, tzinfo=UTC) + timedelta(minutes=minutes) for minutes in range(0, 3000, 7)
    ] + [datetime(2025, 10, 26, 0, 30, tzinfo=UTC) + timedelta(minutes=minutes) for minutes in range(0, 200, 7)]
    seconds = np.array([int((moment - EPOCH).total_seconds()) for moment in moments])
    local = local_seconds(seconds, "Europe/Brussels") // DAY
    assert [EPOCH.date() + timedelta(days=int(day)) for day in local] == [
        moment.astimezone(brussels).date() for moment in moments
    ]


def test_two_visits_on_a_day_are_one_purchase_and_the_year_ends_today() -> None:
    days = (TODAY - 400, TODAY - 365, TODAY - 364, TODAY - 364, TODAY)
    seconds = np.array([day * DAY + 3600 * hour for hour, day in enumerate(days)])
    visits = local_visits(["a"], np.zeros(5, np.int64), seconds, np.array([100, 200, 300, UNKNOWN, UNKNOWN]), "UTC")
    known = gather(visits, TODAY)
    assert (known.x[0], known.first[0], known.last[0], known.days) == (3, TODAY - 400, TODAY, 4)
    assert (known.visits[0], known.spend[0], known.unpriced[0]) == (3, 300, 2)
    assert known.mean[0] == 250  # of the two days of repeat purchase with an amount
    summary = known.summary(TODAY)
    assert (summary.t_x[0], summary.age[0]) == (400 / 7, 400 / 7)
    assert gather(visits.until(TODAY - 365), TODAY - 365).x.tolist() == [1]
