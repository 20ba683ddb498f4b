"""A day of the calendar against the one evaluator: what can count on a day stands on that day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from app.rewards.clashes import Planned, find_clashes, runs_on
from app.rewards.evaluator import MemberFacts, VisitFacts, evaluate
from app.rewards.rules import parse_programme, parse_promotion, stamps_document
from app.rewards.rules.promotion import WEEKDAYS

ZONE = ZoneInfo("Europe/Brussels")
PROGRAMME = parse_programme(stamps_document(10), kind="stamps", currency="EUR", timezone="Europe/Brussels")
START = datetime(2026, 3, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 60 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))
DAYS = st.integers(0, 59).map(lambda day: (START + timedelta(days=day)).date().isoformat())
HOURS = st.tuples(st.integers(0, 23), st.integers(0, 23)).filter(lambda pair: pair[0] < pair[1])


@st.composite
def promotions(draw: st.DrawFn, name: str = "one") -> Planned:
    conditions: dict[str, Any] = {}
    if weekdays := draw(st.lists(st.sampled_from(WEEKDAYS), unique=True, max_size=3)):
        conditions["weekdays"] = weekdays
    if draw(st.booleans()):
        start, end = draw(HOURS)
        conditions["hours"] = {"from": f"{start:02}:00", "to": f"{end:02}:00"}
    if draw(st.booleans()):
        first, last = sorted((draw(DAYS), draw(DAYS)))
        conditions["dates"] = {"from": first, "to": last}
    rule = {"conditions": conditions, "effect": {"multiplier": "2"}, "combinable": draw(st.booleans())}
    starts_at, ends_at = sorted((draw(MOMENTS), draw(MOMENTS)))
    return Planned(
        name,
        name,
        "programme",
        parse_promotion(rule, promotion_id=name, currency="EUR"),
        starts_at if draw(st.booleans()) else None,
        ends_at + timedelta(minutes=1) if draw(st.booleans()) else None,
    )


def counts(planned: list[Planned], at: datetime) -> int:
    """What a visit at that moment earns, by those of them that run then."""
    running = [
        one.rules
        for one in planned
        if (one.starts_at is None or one.starts_at <= at) and (one.ends_at is None or at < one.ends_at)
    ]
    return evaluate(PROGRAMME, running, VisitFacts(at, None, None, (), "here"), MemberFacts()).units


@given(promotions(), MOMENTS)
def test_what_counts_at_a_moment_stands_on_its_day(planned: Planned, at: datetime) -> None:
    if counts([planned], at) == 2:
        assert runs_on(planned, ZONE, at.astimezone(ZONE).date())


@given(promotions("one"), promotions("other"), MOMENTS)
def test_two_that_count_at_one_moment_are_told_to_meet(one: Planned, other: Planned, at: datetime) -> None:
    if counts([one], at) == counts([other], at) == 2:
        clashes = find_clashes([one, other], {"programme": PROGRAMME}, asks={"programme": "visit"}, now=START)
        meets = [clash.code for clash in clashes if clash.second is not None]
        assert meets == ["meets_both" if counts([one, other], at) == 3 else "meets_best"]
