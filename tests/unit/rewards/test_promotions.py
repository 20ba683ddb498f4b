"""When a promotion applies, and how several combine."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.rewards.evaluator import Earning, Item, MemberFacts, VisitFacts, evaluate
from app.rewards.rules import PromotionRules, parse_programme, parse_promotion, points_document

BRUSSELS = ZoneInfo("Europe/Brussels")
FRIDAY = datetime(2026, 11, 20, 12, tzinfo=BRUSSELS)
ONE_PER_EURO = parse_programme(points_document("1"), kind="points", currency="EUR", timezone="Europe/Brussels")


def promotion(
    promotion_id: str = "p", effect: Any = None, combinable: bool = False, **conditions: Any
) -> PromotionRules:
    document = {"conditions": conditions, "effect": effect or {"bonus": 5}, "combinable": combinable}
    return parse_promotion(document, promotion_id=promotion_id, currency="EUR")


def earn(*promotions: PromotionRules, at: datetime = FRIDAY, amount: int = 1000, **facts: Any) -> Earning:
    visit = VisitFacts(at.astimezone(UTC), amount, None, facts.pop("items", ()), facts.pop("location_id", ""))
    earning = evaluate(ONE_PER_EURO, promotions, visit, MemberFacts(**facts))
    assert sum(part.units for part in earning.parts) == earning.units
    return earning


def bonus(*promotions: PromotionRules, **facts: Any) -> int:
    return earn(*promotions, **facts).units - 10


def at(*parts: int) -> datetime:
    year, month, day, hour, minute = parts
    return datetime(year, month, day, hour, minute, tzinfo=BRUSSELS)


def test_without_conditions_it_always_applies() -> None:
    assert [(part.rule, part.units) for part in earn(promotion()).parts] == [("amount", 10), ("promotion:p", 5)]


@pytest.mark.parametrize(
    ("when", "applies"),
    [
        (at(2026, 11, 20, 0, 0), True),
        (at(2026, 11, 20, 23, 59), True),
        (at(2026, 11, 19, 23, 59), False),
        (at(2026, 11, 21, 0, 0), False),
    ],
)
def test_a_weekday_runs_from_local_midnight_to_midnight(when: datetime, applies: bool) -> None:
    assert (bonus(promotion(weekdays=["fri"]), at=when) == 5) is applies


@pytest.mark.parametrize(("hour", "minute", "applies"), [(8, 59, False), (9, 0, True), (10, 59, True), (11, 0, False)])
def test_a_window_includes_its_first_minute_and_not_its_last(hour: int, minute: int, applies: bool) -> None:
    window = promotion(hours={"from": "09:00", "to": "11:00"})
    assert (bonus(window, at=at(2026, 11, 20, hour, minute)) == 5) is applies


@pytest.mark.parametrize(
    ("when", "applies"),
    [
        (at(2026, 11, 20, 21, 59), False),
        (at(2026, 11, 20, 22, 0), True),
        (at(2026, 11, 21, 1, 59), True),  # Saturday, but the window began on Friday
        (at(2026, 11, 21, 2, 0), False),
        (at(2026, 11, 20, 1, 0), False),  # began on Thursday
        (at(2026, 11, 21, 22, 0), False),
    ],
)
def test_a_window_over_midnight_belongs_to_the_day_on_which_it_begins(when: datetime, applies: bool) -> None:
    night = promotion(weekdays=["fri"], hours={"from": "22:00", "to": "02:00"})
    dated = promotion(dates={"from": "2026-11-20", "to": "2026-11-20"}, hours={"from": "22:00", "to": "02:00"})
    assert (bonus(night, at=when) == 5) is applies
    assert (bonus(dated, at=when) == 5) is applies


def test_a_window_up_to_midnight() -> None:
    late = promotion(hours={"from": "22:00", "to": "24:00"})
    assert bonus(late, at=at(2026, 11, 20, 23, 59)) == 5
    assert bonus(late, at=at(2026, 11, 21, 0, 0)) == 0


def test_both_hours_of_a_clock_change_are_in_the_window() -> None:
    window = promotion(hours={"from": "02:00", "to": "03:00"})
    twice = [datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1, 2)]  # 02:30, 02:30 again, 03:30
    assert [bonus(window, at=moment) for moment in twice] == [5, 5, 0]


@pytest.mark.parametrize(
    ("when", "applies"),
    [
        (at(2026, 11, 19, 23, 59), False),
        (at(2026, 11, 20, 0, 0), True),
        (at(2026, 11, 22, 23, 59), True),
        (at(2026, 11, 23, 0, 0), False),
    ],
)
def test_both_dates_are_included(when: datetime, applies: bool) -> None:
    assert (bonus(promotion(dates={"from": "2026-11-20", "to": "2026-11-22"}), at=when) == 5) is applies


def test_first_visit() -> None:
    assert bonus(promotion(first_visit=True), visits=0) == 5
    assert bonus(promotion(first_visit=True), visits=1) == 0


def test_birthday_week() -> None:
    assert bonus(promotion(birthday_week=True), birthday=(11, 23)) == 5
    assert bonus(promotion(birthday_week=True), birthday=(11, 24)) == 0
    assert bonus(promotion(birthday_week=True)) == 0


def test_come_back_counts_local_days() -> None:
    back = promotion(comeback_days=30)
    assert bonus(back, last_visit_at=datetime(2026, 10, 20, 21, 59, tzinfo=UTC)) == 5  # the 20th, 31 days
    assert bonus(back, last_visit_at=datetime(2026, 10, 21, 21, 59, tzinfo=UTC)) == 5
    assert bonus(back, last_visit_at=datetime(2026, 10, 21, 22, 1, tzinfo=UTC)) == 0  # the 22nd in Brussels
    assert bonus(back) == 0


def test_tier_and_location() -> None:
    assert bonus(promotion(tiers=["gold"]), tier="gold") == 5
    assert bonus(promotion(tiers=["gold"]), tier="silver") == 0
    assert bonus(promotion(tiers=["gold"])) == 0
    assert bonus(promotion(locations=["a", "b"]), location_id="b") == 5
    assert bonus(promotion(locations=["a", "b"]), location_id="c") == 0


def test_minimum_amount() -> None:
    assert bonus(promotion(minimum="10.00"), amount=1000) == 5
    assert bonus(promotion(minimum="10.01"), amount=1000) == 0


def test_a_category_multiplies_only_what_it_earned() -> None:
    bread = promotion(effect={"multiplier": "3"}, categories=["bread"])
    receipt = (Item(category="Bread", amount_minor=400), Item(category="wine", amount_minor=600))
    assert bonus(bread, items=receipt) == 8
    assert bonus(bread, items=receipt[1:]) == 0
    assert bonus(promotion(categories=["bread"]), items=receipt) == 5
    assert bonus(promotion(categories=["bread"])) == 0


def test_a_category_multiplies_no_more_than_was_paid() -> None:
    bread = promotion(effect={"multiplier": "2"}, categories=["bread"])
    assert bonus(bread, items=(Item(category="bread", amount_minor=1500),)) == 10  # 15.00 of bread, 10.00 paid


def test_the_snapshot_names_only_what_applied() -> None:
    receipt = (Item(category="bread", amount_minor=1000),)
    earning = earn(
        promotion("a", minimum="10.01"),
        promotion("b", categories=["wine"]),
        promotion("c", weekdays=["mon"]),
        promotion("d", categories=["bread"], minimum="10.00"),
        items=receipt,
    )
    assert earning.snapshot()["extras"] == [["promotion:d", 0, 5, 1000, ["bread"], False]]


def test_all_conditions_must_hold() -> None:
    both = promotion(weekdays=["fri"], minimum="5.00")
    assert bonus(both) == 5
    assert earn(both, amount=499).units == 4
    assert bonus(both, at=at(2026, 11, 21, 12, 0)) == 0


def multiplier(promotion_id: str, value: str, combinable: bool = False) -> PromotionRules:
    return promotion(promotion_id, {"multiplier": value}, combinable)


def test_the_best_multiplier_counts_and_bonuses_add() -> None:
    earning = earn(multiplier("a", "1.5"), multiplier("b", "3"), multiplier("c", "2"), promotion("d"), promotion("e"))
    assert [(part.rule, part.units) for part in earning.parts] == [
        ("amount", 10),
        ("promotion:b", 20),
        ("promotion:d", 5),
        ("promotion:e", 5),
    ]


def test_combinable_multipliers_each_add_their_extra() -> None:
    earning = earn(multiplier("a", "2"), multiplier("b", "3"), multiplier("c", "1.5", True), multiplier("d", "2", True))
    assert [(part.rule, part.units) for part in earning.parts] == [
        ("amount", 10),
        ("promotion:b", 20),
        ("promotion:c", 5),
        ("promotion:d", 10),
    ]


def test_the_best_is_the_one_that_gives_most_not_the_highest_number() -> None:
    bread = promotion("bread", {"multiplier": "5"}, categories=["bread"])
    receipt = (Item(category="bread", amount_minor=100), Item(category="wine", amount_minor=900))
    assert [part.rule for part in earn(bread, multiplier("all", "2"), items=receipt).parts] == [
        "amount",
        "promotion:all",
    ]


def test_the_order_in_which_promotions_are_given_does_not_matter() -> None:
    promotions = [multiplier("a", "2"), multiplier("b", "2"), multiplier("c", "1.5", True), promotion("d")]
    assert earn(*promotions) == earn(*reversed(promotions))


def test_a_promotion_multiplies_base_and_tier_before_rounding() -> None:
    tiers = {"months": 12, "by": "units", "table": [{"key": "gold", "from": 1, "multiplier": "1.5"}]}
    programme = parse_programme(
        {**points_document("1"), "tiers": tiers}, kind="points", currency="EUR", timezone="Europe/Brussels"
    )
    visit = VisitFacts(FRIDAY, 150)
    earning = evaluate(programme, (multiplier("a", "2"), promotion("b")), visit, MemberFacts(tier="gold"))
    assert earning.units == 9  # floor(1.5 × 1.5 × 2) + 5


def test_a_visit_that_earns_nothing_gets_no_bonus() -> None:
    assert earn(promotion(), amount=0).units == 0
