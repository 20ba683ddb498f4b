"""The simulator beside what was booked: of the rules that hold it must find exactly what the counter found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.common.errors import NotFoundError
from app.common.scope import Scope
from app.ledger.models import Account
from app.rewards import service as rewards
from app.rewards.errors import SimulationOverError
from app.rewards.evaluator import Item
from app.rewards.models import Simulation, Visit, Voucher
from app.rewards.queries.amounts import histogram, recent_amounts
from app.rewards.rules import parse_programme
from app.rewards.service import simulations, upkeep
from app.rewards.simulator.typical import TRADES, typical_year
from tests.clocks import FixedClock
from tests.factories import Shop, make_holder, make_shop, redeem, reverse, visit

RULES: tuple[Mapping[str, Any], ...] = (
    {"stamps": 4},
    {"stamps": 3, "rules": {"earn": [{"per": "unit", "units": "1"}], "caps": {"day": {"visits": 1}}}},
    {
        "rules": {
            "earn": [{"per": "amount", "units": "1", "step": "7"}, {"per": "item", "units": "2", "category": "bread"}],
            "rounding": "carry",
            "caps": {"visit": {"units": 9}, "day": {"units": 12}, "card": {"units": 90}},
            "minimum": "2.00",
        }
    },
    {
        "rules": {
            "earn": [{"per": "amount", "units": "1"}],
            "expiry": {"kind": "months", "months": 1},
            "tiers": {
                "months": 2,
                "by": "spend",
                "table": [{"key": "gold", "name": "Gold", "from": "60.00", "multiplier": "1.5"}],
            },
        }
    },
    {
        "stamps": 5,
        "rules": {
            "earn": [{"per": "visit", "units": "1"}],
            "minimum": "10.00",
            "expiry": {"kind": "yearly", "on": "03-20"},
        },
    },
)


def live(shop: Shop, clock: FixedClock, chance: Random) -> None:
    """Some months at a shop: people come, spend, redeem; what is over expires."""
    counter = shop.counter()
    people = [make_holder(shop.scope) for _ in range(5)]
    cheap = shop.add_reward(name="Small thing", cost=2, amount_minor=80)
    for _ in range(chance.randrange(70, 95)):
        clock.advance(hours=chance.choice((1, 5, 40, 100)))
        who = chance.choice(people)
        if chance.random() < 0.15:
            redeem(shop.same(counter), who, cheap)
            continue
        items: tuple[Item, ...] = ()
        if chance.random() < 0.4:
            items = (
                Item(category=chance.choice(("bread", "cake")), quantity=chance.randrange(1, 4), amount_minor=300),
            )
        amount = None if chance.random() < 0.1 else chance.randrange(0, 4_000)
        units = chance.randrange(1, 4) if chance.random() < 0.3 else None
        visit(shop.same(counter), who, amount_minor=amount, units=units, items=items)
    upkeep.expire_lots(shop.scope)


@settings(
    max_examples=5,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 10_000), kind=st.sampled_from(range(len(RULES))))
def test_the_rules_that_hold_give_what_was_booked(scope: Scope, clock: FixedClock, seed: int, kind: int) -> None:
    clock.set(datetime(2026, 3, 4, 12, tzinfo=UTC))
    shop = make_shop(scope, **RULES[kind], reward={"name": "Loaf", "amount_minor": 450} if kind in (0, 1, 4) else None)
    promotions = Random(seed + 1)
    if promotions.random() < 0.7:
        rewards.create_promotion(
            scope,
            shop.programme_id,
            name="Welcome",
            rule={"conditions": {"first_visit": True}, "effect": {"bonus": 2}, "combinable": True},
        )
    if promotions.random() < 0.7:
        rewards.create_promotion(
            scope,
            shop.programme_id,
            name="Back again",
            rule={"conditions": {"comeback_days": 4, "weekdays": ["tue", "sat"]}, "effect": {"multiplier": "2"}},
        )
    live(shop, clock, Random(seed))
    found = simulate(shop, RULES[kind].get("rules"), RULES[kind].get("stamps"))
    assume(found["source"] == "own")
    start = datetime.fromisoformat(found["first"]).replace(tzinfo=ZoneInfo("Europe/Brussels"))
    with scope.reading() as tx:
        booked = tx.session.scalars(
            select(Visit).where(Visit.merchant_id == shop.merchant_id, Visit.occurred_at >= start)
        ).all()
        cards = tx.session.scalar(
            select(func.count())
            .select_from(Voucher)
            .where(Voucher.merchant_id == shop.merchant_id, Voucher.source == "full_card", Voucher.issued_at >= start)
        )
        balance = tx.session.scalar(select(func.sum(Account.balance)).where(Account.programme_id == shop.programme_id))
    earned = sum(entry["units"] for one in booked for entry in one.earned)
    assert (found["visits"], found["now"]["units"]) == (len(booked), earned)
    assert found["now"]["cards"] == cards
    assert found["now"]["missed"] == 0
    assert found["draft"] == found["now"]
    assert (found["winners"], found["losers"]) == (0, 0)
    assert found["now"]["owed_units"] == balance


def simulate(shop: Shop, rules: Mapping[str, Any] | None, stamps: int | None = None, **changes: Any) -> dict[str, Any]:
    document = dict(rules or {"earn": [{"per": "unit", "units": "1"}]}) | changes
    kind = "points"
    if stamps is not None:
        document["goal"], kind = changes.get("goal", stamps), "stamps"
    parsed = parse_programme(document, kind=kind, currency="EUR", timezone="Europe/Brussels")
    return simulations.simulate(shop.scope, shop.merchant_id, shop.programme_id, parsed)


@pytest.fixture
def busy(scope: Scope, clock: FixedClock) -> Shop:
    """A stamp card with a small past: four people, twelve days, 3 to 12 euro."""
    shop = make_shop(scope, stamps=10, reward={"name": "Loaf", "amount_minor": 500})
    people = [make_holder(scope) for _ in range(4)]
    for _ in range(12):
        clock.advance(days=1)
        for number, who in enumerate(people):
            visit(shop.same(shop.counter()), who, amount_minor=300 + 300 * number)
    return shop


VISIT = {"earn": [{"per": "visit", "units": "1"}]}


def test_a_smaller_card_costs_more_and_a_minimum_less(busy: Shop) -> None:
    same = simulate(busy, VISIT, 10)
    assert (same["now"]["units"], same["now"]["cards"], same["now"]["cost_minor"]) == (48, 4, 2_000)
    assert same["now"]["owed_units"] == 8
    smaller = simulate(busy, VISIT, 10, goal=6)
    assert (smaller["draft"]["cards"], smaller["draft"]["cost_minor"]) == (8, 4_000)
    assert (smaller["winners"], smaller["losers"]) == (4, 0), "a stamp is worth more"
    minimum = simulate(busy, VISIT, 10, minimum="7.00")
    assert (minimum["draft"]["units"], minimum["draft"]["cards"]) == (24, 2)
    assert (minimum["winners"], minimum["losers"], minimum["same"]) == (0, 2, 2)
    assert minimum["reasons"]["lose"] == [("minimum", 24)]
    assert minimum["losses"] == [[600, 2]]


def test_what_was_undone_and_what_belongs_to_others_is_not_run(busy: Shop) -> None:
    counter, who = busy.counter(), make_holder(busy.scope)
    before = simulate(busy, VISIT, 10)["now"]
    undone = visit(busy.same(counter), who, amount_minor=900)
    reverse(busy.same(counter), undone.transaction_id)
    elsewhere = make_shop(busy.scope, stamps=10, name="Other")
    visit(elsewhere.counter(), who, amount_minor=900)
    after = simulate(busy, VISIT, 10)
    assert after["now"] == before
    assert after["members"] == 4


def test_a_part_that_was_refunded_counts_for_the_rest(scope: Scope, clock: FixedClock) -> None:
    shop = make_shop(scope, points="1")
    for _ in range(31):
        clock.advance(hours=1)
        last = visit(shop.same(shop.counter()), make_holder(scope), amount_minor=1_000)
    reverse(shop.counter(), last.transaction_id, 400)
    rules = {"earn": [{"per": "amount", "units": "1", "step": "1"}]}
    assert simulate(shop, rules)["now"]["units"] == 306


def test_what_happened_before_and_was_booked_since_is_where_a_member_stood(busy: Shop, clock: FixedClock) -> None:
    counter, who = busy.counter(), make_holder(busy.scope)
    for _ in range(9):
        visit(busy.same(counter), who, occurred_at=clock() - timedelta(days=120))
    assert visit(busy.same(counter), who).balance == 0
    found = simulate(busy, VISIT, 10)
    assert (found["now"]["units"], found["now"]["cards"]) == (49, 5)


def test_a_shop_without_a_past_sees_its_trades_year_marked_as_such(scope: Scope) -> None:
    shop = make_shop(scope, stamps=10, reward={"name": "Loaf", "amount_minor": 500})
    found = simulate(shop, VISIT, 10, goal=8)
    assert (found["source"], found["trade"], found["own_visits"]) == ("typical", "general", 0)
    assert found["visits"] > 500
    assert found["draft"]["cards"] > found["now"]["cards"] > 0
    assert (found["most"], found["least"]) == ([], [])
    assert simulate(shop, VISIT, 10, goal=8) == found, "always the same year"


def test_every_trade_has_its_own_year() -> None:
    rules = parse_programme(VISIT | {"goal": 10}, kind="stamps", currency="EUR", timezone="Europe/Brussels")
    until = datetime(2026, 3, 4, 12, tzinfo=UTC)
    years = {trade: list(typical_year(trade, rules, until)) for trade in TRADES}
    visits = {trade: sum(len(events) for _, events in year) for trade, year in years.items()}
    assert len(set(visits.values())) == len(TRADES) == 10
    assert visits["bakery"] > visits["hairdresser"] > 200
    for year in years.values():
        for _, events in year:
            assert all(until - timedelta(days=367) < event.at <= until + timedelta(days=1) for event in events)


def test_a_run_tells_how_far_it_is_and_is_done_once(busy: Shop) -> None:
    own = replace(busy.scope, merchant_id=busy.merchant_id)
    run = simulations.ask_simulation(own, busy.programme_id, VISIT | {"goal": 8})
    assert simulations.ask_simulation(own, busy.programme_id, VISIT | {"goal": 8}) == run
    other = simulations.ask_simulation(own, busy.programme_id, VISIT | {"goal": 7})
    assert [status_of(busy, one) for one in (run, other)] == ["cancelled", "waiting"]
    assert simulations.run_waiting(busy.scope) == 1
    assert simulations.run_waiting(busy.scope) == 0
    with busy.scope.reading() as tx:
        done = tx.session.get_one(Simulation, other)
    assert (done.status, done.done_steps, done.all_steps) == ("done", 1, 1)
    assert done.result is not None
    assert done.result["visits"] == 48


def test_a_run_whose_worker_died_is_noted_as_ended(busy: Shop, clock: FixedClock) -> None:
    own = replace(busy.scope, merchant_id=busy.merchant_id)
    run = simulations.ask_simulation(own, busy.programme_id, VISIT | {"goal": 8})

    def die() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulations.run_waiting(busy.scope, go_on=die)
    assert status_of(busy, run) == "running"
    clock.advance(minutes=1)
    simulations.run_waiting(busy.scope)
    assert status_of(busy, run) == "running", "its worker may be slow"
    clock.advance(minutes=2)
    simulations.run_waiting(busy.scope)
    assert status_of(busy, run) == "ended"


def test_a_process_that_ends_in_order_says_so_at_once(busy: Shop) -> None:
    own = replace(busy.scope, merchant_id=busy.merchant_id)
    run = simulations.ask_simulation(own, busy.programme_id, VISIT | {"goal": 8})

    def stop() -> None:
        raise LookupError("stopping")

    with pytest.raises(LookupError):
        simulations.run_waiting(busy.scope, go_on=stop)
    assert status_of(busy, run) == "ended"


def test_a_run_that_is_called_off_while_it_runs_leaves_no_result(busy: Shop) -> None:
    own = replace(busy.scope, merchant_id=busy.merchant_id)
    run = simulations.ask_simulation(own, busy.programme_id, VISIT | {"goal": 8})
    called: list[str] = []

    def call_off() -> None:
        if not called:
            called.append(run)
            simulations.cancel_simulation(replace(own), run)

    assert simulations.run_waiting(busy.scope, go_on=call_off) == 1
    assert status_of(busy, run) == "cancelled"
    with pytest.raises(SimulationOverError):
        simulations.cancel_simulation(own, run)
    with pytest.raises(NotFoundError):
        simulations.cancel_simulation(replace(own, merchant_id="0" * 36), run)


def test_the_picture_of_purchases_comes_from_a_sample_of_this_shop(busy: Shop) -> None:
    elsewhere = make_shop(busy.scope, stamps=10, name="Other")
    visit(elsewhere.counter(), make_holder(busy.scope), amount_minor=99_900)
    found = recent_amounts(busy.scope, busy.merchant_id)
    assert (found.visits, len(found.amounts), found.middle) == (48, 48, 900)
    assert found.between(300, 900) == 24
    bars = histogram(found.amounts, 100)
    assert bars is not None
    assert sum(bars.counts) == 48
    assert histogram(found.amounts[:5], 100) is None


def status_of(shop: Shop, run: str) -> str:
    with shop.scope.reading() as tx:
        return tx.session.get_one(Simulation, run).status
