"""A tablet's queue: each event once, by the rules of its time, with an answer whatever happens."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.common.ids import new_id
from app.common.scope import Scope
from app.merchants import service as merchants
from app.rewards import service as rewards
from app.scanning.errors import DeviceRevokedError
from app.scanning.requests import QueuedEvent, RedemptionRequest, VisitRequest
from tests.books import count, standing
from tests.clocks import FixedClock
from tests.factories import Holder, Shop, make_holder, make_shop, redeem, rotating_code, start_phone, sync, visit, who


def seen(shop: Shop, at: timedelta, sequence: int, card: Holder | str, event_id: str | None = None) -> QueuedEvent:
    visited = VisitRequest(who(card), amount_minor=10_00, occurred_at=shop.scope.now - at)
    return QueuedEvent(event_id or new_id(), sequence, visit=visited)


def test_each_event_is_applied_once_and_one_bad_one_stops_nothing(scope: Scope, clock: FixedClock) -> None:
    shop, holder = make_shop(scope, points="1", reward={}), make_holder(scope)
    hours = timedelta(hours=1)
    taken = RedemptionRequest(who(holder), shop.reward_ids[0], occurred_at=clock.now - hours)
    events = [
        seen(shop, 3 * hours, 1, holder),
        seen(shop, 2 * hours, 2, "0000000000000000"),
        QueuedEvent(new_id(), 3, redemption=taken),
        seen(shop, 73 * hours, 4, holder),
        seen(shop, -hours, 5, holder),
        seen(shop, hours, 6, make_holder(scope)),
    ]
    assert [result.status for result in sync(shop.counter(), events)] == [
        "applied",
        "rejected",
        "applied",
        "review",
        "review",
        "applied",
    ]
    before = count(scope, "ledger_transaction")
    again = sync(shop.counter(), events)
    assert [result.status for result in again] == [
        "duplicate",
        "rejected",
        "duplicate",
        "review",
        "review",
        "duplicate",
    ]
    assert all(result.transaction_id or result.problem for result in again)
    assert count(scope, "ledger_transaction") == before
    assert count(scope, "offline_event") == 3
    assert standing(scope, holder.member_id, shop.programme_id).balance == 5


def test_the_try_that_timed_out_and_the_queued_event_are_one(scope: Scope) -> None:
    shop, holder = make_shop(scope, points="1"), make_holder(scope)
    event = seen(shop, timedelta(minutes=1), 1, holder)
    assert event.visit is not None
    online = visit(shop.counter(), holder, key=event.id, amount_minor=10_00)
    [result] = sync(shop.counter(), [event])
    assert (result.status, result.transaction_id) == ("duplicate", online.transaction_id)


def test_an_event_is_judged_by_the_rules_of_its_time(scope: Scope, clock: FixedClock) -> None:
    shop, holder = make_shop(scope, points="1"), make_holder(scope)
    clock.advance(days=1)
    rewards.add_version(scope, shop.programme_id, {"earn": [{"per": "amount", "units": "5"}]})
    sync(shop.counter(), [seen(shop, timedelta(hours=1), 1, holder), seen(shop, timedelta(0), 2, holder)])
    assert standing(scope, holder.member_id, shop.programme_id).balance == 10 + 50


@pytest.mark.parametrize("kind", ["reward", "voucher"])
def test_old_redemptions_are_looked_at_by_somebody_too(scope: Scope, clock: FixedClock, kind: str) -> None:
    shop, holder = make_shop(scope, stamps=2), make_holder(scope)
    code = visit(shop.counter(), holder, units=2).body["unlocked"][0]["voucher_code"]
    visit(shop.counter(), holder)
    reward_id = shop.add_reward(cost=1)
    long_ago = clock.now - timedelta(hours=73)
    asked = (
        RedemptionRequest(who(holder), reward_id, occurred_at=long_ago)
        if kind == "reward"
        else RedemptionRequest(voucher_code=code, occurred_at=long_ago)
    )
    [result] = sync(shop.counter(), [QueuedEvent(new_id(), 1, redemption=asked)])
    assert result.status == "review"


def test_digits_are_judged_by_the_moment_of_their_scan(scope: Scope, clock: FixedClock) -> None:
    shop, holder = make_shop(scope, points="1"), make_holder(scope)
    phone = start_phone(scope, holder)
    code = rotating_code(scope, holder, phone)
    clock.advance(hours=2)
    [good] = sync(shop.counter(), [seen(shop, timedelta(hours=2), 1, code)])
    [used] = sync(shop.another_device(), [seen(shop, timedelta(hours=2), 1, code)])
    [late] = sync(shop.counter(), [seen(shop, timedelta(hours=1), 2, code)])
    assert [good.status, used.status, late.status] == ["applied", "review", "review"]


def test_a_revoked_device_is_told_so(scope: Scope) -> None:
    shop, holder = make_shop(scope, points="1", reward={}), make_holder(scope)
    merchants.revoke_device(scope, shop.device_id)
    with pytest.raises(DeviceRevokedError):
        sync(shop.counter(), [seen(shop, timedelta(0), 1, holder)])
    with pytest.raises(DeviceRevokedError):
        redeem(shop.counter(), holder, shop.reward_ids[0])
