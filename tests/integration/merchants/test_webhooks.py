"""Webhooks: who is told what, signed so that the reference library takes it, tried again as promised."""

import dataclasses
import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from standardwebhooks import Webhook

from app.common import outbox
from app.common.errors import InvalidError, NotFoundError
from app.common.ids import new_id
from app.common.outgoing import Reach
from app.common.scope import Scope
from app.common.sql import Statement
from app.jobs import delivering
from app.jobs.context import JobContext
from app.jobs.draining import drain
from app.merchants import deliveries, webhooks
from app.merchants.service.shops import create_merchant
from config import Settings
from tests.clocks import FixedClock
from tests.receivers import Receiver, receiver

HERE = Reach(loopback=True, plain_http=True)
EVENTS = list(webhooks.EVENTS)


@pytest.fixture
def shop() -> Iterator[Receiver]:
    with receiver() as listening:
        yield listening


@pytest.fixture
def merchant(scope: Scope) -> Scope:
    """The scope of a merchant of its own."""
    return new_merchant(scope, "Bakery De Korst")


@pytest.fixture
def context(settings: Settings, scope: Scope, clock: FixedClock) -> JobContext:
    settings = dataclasses.replace(settings, webhook_loopback=True)
    return JobContext(settings, scope.database, clock)


def new_merchant(scope: Scope, name: str) -> Scope:
    return dataclasses.replace(scope, merchant_id=create_merchant(scope, name=name))


def announce(merchant: Scope, event: str = "visit.recorded", **data: object) -> str:
    assert merchant.merchant_id is not None
    with merchant.transaction() as tx:
        return webhooks.announce(tx, merchant_id=merchant.merchant_id, event=event, data=data, now=merchant.now)


def send_due(context: JobContext) -> int:
    drain(context)
    return delivering.deliver_due(context)


def only(merchant: Scope) -> deliveries.Delivery:
    found = deliveries.deliveries(merchant)
    assert len(found) == 1
    return found[0]


def test_the_reference_library_takes_the_signature(
    merchant: Scope, context: JobContext, shop: Receiver, clock: FixedClock
) -> None:
    from datetime import UTC, datetime

    clock.set(datetime.now(UTC))  # the library compares with the real time
    endpoint = webhooks.add_endpoint(merchant, url=shop.url, events=EVENTS, reach=HERE)
    assert endpoint.secret is not None
    assert endpoint.secret.startswith("whsec_")
    event_id = announce(merchant, visit_id=new_id(), amount="12.50")

    assert send_due(context) == 1

    arrived = shop.requests[0]
    told = Webhook(endpoint.secret).verify(arrived.body, arrived.headers)
    assert told["type"] == "visit.recorded"
    assert told["data"]["amount"] == "12.50"
    assert arrived.headers["webhook-id"] == event_id
    assert arrived.headers["Content-Type"] == "application/json"
    assert only(merchant).status == "delivered"


def test_an_event_goes_to_its_own_merchants_endpoints_that_listen(
    scope: Scope, merchant: Scope, context: JobContext, shop: Receiver
) -> None:
    other = new_merchant(scope, "Books Under The Tower")
    webhooks.add_endpoint(merchant, url=shop.url + "/mine", events=["visit.recorded"], reach=HERE)
    webhooks.add_endpoint(merchant, url=shop.url + "/deaf", events=["member.joined"], reach=HERE)
    webhooks.add_endpoint(other, url=shop.url + "/theirs", events=EVENTS, reach=HERE)
    announce(merchant)
    send_due(context)
    assert [request.path for request in shop.requests] == ["/hook/mine"]


def test_members_go_by_a_pseudonym_of_each_merchants_own(
    scope: Scope, merchant: Scope, context: JobContext, shop: Receiver
) -> None:
    other = new_merchant(scope, "Books Under The Tower")
    member_id = new_id()
    for each in (merchant, other):
        webhooks.add_endpoint(each, url=shop.url, events=EVENTS, reach=HERE)
        announce(each, member_id=member_id, email="an@home.test", name="An", number="ABCD1234", voucher_code="V123")
        announce(each, "member.joined", member_id=member_id)
    send_due(context)
    bodies = [json.loads(request.body) for request in shop.requests]
    names = [body["data"].pop("member") for body in bodies]
    assert sorted(map(names.count, names)) == [2, 2, 2, 2]
    assert all(name.startswith("mem_") and len(name) == 25 for name in names)
    assert [body["data"] for body in bodies] == [{}] * 4  # nothing else of it may be told
    assert all(member_id.encode() not in request.body for request in shop.requests)


def test_a_body_stays_small(merchant: Scope, context: JobContext, shop: Receiver) -> None:
    webhooks.add_endpoint(merchant, url=shop.url, events=EVENTS, reach=HERE)
    visit_id = new_id()
    announce(merchant, visit_id=visit_id, earned=[{"reason": "é" * 100}] * 500)
    send_due(context)
    assert len(shop.requests[0].body) < webhooks.LARGEST_BODY
    assert json.loads(shop.requests[0].body)["data"] == {"visit_id": visit_id, "is_shortened": True}


