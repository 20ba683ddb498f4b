"""Local days, expiry, periods, tiers and versions, clock changes included."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.rewards.rules import (
    ProgrammeRules,
    expires_at,
    in_birthday_week,
    local_day,
    may_redeem,
    parse_programme,
    tier_for,
    version_at,
)

BRUSSELS = ZoneInfo("Europe/Brussels")


def rules(timezone: str = "Europe/Brussels", **fields: Any) -> ProgrammeRules:
    document = {"earn": [{"per": "visit", "units": 1}], **fields}
    return parse_programme(document, kind="points", currency="EUR", timezone=timezone)


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "start", "hours"),
    [
        (utc(2026, 3, 29, 12), utc(2026, 3, 28, 23), 23),  # the clock goes forward
        (utc(2026, 10, 25, 12), utc(2026, 10, 24, 22), 25),  # and back
        (utc(2026, 7, 1, 21, 59, 59), utc(2026, 6, 30, 22), 24),
        (utc(2026, 7, 1, 22), utc(2026, 7, 1, 22), 24),  # local midnight begins the next day
    ],
)
def test_a_day_runs_from_local_midnight_to_local_midnight(at: datetime, start: datetime, hours: int) -> None:
    assert local_day(rules(), at) == (start, start + timedelta(hours=hours))


def test_a_day_without_midnight_begins_at_its_first_moment() -> None:
    # In Beirut the clock goes forward at midnight: 27 March 2022 began at 01:00.
    start, end = local_day(rules("Asia/Beirut"), utc(2022, 3, 27, 12))
    assert (start, end) == (utc(2022, 3, 26, 22), utc(2022, 3, 27, 21))


@pytest.mark.parametrize(
    ("earned", "months", "gone"),
    [
        (date(2026, 1, 31), 1, utc(2026, 2, 28, 23)),
        (date(2026, 3, 1), 12, utc(2027, 3, 1, 23)),
        (date(2024, 2, 29), 12, utc(2025, 2, 28, 23)),
        (date(2026, 9, 25), 6, utc(2027, 3, 25, 23)),
        (date(2026, 4, 25), 6, utc(2026, 10, 25, 23)),  # the end of the day that has 25 hours
        (date(2026, 12, 15), 1, utc(2027, 1, 15, 23)),
    ],
)
def test_units_last_until_the_end_of_the_day_months_later(earned: date, months: int, gone: datetime) -> None:
    assert expires_at(rules(expiry={"kind": "months", "months": months}), earned) == gone


@pytest.mark.parametrize(
    ("on", "earned", "gone"),
    [
        ("12-31", date(2026, 12, 31), utc(2026, 12, 31, 23)),
        ("06-30", date(2026, 7, 1), utc(2027, 6, 30, 22)),
        ("02-29", date(2026, 1, 1), utc(2026, 2, 28, 23)),
        ("02-29", date(2027, 6, 1), utc(2028, 2, 29, 23)),
    ],
)
def test_units_end_on_a_fixed_day_of_the_year(on: str, earned: date, gone: datetime) -> None:
    assert expires_at(rules(expiry={"kind": "yearly", "on": on}), earned) == gone


def test_units_without_expiry_stay() -> None:
    assert expires_at(rules(), date(2026, 1, 1)) is None


PERIOD = {
    "collect_from": "2026-09-01",
    "collect_to": "2026-10-31",
    "redeem_from": "2026-10-01",
    "redeem_to": "2026-11-30",
}


def test_units_of_a_period_end_with_its_redeeming_window() -> None:
    programme = rules(expiry={"kind": "periods", "periods": [PERIOD]})
    assert expires_at(programme, date(2026, 9, 1)) == utc(2026, 11, 30, 23)


@pytest.mark.parametrize(
    ("at", "allowed"),
    [
        (datetime(2026, 9, 30, 23, 59, tzinfo=BRUSSELS), False),
        (datetime(2026, 10, 1, tzinfo=BRUSSELS), True),
        (datetime(2026, 11, 30, 23, 59, tzinfo=BRUSSELS), True),
        (datetime(2026, 12, 1, tzinfo=BRUSSELS), False),
        (utc(2026, 9, 30, 22, 30), True),  # already October in Brussels
    ],
)
def test_units_of_a_period_are_redeemed_inside_its_window(at: datetime, allowed: bool) -> None:
    assert may_redeem(rules(expiry={"kind": "periods", "periods": [PERIOD]}), at) is allowed
    assert may_redeem(rules(), at)


@pytest.mark.parametrize(
    ("birthday", "day", "inside"),
    [
        ((5, 10), date(2026, 5, 7), True),
        ((5, 10), date(2026, 5, 6), False),
        ((5, 10), date(2026, 5, 13), True),
        ((5, 10), date(2026, 5, 14), False),
        ((1, 1), date(2026, 12, 29), True),
        ((12, 31), date(2026, 1, 3), True),
        ((2, 29), date(2026, 2, 25), True),
        ((2, 29), date(2026, 3, 4), False),
        ((2, 29), date(2028, 2, 25), False),
        ((2, 29), date(2028, 3, 3), True),
    ],
)
def test_the_birthday_week_is_three_days_either_side(birthday: tuple[int, int], day: date, inside: bool) -> None:
    assert in_birthday_week(birthday, day) is inside


def test_a_tier_is_the_highest_one_reached() -> None:
    table = [{"key": "silver", "from": "100.00"}, {"key": "gold", "from": "250.50", "multiplier": "2"}]
    programme = rules(tiers={"months": 12, "by": "spend", "table": table})
    reached = [tier_for(programme, minor) for minor in (0, 9_999, 10_000, 25_049, 25_050, 10**9)]
    assert [tier and tier.key for tier in reached] == [None, None, "silver", "silver", "gold", "gold"]
    assert tier_for(rules(), 10**9) is None


def test_the_version_in_force_is_the_last_one_begun_and_the_first_reaches_back() -> None:
    versions = [(utc(2026, 6, 1), "second"), (utc(2026, 1, 1), "first"), (utc(2026, 9, 1), "third")]
    moments = [utc(1990, 1, 1), utc(2026, 1, 1), utc(2026, 5, 31, 23, 59), utc(2026, 6, 1), utc(2030, 1, 1)]
    assert [version_at(versions, at) for at in moments] == ["first", "first", "first", "second", "third"]
    assert version_at([(utc(2026, 6, 1), "second"), (None, "first")], utc(2026, 5, 31)) == "first"
    with pytest.raises(ValueError, match="at least one version"):
        version_at([], utc(2026, 1, 1))
