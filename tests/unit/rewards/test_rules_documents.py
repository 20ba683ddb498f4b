"""Documents of rules: what is taken, what is refused and where the fault is."""

from __future__ import annotations

from typing import Any

import pytest

from app.common.errors import DomainError, Kind
from app.rewards.rules import (
    InvalidRulesError,
    ProgrammeRules,
    parse_programme,
    parse_promotion,
    points_document,
    programme_document,
    promotion_document,
    stamps_document,
)

FULL: dict[str, Any] = {
    "earn": [
        {"per": "visit", "units": 1},
        {"per": "unit", "units": "0.5"},
        {"per": "amount", "units": "3", "step": "2.50"},
        {"per": "amount", "units": "1", "category": "Books"},
        {"per": "item", "units": "2", "sku": "4711"},
        {"per": "item", "units": "1.25", "category": "COFFEE"},
    ],
    "exclude": {"categories": ["Tobacco", "medicines"], "skus": ["99"]},
    "minimum": "5.00",
    "rounding": "carry",
    "caps": {"visit": {"units": 50}, "day": {"visits": 3, "units": 80}, "card": {"units": 1000}},
    "expiry": {"kind": "months", "months": 12},
    "tiers": {
        "months": 12,
        "by": "spend",
        "table": [
            {"key": "silver", "name": "Silver", "from": "100.00", "multiplier": "1.25"},
            {"key": "gold", "from": "500.00", "multiplier": "2"},
        ],
    },
}
PERIODS = {
    "kind": "periods",
    "periods": [
        {
            "collect_from": "2026-09-01",
            "collect_to": "2026-11-30",
            "redeem_from": "2026-10-01",
            "redeem_to": "2026-12-31",
        },
        {
            "collect_from": "2026-01-01",
            "collect_to": "2026-03-31",
            "redeem_from": "2026-02-01",
            "redeem_to": "2026-04-30",
        },
    ],
}
PROMOTION: dict[str, Any] = {
    "conditions": {
        "weekdays": ["tue", "mon"],
        "hours": {"from": "22:00", "to": "02:00"},
        "dates": {"from": "2026-01-01", "to": "2026-12-31"},
        "first_visit": True,
        "birthday_week": True,
        "comeback_days": 60,
        "tiers": ["gold"],
        "locations": ["018f"],
        "minimum": "20.00",
        "categories": ["Bread"],
    },
    "effect": {"multiplier": "1.50"},
    "combinable": True,
}


def points(document: Any, currency: str = "EUR") -> ProgrammeRules:
    return parse_programme(document, kind="points", currency=currency, timezone="Europe/Brussels")