def test_ten_tries_at_growing_intervals_and_no_eleventh(
    merchant: Scope, context: JobContext, shop: Receiver, clock: FixedClock
) -> None:
    shop.answer = 500
    webhooks.add_endpoint(merchant, url=shop.url, events=EVENTS, reach=HERE)
    announce(merchant)
    promised = [0, 5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600]
    for number, wait in enumerate(promised, start=1):
        if wait:
            clock.advance(seconds=wait - 1)
            assert send_due(context) == 0  # not before its time
            clock.advance(seconds=1 + wait * 0.1)  # jitter delays by a tenth at most
        assert send_due(context) == 1
        assert len(shop.requests) == number
    assert only(merchant).status == "failed"
    assert only(merchant).last_error == "it answered 500"
    clock.advance(days=30)
    assert send_due(context) == 0
    assert len({request.headers["webhook-id"] for request in shop.requests}) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 404, 429, 503])
def test_whatever_is_not_2xx_is_a_failure(merchant: Scope, context: JobContext, shop: Receiver, status: int) -> None:
    shop.answer = status
    webhooks.add_endpoint(merchant, url=shop.url, events=EVENTS, reach=HERE)
    announce(merchant)
    send_due(context)
    found = only(merchant)
    assert (found.status, found.last_status, found.tries) == ("pending", status, 1)


def test_gone_switches_the_endpoint_off_until_its_owner_switches_it_on(
    merchant: Scope, context: JobContext, shop: Receiver
) -> None:
    shop.answer = 410
    endpoint = webhooks.add_endpoint(merchant, url=shop.url, events=EVENTS, reach=HERE)
    announce(merchant)
    announce(merchant)
    send_due(context)
    assert len(shop.requests) == 1
    (found,) = webhooks.endpoints(merchant)
    assert not found.is_active
    assert found.disabled_reason == "it answered 410 Gone"
    announce(merchant)
    assert send_due(context) == 0

    shop.answer = 204
    webhooks.set_active(merchant, endpoint.id, active=True)
    context.clock.advance(minutes=2)  # type: ignore[attr-defined]  # the fixed clock
    assert send_due(context) == 1  # what waited goes on


def test_an_endpoint_that_does_not_answer_keeps_no_other_waiting(
    merchant: Scope, context: JobContext, shop: Receiver, clock: FixedClock
) -> None:
    silent = webhooks.add_endpoint(merchant, url="http://127.0.0.1:9/hook", events=["visit.recorded"], reach=HERE)
    webhooks.add_endpoint(merchant, url=shop.url, events=["visit.recorded"], reach=HERE)
    for _ in range(20):
        announce(merchant)
    send_due(context)
    assert len(shop.requests) == 20
    waiting = deliveries.deliveries(merchant, endpoint_id=silent.id)
    assert sum(found.tries for found in waiting) == 1  # the others were given back uncounted
    assert all(found.status == "pending" for found in waiting)
    assert len(waiting) == 20
    clock.advance(seconds=59)
    assert [found for found in waiting if found.tries == 0 and found.next_at <= clock.now] == []


def test_a_replay_sends_the_same_event_again(merchant: Scope, context: JobContext, shop: Receiver) -> None:
    webhooks.add_endpoint(merchant, url=shop.url, events=EVENTS, reach=HERE)
    announce(merchant)
    send_due(context)
    deliveries.replay(merchant, only(merchant).id)
    deliveries.replay(merchant, only(merchant).id)
    assert send_due(context) == 1
    first, second = shop.requests
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]


def test_all_that_failed_can_be_replayed_at_once(
    merchant: Scope, context: JobContext, shop: Receiver, clock: FixedClock
) -> None:
    shop.answer = 500
    endpoint = webhooks.add_endpoint(merchant, url=shop.url, events=EVENTS, reach=HERE)
    for _ in range(3):
        announce(merchant)
    for wait in deliveries.WAITS:
        clock.advance(seconds=wait.total_seconds() * 1.2)
        send_due(context)
    shop.requests.clear()
    shop.answer = 200
    assert deliveries.replay_failed(merchant, endpoint.id) == 3
    assert send_due(context) == 3


def test_another_merchants_endpoints_and_deliveries_are_not_there(
    scope: Scope, merchant: Scope, context: JobContext, shop: Receiver
) -> None:
    stranger = new_merchant(scope, "Books Under The Tower")
    endpoint = webhooks.add_endpoint(merchant, url=shop.url, events=EVENTS, reach=HERE)
    announce(merchant)
    send_due(context)
    delivery = only(merchant)
    assert webhooks.endpoints(stranger) == []
    assert deliveries.deliveries(stranger) == []
    assert deliveries.deliveries(stranger, endpoint_id=endpoint.id) == []
    for call in (
        lambda: webhooks.set_active(stranger, endpoint.id, active=False),
        lambda: deliveries.replay(stranger, delivery.id),
        lambda: deliveries.replay_failed(stranger, endpoint.id),
    ):
        with pytest.raises(NotFoundError):
            call()
    assert webhooks.endpoints(merchant)[0].is_active
    assert only(merchant).status == "delivered"


