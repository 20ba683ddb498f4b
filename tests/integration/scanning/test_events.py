"""What the counter tells merchants' own systems: in the same transaction as the booking, and only who listens."""

import dataclasses
import json
from typing import Any

import pytest

from app.common.outgoing import Reach
from app.common.scope import Scope
from app.common.sql import Statement
from app.jobs.context import JobContext
from app.jobs.draining import drain
from app.merchants import webhooks
from config import Settings
from tests.clocks import FixedClock
from tests.factories import Holder, Shop, make_holder, make_shop, redeem_voucher, reverse, visit

BODIES = Statement("SELECT body FROM webhook_delivery ORDER BY event_id")


@pytest.fixture
def context(settings: Settings, scope: Scope, clock: FixedClock) -> JobContext:
    return JobContext(settings, scope.database, clock)


@pytest.fixture
def holder(scope: Scope) -> Holder:
    return make_holder(scope)


def listen(scope: Scope, shop: Shop) -> None:
    merchant = dataclasses.replace(scope, merchant_id=shop.merchant_id)
    webhooks.add_endpoint(merchant, url="https://till.example/", events=list(webhooks.EVENTS), reach=Reach())


def told(context: JobContext) -> list[dict[str, Any]]:
    drain(context)
    with context.scope().reading() as tx:
        return [json.loads(row[0]) for row in tx.rows(BODIES, {})]


def test_a_day_at_the_counter_is_told(context: JobContext, scope: Scope, holder: Holder) -> None:
    shop = make_shop(scope, stamps=2)
    listen(scope, shop)
    counter = shop.counter()
    first = visit(counter, holder, amount_minor=1250)
    second = visit(counter, holder)
    code = second.body["unlocked"][0]["voucher_code"]
    assert redeem_voucher(counter, code).ok
    assert reverse(counter, first.transaction_id).ok

    events = told(context)
    assert sorted(event["type"] for event in events) == [
        "member.joined",
        "reward.unlocked",
        "transaction.reversed",
        "visit.recorded",
        "visit.recorded",
        "voucher.redeemed",
    ]
    pseudonym = webhooks.pseudonym(scope.keys.data, shop.merchant_id, holder.member_id)
    assert {event["data"]["member"] for event in events if "member" in event["data"]} == {pseudonym}
    (recorded,) = [event for event in events if event["data"].get("amount") == "12.50"][:1]
    assert recorded["data"]["transaction_id"] == first.transaction_id
    whole = json.dumps(events)
    assert holder.member_id not in whole
    assert holder.number not in whole
    assert code not in whole


def test_nobody_who_listens_nothing_written(context: JobContext, scope: Scope, holder: Holder) -> None:
    shop = make_shop(scope, points="1")
    assert visit(shop.counter(), holder, amount_minor=500).ok
    with scope.reading() as tx:
        assert tx.rows(Statement("SELECT id FROM outbox"), {}) == []


def test_who_starts_listening_hears_from_the_next_visit_on(context: JobContext, scope: Scope, holder: Holder) -> None:
    shop = make_shop(scope, points="1")
    assert visit(shop.counter(), holder, amount_minor=500).ok
    listen(scope, shop)
    assert visit(shop.counter(), holder, amount_minor=500).ok
    assert [event["type"] for event in told(context)] == ["visit.recorded"]


def test_a_repeat_is_told_once(context: JobContext, scope: Scope, holder: Holder) -> None:
    shop = make_shop(scope, points="1")
    listen(scope, shop)
    for _ in range(3):
        assert visit(shop.counter(), holder, amount_minor=500, key="one").ok
    assert sorted(event["type"] for event in told(context)) == ["member.joined", "visit.recorded"]


def test_each_merchant_is_joined_once(context: JobContext, scope: Scope, holder: Holder) -> None:
    shops = [make_shop(scope, points="1", name=name) for name in ("Bakery", "Florist")]
    for shop in shops:
        listen(scope, shop)
    for shop in shops * 2:
        assert visit(shop.counter(), holder, amount_minor=500).ok
    joined = [event for event in told(context) if event["type"] == "member.joined"]
    assert len(joined) == 2
    assert joined[0]["data"]["member"] != joined[1]["data"]["member"]
