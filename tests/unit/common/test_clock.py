"""Local days: every instant lies in one, and each begins where the last one ends, also when the clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.common.clock import local_day_bounds, zone

# Santiago and Beirut put their clocks forward at midnight, so that a day there begins at one;
# Lord Howe puts them forward by half an hour.
ZONES = ("Europe/Brussels", "America/Santiago", "Asia/Beirut", "Australia/Lord_Howe", "UTC")


@pytest.mark.parametrize("timezone", ZONES)
def test_the_days_of_a_year_follow_one_another(timezone: str) -> None:
    start, _ = local_day_bounds(datetime(2026, 1, 1, 12, tzinfo=UTC), timezone)
    hours = set()
    for _ in range(365):
        first, end = local_day_bounds(start, timezone)
        assert first == start
        for instant in (start, end - timedelta(microseconds=1)):
            assert local_day_bounds(instant, timezone) == (start, end)
        days = {instant.astimezone(zone(timezone)).date() for instant in (start, end - timedelta(microseconds=1))}
        assert len(days) == 1
        hours.add((end - start) / timedelta(hours=1))
        start = end
    odd = {"UTC": set(), "Australia/Lord_Howe": {23.5, 24.5}}.get(timezone, {23.0, 25.0})
    assert hours == {24.0} | odd


def test_the_hour_that_comes_twice_is_of_one_day() -> None:
    # In Brussels 02:30 came twice on 25 October 2026, at 00:30 and at 01:30 UTC.
    twice = [local_day_bounds(datetime(2026, 10, 25, hour, 30, tzinfo=UTC), "Europe/Brussels") for hour in (0, 1)]
    assert twice[0] == twice[1] == (datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 25, 23, tzinfo=UTC))
