"""Closing days: what they are, and that nothing ends while a shop is shut."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app.common.errors import InvalidError, NotFoundError
from app.common.models import AuditEvent
from app.common.scope import Scope
from app.jobs.context import JobContext
from app.jobs.draining import drain
from app.ledger.models import LedgerTransaction
from app.merchants import closing
from app.merchants import service as merchants
from app.merchants.closing import GRACE, Closed
from app.merchants.errors import ClosingChangedError
from app.merchants.service.closing import add_closing, change_closing, remove_closing
from app.rewards.models import Voucher
from app.rewards.rules import points_document
from app.rewards.service import extending, upkeep
from app.wallet.queries.activity import list_activity
from config import Settings
from tests.books import assert_books_balance, open_lots, standing
from tests.clocks import FixedClock
from tests.factories import Shop, make_holder, make_shop, redeem, reverse, visit

BRUSSELS = ZoneInfo("Europe/Brussels")
DAY = timedelta(days=1)


def office(shop: Shop) -> Scope:
    return replace(shop.scope, actor_kind="staff", merchant_id=shop.merchant_id)


def in_brussels(day: date) -> datetime:
    """The midnight with which that local day ends."""
    return datetime.combine(day + DAY, datetime.min.time(), BRUSSELS).astimezone(UTC)


# --- which day is the last ---

DAYS = st.integers(0, 200).map(lambda number: date(2026, 1, 1) + number * DAY)
CLOSINGS = st.lists(st.tuples(DAYS, st.integers(0, 20)), max_size=6).map(
    lambda found: closing.runs({first + n * DAY for first, many in found for n in range(many + 1)})
)


@given(last_day=DAYS, closings=CLOSINGS)
def test_an_end_is_never_earlier_and_leaves_a_week_after_every_closing(last_day: date, closings: list[Closed]) -> None:
    moved = closing.extended(last_day, closings)
    assert moved >= last_day
    assert closing.extended(moved, closings) == moved, "what was extended once is not extended again"
    for one in closings:
        assert not one.first <= moved < one.last + GRACE * DAY
    if moved != last_day:
        assert any(moved == one.last + GRACE * DAY for one in closings)


@given(days=st.sets(DAYS, max_size=40))
def test_runs_hold_every_day_once(days: set[date]) -> None:
    found = closing.runs(days)
    assert {one.first + n * DAY for one in found for n in range((one.last - one.first).days + 1)} == days
    assert all(later.first > earlier.last + DAY for earlier, later in itertools.pairwise(found))


def test_an_end_a_week_and_a_day_after_stays() -> None:
    shut = [Closed(date(2026, 7, 6), date(2026, 7, 19))]
    assert closing.extended(date(2026, 7, 5), shut) == date(2026, 7, 5)
    assert closing.extended(date(2026, 7, 6), shut) == date(2026, 7, 26)
    assert closing.extended(date(2026, 7, 25), shut) == date(2026, 7, 26)
    assert closing.extended(date(2026, 7, 27), shut) == date(2026, 7, 27)


# --- which days are closing days ---


def test_a_business_is_shut_when_no_location_is_open(scope: Scope) -> None:
    shop = make_shop(scope)
    station = shop.another_location()
    here = office(shop)
    add_closing(here, first_day=date(2026, 3, 9), last_day=date(2026, 3, 12), location_id=shop.location_id)
    add_closing(here, first_day=date(2026, 3, 11), last_day=date(2026, 3, 15), location_id=station.location_id)
    with scope.reading() as tx:
        span = (tx, shop.merchant_id, date(2026, 3, 1), date(2026, 3, 31))
        assert closing.closed_days(*span) == {date(2026, 3, 11), date(2026, 3, 12)}
        assert len(closing.closed_days(*span, location_id=station.location_id)) == 5
        assert closing.is_shut(tx, shop.merchant_id, date(2026, 3, 19))
        assert not closing.is_shut(tx, shop.merchant_id, date(2026, 3, 20))


def test_holidays_count_where_the_shop_keeps_them(scope: Scope) -> None:
    shop = make_shop(scope)
    may = (shop.merchant_id, date(2026, 5, 1), date(2026, 5, 31))
    with scope.reading() as tx:
        assert closing.closed_days(tx, *may) == set()
    hours = {"mon": [["08:00", "18:00"]], "closed_on_holidays": True, "dates": {"2026-05-14": [["09:00", "12:00"]]}}
    merchants.change_location(scope, shop.location_id, opening_hours=hours)
    with scope.reading() as tx:
        # Labour Day, Whit Sunday and Monday; on Ascension Day it is open by exception.
        assert closing.closed_days(tx, *may) == {date(2026, 5, 1), date(2026, 5, 24), date(2026, 5, 25)}
    assert closing.holidays_of("BE", 2026, "nl")[date(2026, 5, 1)] == "Dag van de Arbeid"
    assert closing.holidays_of("XX", 2026) == {}


# --- entering them ---


def test_they_are_entered_changed_and_taken_away_with_a_trace(scope: Scope) -> None:
    shop = make_shop(scope)
    here = office(shop)
    period_id = add_closing(here, first_day=date(2026, 7, 6), last_day=date(2026, 7, 19), reason="Holidays")
    change_closing(here, period_id, revision=1, first_day=date(2026, 7, 6), last_day=date(2026, 7, 26))
    with pytest.raises(ClosingChangedError):
        change_closing(here, period_id, revision=1, first_day=date(2026, 7, 1), last_day=date(2026, 7, 2))
    with pytest.raises(ClosingChangedError):
        remove_closing(here, period_id, revision=1)
    remove_closing(here, period_id, revision=2)
    with pytest.raises(NotFoundError):
        remove_closing(here, period_id, revision=2)
    with scope.reading() as tx:
        actions = tx.session.scalars(
            select(AuditEvent.action).where(AuditEvent.subject_id == period_id).order_by(AuditEvent.id)
        ).all()
    assert actions == ["closing.added", "closing.changed", "closing.removed"]


def test_nobody_enters_them_for_another(scope: Scope) -> None:
    shop, other = make_shop(scope), make_shop(scope, name="Other")
    station = shop.another_location()
    day = date(2026, 7, 6)
    with pytest.raises(NotFoundError):
        add_closing(office(shop), first_day=day, last_day=day, location_id=other.location_id)
    period_id = add_closing(office(shop), first_day=day, last_day=day)
    with pytest.raises(NotFoundError):
        remove_closing(office(other), period_id, revision=1)
    at_station = replace(office(shop), location_id=station.location_id)
    with pytest.raises(NotFoundError):
        remove_closing(at_station, period_id, revision=1)
    own = add_closing(at_station, first_day=day, last_day=day)
    remove_closing(at_station, own, revision=1)
    for first, last in ((day, day - DAY), (day, day + 400 * DAY), (date(2040, 1, 1), date(2040, 1, 2))):
        with pytest.raises(InvalidError):
            add_closing(office(shop), first_day=first, last_day=last)


# --- what they move ---


def make_ending(scope: Scope, **reward: object) -> Shop:
    """A shop whose points end after a month."""
    rules = {**points_document("1"), "expiry": {"kind": "months", "months": 1}}
    return make_shop(scope, rules=rules, reward={"name": "Coffee", "cost": 5, **reward})


def test_what_would_end_on_a_closing_day_ends_a_week_after_and_every_seal_holds(
    scope: Scope, clock: FixedClock, settings: Settings
) -> None:
    shop = make_ending(scope, voucher_days=30)
    ann = make_holder(scope)
    counter = shop.counter()
    first = visit(counter, ann, amount_minor=1000)
    before = open_lots(scope, ann.member_id, shop.programme_id)
    assert len(before) == 1
    ends = before[0][1]
    assert ends is not None
    last_day = (ends.astimezone(BRUSSELS) - timedelta(seconds=1)).date()
    clock.advance(days=3)
    assert visit(counter, ann, amount_minor=500).ok
    add_closing(office(shop), first_day=last_day - DAY, last_day=last_day + DAY)
    drain(JobContext(settings, scope.database, clock))  # the outbox tells the ledger at once
    week_after = in_brussels(last_day + DAY + GRACE * DAY)
    assert open_lots(scope, ann.member_id, shop.programme_id) == [(10, week_after), (5, week_after)]
    assert standing(scope, ann.member_id, shop.programme_id).balance == 15
    assert_books_balance(scope)
    assert extending.extend_for_closings(scope) == extending.Extended(0, 0), "once is enough"
    # The member is told nothing new: she has what she had.
    mine = replace(scope, member_id=ann.member_id)
    assert [entry.kind for entry in list_activity(mine, limit=10)] == ["earn", "earn"]
    with scope.reading() as tx:
        assert tx.session.scalars(select(LedgerTransaction.reason).where(LedgerTransaction.kind == "move")).all() == [
            "closing_days"
        ]
    # What it earned is taken back from where it went.
    clock.set(ends + timedelta(hours=1))
    assert upkeep.expire_lots(scope) == 0
    assert reverse(counter, first.transaction_id).ok
    assert open_lots(scope, ann.member_id, shop.programme_id) == [(5, week_after)]
    assert_books_balance(scope)
    clock.set(week_after)
    assert upkeep.expire_lots(scope) == 5
    assert_books_balance(scope)


def test_vouchers_end_later_too_and_used_ones_stay(scope: Scope, clock: FixedClock) -> None:
    shop = make_shop(scope, stamps=2, reward={"voucher_days": 30})
    ann = make_holder(scope)
    counter = shop.counter()
    for _ in range(2):
        assert visit(counter, ann).ok
        clock.advance(days=1)
    with scope.reading() as tx:
        voucher = tx.session.scalars(select(Voucher)).one()
    assert voucher.expires_at is not None
    last_day = (voucher.expires_at.astimezone(BRUSSELS) - timedelta(seconds=1)).date()
    add_closing(office(shop), first_day=last_day - 3 * DAY, last_day=last_day - 3 * DAY)
    assert extending.extend_for_closings(scope, merchant_id=shop.merchant_id).vouchers == 1
    assert extending.extend_for_closings(scope).vouchers == 0
    with scope.reading() as tx:
        voucher = tx.session.scalars(select(Voucher)).one()
    assert voucher.expires_at == in_brussels(last_day + 4 * DAY)
    with scope.reading() as tx:
        assert tx.session.scalars(select(AuditEvent.after).where(AuditEvent.action == "expiry.extended")).all() == [
            {"members": 0, "vouchers": 1}
        ]


def test_what_other_shops_gave_and_what_ends_at_other_times_stays(scope: Scope) -> None:
    shop, other = make_ending(scope), make_ending(scope, name="Bread")
    ann = make_holder(scope)
    for each in (shop, other):
        assert visit(each.counter(), ann, amount_minor=1000).ok
    lots = open_lots(scope, ann.member_id, other.programme_id)
    ends = lots[0][1]
    assert ends is not None
    last_day = (ends.astimezone(BRUSSELS) - timedelta(seconds=1)).date()
    add_closing(office(shop), first_day=last_day, last_day=last_day)
    assert extending.extend_for_closings(scope).members == 1
    assert open_lots(scope, ann.member_id, other.programme_id) == lots
    assert open_lots(scope, ann.member_id, shop.programme_id) == [(10, in_brussels(last_day + GRACE * DAY))]


def test_a_redemption_that_is_undone_after_gives_back_what_is_still_good(scope: Scope, clock: FixedClock) -> None:
    """Its units go back to the lot they came from, and that is extended like any other."""
    shop = make_ending(scope)
    ann = make_holder(scope)
    counter = shop.counter()
    assert visit(counter, ann, amount_minor=1000).ok
    used = redeem(counter, ann, shop.reward_ids[0])
    ends = open_lots(scope, ann.member_id, shop.programme_id)[0][1]
    assert ends is not None
    last_day = (ends.astimezone(BRUSSELS) - timedelta(seconds=1)).date()
    add_closing(office(shop), first_day=last_day, last_day=last_day)
    extending.extend_for_closings(scope)
    assert reverse(counter, used.transaction_id).ok
    extending.extend_for_closings(scope)
    week_after = in_brussels(last_day + GRACE * DAY)
    assert open_lots(scope, ann.member_id, shop.programme_id) == [(5, week_after), (5, week_after)]
    assert_books_balance(scope)
