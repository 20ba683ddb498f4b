"""What undoing a visit takes back."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest

from app.rewards.evaluator import (
    EmptyRefundError,
    Item,
    MemberFacts,
    RefundTooLargeError,
    RefundWithoutAmountError,
    Reversal,
    VisitFacts,
    evaluate,
    reverse,
)
from app.rewards.rules import ProgrammeRules, parse_programme, parse_promotion, points_document, stamps_document

NOON = datetime(2026, 11, 20, 11, tzinfo=UTC)
PER_FIFTY = {"earn": [{"per": "amount", "units": "1", "step": "50"}], "rounding": "carry"}


def points(document: dict[str, Any]) -> ProgrammeRules:
    return parse_programme(document, kind="points", currency="EUR", timezone="Europe/Brussels")


STAMPS = parse_programme(stamps_document(10), kind="stamps", currency="EUR", timezone="Europe/Brussels")


def undo(
    programme: ProgrammeRules,
    visit: VisitFacts,
    snapshot: dict[str, Any],
    refund: int | None = None,
    before: int = 0,
    remainder: Fraction = Fraction(0),
) -> Reversal:
    reversal = reverse(
        programme, visit, snapshot, refunded_before_minor=before, refund_minor=refund, remainder_now=remainder
    )
    assert sum(part.units for part in reversal.parts) == reversal.units
    return reversal


def snapshot_of(programme: ProgrammeRules, visit: VisitFacts, *promotions: Any, **facts: Any) -> dict[str, Any]:
    return evaluate(programme, promotions, visit, MemberFacts(**facts)).snapshot()


def test_a_whole_reversal_takes_back_every_part() -> None:
    visit = VisitFacts(NOON, 1234, 3)
    programme = points({"earn": [{"per": "visit", "units": 2}, {"per": "amount", "units": 1}]})
    welcome = parse_promotion(
        {"conditions": {"first_visit": True}, "effect": {"bonus": 5}}, promotion_id="w", currency="EUR"
    )
    reversal = undo(programme, visit, snapshot_of(programme, visit, welcome))
    assert [(part.rule, part.units) for part in reversal.parts] == [("visit", 2), ("amount", 12), ("promotion:w", 5)]
    assert undo(programme, visit, snapshot_of(programme, visit, welcome), 1234) == reversal


def test_a_part_takes_back_what_the_rest_would_not_have_earned() -> None:
    visit = VisitFacts(NOON, 1050)
    programme = points(points_document("1"))
    snapshot = snapshot_of(programme, visit)
    assert undo(programme, visit, snapshot, 50).units == 0
    assert undo(programme, visit, snapshot, 51).units == 1
    assert undo(programme, visit, snapshot, 1, before=50).units == 1
    assert undo(programme, visit, snapshot, None, before=51).units == 9


def test_what_was_given_for_the_visit_stays_until_all_is_refunded() -> None:
    visit = VisitFacts(NOON, 1000)
    snapshot = snapshot_of(STAMPS, visit)
    assert undo(STAMPS, visit, snapshot, 999).units == 0
    assert undo(STAMPS, visit, snapshot, 1, before=999).units == 1


def test_pieces_go_when_they_are_wholly_refunded() -> None:
    visit = VisitFacts(NOON, 1000, 4)
    snapshot = snapshot_of(STAMPS, visit)
    assert [undo(STAMPS, visit, snapshot, refund).units for refund in (249, 250, 500, 1000)] == [0, 1, 2, 4]
    programme = points({"earn": [{"per": "item", "units": 1, "category": "coffee"}]})
    bought = VisitFacts(NOON, 900, None, (Item(category="coffee", quantity=3, amount_minor=900),))
    assert undo(programme, bought, snapshot_of(programme, bought), 300).units == 1


def test_excluded_goods_are_refunded_in_proportion() -> None:
    programme = points({**points_document("1"), "exclude": {"categories": ["tobacco"]}})
    visit = VisitFacts(NOON, 5000, None, (Item(category="tobacco", amount_minor=2000),))
    snapshot = snapshot_of(programme, visit)
    assert snapshot["units"] == 30
    assert undo(programme, visit, snapshot, 2500).units == 15


def test_the_minimum_is_judged_again() -> None:
    programme = points({**points_document("1"), "minimum": "10.00"})
    visit = VisitFacts(NOON, 1500)
    snapshot = snapshot_of(programme, visit)
    assert undo(programme, visit, snapshot, 500).units == 5
    assert undo(programme, visit, snapshot, 501).units == 15


def test_promotions_and_tier_are_those_of_the_visit() -> None:
    tiers = {"months": 12, "by": "units", "table": [{"key": "gold", "from": 1, "multiplier": "2"}]}
    programme = points({**points_document("1"), "tiers": tiers})
    double = parse_promotion(
        {"conditions": {"weekdays": ["fri"], "minimum": "8.00"}, "effect": {"multiplier": "2"}},
        promotion_id="d",
        currency="EUR",
    )
    visit = VisitFacts(NOON, 1000)
    snapshot = snapshot_of(programme, visit, double, tier="gold")
    assert snapshot["units"] == 40
    assert undo(programme, visit, snapshot, 200).units == 8
    assert undo(programme, visit, snapshot, 201).units == 40 - 15  # below its minimum the promotion is gone


def test_a_cap_is_that_of_the_visit() -> None:
    programme = points({**points_document("1"), "caps": {"day": {"units": 20}}})
    visit = VisitFacts(NOON, 3000)
    snapshot = snapshot_of(programme, visit, day_units=5)
    assert snapshot["units"] == 15
    assert undo(programme, visit, snapshot, 1500).units == 0
    assert undo(programme, visit, snapshot, 1600).units == 1


def test_reversing_the_thirty_of_thirty_and_twenty_leaves_twenty() -> None:
    programme = points(PER_FIFTY)
    thirty = VisitFacts(NOON, 3000)
    snapshot = snapshot_of(programme, thirty)
    reversal = undo(programme, thirty, snapshot, remainder=Fraction(0))  # after both visits: one unit, no remainder
    assert (reversal.units, reversal.remainder) == (1, Fraction(2, 5))
    assert [(part.rule, part.units) for part in reversal.parts] == [("amount", 1)]


def test_a_fraction_that_is_still_there_is_taken_without_a_unit() -> None:
    programme = points(PER_FIFTY)
    thirty = VisitFacts(NOON, 3000)
    reversal = undo(programme, thirty, snapshot_of(programme, thirty), remainder=Fraction(3, 5))
    assert (reversal.units, reversal.remainder, reversal.parts) == (0, 0, ())


def test_a_part_of_a_carried_visit_is_exact() -> None:
    programme = points(PER_FIFTY)
    visit = VisitFacts(NOON, 12_000)  # two units and two fifths
    snapshot = snapshot_of(programme, visit)
    first = undo(programme, visit, snapshot, 3000, remainder=Fraction(2, 5))
    assert (first.units, first.remainder) == (1, Fraction(4, 5))
    rest = undo(programme, visit, snapshot, None, before=3000, remainder=first.remainder)
    assert (rest.units, rest.remainder) == (1, 0)


def test_a_fraction_finer_than_its_column_is_cut_down() -> None:
    programme = points(PER_FIFTY)
    visit = VisitFacts(NOON, 2000)
    fine = Fraction(2**62, 2**63 - 25)
    reversal = undo(programme, visit, snapshot_of(programme, visit), remainder=fine)
    assert reversal.remainder.denominator < 2**63
    assert abs(reversal.remainder - reversal.units - (fine - Fraction(2, 5))) < Fraction(1, 10**6)


def test_a_visit_that_earned_nothing_gives_nothing_back() -> None:
    programme = points({**PER_FIFTY, "caps": {"day": {"visits": 1}}})
    visit = VisitFacts(NOON, 5000)
    snapshot = snapshot_of(programme, visit, day_visits=1)
    reversal = undo(programme, visit, snapshot, remainder=Fraction(1, 5))
    assert (reversal.units, reversal.remainder, reversal.parts) == (0, Fraction(1, 5), ())


@pytest.mark.parametrize(("by", "first", "half"), [("units", 1, 5), ("spend", "1.00", 500), ("visits", 1, 0)])
def test_what_counted_towards_tiers_is_taken_back(by: str, first: Any, half: int) -> None:
    tiers = {"months": 12, "by": by, "table": [{"key": "a", "from": first}]}
    programme = points({**points_document("1"), "tiers": tiers})
    visit = VisitFacts(NOON, 1000)
    snapshot = snapshot_of(programme, visit)
    assert undo(programme, visit, snapshot, 500).qualifying == half
    assert undo(programme, visit, snapshot, None, before=500).qualifying == snapshot["qualifying"] - half


def test_never_more_than_was_booked_is_taken_back() -> None:
    visit = VisitFacts(NOON, 1000)
    programme = points(points_document("1"))
    booked = {"units": 6, "parts": [["amount", 6]]}  # as an earlier release may have judged it
    assert undo(programme, visit, booked, 300).units == 0
    assert undo(programme, visit, booked, None, before=300).units == 6


def test_a_visit_without_an_amount_is_reversed_whole() -> None:
    visit = VisitFacts(NOON, None, 2)
    snapshot = snapshot_of(STAMPS, visit)
    assert undo(STAMPS, visit, snapshot).units == 2
    with pytest.raises(RefundWithoutAmountError):
        undo(STAMPS, visit, snapshot, 100)


def test_a_visit_of_nothing_is_reversed_whole() -> None:
    visit = VisitFacts(NOON, 0)
    assert undo(STAMPS, visit, snapshot_of(STAMPS, visit)).units == 1


def test_more_than_is_left_is_refused() -> None:
    visit = VisitFacts(NOON, 1000)
    snapshot = snapshot_of(STAMPS, visit)
    with pytest.raises(RefundTooLargeError) as error:
        undo(STAMPS, visit, snapshot, 601, before=400)
    assert error.value.params == {"left_minor": 600}
    for amount in (0, -1):
        with pytest.raises(EmptyRefundError):
            undo(STAMPS, visit, snapshot, amount)
