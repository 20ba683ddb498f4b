"""The platform's days are what a plain recount of visits, vouchers and members gives, whatever came late."""

from __future__ import annotations

from collections import Counter as Tally
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from app.billing.models import BillingAccount, BillingPlan
from app.common import bounces
from app.common.ids import new_id
from app.common.mail import Mail, queue_mail
from app.common.scope import Scope
from app.insights import platform_days, rolling, standing
from app.insights.models import PlatformDay
from app.insights.tablets import count_unheard, list_offline
from app.merchants import service as merchants
from app.merchants.models import Device, Location
from app.rewards.models import Visit, Voucher
from app.rewards.service import shop_members
from tests.clocks import FixedClock
from tests.factories import Shop, make_holder, make_shop, redeem, reverse, visit

BRUSSELS = ZoneInfo("Europe/Brussels")
FLOWS = ("visits", "redemptions", "new_members", "shops_seen", "bounced")


def settle(scope: Scope) -> None:
    """What the jobs of each minute keep up."""
    rolling.roll_up(scope)
    standing.count_holdings(scope)
    shop_members.rebuild(scope)


def days(scope: Scope) -> dict[str, dict[str, int]]:
    with scope.reading() as tx:
        rows = tx.session.scalars(select(PlatformDay).order_by(PlatformDay.day)).all()
        return {row.day: {name: getattr(row, name) for name in FLOWS} for row in rows}


def recounted(scope: Scope, every: list[str]) -> dict[str, dict[str, int]]:
    """The same by the plainest means: every visit and voucher, one after the other."""
    with scope.reading() as tx:
        visits = tx.session.scalars(select(Visit).where(Visit.reversed_at.is_(None))).all()
        vouchers = tx.session.scalars(select(Voucher).where(Voucher.status == "redeemed")).all()

    def local(at: datetime | None) -> str:
        assert at is not None
        return at.astimezone(BRUSSELS).date().isoformat()

    first: dict[str, str] = {}
    for one in sorted(visits, key=lambda each: each.occurred_at):
        first.setdefault(one.member_id, local(one.occurred_at))
    new = Tally(first.values())
    count = Tally(local(one.occurred_at) for one in visits)
    given = Tally(local(one.redeemed_at) for one in vouchers)
    told = {}
    for number, day in enumerate(every):
        week = set(every[max(0, number - 6) : number + 1])
        seen = {one.merchant_id for one in visits if local(one.occurred_at) in week}
        told[day] = {
            "visits": count[day],
            "redemptions": given[day],
            "new_members": new[day],
            "shops_seen": len(seen),
            "bounced": 0,
        }
    return told


@pytest.fixture
def shops(scope: Scope) -> list[Shop]:
    return [
        make_shop(scope, points="1", reward={"name": "Coffee", "cost": 5, "kind": "amount_off", "amount_minor": 250})
        for _ in range(2)
    ]


def test_days_are_what_a_recount_gives(scope: Scope, clock: FixedClock, shops: list[Shop]) -> None:
    people = [make_holder(scope) for _ in range(4)]
    undone = None
    for number in range(12):
        shop = shops[number % 2]
        booked = visit(shop.counter(), people[number % 4], amount_minor=1000)
        assert booked.ok
        undone = undone or booked.transaction_id
        if number == 6:
            assert redeem(shop.counter(), people[number % 4], shop.reward_ids[0]).ok
        settle(scope)
        platform_days.count(scope)
        clock.advance(days=1, hours=7)
    found = days(scope)
    assert found == recounted(scope, list(found))
    assert sum(one["new_members"] for one in found.values()) == 4
    assert max(one["shops_seen"] for one in found.values()) == 2

    # A visit of two weeks ago is undone: the nightly count finds it, the one of each minute does not look so far back.
    assert undone is not None
    assert reverse(shops[0].counter(), undone).ok
    settle(scope)
    platform_days.rebuild(scope)
    found = days(scope)
    assert found == recounted(scope, list(found))
    before = days(scope)
    platform_days.rebuild(scope)
    assert days(scope) == before


def test_a_sandbox_is_no_part_of_the_platform(scope: Scope, shops: list[Shop]) -> None:
    from app.rewards.sandbox import create_sandbox_key

    create_sandbox_key(scope, shops[0].location_id, name="Try", scopes=[])
    assert visit(shops[0].counter(), make_holder(scope), amount_minor=100).ok
    settle(scope)
    platform_days.count(scope)
    seen = platform_days.look(scope)
    assert sum(one["visits"] for one in days(scope).values()) == 1
    with scope.reading() as tx:
        assert seen["shops"] <= 2
        assert tx.session.scalars(select(PlatformDay.counted_at).where(PlatformDay.counted_at.is_not(None))).one()


