from datetime import UTC, datetime
from typing import Any

import pytest

from app.merchants import opening_hours
from app.merchants.errors import OpeningHoursInvalidError

BRUSSELS = {"timezone": "Europe/Brussels", "country": "BE"}


def is_open(document: dict[str, Any], *moment: int) -> bool | None:
    return opening_hours.is_open(opening_hours.parse(document), datetime(*moment, tzinfo=UTC), **BRUSSELS)  # type: ignore[misc]


def test_a_shop_is_open_from_its_first_minute_to_its_last_in_its_own_zone() -> None:
    hours = {"wed": [["08:00", "12:30"], ["13:30", "18:00"]]}
    assert not is_open(hours, 2026, 3, 4, 6, 59)  # 07:59 in Brussels
    assert is_open(hours, 2026, 3, 4, 7, 0)
    assert not is_open(hours, 2026, 3, 4, 11, 30)
    assert is_open(hours, 2026, 3, 4, 16, 59)
    assert not is_open(hours, 2026, 3, 4, 17, 0)
    assert not is_open(hours, 2026, 3, 5, 8, 0)


def test_summer_time_moves_with_the_shop() -> None:
    hours = {"wed": [["08:00", "18:00"]]}
    assert is_open(hours, 2026, 7, 1, 6, 0)
    assert not is_open(hours, 2026, 7, 1, 16, 0)


def test_a_bar_that_closes_after_midnight_is_open_on_the_next_day() -> None:
    hours = {"fri": [["18:00", "02:00"]]}
    assert is_open(hours, 2026, 3, 6, 22, 0)
    assert is_open(hours, 2026, 3, 7, 0, 30)  # Saturday, 01:30 in Brussels
    assert not is_open(hours, 2026, 3, 7, 1, 0)
    assert not is_open(hours, 2026, 3, 6, 0, 30)


def test_public_holidays_close_a_shop_that_says_so() -> None:
    week = {"tue": [["08:00", "18:00"]]}
    national_day = (2026, 7, 21, 9, 0)
    assert is_open(week, *national_day)
    assert not is_open({**week, "closed_on_holidays": True}, *national_day)
    assert is_open({**week, "closed_on_holidays": True}, 2026, 7, 14, 9, 0)


def test_one_date_overrules_the_week_and_the_holidays() -> None:
    hours = {
        "tue": [["08:00", "18:00"]],
        "closed_on_holidays": True,
        "dates": {"2026-07-21": [["10:00", "12:00"]], "2026-07-14": []},
    }
    assert is_open(hours, 2026, 7, 21, 9, 0)
    assert not is_open(hours, 2026, 7, 14, 9, 0)


def test_a_country_without_a_calendar_has_no_holidays() -> None:
    hours = opening_hours.parse({"tue": [["00:00", "24:00"]], "closed_on_holidays": True})
    at = datetime(2026, 7, 21, 9, tzinfo=UTC)
    assert opening_hours.is_open(hours, at, timezone="UTC", country="XX")


def test_unknown_hours_are_not_the_same_as_closed() -> None:
    assert is_open({}, 2026, 3, 4, 12, 0) is None
    assert is_open({"mon": []}, 2026, 3, 4, 12, 0) is False


def test_the_spans_of_a_day_are_told_as_they_were_written() -> None:
    hours = opening_hours.parse({"fri": [["08:00", "12:30"], ["18:00", "02:00"]], "sat": [["10:00", "24:00"]]})
    friday, saturday = datetime(2026, 3, 6, 12, tzinfo=UTC), datetime(2026, 3, 7, 12, tzinfo=UTC)
    assert opening_hours.today(hours, friday, **BRUSSELS) == [["08:00", "12:30"], ["18:00", "02:00"]]
    assert opening_hours.today(hours, saturday, **BRUSSELS) == [["10:00", "24:00"]]


@pytest.mark.parametrize(
    "document",
    [
        {"someday": []},
        {"mon": "08:00-18:00"},
        {"mon": [["08:00"]]},
        {"mon": [["8:00", "18:00"]]},
        {"mon": [["08:00", "25:00"]]},
        {"mon": [["08:00", "08:00"]]},
        {"mon": [["24:00", "08:00"]]},
        {"mon": [["08:00", "12:00"], ["11:00", "18:00"]]},
        {"mon": [["08:00", 18]]},
        {"mon": [["08:00", "12:00"]] * 7},
        {"closed_on_holidays": "yes"},
        {"dates": {"21 July": []}},
        {"dates": {5: []}},
        {"dates": []},
    ],
)
def test_hours_that_cannot_be_read_are_refused(document: dict[str, Any]) -> None:
    with pytest.raises(OpeningHoursInvalidError):
        opening_hours.parse(document)


@pytest.mark.parametrize(
    ("document", "moment", "told"),
    [
        ({"wed": [["08:00", "18:00"]]}, (2026, 3, 4, 12, 0), "2026-03-04T18:00:00+01:00"),
        ({"wed": [["08:00", "12:30"], ["13:30", "18:00"]]}, (2026, 3, 4, 12, 0), "2026-03-04T13:30:00+01:00"),
        ({"wed": [["08:00", "18:00"]]}, (2026, 3, 4, 19, 0), "2026-03-11T08:00:00+01:00"),
        ({"tue": [["20:00", "02:00"]]}, (2026, 3, 4, 0, 30), "2026-03-04T02:00:00+01:00"),
        # Spans that touch are one: it does not close in between, not at midnight either.
        ({"wed": [["08:00", "12:00"], ["12:00", "24:00"]]}, (2026, 3, 4, 8, 0), "2026-03-05T00:00:00+01:00"),
        ({"wed": [["08:00", "24:00"]], "thu": [["00:00", "03:00"]]}, (2026, 3, 4, 8, 0), "2026-03-05T03:00:00+01:00"),
        # Summer time begins on 29 March.
        ({"mon": [["08:00", "18:00"]]}, (2026, 3, 28, 12, 0), "2026-03-30T08:00:00+02:00"),
        ({"wed": [["08:00", "18:00"]], "dates": {"2026-03-11": []}}, (2026, 3, 4, 19, 0), "2026-03-18T08:00:00+01:00"),
        ({"dates": {"2026-04-04": [["08:00", "18:00"]]}}, (2026, 3, 4, 12, 0), None),
        ({day: [["00:00", "24:00"]] for day in opening_hours.WEEKDAYS}, (2026, 3, 4, 12, 0), None),
        ({}, (2026, 3, 4, 12, 0), None),
    ],
)  # fmt: skip
def test_the_next_change_is_told(document: dict[str, Any], moment: tuple[int, ...], told: str | None) -> None:
    at = datetime(*moment, tzinfo=UTC)  # type: ignore[misc]
    change = opening_hours.changes_at(opening_hours.parse(document), at, **BRUSSELS)
    assert (change and change.isoformat()) == told


def test_the_days_of_a_week_are_told_one_by_one() -> None:
    opening = opening_hours.parse({"wed": [["08:00", "18:00"]], "dates": {"2026-03-05": [["09:00", "10:00"]]}})
    told = opening_hours.days(opening, datetime(2026, 3, 4, tzinfo=UTC).date(), 3, country="BE")
    assert [spans for _, spans in told] == [[["08:00", "18:00"]], [["09:00", "10:00"]], []]
