"""A worker that is killed in the middle of its work loses nothing; what it had begun is done by the next one."""

import dataclasses
import os
import signal
import subprocess
import sys
import textwrap
import threading

import pytest

from app.common.scope import Scope
from app.common.sql import Statement
from app.jobs import delivering
from app.jobs.context import JobContext
from app.jobs.draining import drain
from app.merchants import deliveries, webhooks
from app.merchants.service.shops import create_merchant
from config import ROOT, Settings
from tests.clocks import FixedClock
from tests.receivers import Received, receiver

WORKER = textwrap.dedent(
    """
    import sys
    from datetime import datetime
    import config
    from app.common.database import Database
    from app.common.database.engines import open_engine
    from app.jobs import delivering
    from app.jobs.context import JobContext
    from app.jobs.draining import drain

    settings = config.load()
    now = datetime.fromisoformat(sys.argv[1])
    context = JobContext(settings, Database(open_engine(settings.database_url)), lambda: now)
    drain(context)
    delivering.deliver_due(context)
    """
)


def start_worker(environment: dict[str, str], clock: FixedClock) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, clock.now.isoformat()],
        env={**os.environ, **environment, "WEBHOOK_LOOPBACK": "1"},
        cwd=ROOT,
    )


@pytest.fixture
def merchant(scope: Scope) -> Scope:
    return dataclasses.replace(scope, merchant_id=create_merchant(scope, name="Bakery De Korst"))


def announce(merchant: Scope, count: int) -> list[str]:
    assert merchant.merchant_id is not None
    with merchant.transaction() as tx:
        return [
            webhooks.announce(
                tx, merchant_id=merchant.merchant_id, event="visit.recorded", data={"units": place}, now=merchant.now
            )
            for place in range(count)
        ]


def test_killed_in_the_middle_of_a_delivery(
    merchant: Scope, settings: Settings, environment: dict[str, str], clock: FixedClock
) -> None:
    going_on = threading.Event()

    def slow(_: Received) -> int:
        going_on.wait(20)
        return 204

    with receiver() as shop:
        reach = dataclasses.replace(JobContext(settings, merchant.database).reach(), loopback=True, plain_http=True)
        webhooks.add_endpoint(merchant, url=shop.url, events=["visit.recorded"], reach=reach)
        events = announce(merchant, 5)
        shop.answer = lambda request: 204 if len(shop.requests) < 2 else slow(request)
        with start_worker(environment, clock) as process:
            try:
                shop.wait_for(2)
                # Two were answered; the third is under way when the power goes.
                process.send_signal(signal.SIGKILL)
                process.wait(10)
            finally:
                process.kill()
                going_on.set()
        shop.answer = 204
        done = {each.event_id for each in deliveries.deliveries(merchant) if each.status == "delivered"}
        assert len(done) < 5

        context = JobContext(dataclasses.replace(settings, webhook_loopback=True), merchant.database, clock)
        clock.advance(seconds=deliveries.LEASE.total_seconds())
        delivering.deliver_due(context)

    assert {each.event_id for each in deliveries.deliveries(merchant)} == set(events)
    assert {each.status for each in deliveries.deliveries(merchant)} == {"delivered"}
    arrived = [request.headers["webhook-id"] for request in shop.requests]
    assert set(arrived) == set(events)
    # At least once: only what was under way at the kill may have come twice.
    assert len(arrived) <= len(events) + 2


def test_killed_while_emptying_the_outbox(
    merchant: Scope, settings: Settings, environment: dict[str, str], clock: FixedClock
) -> None:
    reach = dataclasses.replace(JobContext(settings, merchant.database).reach(), loopback=True, plain_http=True)
    webhooks.add_endpoint(merchant, url="http://127.0.0.1:9/", events=["visit.recorded"], reach=reach)
    events = announce(merchant, 2000)
    open_ = Statement("SELECT count(*) FROM outbox WHERE done_at IS NULL")

    def left() -> int:
        with merchant.reading() as tx:
            return int(tx.rows(open_, {})[0][0])

    with start_worker(environment, clock) as process:
        try:
            while left() > 1500 and process.poll() is None:
                pass
            process.send_signal(signal.SIGKILL)
            process.wait(10)
        finally:
            process.kill()
    assert left() > 0, "it was done before it was killed"
    clock.advance(minutes=5)
    drain(JobContext(settings, merchant.database, clock))
    assert left() == 0
    found = Statement("SELECT event_id FROM webhook_delivery")
    with merchant.reading() as tx:
        handed_on = [row[0] for row in tx.rows(found, {})]
    assert sorted(handed_on) == sorted(events)