def changed(document: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {**document, **fields}


def when(conditions: Any) -> dict[str, Any]:
    return {"conditions": conditions, "effect": {"bonus": 1}}


def fault(error: pytest.ExceptionInfo[InvalidRulesError]) -> tuple[str, str]:
    return error.value.path, error.value.message_code


@pytest.mark.parametrize("expiry", [None, {"kind": "never"}, {"kind": "yearly", "on": "02-29"}, PERIODS])
def test_a_document_survives_compiling_and_writing(expiry: Any) -> None:
    rules = points(changed(FULL, expiry=expiry) if expiry else FULL)
    assert points(programme_document(rules)) == rules


def test_a_promotion_survives_compiling_and_writing() -> None:
    rules = parse_promotion(PROMOTION, promotion_id="p1", currency="EUR")
    assert rules.hundredths == 150
    assert rules.minimum_minor == 2000
    assert rules.categories == {"bread"}
    again = parse_promotion(promotion_document(rules), promotion_id="p1", currency="EUR")
    assert again == rules


def test_a_bonus_promotion_survives_compiling_and_writing() -> None:
    rules = parse_promotion({"effect": {"bonus": 5}}, promotion_id="p1", currency="EUR")
    assert promotion_document(rules) == {"conditions": {}, "effect": {"bonus": 5}}


def test_the_command_lines_defaults_are_valid() -> None:
    stamps = parse_programme(stamps_document(10), kind="stamps", currency="EUR", timezone="Europe/Brussels")
    assert stamps.goal == 10
    assert points(points_document("0.5")).goal is None


def test_categories_are_kept_without_case_and_codes_to_the_letter() -> None:
    rules = points(FULL)
    assert rules.exclude_categories == {"tobacco", "medicines"}
    assert [rule.rule for rule in rules.earn] == [
        "visit",
        "unit",
        "amount",
        "amount:books",
        "item:sku:4711",
        "item:coffee",
    ]


def test_savings_periods_are_put_in_order() -> None:
    periods = points(changed(FULL, expiry=PERIODS)).expiry.periods
    assert [period.collect_from.month for period in periods] == [1, 9]


def test_a_step_is_in_major_units_of_the_currency() -> None:
    yen = points({"earn": [{"per": "amount", "units": "1", "step": "100"}]}, "JPY").earn[0]
    dinar = points({"earn": [{"per": "amount", "units": "1", "step": "0.100"}]}, "KWD").earn[0]
    assert yen.weight == dinar.weight  # both a unit for 100 minor ones


PERIOD = PERIODS["periods"][0]


@pytest.mark.parametrize(
    ("document", "path", "code"),
    [
        (None, "", "object_expected"),
        ([], "", "object_expected"),
        ("{}", "", "object_expected"),
        ({}, "earn", "missing"),
        ({"earn": []}, "earn", "empty"),
        ({"earn": {}}, "earn", "list_expected"),
        ({"earn": ["visit"]}, "earn[0]", "object_expected"),
        ({"earn": [{"per": "year", "units": 1}]}, "earn[0].per", "not_one_of"),
        ({"earn": [{"per": ["visit"], "units": 1}]}, "earn[0].per", "not_one_of"),
        ({"earn": [{"per": "visit"}]}, "earn[0].units", "missing"),
        ({"earn": [{"per": "visit", "units": 0}]}, "earn[0].units", "too_small"),
        ({"earn": [{"per": "visit", "units": -1}]}, "earn[0].units", "too_small"),
        ({"earn": [{"per": "visit", "units": True}]}, "earn[0].units", "decimal_expected"),
        ({"earn": [{"per": "visit", "units": 0.5}]}, "earn[0].units", "decimal_expected"),
        ({"earn": [{"per": "visit", "units": "1e3"}]}, "earn[0].units", "decimal_expected"),
        ({"earn": [{"per": "visit", "units": "٣"}]}, "earn[0].units", "decimal_expected"),
        ({"earn": [{"per": "visit", "units": "0.00001"}]}, "earn[0].units", "decimal_expected"),
        ({"earn": [{"per": "visit", "units": 10**5000}]}, "earn[0].units", "too_large"),
        ({"earn": [{"per": "visit", "units": "100001"}]}, "earn[0].units", "too_large"),
        ({"earn": [{"per": "visit", "units": 1, "step": "5"}]}, "earn[0].step", "unknown_field"),
        ({"earn": [{"per": "amount", "units": 1, "step": "0"}]}, "earn[0].step", "too_small"),
        ({"earn": [{"per": "amount", "units": 1, "step": "0.001"}]}, "earn[0].step", "decimal_expected"),
        ({"earn": [{"per": "amount", "units": "0.0001", "step": "999999.99"}]}, "earn", "too_fine"),
        ({"earn": [{"per": "item", "units": 1}]}, "earn[0].category", "missing"),
        ({"earn": [{"per": "item", "units": 1, "sku": "1", "category": "a"}]}, "earn[0].sku", "category_or_sku"),
        ({"earn": [{"per": "item", "units": 1, "sku": " "}]}, "earn[0].sku", "text_expected"),
        ({"earn": [{"per": "item", "units": 1, "sku": "a\x00b"}]}, "earn[0].sku", "text_expected"),
        ({"earn": [{"per": "item", "units": 1, "sku": "\ud800"}]}, "earn[0].sku", "text_expected"),
        ({"earn": [{"per": "item", "units": 1, "sku": "a" * 101}]}, "earn[0].sku", "too_long"),
        ({"earn": [{"per": "visit", "units": 1}] * 51}, "earn", "too_many"),
        (changed(FULL, goal=10), "goal", "unknown_field"),
        (changed(FULL, secret=1), "secret", "unknown_field"),
        (changed(FULL, **{"a\x00b": 1}), "?", "unknown_field"),
        (changed(FULL, exclude=["tobacco"]), "exclude", "object_expected"),
        (changed(FULL, exclude={"categories": "tobacco"}), "exclude.categories", "list_expected"),
        (changed(FULL, exclude={"categories": [1]}), "exclude.categories[0]", "text_expected"),
        (changed(FULL, exclude={"brands": []}), "exclude.brands", "unknown_field"),
        (changed(FULL, minimum=5), "minimum", "amount_expected"),
        (changed(FULL, minimum="5.001"), "minimum", "amount_expected"),
        (changed(FULL, minimum="-5"), "minimum", "amount_expected"),
        (changed(FULL, rounding="up"), "rounding", "not_one_of"),
        (changed(FULL, caps={"visit": {}}), "caps.visit.units", "missing"),
        (changed(FULL, caps={"visit": {"units": 0}}), "caps.visit.units", "too_small"),
        (changed(FULL, caps={"day": {}}), "caps.day.units", "missing"),
        (changed(FULL, caps={"day": {"visits": "3"}}), "caps.day.visits", "whole_number_expected"),
        (changed(FULL, caps={"card": {"units": 10**12}}), "caps.card.units", "too_large"),
        (changed(FULL, caps={"week": {"units": 1}}), "caps.week", "unknown_field"),
        (changed(FULL, expiry={"kind": "soon"}), "expiry.kind", "not_one_of"),
        (changed(FULL, expiry={"kind": "months"}), "expiry.months", "missing"),
        (changed(FULL, expiry={"kind": "months", "months": 0}), "expiry.months", "too_small"),
        (changed(FULL, expiry={"kind": "never", "months": 3}), "expiry.months", "unknown_field"),
        (changed(FULL, expiry={"kind": "yearly", "on": "02-30"}), "expiry.on", "month_day_expected"),
        (changed(FULL, expiry={"kind": "periods", "periods": []}), "expiry.periods", "empty"),
        (changed(FULL, expiry={"kind": "periods", "periods": [PERIOD] * 2}), "expiry.periods", "overlapping"),
        (
            changed(FULL, expiry={"kind": "periods", "periods": [changed(PERIOD, redeem_to="2026-11-01")]}),
            "expiry.periods[0].redeem_to",
            "before_start",
        ),
        (
            changed(FULL, expiry={"kind": "periods", "periods": [changed(PERIOD, redeem_from="2026-08-31")]}),
            "expiry.periods[0].redeem_from",
            "before_collecting",
        ),
        (
            changed(FULL, expiry={"kind": "periods", "periods": [changed(PERIOD, collect_to="2026-08-31")]}),
            "expiry.periods[0].collect_to",
            "before_start",
        ),
        (
            changed(FULL, expiry={"kind": "periods", "periods": [changed(PERIOD, collect_from="2026-02-30")]}),
            "expiry.periods[0].collect_from",
            "date_expected",
        ),
        (changed(FULL, tiers={"months": 12, "by": "spend", "table": []}), "tiers.table", "empty"),
        (
            changed(FULL, tiers={"months": 12, "by": "visits", "table": [{"key": "A", "from": 1}]}),
            "tiers.table[0].key",
            "key_expected",
        ),
        (
            changed(FULL, tiers={"months": 12, "by": "visits", "table": [{"key": "a", "from": 1}] * 2}),
            "tiers.table[1].key",
            "repeated",
        ),
        (
            changed(
                FULL,
                tiers={"months": 12, "by": "visits", "table": [{"key": "a", "from": 1}, {"key": "b", "from": 1}]},
            ),
            "tiers.table[1].from",
            "not_rising",
        ),
        (
            changed(
                FULL, tiers={"months": 12, "by": "visits", "table": [{"key": "a", "from": 1, "multiplier": "0.9"}]}
            ),
            "tiers.table[0].multiplier",
            "too_small",
        ),
    ],
)
def test_a_fault_is_told_by_its_place(document: Any, path: str, code: str) -> None:
    with pytest.raises(InvalidRulesError) as error:
        points(document)
    assert fault(error) == (path, code)
    assert error.value.params["path"] == path


@pytest.mark.parametrize(
    ("document", "path", "code"),
    [
        ({}, "effect", "missing"),
        ({"effect": {}}, "effect.bonus", "missing"),
        ({"effect": {"bonus": 0}}, "effect.bonus", "too_small"),
        ({"effect": {"bonus": "5"}}, "effect.bonus", "whole_number_expected"),
        ({"effect": {"multiplier": "0.5"}}, "effect.multiplier", "too_small"),
        ({"effect": {"multiplier": "1.555"}}, "effect.multiplier", "decimal_expected"),
        ({"effect": {"multiplier": "2", "bonus": 1}}, "effect.bonus", "unknown_field"),
        ({"effect": {"bonus": 1}, "combinable": 1}, "combinable", "boolean_expected"),
        (when([]), "conditions", "object_expected"),
        (when({"weekdays": ["Tue"]}), "conditions.weekdays[0]", "not_one_of"),
        (when({"hours": {"from": "9:00", "to": "10:00"}}), "conditions.hours.from", "time_expected"),
        (when({"hours": {"from": "24:00", "to": "10:00"}}), "conditions.hours.from", "time_expected"),
        (when({"hours": {"from": "10:00", "to": "10:00"}}), "conditions.hours.to", "empty"),
        (when({"dates": {"from": "2026-02-02", "to": "2026-02-01"}}), "conditions.dates.to", "before_start"),
        (when({"dates": {"from": "2026-2-2"}}), "conditions.dates.from", "date_expected"),
        (when({"dates": {"from": 20260202}}), "conditions.dates.from", "date_expected"),
        (when({"comeback_days": 0}), "conditions.comeback_days", "too_small"),
        (when({"first_visit": "yes"}), "conditions.first_visit", "boolean_expected"),
        (when({"moon": "full"}), "conditions.moon", "unknown_field"),
    ],
)
def test_a_promotions_fault_is_told_by_its_place(document: Any, path: str, code: str) -> None:
    with pytest.raises(InvalidRulesError) as error:
        parse_promotion(document, promotion_id="p1", currency="EUR")
    assert fault(error) == (path, code)


@pytest.mark.parametrize(
    "timezone", ["Mars/Base", "", "../../etc/passwd", "Europe", "a\x00b", "x" * 5000, None, ["UTC"]]
)
def test_an_unknown_zone_is_refused(timezone: Any) -> None:
    with pytest.raises(InvalidRulesError) as error:
        parse_programme(stamps_document(10), kind="stamps", currency="EUR", timezone=timezone)
    assert fault(error) == ("timezone", "timezone_expected")


@pytest.mark.parametrize("goal", [None, 0, 1001, "10", 10.0])
def test_a_stamp_card_has_a_goal(goal: Any) -> None:
    with pytest.raises(InvalidRulesError) as error:
        parse_programme(stamps_document(goal), kind="stamps", currency="EUR", timezone="Europe/Brussels")
    assert error.value.path == "goal"


@pytest.mark.parametrize(("kind", "currency", "path"), [("miles", "EUR", "kind"), ("points", "euro", "currency")])
def test_kind_and_currency_are_checked(kind: str, currency: str, path: str) -> None:
    with pytest.raises(InvalidRulesError) as error:
        parse_programme(points_document("1"), kind=kind, currency=currency, timezone="Europe/Brussels")
    assert error.value.path == path


def test_a_name_of_any_length_is_not_repeated_in_full() -> None:
    with pytest.raises(InvalidRulesError) as error:
        points(changed(FULL, **{"x" * 100_000: 1}))
    assert len(error.value.path) <= 40


def test_the_error_is_a_domain_error_that_means_invalid() -> None:
    assert issubclass(InvalidRulesError, DomainError)
    assert InvalidRulesError.kind is Kind.INVALID
