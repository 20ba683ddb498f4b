"""What one visit earns, and which rule gave it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest

from app.rewards.evaluator import Earning, Item, MemberFacts, Needs, VisitFacts, evaluate, needs
from app.rewards.rules import ProgrammeRules, parse_programme, parse_promotion, points_document, stamps_document

NOON = datetime(2026, 11, 20, 11, tzinfo=UTC)
PER_FIFTY = {"earn": [{"per": "amount", "units": "1", "step": "50"}], "rounding": "carry"}


def points(document: dict[str, Any], currency: str = "EUR") -> ProgrammeRules:
    return parse_programme(document, kind="points", currency=currency, timezone="Europe/Brussels")


def stamps(**fields: Any) -> ProgrammeRules:
    document = {**stamps_document(10), **fields}
    return parse_programme(document, kind="stamps", currency="EUR", timezone="Europe/Brussels")


def earn(programme: ProgrammeRules, amount: int | None = None, *items: Item, **facts: Any) -> Earning:
    units = facts.pop("units", None)
    earning = evaluate(programme, (), VisitFacts(NOON, amount, units, items), MemberFacts(**facts))
    assert sum(part.units for part in earning.parts) == earning.units
    return earning


def parts(earning: Earning) -> list[tuple[str, int]]:
    return [(part.rule, part.units) for part in earning.parts]


def limits(earning: Earning) -> list[str]:
    return [limit.code for limit in earning.limited]


def test_the_plain_stamp_card_gives_a_stamp_a_visit_or_its_units() -> None:
    assert parts(earn(stamps())) == [("visit", 1)]
    assert parts(earn(stamps(), 1234)) == [("visit", 1)]
    assert parts(earn(stamps(), units=3)) == [("unit", 3)]


@pytest.mark.parametrize(
    ("per_unit", "currency", "minor", "units"),
    [
        ("3", "EUR", 1234, 37),
        ("3", "EUR", 33, 0),
        ("3", "EUR", 34, 1),
        ("0.5", "EUR", 199, 0),
        ("0.5", "EUR", 200, 1),
        ("3", "JPY", 1234, 3702),
        ("3", "KWD", 1234, 3),
        ("0.1", "EUR", 300, 0),
        ("0.1", "EUR", 3000, 3),  # in floating point it would be 0.30000000000000004 per 3
    ],
)
def test_plain_points_are_the_amount_times_the_rate_rounded_down(
    per_unit: str, currency: str, minor: int, units: int
) -> None:
    assert earn(points(points_document(per_unit), currency), minor).units == units


def test_points_without_an_amount_tell_why_there_are_none() -> None:
    earning = earn(points(points_document("3")))
    assert (earning.units, earning.parts, limits(earning), earning.reason) == (0, (), ["no_amount"], "no_amount")


def test_an_amount_of_zero_earns_nothing() -> None:
    assert earn(points(points_document("3")), 0).reason == "zero_amount"


def test_too_small_an_amount_says_so() -> None:
    assert earn(points(points_document("3")), 1).reason == "too_little"
    assert earn(points(PER_FIFTY), 1).reason == "carried"


def test_rules_add_up_and_each_tells_its_part() -> None:
    programme = points(
        {
            "earn": [
                {"per": "visit", "units": 2},
                {"per": "unit", "units": 3},
                {"per": "amount", "units": 1},
                {"per": "amount", "units": 2, "category": "books"},
                {"per": "item", "units": 5, "category": "coffee"},
                {"per": "item", "units": 7, "sku": "A1"},
            ]
        }
    )
    receipt = (
        Item(category="Books", amount_minor=1000),
        Item(category="coffee", quantity=2, amount_minor=500),
        Item(sku="A1", amount_minor=300),
        Item(sku="a1", amount_minor=200),
    )
    earning = earn(programme, 2000, *receipt, units=4)
    assert parts(earning) == [
        ("visit", 2),
        ("unit", 12),
        ("amount", 20),
        ("amount:books", 20),
        ("item:coffee", 10),
        ("item:sku:A1", 7),
    ]
    assert earning.units == 71


def test_a_product_programme_without_the_product_earns_nothing() -> None:
    programme = points({"earn": [{"per": "item", "units": 1, "category": "coffee"}]})
    assert earn(programme, 500, Item(category="tea", amount_minor=500)).reason == "no_items"
    assert earn(programme, 500).reason == "no_items"


def test_the_amount_is_the_sum_of_the_lines_where_none_is_told() -> None:
    programme = points(points_document("1"))
    assert earn(programme, None, Item(amount_minor=250), Item(amount_minor=350)).units == 6
    assert earn(programme, None, Item(amount_minor=250), Item()).reason == "no_amount"


EXCLUDING = {**points_document("1"), "exclude": {"categories": ["Tobacco"], "skus": ["aspirin"]}}


def test_what_is_excluded_does_not_count() -> None:
    receipt = (Item(category="TOBACCO", amount_minor=900), Item(sku="aspirin", amount_minor=400), Item(category="news"))
    assert earn(points(EXCLUDING), 2000, *receipt).units == 7


def test_a_receipt_of_excluded_goods_alone_earns_nothing() -> None:
    tobacco = Item(category="tobacco", amount_minor=900)
    assert earn(points(EXCLUDING), 900, tobacco).reason == "excluded"
    assert earn(stamps(exclude={"categories": ["tobacco"]}), None, Item(category="tobacco")).reason == "excluded"
    assert earn(points(EXCLUDING), 800, tobacco).units == 0


def test_an_excluded_line_without_its_amount_takes_the_whole_amount_out() -> None:
    receipt = (Item(category="tobacco"), Item(category="bread", amount_minor=300))
    assert earn(points(EXCLUDING), 900, *receipt).reason == "excluded_amount"


def test_minimum_spend_looks_at_what_counts() -> None:
    programme = points({**EXCLUDING, "minimum": "10.00"})
    assert earn(programme, 1000).units == 10
    short = earn(programme, 999)
    assert (short.reason, dict(short.limited[0].params)) == ("minimum", {"minimum": 1000})
    assert earn(programme, 1500, Item(category="tobacco", amount_minor=501)).reason == "minimum"
    assert earn(stamps(minimum="10.00")).reason == "no_amount"


@pytest.mark.parametrize(
    ("rounding", "minor", "units"),
    [
        ("floor", 199, 1),
        ("ceil", 101, 2),
        ("ceil", 100, 1),
        ("nearest", 149, 1),
        ("nearest", 150, 2),
        ("carry", 199, 1),
    ],
)
def test_rounding(rounding: str, minor: int, units: int) -> None:
    assert earn(points({**points_document("1"), "rounding": rounding}), minor).units == units


def test_the_fraction_falls_to_the_rule_that_completes_the_unit() -> None:
    halves = {"earn": [{"per": "visit", "units": "0.5"}, {"per": "amount", "units": "0.5"}], "rounding": "floor"}
    assert parts(earn(points(halves), 100)) == [("amount", 1)]


def test_thirty_and_twenty_earn_what_fifty_earn() -> None:
    first = earn(points(PER_FIFTY), 3000)
    assert (first.units, first.exact, first.remainder) == (0, Fraction(3, 5), Fraction(3, 5))
    second = earn(points(PER_FIFTY), 2000, remainder=first.remainder)
    assert (second.units, second.exact, second.remainder) == (1, Fraction(2, 5), 0)
    assert parts(second) == [("amount", 1)]


def test_a_fraction_of_another_versions_denominator_is_added_exactly() -> None:
    earning = earn(points(PER_FIFTY), 2500, remainder=Fraction(1, 3))
    assert (earning.units, earning.remainder) == (0, Fraction(5, 6))


def test_a_fraction_finer_than_its_column_is_cut_down() -> None:
    fine = Fraction(2**62, 2**63 - 25)
    earning = earn(points(PER_FIFTY), 2500, remainder=fine)
    assert earning.remainder.denominator < 2**63
    assert abs(earning.units + earning.remainder - fine - Fraction(1, 2)) < Fraction(1, 10**6)


def test_without_carrying_the_remainder_stays_as_it_is() -> None:
    earning = earn(points(points_document("1")), 150, remainder=Fraction(2, 3))
    assert (earning.exact, earning.remainder) == (None, Fraction(2, 3))


def test_caps_cut_in_their_order_and_tell_it() -> None:
    programme = points(
        {**points_document("1"), "caps": {"visit": {"units": 50}, "day": {"units": 60}, "card": {"units": 100}}}
    )
    earning = earn(programme, 10_000, day_units=20, card_units=75)
    assert parts(earning) == [("amount", 100), ("cap:visit", -50), ("cap:day", -10), ("cap:card", -15)]
    assert [(limit.code, dict(limit.params)) for limit in earning.limited] == [
        ("cap:visit", {"room": 50, "lost": 50}),
        ("cap:day", {"room": 40, "lost": 10}),
        ("cap:card", {"room": 25, "lost": 15}),
    ]
    full = earn(programme, 10_000, card_units=130)
    assert (full.units, full.reason) == (0, "cap:visit")


def test_a_visit_beyond_the_days_number_earns_nothing_at_all() -> None:
    programme = points({**PER_FIFTY, "caps": {"day": {"visits": 2}}})
    assert earn(programme, 5000, day_visits=1).units == 1
    third = earn(programme, 4000, day_visits=2, remainder=Fraction(1, 5))
    assert (third.units, third.exact, third.remainder, third.reason) == (0, 0, Fraction(1, 5), "cap:day_visits")


def test_a_carried_fraction_does_not_hoard_what_a_cap_refused() -> None:
    programme = points({**PER_FIFTY, "caps": {"visit": {"units": 1}}})
    earning = earn(programme, 12_500, remainder=Fraction(3, 5))
    assert (earning.units, earning.exact, earning.remainder) == (1, 1, Fraction(3, 5))
    assert parts(earning) == [("amount", 3), ("cap:visit", -2)]
    less = earn(programme, 7_500)
    assert (less.units, less.exact, less.remainder) == (1, 1, 0)
    assert (parts(less), limits(less)) == ([("amount", 1)], ["cap:visit"])


def test_no_visit_earns_more_than_the_ceiling() -> None:
    earning = earn(points(points_document("100000")), 10**8)
    assert (earning.units, limits(earning)) == (10**9, ["cap:ceiling"])


TIERS = {
    "months": 12,
    "by": "units",
    "table": [{"key": "basic", "from": 0}, {"key": "gold", "from": 5, "multiplier": "1.5"}],
}


def test_a_tier_multiplies_the_base() -> None:
    programme = points({**points_document("1"), "tiers": TIERS})
    assert parts(earn(programme, 1000, tier="gold")) == [("amount", 10), ("tier:gold", 5)]
    assert parts(earn(programme, 1000, tier="basic")) == [("amount", 10)]
    assert parts(earn(programme, 1000, tier="of another programme")) == [("amount", 10)]
    assert parts(earn(programme, 1000)) == [("amount", 10)]


@pytest.mark.parametrize(("by", "first", "qualifying"), [("units", 1, 10), ("spend", "1.00", 1050), ("visits", 1, 1)])
def test_what_counts_towards_tiers(by: str, first: Any, qualifying: int) -> None:
    tiers = {"months": 12, "by": by, "table": [{"key": "a", "from": first}]}
    programme = points({**points_document("1"), "tiers": tiers})
    assert earn(programme, 1050).qualifying == qualifying
    assert earn(programme, None).qualifying == 0


def test_outside_the_collecting_window_nothing_is_earned() -> None:
    window = {
        "collect_from": "2026-11-01",
        "collect_to": "2026-11-20",
        "redeem_from": "2026-11-01",
        "redeem_to": "2026-12-31",
    }
    programme = stamps(expiry={"kind": "periods", "periods": [window]})
    last = datetime(2026, 11, 20, 22, 59, tzinfo=UTC)
    inside = evaluate(programme, (), VisitFacts(last), MemberFacts())
    assert (inside.units, inside.expires_at) == (1, datetime(2026, 12, 31, 23, tzinfo=UTC))
    outside = evaluate(programme, (), VisitFacts(last.replace(hour=23)), MemberFacts())
    assert (outside.units, outside.reason, outside.expires_at) == (0, "not_collecting", None)


def test_expiry_counts_from_the_local_day_of_the_visit() -> None:
    programme = stamps(expiry={"kind": "months", "months": 1})
    late = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)  # the 21st in Brussels
    assert evaluate(programme, (), VisitFacts(late), MemberFacts()).expires_at == datetime(2026, 12, 21, 23, tzinfo=UTC)


def test_a_plain_programme_needs_no_facts() -> None:
    assert needs(stamps(), ()) == Needs()
    assert needs(points(points_document("3")), ()) == Needs()


def test_each_rule_names_the_facts_that_it_needs() -> None:
    programme = points({**PER_FIFTY, "tiers": TIERS, "caps": {"day": {"visits": 1}, "card": {"units": 9}}})
    assert needs(programme, ()) == Needs(day=True, card_units=True, tier=True, remainder=True)
    promotion = parse_promotion(
        {
            "conditions": {"first_visit": True, "comeback_days": 30, "birthday_week": True, "tiers": ["gold"]},
            "effect": {"bonus": 1},
        },
        promotion_id="p",
        currency="EUR",
    )
    assert needs(stamps(), (promotion,)) == Needs(visits=True, last_visit_at=True, birthday=True, tier=True)


def test_the_snapshot_of_a_plain_visit_is_small() -> None:
    assert earn(stamps()).snapshot() == {"units": 1, "parts": [["visit", 1]]}
    assert earn(points(points_document("3")), 1000).snapshot() == {
        "units": 30,
        "parts": [["amount", 30, {"amount": 1000}]],
    }


def test_a_snapshot_is_json_and_tells_everything() -> None:
    programme = points({**PER_FIFTY, "tiers": TIERS, "caps": {"visit": {"units": 1}}})
    snapshot = earn(programme, 12_500, tier="gold").snapshot()
    assert json.loads(json.dumps(snapshot)) == snapshot
    assert snapshot == {
        "units": 1,
        "parts": [
            ["amount", 2, {"amount": 12_500}],
            ["tier:gold", 1, {"hundredths": 150}],
            ["cap:visit", -2, {"room": 1}],
        ],
        "limited": [["cap:visit", {"room": 1, "lost": 2}]],
        "exact": "1/1",
        "qualifying": 1,
        "tier": ["gold", 150],
        "rooms": [["cap:visit", 1]],
    }
