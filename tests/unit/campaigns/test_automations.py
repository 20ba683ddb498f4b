"""When somebody is missed, which day of the year it is, what is left to a lot, and what stands in braces."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import accumulate

import pytest

from app.campaigns.automations.catalogue import READY
from app.campaigns.automations.filling import Facts, filled, unknown
from app.campaigns.automations.lots import arm_of
from app.campaigns.automations.rhythm import good_hour, is_missed_on, missed_from, patience, usual_weekday
from app.campaigns.automations.settings import Settings, read_settings
from app.campaigns.automations.words import WORDS
from app.campaigns.automations.yearly import falls_on, origins
from app.campaigns.models import SERVED, TRIGGERS
from app.campaigns.service.setting_automations import Change, changes_of
from app.campaigns.wording import LOCALES

EPOCH = date(1970, 1, 1)


def days(*gaps: int, last: date = date(2026, 3, 4)) -> list[int]:
    """Days with a visit that lie so far apart and end on ``last`` (a Wednesday unless told)."""
    end = (last - EPOCH).days
    return [end - back for back in accumulate((0, *reversed(gaps)))][::-1]


@pytest.mark.parametrize(
    ("gaps", "wait"),
    [
        ((9, 9, 9, 9), 16),  # usually every 9 days: a week over that
        ((7, 7, 7, 7, 7), 14),
        ((1, 1, 1, 1, 1), 14),  # a daily customer is not pressed after a week-end
        ((9, 9, 9, 9, 24, 9, 9, 9, 9, 24), 24),  # she was away for 24 days before and came back by herself
        ((7, 14, 21, 30, 10), 27),  # 21 + 0.6 × 9, rounded up
        ((100, 105, 110), 112),
        ((115, 115, 115), None),  # beyond 120 days nobody is asked back
        ((9, 9), None),  # three visits are no rhythm
    ],
)
def test_patience_follows_her_own_gaps(gaps: Sequence[int], wait: int | None) -> None:
    assert patience(days(*gaps)) == wait


def test_usually_every_9_days_and_now_24_is_missed_since_the_16th() -> None:
    came = days(9, 9, 9, 9, last=date(2026, 3, 1))
    assert missed_from(came, without_rhythm=None) == date(2026, 3, 17)
    missed = [n for n in range(1, 60) if is_missed_on(date(2026, 3, 1) + timedelta(days=n), came, without_rhythm=None)]
    assert missed == list(range(16, 38)), "from the 16th day of her silence, for three weeks"


def test_she_is_written_to_on_the_weekday_on_which_she_comes() -> None:
    came = days(7, 7, 7, 7)  # Wednesdays
    assert usual_weekday(came) == 2
    missed = [n for n in range(1, 60) if is_missed_on(date(2026, 3, 4) + timedelta(days=n), came, without_rhythm=None)]
    assert missed == [14, 21, 28, 35]
    assert usual_weekday(days(9, 9, 9, 9)) is None
    assert usual_weekday([]) is None


def test_closing_days_are_no_silence() -> None:
    came = days(9, 9, 9, 9)
    closed = {date(2026, 3, 10) + timedelta(days=n) for n in range(14)}
    assert missed_from(came, without_rhythm=None, closed=closed) == date(2026, 3, 20) + timedelta(days=14)


def test_without_a_rhythm_the_shops_own_number_of_days_counts() -> None:
    came = days(20, 30)
    assert missed_from(came, without_rhythm=45) == date(2026, 3, 4) + timedelta(days=45)
    assert missed_from(came, without_rhythm=None) is None
    assert missed_from(days(115, 115, 115), without_rhythm=45) is None, "she has one, and it is slow"
    assert missed_from([], without_rhythm=45) is None


def test_the_hour_lies_before_hers_and_within_the_day() -> None:
    assert good_hour([]) == 10
    assert good_hour([13.5, 14.2, 20.0]) == 12
    assert (good_hour([8.0]), good_hour([22.0])) == (9, 17)


def test_yearly_days_know_the_leap_day() -> None:
    assert falls_on(2, 29, date(2026, 2, 28))
    assert not falls_on(2, 29, date(2028, 2, 28))
    assert falls_on(2, 29, date(2028, 2, 29))
    assert not falls_on(2, 28, date(2028, 2, 29))
    assert origins(date(2026, 3, 4), 2) == [date(2025, 3, 4), date(2024, 3, 4)]
    assert origins(date(2027, 2, 28), 3) == [date(2026, 2, 28), date(2025, 2, 28), date(2024, 2, 28), date(2024, 2, 29)]
    assert origins(date(2028, 2, 29), 4) == [date(2024, 2, 29)]


def test_the_lot_is_the_same_whoever_draws_and_takes_its_share() -> None:
    arms = [arm_of(7, f"member {n}", "a", 15) for n in range(20_000)]
    assert arms == [arm_of(7, f"member {n}", "a", 15) for n in range(20_000)]
    assert 0.14 < arms.count("control") / len(arms) < 0.16
    assert arms != [arm_of(8, f"member {n}", "a", 15) for n in range(20_000)]
    assert {arm_of(7, f"member {n}", "a", 0) for n in range(1000)} == {"treated"}


def test_every_automation_has_words_in_four_languages_that_can_be_filled() -> None:
    assert set(READY) == set(WORDS) == set(TRIGGERS)
    for trigger, said in WORDS.items():
        assert set(said) == set(LOCALES)
        for title, text in said.values():
            assert unknown(title, READY[trigger].facts) == unknown(text, READY[trigger].facts) == []
            assert len(title) <= 80
            assert len(text) <= 500


def test_nobody_is_left_out_by_lot_of_what_is_promised_or_hers() -> None:
    assert {one for one in READY if READY[one].control_percent} == {"come_back", "nearly_full", "tip"}


def test_braces_are_filled_once_and_in_each_language() -> None:
    facts = Facts("{left} & Co", left=2, unit_kind="stamps", reward={"": "Koffie", "en": "Coffee"})
    said = {"nl": "Nog {left} bij {shop}: {reward}", "en": "{left} at {shop}: {reward}", "fr": "", "de": "{nothing}."}
    assert filled(said, facts) == {
        "nl": "Nog 2 zegels bij {left} & Co: Koffie",
        "en": "2 stamps at {left} & Co: Coffee",
        "de": ".",
    }
    assert filled({"en": "{years}", "nl": "{years}"}, Facts("x", years=1)) == {"en": "1 year", "nl": "1 jaar"}
    assert unknown("{shop} {Name} {0}", ("shop",)) == ["{0}", "{Name}"]


def test_settings_that_make_no_sense_are_the_ready_ones() -> None:
    standard = Settings(days=7, hour=10)
    assert read_settings({"days": "x", "hour": 99, "groups": 3}, standard) == standard
    kept = Settings(days=3, hour=None, groups=("friend",), pause_days=4, edition=2)
    assert read_settings(kept.document(), standard) == kept
    assert standard.is_for_all
    assert not kept.is_for_all


def test_a_level_turns_on_what_belongs_to_it_for_that_group() -> None:
    levels = {"stranger": "basic", "butterfly": "reactive", "barnacle": "accountable", "friend": "proactive"}
    first = {one.trigger: one for one in changes_of({}, levels)}
    assert set(first) == set(READY)
    assert {one.kind for one in first.values()} == {"turn_on"}
    assert first["welcome"].after == SERVED
    assert first["nearly_full"].after == ("butterfly", "barnacle", "friend")
    assert first["thanks"].after == ("barnacle", "friend")
    assert first["come_back"].after == ("friend",)
    now = {one.trigger: ("on", one.after) for one in first.values()}
    assert changes_of(now, levels) == []
    changes = changes_of(now, {**levels, "friend": "accountable", "butterfly": "basic"})
    assert Change("come_back", "stop", ("friend",), ()) in changes
    assert Change("nearly_full", "regroup", ("butterfly", "barnacle", "friend"), ("barnacle", "friend")) in changes
    assert "welcome" not in {one.trigger for one in changes}
