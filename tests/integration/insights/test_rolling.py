"""What reports are read from is what a plain recount of the visits gives, whatever came late or was undone."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from app.common.ids import new_id
from app.common.scope import Scope
from app.insights import counting, rolling, standing
from app.insights.models import ProgrammeBalance, ProgrammeDay, ProgrammeStanding, PromotionDay, RewardDay, VisitHour
from app.merchants import service as merchants
from app.rewards import service as rewards
from app.rewards.models import Visit, Voucher
from app.rewards.service import upkeep
from tests.clocks import FixedClock
from tests.factories import Shop, make_holder, make_shop, redeem, reverse, visit

BRUSSELS = ZoneInfo("Europe/Brussels")
NUMBERS = (
    "visits",
    "new_visits",
    "amount_minor",
    "amount_visits",
    "units",
    "redemptions",
    "redeemed_units",
    "redeemed_minor",
    "unpriced",
)


def rolled(scope: Scope, merchant_id: str) -> dict[tuple[str, str, int], dict[str, int]]:
    with scope.reading() as tx:
        rows = tx.session.scalars(select(VisitHour).where(VisitHour.merchant_id == merchant_id)).all()
        return {(row.location_id, row.day, row.hour): {name: getattr(row, name) for name in NUMBERS} for row in rows}


def recounted(scope: Scope, merchant_id: str, zones: dict[str, ZoneInfo]) -> dict[tuple[str, str, int], dict[str, int]]:
    """The same by the plainest means: every visit and voucher, one after the other."""
    found: dict[tuple[str, str, int], Tally[str]] = {}

    def cell(location_id: str, moment: datetime) -> Tally[str]:
        local = moment.astimezone(zones[location_id])
        return found.setdefault((location_id, local.date().isoformat(), local.hour), Tally(dict.fromkeys(NUMBERS, 0)))

    with scope.reading() as tx:
        visits = tx.session.scalars(select(Visit).where(Visit.merchant_id == merchant_id)).all()
        vouchers = tx.session.scalars(
            select(Voucher).where(Voucher.merchant_id == merchant_id, Voucher.status == "redeemed")
        ).all()
    standing_visits = sorted(
        (one for one in visits if one.reversed_at is None), key=lambda one: (one.occurred_at, one.id)
    )
    seen: set[str] = set()
    for one in standing_visits:
        row = cell(one.location_id, one.occurred_at)
        row["visits"] += 1
        row["new_visits"] += one.member_id not in seen
        seen.add(one.member_id)
        if one.amount_minor is not None:
            row["amount_minor"] += one.amount_minor - one.refunded_minor
            row["amount_visits"] += 1
        row["units"] += sum(entry["units"] for entry in one.earned)
    for voucher in vouchers:
        if voucher.redeemed_at is not None and voucher.redeemed_location_id is not None:
            row = cell(voucher.redeemed_location_id, voucher.redeemed_at)
            worth = counting.worth_of(voucher.value, "EUR")
            row["redemptions"] += 1
            row["redeemed_units"] += voucher.cost
            row["redeemed_minor"] += worth or 0
            row["unpriced"] += worth is None
    return {key: dict(row) for key, row in found.items() if any(row.values())}


def is_right(shop: Shop, *, zones: dict[str, ZoneInfo] | None = None) -> None:
    where = zones or {shop.location_id: BRUSSELS}
    assert rolled(shop.scope, shop.merchant_id) == recounted(shop.scope, shop.merchant_id, where)


def test_what_is_booked_is_counted_by_local_hour(scope: Scope, clock: FixedClock) -> None:
    shop = make_shop(scope, points="1", reward={"name": "Coffee", "cost": 5, "kind": "item", "amount_minor": 250})
    ann, bob = make_holder(scope), make_holder(scope)
    counter = shop.counter()
    assert visit(counter, ann, amount_minor=1250).ok
    clock.advance(hours=1)
    assert visit(counter, bob, amount_minor=750).ok
    assert visit(counter, ann).ok
    assert redeem(counter, ann, shop.reward_ids[0]).ok
    assert rolling.roll_up(scope) > 0
    hours = rolled(scope, shop.merchant_id)
    assert sorted(key[1:] for key in hours) == [("2026-03-04", 13), ("2026-03-04", 14)]
    later = hours[shop.location_id, "2026-03-04", 14]
    assert later["visits"] == 2
    assert later["new_visits"] == 1
    assert later["amount_visits"] == 1
    assert later["redemptions"] == 1
    assert later["redeemed_units"] == 5
    assert later["redeemed_minor"] == 250
    is_right(shop)
    with scope.reading() as tx:
        given_away = tx.session.scalars(select(RewardDay)).all()
        assert [(one.reward_id, one.redemptions, one.worth_minor) for one in given_away] == [
            (shop.reward_ids[0], 1, 250)
        ]


def test_a_second_count_changes_nothing_and_reads_nothing(scope: Scope) -> None:
    shop = make_shop(scope)
    assert visit(shop.counter(), make_holder(scope), amount_minor=500).ok
    assert rolling.roll_up(scope) > 0
    before = rolled(scope, shop.merchant_id)
    assert rolling.roll_up(scope) == 0
    assert rolled(scope, shop.merchant_id) == before != {}


def test_what_is_undone_or_refunded_leaves_the_day_it_was_in(scope: Scope, clock: FixedClock) -> None:
    shop = make_shop(scope, points="1", reward={"name": "Coffee", "cost": 5})
    ann = make_holder(scope)
    counter = shop.counter()
    first, second = visit(counter, ann, amount_minor=1000), visit(counter, ann, amount_minor=2000)
    used = redeem(counter, ann, shop.reward_ids[0])
    rolling.roll_up(scope)
    clock.advance(days=2)
    assert reverse(counter, first.transaction_id).ok
    assert reverse(counter, second.transaction_id, 500).ok
    assert reverse(counter, used.transaction_id).ok
    rolling.roll_up(scope)
    is_right(shop)
    rows = list(rolled(scope, shop.merchant_id).values())
    assert [(row["visits"], row["new_visits"], row["amount_minor"], row["redemptions"]) for row in rows] == [
        (1, 1, 1500, 0)
    ]


def test_a_visit_that_comes_late_takes_being_new_from_the_one_that_was_first(scope: Scope, clock: FixedClock) -> None:
    """Also when that one was at another location."""
    shop = make_shop(scope)
    station = shop.another_location()
    ann = make_holder(scope)
    assert visit(station.counter(), ann, amount_minor=100).ok
    rolling.roll_up(scope)
    late = clock() - timedelta(hours=30)
    assert visit(shop.counter(), ann, amount_minor=100, occurred_at=late).ok
    rolling.roll_up(scope)
    is_right(shop, zones={shop.location_id: BRUSSELS, station.location_id: BRUSSELS})
    hours = rolled(scope, shop.merchant_id)
    assert {key[1]: row["new_visits"] for key, row in hours.items()} == {"2026-03-03": 1, "2026-03-04": 0}


def test_a_promotion_is_counted_by_what_it_gave(scope: Scope) -> None:
    shop = make_shop(scope, points="1")
    promotion_id = rewards.create_promotion(
        scope, shop.programme_id, name="Double", rule={"effect": {"multiplier": "2"}}
    )
    assert visit(shop.counter(), make_holder(scope), amount_minor=1000).ok
    rolling.roll_up(scope)
    with scope.reading() as tx:
        row = tx.session.scalars(select(PromotionDay)).one()
    assert (row.promotion_id, row.visits, row.units, row.amount_minor) == (promotion_id, 1, 10, 1000)


def test_everything_can_be_counted_anew(scope: Scope, clock: FixedClock) -> None:
    shop = make_shop(scope)
    for _ in range(3):
        assert visit(shop.counter(), make_holder(scope), amount_minor=300).ok
        clock.advance(days=40)
    rolling.roll_up(scope)
    before = rolled(scope, shop.merchant_id)
    with scope.transaction() as tx:
        tx.session.execute(delete(VisitHour))
    assert rolling.roll_up(scope) == 0
    assert rolled(scope, shop.merchant_id) == {}
    rolling.rebuild(scope, merchant_id=shop.merchant_id)
    assert rolled(scope, shop.merchant_id) == before
    assert len(before) == 3


def test_the_night_finds_what_slipped_through(scope: Scope) -> None:
    shop = make_shop(scope)
    assert visit(shop.counter(), make_holder(scope), amount_minor=300).ok
    rolling.roll_up(scope)
    with scope.transaction() as tx:
        tx.session.execute(delete(VisitHour))
    rolling.count_again(scope)
    is_right(shop)
    assert rolled(scope, shop.merchant_id)


def test_a_booking_that_was_committed_after_a_later_one_is_not_missed(scope: Scope, clock: FixedClock) -> None:
    """Its id is the smaller one: without the overlap it would lie behind what was counted."""
    shop = make_shop(scope)
    yesterday = clock() - timedelta(hours=26)
    assert visit(shop.counter(), make_holder(scope), amount_minor=300, occurred_at=yesterday).ok
    assert visit(shop.counter(), make_holder(scope), amount_minor=700).ok
    rolling.roll_up(scope)
    with scope.transaction() as tx:  # as if the count had not seen it, and a later one had moved the mark on
        tx.session.execute(delete(VisitHour))
    assert visit(shop.counter(), make_holder(scope), amount_minor=700).ok
    rolling.roll_up(scope)
    assert [row["amount_minor"] for _, row in sorted(rolled(scope, shop.merchant_id).items())] == [300, 1400]


def test_a_days_hours_are_those_of_the_locations_zone(scope: Scope, clock: FixedClock) -> None:
    merchant_id = merchants.create_merchant(scope, name="Far away")
    shop = make_shop(scope)
    clock.set(datetime(2026, 3, 4, 23, 30, tzinfo=UTC))  # past midnight in Brussels
    assert visit(shop.counter(), make_holder(scope), amount_minor=100).ok
    rolling.roll_up(scope)
    assert [key[1:] for key in rolled(scope, shop.merchant_id)] == [("2026-03-05", 0)]
    assert rolled(scope, merchant_id) == {}


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["visit", "late", "elsewhere", "undo", "refund", "redeem", "roll"]),
        st.integers(0, 2),
        st.integers(0, 50),
    ),
    min_size=1,
    max_size=14,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_whatever_happens_the_counts_are_those_of_a_recount(
    scope: Scope, clock: FixedClock, acts: list[tuple[str, int, int]]
) -> None:
    shop = make_shop(scope, points="1", reward={"name": "Coffee", "cost": 5}, name=f"Shop {new_id()}")
    station = shop.another_location()
    people = [make_holder(scope) for _ in range(3)]
    booked: list[Any] = []
    do: dict[str, Callable[[int, int], Any]] = {
        "visit": lambda who, n: visit(shop.counter(), people[who], amount_minor=100 * n),
        "late": lambda who, n: visit(
            shop.counter(), people[who], amount_minor=100 * n, occurred_at=clock() - timedelta(hours=n)
        ),
        "elsewhere": lambda who, n: visit(station.counter(), people[who], amount_minor=100 * n),
        "undo": lambda who, n: reverse(shop.counter(), booked[n % len(booked)].transaction_id) if booked else None,
        "refund": lambda who, n: (
            reverse(shop.counter(), booked[n % len(booked)].transaction_id, 50) if booked else None
        ),
        "redeem": lambda who, n: redeem(shop.counter(), people[who], shop.reward_ids[0]),
        "roll": lambda who, n: rolling.roll_up(scope),
    }
    for act, who, n in acts:
        clock.advance(minutes=37 * n)
        answer = do[act](who, n)
        if act in ("visit", "late", "redeem") and answer.ok:
            booked.append(answer)
    rolling.roll_up(scope)
    is_right(shop, zones={shop.location_id: BRUSSELS, station.location_id: BRUSSELS})


def test_two_counts_at_once_leave_what_one_leaves(scope: Scope) -> None:
    from tests.concurrency.racing import at_once

    shop = make_shop(scope)
    for _ in range(4):
        assert visit(shop.counter(), make_holder(scope), amount_minor=300).ok
    at_once([lambda: rolling.rebuild(replace(scope)) for _ in range(2)] + [lambda: rolling.roll_up(replace(scope))])
    is_right(shop)


def test_what_members_hold_is_counted_with_what_ended(scope: Scope, clock: FixedClock) -> None:
    shop = make_shop(scope, stamps=5)
    counter = shop.counter()
    people = [make_holder(scope) for _ in range(4)]
    for number, person in enumerate(people):
        for _ in range(number + 1):
            assert visit(counter, person).ok
            clock.advance(days=1)
    rolling.roll_up(scope)
    assert standing.count_holdings(scope) == 1
    assert standing.count_holdings(scope) == 0
    with scope.reading() as tx:
        held = tx.session.get_one(ProgrammeStanding, shop.programme_id)
        bars = {row.least: row.members for row in tx.session.scalars(select(ProgrammeBalance))}
    assert (held.outstanding, held.holders, held.owed) == (10, 4, 0)
    assert bars == {1: 1, 2: 1, 3: 1, 4: 1}
    clock.advance(days=800)
    upkeep.expire_lots(scope)
    standing.count_by_night(scope)
    with scope.reading() as tx:
        days = tx.session.scalars(select(ProgrammeDay).order_by(ProgrammeDay.day)).all()
        held = tx.session.get_one(ProgrammeStanding, shop.programme_id)
    assert held.outstanding + sum(day.expired for day in days) == 10
