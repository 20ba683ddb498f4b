"""Whatever a document holds, it is taken or refused by its place: nothing else ever happens."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.rewards.evaluator import MemberFacts, VisitFacts, evaluate
from app.rewards.rules import InvalidRulesError, parse_programme, parse_promotion

WORDS = (
    "earn", "per", "units", "step", "category", "sku", "exclude", "categories", "skus", "minimum", "rounding", "caps",
    "visit", "day", "card", "visits", "expiry", "kind", "months", "on", "periods", "collect_from", "collect_to",
    "redeem_from", "redeem_to", "tiers", "by", "table", "key", "name", "from", "multiplier", "goal", "conditions",
    "weekdays", "hours", "to", "dates", "first_visit", "birthday_week", "comeback_days", "locations", "effect",
    "bonus", "combinable",
)  # fmt: skip
VALUES = (
    "visit", "unit", "amount", "item", "1", "0.5", "1e9", "NaN", "-1", "١", "floor", "carry", "yearly", "02-29",
    "2026-02-30", "2026-01-01", "24:00", "mon", "gold", "", " ", "\x00", "\ud800", "9" * 5000, "units", "spend",
)  # fmt: skip
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from((10**4_000, -(10**4_000), 2**63, 10)),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(VALUES),
)
keys = st.one_of(st.sampled_from(WORDS), st.text(max_size=20))
anything = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(keys, inner, max_size=8)),
    max_leaves=40,
)
LIKELY: dict[str, Any] = {
    "earn": [{"per": "amount", "units": "1", "step": "50"}],
    "exclude": {"categories": ["tobacco"]},
    "minimum": "5.00",
    "caps": {"visit": {"units": 3}, "day": {"visits": 1, "units": 5}, "card": {"units": 9}},
    "expiry": {
        "kind": "periods",
        "periods": [
            {
                "collect_from": "2026-01-01",
                "collect_to": "2026-02-01",
                "redeem_from": "2026-01-01",
                "redeem_to": "2026-03-01",
            }
        ],
    },
    "tiers": {"months": 12, "by": "units", "table": [{"key": "gold", "from": 1, "multiplier": "2"}]},
    "conditions": {"hours": {"from": "09:00", "to": "17:00"}, "dates": {"from": "2026-01-01"}, "weekdays": ["mon"]},
    "effect": {"multiplier": "2"},
}


def places(document: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    entries = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for name, value in entries:
        found += places(value, (*path, name))
    return found


def altered(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    if isinstance(document, list):
        return [altered(entry, path[1:], value) if index == path[0] else entry for index, entry in enumerate(document)]
    return {name: altered(entry, path[1:], value) if name == path[0] else entry for name, entry in document.items()}


def told(error: InvalidRulesError) -> bool:
    return bool(error.message_code) and len(str(error)) < 500


def take(document: Any) -> None:
    """Parses as both kinds of document; what is taken must also evaluate."""
    for kind in ("points", "stamps"):
        fault = None
        try:
            programme = parse_programme(document, kind=kind, currency="EUR", timezone="Europe/Brussels")
            evaluate(programme, (), VisitFacts(datetime(2026, 1, 15, tzinfo=UTC), 1000), MemberFacts())
        except InvalidRulesError as error:
            fault = error
        assert fault is None or told(fault)
    fault = None
    try:
        parse_promotion(document, promotion_id="p", currency="EUR")
    except InvalidRulesError as error:
        fault = error
    assert fault is None or told(fault)


@given(anything)
def test_any_value_is_taken_or_refused(document: Any) -> None:
    take(document)


@given(st.sampled_from(places(LIKELY)), anything, st.booleans())
def test_a_good_document_with_one_bad_place_is_taken_or_refused(
    path: tuple[Any, ...], value: Any, promotes: bool
) -> None:
    promotion = ("conditions", "effect")
    kept = {name: entry for name, entry in LIKELY.items() if (name in promotion) is promotes}
    take(altered(kept, path, value))


def test_a_document_of_any_depth_is_refused_without_descending() -> None:
    deep: Any = {"per": "visit"}
    for _ in range(100_000):
        deep = {"earn": [deep]}
    take(deep)
    take({"earn": [{"per": "visit", "units": deep}]})
    while deep:  # taken apart step by step: letting go of it at once would descend
        deep = deep["earn"][0] if "earn" in deep else None