@pytest.mark.parametrize(
    ("url", "events", "field"),
    [
        ("https://10.0.0.1/", ["visit.recorded"], "url"),
        ("not an address", ["visit.recorded"], "url"),
        ("https://shop.example/", [], "events"),
        ("https://shop.example/", ["visit.recorded", "visit.invented"], "events"),
    ],
)
def test_what_can_not_be_an_endpoint_is_refused(merchant: Scope, url: str, events: list[str], field: str) -> None:
    with pytest.raises(InvalidError) as refused:
        webhooks.add_endpoint(merchant, url=url, events=events, reach=Reach())
    assert list(refused.value.params["errors"]) == [field]
    assert webhooks.endpoints(merchant) == []


def test_a_merchant_has_a_limited_number_of_endpoints(merchant: Scope) -> None:
    for _ in range(webhooks.MOST_ENDPOINTS):
        webhooks.add_endpoint(merchant, url="https://shop.example/", events=EVENTS, reach=Reach())
    with pytest.raises(InvalidError):
        webhooks.add_endpoint(merchant, url="https://shop.example/", events=EVENTS, reach=Reach())


def test_the_secret_rests_sealed_and_is_told_once(merchant: Scope) -> None:
    made = webhooks.add_endpoint(merchant, url="https://shop.example/", events=EVENTS, reach=Reach())
    assert made.secret is not None
    (listed,) = webhooks.endpoints(merchant)
    assert listed.secret is None
    with merchant.reading() as tx:
        ((stored,),) = tx.rows(Statement("SELECT secret FROM webhook_endpoint"), {})
    plain = Webhook(made.secret)._whsecret
    assert plain not in bytes(stored)
    assert webhooks.secret_of(merchant.keys.data, made.id, bytes(stored)) == plain


def test_listening_changes_the_configuration_that_the_counter_keeps(merchant: Scope) -> None:
    def version() -> int:
        statement = Statement("SELECT config_version FROM merchant WHERE id = :id")
        with merchant.reading() as tx:
            return int(tx.rows(statement, {"id": merchant.merchant_id})[0][0])

    before = version()
    endpoint = webhooks.add_endpoint(merchant, url="https://shop.example/", events=EVENTS, reach=Reach())
    assert version() == before + 1
    webhooks.set_active(merchant, endpoint.id, active=False)
    webhooks.set_active(merchant, endpoint.id, active=False)
    assert version() == before + 2


def test_production_never_calls_the_machine_itself(merchant: Scope, context: JobContext, shop: Receiver) -> None:
    webhooks.add_endpoint(merchant, url=shop.url, events=EVENTS, reach=HERE)
    announce(merchant)
    drain(context)
    live = dataclasses.replace(context, settings=dataclasses.replace(context.settings, env="production"))  # type: ignore[type-var]
    delivering.deliver_due(live)
    assert shop.requests == []
    assert "https" in str(only(merchant).last_error)


def test_a_dead_workers_lease_runs_out_and_another_takes_over(
    merchant: Scope, context: JobContext, shop: Receiver, clock: FixedClock
) -> None:
    webhooks.add_endpoint(merchant, url=shop.url, events=EVENTS, reach=HERE)
    announce(merchant)
    drain(context)
    ((dead, (taken,)),) = deliveries.claim(context.scope()).items()  # this worker is never heard of again
    assert deliveries.claim(context.scope()) == {}
    clock.advance(seconds=deliveries.LEASE.total_seconds())
    assert delivering.deliver_due(context) == 1
    # It was only slow after all: what it has to say comes too late to count.
    assert not deliveries.note(context.scope(), taken, deliveries.Outcome(500, "late"))
    assert only(merchant).status == "delivered"
    assert dead == only(merchant).endpoint_id


def test_a_worker_that_was_only_slow_spoils_nothing_of_the_next_ones(
    merchant: Scope, context: JobContext, shop: Receiver, clock: FixedClock
) -> None:
    webhooks.add_endpoint(merchant, url=shop.url, events=EVENTS, reach=HERE)
    announce(merchant)
    drain(context)
    scope = context.scope()
    ((slow,),) = deliveries.claim(scope).values()
    clock.advance(seconds=deliveries.LEASE.total_seconds())
    ((next_,),) = deliveries.claim(scope).values()
    leased_until = only(merchant).next_at
    assert not deliveries.note(scope, slow, deliveries.Outcome(503, "it answered 503"))
    deliveries.hold_back(scope, slow.endpoint_id, [slow])
    assert only(merchant).next_at == leased_until
    assert only(merchant).tries == next_.tries == 2


def test_handing_on_twice_makes_one_delivery(merchant: Scope, context: JobContext) -> None:
    webhooks.add_endpoint(merchant, url="https://shop.example/", events=EVENTS, reach=Reach())
    announce(merchant)
    scope = context.scope()
    (message,) = scope.run(lambda tx: outbox.claim(tx, now=scope.now, lease=timedelta(0)))
    assert webhooks.fan_out(scope, message) == 1
    assert webhooks.fan_out(scope, message) == 0
    drain(context)
    only(merchant)