def test_how_things_are_is_noted_and_the_last_look_stays(scope: Scope, clock: FixedClock, shops: list[Shop]) -> None:
    holder = make_holder(scope)
    assert visit(shops[0].counter(), holder, amount_minor=2000).ok
    settle(scope)
    with scope.transaction() as tx:
        plan = BillingPlan(
            id=new_id(), code="small", name={"en": "Small"}, currency="EUR", amount_minor=1900, created_at=clock()
        )
        tx.session.add(plan)
        tx.session.flush()
        tx.session.add(BillingAccount(merchant_id=shops[0].merchant_id, plan_id=plan.id, status="active"))
        tx.session.add(BillingAccount(merchant_id=shops[1].merchant_id, plan_id=plan.id, status="canceled"))
    seen = platform_days.look(scope)
    # Twenty points, five of which are a coffee of € 2.50.
    assert seen["liability_minor"] == 1000
    assert (seen["paying"], seen["monthly_minor"]) == (1, 1900)
    with scope.reading() as tx:
        row = tx.session.scalars(select(PlatformDay).where(PlatformDay.counted_at.is_not(None))).one()
        assert (row.liability_minor, row.currency, row.paying) == (1000, "EUR", 1)


def test_what_members_held_before_anybody_looked_is_filled_in_from_the_ledger(
    scope: Scope, clock: FixedClock, shops: list[Shop]
) -> None:
    holder = make_holder(scope)
    assert visit(shops[0].counter(), holder, amount_minor=2000).ok
    clock.advance(days=2)
    assert redeem(shops[0].counter(), holder, shops[0].reward_ids[0]).ok
    settle(scope)
    platform_days.rebuild(scope)
    with scope.reading() as tx:
        held = [row.liability_minor for row in tx.session.scalars(select(PlatformDay).order_by(PlatformDay.day))]
    assert held == [1000, 1000, 750]
    assert platform_days.look(scope)["liability_minor"] == 750


def test_mails_that_came_back_are_counted_on_their_day(scope: Scope, clock: FixedClock) -> None:
    for address in ("an@home.example", "bo@home.example"):
        scope.run(lambda tx, to=address: bounces.note(tx, scope, to, how="returned", told="5.1.1"))  # type: ignore[misc]
    clock.advance(days=1)
    queue = Mail(to="an@home.example", subject="Hallo", text="Hallo")
    scope.run(lambda tx: queue_mail(tx, scope.keys.data, queue, now=scope.now))
    platform_days.count(scope)
    platform_days.look(scope)
    assert [one["bounced"] for one in days(scope).values()][-2:] == [2, 0]


def test_a_tablet_is_missed_while_its_shop_is_open_and_not_at_night(
    scope: Scope, clock: FixedClock, shops: list[Shop]
) -> None:
    shop = shops[0]
    code = merchants.create_pairing_code(scope, shop.location_id)
    device = merchants.pair_device(scope, code.code, "Counter")
    assert device
    with scope.transaction() as tx:
        hours = {day: [["08:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat")}
        tx.session.execute(update(Location).where(Location.id == shop.location_id).values(opening_hours=hours))

    def missed() -> int:
        with scope.reading() as tx:
            return len(list_offline(tx, scope.now))

    def unheard() -> int:
        with scope.reading() as tx:
            return count_unheard(tx, scope.now)

    assert missed() == 0  # paired just now
    clock.advance(hours=2)
    assert (missed(), unheard()) == (0, 1)  # it was never at work
    clock.advance(hours=-2)
    with scope.transaction() as tx:
        tx.session.execute(update(Device).where(Device.id == device.device_id).values(last_seen_at=scope.now))
    assert (missed(), unheard()) == (0, 0)
    clock.advance(hours=2)  # 15:00 in Brussels
    assert missed() == 1
    assert platform_days.look(scope)["offline"] == 1
    clock.advance(hours=6)  # 21:00: shut
    assert missed() == 0
    platform_days.look(scope)
    with scope.reading() as tx:
        row = tx.session.scalars(select(PlatformDay).where(PlatformDay.counted_at.is_not(None))).one()
        assert (row.tablets, row.offline, row.offline_most) == (1, 0, 1)
    clock.advance(hours=11, minutes=30)  # 08:30 the next day: open for half an hour only
    assert missed() == 0
    clock.advance(hours=1)
    assert missed() == 1
    with scope.transaction() as tx:
        tx.session.execute(update(Device).values(last_seen_at=scope.now - timedelta(minutes=10)))
    assert missed() == 0
