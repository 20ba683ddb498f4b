"""What holds of every programme, promotion, visit and member, however odd."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from app.rewards.evaluator import Earning, Item, MemberFacts, VisitFacts, evaluate, reverse
from app.rewards.rules import (
    ProgrammeRules,
    PromotionRules,
    local_day,
    parse_programme,
    parse_promotion,
    programme_document,
    promotion_document,
)

CATEGORIES = ("bread", "coffee", "tobacco")
SKUS = ("a1", "b2")
LEVELS = ("silver", "gold")
# Around the clock changes of Brussels, and midnight.
CHANGES = (
    datetime(2026, 3, 29, 1, tzinfo=UTC),
    datetime(2026, 10, 25, 1, tzinfo=UTC),
    datetime(2026, 12, 31, 23, tzinfo=UTC),
)
moments = st.one_of(
    st.builds(
        lambda at, seconds: at + timedelta(seconds=seconds), st.sampled_from(CHANGES), st.integers(-90_000, 90_000)
    ),
    st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),
)


def decimals(least: int, most: int, places: int) -> st.SearchStrategy[str]:
    return st.integers(least, most).map(lambda number: f"{number // 10**places}.{number % 10**places:0{places}d}")


def optional(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=fields)


units = decimals(1, 50_000, 4)
earn_rules = st.one_of(
    st.fixed_dictionaries({"per": st.sampled_from(("visit", "unit")), "units": units}),
    st.fixed_dictionaries(
        {"per": st.just("amount"), "units": units, "step": st.sampled_from(("1", "0.30", "7", "50"))},
        optional={"category": st.sampled_from(CATEGORIES)},
    ),
    st.fixed_dictionaries({"per": st.just("item"), "units": units, "category": st.sampled_from(CATEGORIES)}),
    st.fixed_dictionaries({"per": st.just("item"), "units": units, "sku": st.sampled_from(SKUS)}),
)
caps = optional(
    visit=st.fixed_dictionaries({"units": st.integers(1, 30)}),
    day=st.fixed_dictionaries({"visits": st.integers(1, 4)}, optional={"units": st.integers(1, 40)}),
    card=st.fixed_dictionaries({"units": st.integers(1, 60)}),
)
tiers = st.fixed_dictionaries(
    {
        "months": st.just(12),
        "by": st.sampled_from(("units", "visits")),
        "table": st.tuples(decimals(100, 400, 2), decimals(100, 400, 2)).map(
            lambda multipliers: [
                {"key": key, "from": index, "multiplier": multiplier}
                for index, (key, multiplier) in enumerate(zip(LEVELS, multipliers, strict=True))
            ]
        ),
    }
)
expiry = st.one_of(
    st.just({"kind": "never"}),
    st.fixed_dictionaries({"kind": st.just("months"), "months": st.integers(1, 40)}),
    st.fixed_dictionaries({"kind": st.just("yearly"), "on": st.sampled_from(("02-29", "12-31", "03-28"))}),
)


def programmes(**fixed: Any) -> st.SearchStrategy[ProgrammeRules]:
    fields: dict[str, st.SearchStrategy[Any]] = {
        "exclude": st.just({"categories": ["tobacco"]}),
        "minimum": decimals(1, 5_000, 2),
        "caps": caps,
        "tiers": tiers,
        "expiry": expiry,
        "rounding": st.sampled_from(("floor", "nearest", "ceil", "carry")),
    }
    for name in fixed:
        fields.pop(name)
    documents = st.fixed_dictionaries({"earn": st.lists(earn_rules, min_size=1, max_size=4)}, optional=fields)
    return documents.map(
        lambda document: parse_programme(
            {**document, **fixed}, kind="points", currency="EUR", timezone="Europe/Brussels"
        )
    )


conditions = optional(
    weekdays=st.lists(st.sampled_from(("mon", "fri", "sun")), min_size=1, max_size=3),
    hours=st.sampled_from(({"from": "22:00", "to": "03:00"}, {"from": "00:00", "to": "24:00"})),
    first_visit=st.booleans(),
    birthday_week=st.booleans(),
    comeback_days=st.integers(1, 100),
    tiers=st.just(["gold"]),
    minimum=decimals(1, 5_000, 2),
    categories=st.lists(st.sampled_from(CATEGORIES), min_size=1, max_size=3),
)
promotion_lists = st.lists(
    st.fixed_dictionaries(
        {
            "conditions": conditions,
            "effect": st.one_of(
                st.fixed_dictionaries({"multiplier": decimals(100, 500, 2)}),
                st.fixed_dictionaries({"bonus": st.integers(1, 20)}),
            ),
            "combinable": st.booleans(),
        }
    ),
    max_size=4,
).map(
    lambda documents: [
        parse_promotion(document, promotion_id=str(index), currency="EUR") for index, document in enumerate(documents)
    ]
)
items = st.lists(
    st.builds(
        Item,
        sku=st.sampled_from((None, *SKUS)),
        name=st.none(),
        category=st.sampled_from((None, *CATEGORIES, "Coffee")),
        quantity=st.integers(1, 5),
        amount_minor=st.one_of(st.none(), st.integers(0, 3_000)),
    ),
    max_size=4,
).map(tuple)
visits = st.builds(
    VisitFacts,
    occurred_at=moments,
    amount_minor=st.one_of(st.none(), st.integers(0, 20_000), st.integers(0, 10**8)),
    units=st.one_of(st.none(), st.integers(1, 100)),
    items=items,
)
remainders = st.fractions(0, 1, max_denominator=5_000).filter(lambda fraction: fraction < 1)
members = st.builds(
    MemberFacts,
    visits=st.integers(0, 2),
    last_visit_at=st.one_of(st.none(), st.just(datetime(2026, 1, 1, tzinfo=UTC))),
    tier=st.sampled_from((None, *LEVELS, "gone")),
    birthday=st.sampled_from((None, (2, 29), (12, 31), (10, 25))),
    day_visits=st.integers(0, 4),
    day_units=st.integers(0, 60),
    card_units=st.integers(0, 80),
    remainder=remainders,
)


def total(earning: Earning) -> Fraction:
    """What the member has gained, the carried fraction included."""
    return earning.units + earning.remainder


@given(programmes(), promotion_lists, visits, members)
def test_parts_sum_to_the_units_and_nothing_is_negative(
    programme: ProgrammeRules, promotions: list[PromotionRules], visit: VisitFacts, member: MemberFacts
) -> None:
    earning = evaluate(programme, promotions, visit, member)
    assert sum(part.units for part in earning.parts) == earning.units >= 0
    assert all(part.units > 0 for part in earning.parts if not part.rule.startswith("cap:"))
    assert all(part.units < 0 for part in earning.parts if part.rule.startswith("cap:"))
    assert earning.units or earning.reason
    assert earning.qualifying >= 0
    assert 0 <= earning.remainder < 1
    if programme.carries:
        assert earning.exact is not None
        assert earning.exact >= 0
        assert earning.units + earning.remainder == member.remainder + earning.exact
    else:
        assert earning.remainder == member.remainder
    assert json.loads(json.dumps(earning.snapshot())) == earning.snapshot()
    assert evaluate(programme, promotions[::-1], visit, member) == earning


@given(programmes(), promotion_lists, visits, members)
def test_caps_are_never_exceeded(
    programme: ProgrammeRules, promotions: list[PromotionRules], visit: VisitFacts, member: MemberFacts
) -> None:
    earning = evaluate(programme, promotions, visit, member)
    limits = programme.caps
    if limits.visit_units is not None:
        assert earning.units <= limits.visit_units
    if limits.day_units is not None:
        assert earning.units <= max(limits.day_units - member.day_units, 0)
    if limits.card_units is not None:
        assert earning.units <= max(limits.card_units - member.card_units, 0)
    if limits.day_visits is not None and member.day_visits >= limits.day_visits:
        assert earning.units == 0
        assert earning.remainder == member.remainder


@given(programmes(), promotion_lists, visits, members, st.integers(0, 10_000))
def test_more_spent_never_earns_less(
    programme: ProgrammeRules, promotions: list[PromotionRules], visit: VisitFacts, member: MemberFacts, more: int
) -> None:
    assume(visit.amount_minor is not None)
    assert visit.amount_minor is not None
    dearer = VisitFacts(visit.occurred_at, visit.amount_minor + more, visit.units, visit.items)
    first, second = (evaluate(programme, promotions, told, member) for told in (visit, dearer))
    assert total(first) <= total(second)
    assert first.units <= second.units


@given(
    programmes(),
    promotion_lists,
    visits,
    members,
    st.lists(st.integers(1, 5_000), max_size=6),
    st.fractions(0, 1, max_denominator=700).filter(lambda fraction: fraction < 1),
)
def test_refunds_in_any_split_add_up_to_the_whole(
    programme: ProgrammeRules,
    promotions: list[PromotionRules],
    visit: VisitFacts,
    member: MemberFacts,
    refunds: list[int],
    later: Fraction,
) -> None:
    earning = evaluate(programme, promotions, visit, member)
    snapshot = json.loads(json.dumps(earning.snapshot()))

    def undo(before: int, refund: int | None, remainder: Fraction) -> tuple[int, Fraction, int]:
        reversal = reverse(
            programme,
            visit,
            snapshot,
            refunded_before_minor=before,
            refund_minor=refund,
            remainder_now=remainder,
        )
        assert sum(part.units for part in reversal.parts) == reversal.units >= 0
        assert 0 <= reversal.remainder < 1
        assert reversal.qualifying >= 0 or programme.carries
        return reversal.units, reversal.remainder, reversal.qualifying

    taken, remainder, qualifying = undo(0, None, later)
    if programme.carries:
        assert earning.exact == taken + later - remainder
    else:
        assert (taken, remainder, qualifying) == (earning.units, later, earning.qualifying)

    parts, at, counted, before = 0, later, 0, 0
    for refund in refunds:
        if visit.amount_minor is None or before + refund > visit.amount_minor:
            break
        one, at, less = undo(before, refund, at)
        parts, counted, before = parts + one, counted + less, before + refund
    if before == 0 or before != visit.amount_minor:
        one, at, less = undo(before, None, at)
        parts, counted = parts + one, counted + less
    assert (parts, at, counted) == (taken, remainder, qualifying)


@given(programmes(), promotion_lists, visits, members)
def test_refunding_the_whole_amount_is_reversing_the_visit(
    programme: ProgrammeRules, promotions: list[PromotionRules], visit: VisitFacts, member: MemberFacts
) -> None:
    assume(visit.amount_minor)
    earning = evaluate(programme, promotions, visit, member)
    whole, told = (
        reverse(
            programme,
            visit,
            earning.snapshot(),
            refunded_before_minor=0,
            refund_minor=refund,
            remainder_now=earning.remainder,
        )
        for refund in (None, visit.amount_minor)
    )
    assert whole == told


only_amounts = st.lists(st.integers(1, 30_000), min_size=1, max_size=8)


@given(
    st.tuples(decimals(1, 90_000, 4), st.sampled_from(("1", "3", "7", "50", "99.99"))),
    only_amounts,
    st.randoms(use_true_random=False),
)
def test_carried_fractions_make_the_path_not_matter(rate: tuple[str, str], amounts: list[int], random: Any) -> None:
    document = {"earn": [{"per": "amount", "units": rate[0], "step": rate[1]}], "rounding": "carry"}
    programme = parse_programme(document, kind="points", currency="EUR", timezone="Europe/Brussels")
    at = datetime(2026, 11, 20, 11, tzinfo=UTC)

    def earned(told: list[int]) -> tuple[int, Fraction, list[tuple[VisitFacts, Earning]]]:
        count, remainder, booked = 0, Fraction(0), []
        for amount in told:
            visit = VisitFacts(at, amount)
            earning = evaluate(programme, (), visit, MemberFacts(remainder=remainder))
            count, remainder = count + earning.units, earning.remainder
            booked.append((visit, earning))
        return count, remainder, booked

    count, remainder, booked = earned(amounts)
    assert earned([sum(amounts)])[:2] == (count, remainder)

    # Undoing any of them, in any order, leaves what the others would have earned alone.
    random.shuffle(booked)
    undone = booked[: random.randint(1, len(booked))]
    for visit, earning in undone:
        reversal = reverse(
            programme, visit, earning.snapshot(), refunded_before_minor=0, refund_minor=None, remainder_now=remainder
        )
        count, remainder = count - reversal.units, reversal.remainder
    left = [visit.amount_minor or 0 for visit, _ in booked[len(undone) :]]
    assert earned(left)[:2] == (count, remainder)


@given(moments, expiry)
def test_units_live_through_whole_local_days(at: datetime, told: dict[str, Any]) -> None:
    document = {"earn": [{"per": "visit", "units": 1}], "expiry": told}
    programme = parse_programme(document, kind="points", currency="EUR", timezone="Europe/Brussels")
    start, end = local_day(programme, at)
    assert start <= at < end
    assert end - start in (timedelta(hours=23), timedelta(hours=24), timedelta(hours=25))
    first, last = (
        evaluate(programme, (), VisitFacts(moment), MemberFacts()).expires_at
        for moment in (start, end - timedelta(microseconds=1))
    )
    assert first == last
    if first is not None:
        local = first.astimezone(programme.zone)
        assert (local.hour, local.minute, local.second) == (0, 0, 0)
        assert first >= end


@given(programmes(), promotion_lists)
def test_compiled_rules_survive_being_written(programme: ProgrammeRules, promotions: list[PromotionRules]) -> None:
    document = json.loads(json.dumps(programme_document(programme)))
    again = parse_programme(document, kind="points", currency="EUR", timezone="Europe/Brussels")
    assert again == programme
    for promotion in promotions:
        written = json.loads(json.dumps(promotion_document(promotion)))
        assert parse_promotion(written, promotion_id=promotion.promotion_id, currency="EUR") == promotion
