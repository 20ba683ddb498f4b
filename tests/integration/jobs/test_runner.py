"""The runner as it runs: on its own threads, with either queue, several at once, and ending in order."""

import dataclasses
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import redis

from app.common.clock import system_clock
from app.common.mail import Mail, queue_mail
from app.common.scope import Scope
from app.common.sql import Statement
from app.jobs.context import JobContext
from app.jobs.rounds import Job, every
from app.jobs.runner import Runner
from app.merchants import deliveries, webhooks
from app.merchants.service.shops import create_merchant
from config import Settings
from tests.receivers import receiver

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def live(scope: Scope) -> Scope:
    """The system's scope on the real time."""
    return dataclasses.replace(scope, clock=system_clock)


@pytest.fixture
def context(settings: Settings, live: Scope) -> JobContext:
    return JobContext(dataclasses.replace(settings, webhook_loopback=True), live.database)


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis of the tests' own. A machine without one is an error, never a skip."""
    program = shutil.which("redis-server")
    assert program is not None, "the tests need redis-server: install the system's package `redis-server`"
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("redis")
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        with redis.Redis(port=port) as client:
            until(lambda: _answers(client))
        yield f"redis://127.0.0.1:{port}/0"
        process.terminate()


def _answers(client: Any) -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


def until(condition: Any, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "did not happen in time"
        threading.Event().wait(0.02)


def note(scope: Scope, name: str) -> tuple[Any, ...] | None:
    statement = Statement("SELECT started_at, finished_at, error FROM job_run WHERE name = :name")
    with scope.reading() as tx:
        return next(iter(tx.rows(statement, {"name": name})), None)


def test_mail_and_webhooks_go_out_by_themselves(context: JobContext, live: Scope) -> None:
    merchant = dataclasses.replace(live, merchant_id=create_merchant(live, name="Bakery De Korst"))
    assert merchant.merchant_id is not None
    runner = Runner(context, is_sole=True, jobs=())
    with receiver() as shop:
        webhooks.add_endpoint(merchant, url=shop.url, events=["member.joined"], reach=context.reach())
        runner.start()
        try:
            with live.transaction() as tx:
                webhooks.announce(tx, merchant_id=merchant.merchant_id, event="member.joined", data={}, now=live.now)
                queue_mail(tx, live.keys.data, Mail("an@home.test", "Hi", "Hi"), now=live.now)
            shop.wait_for(1)
            until(lambda: list((context.settings.var / "outbox").glob("*.eml")))
            until(lambda: deliveries.deliveries(merchant)[0].status == "delivered")
            until(lambda: note(live, "outbox") is not None)
        finally:
            runner.stop()
    assert not any(thread.name in ("outbox", "webhooks") for thread in threading.enumerate())


@pytest.mark.parametrize("queue", ["sqlite", "redis"])
def test_two_workers_run_a_job_once_with_either_queue(
    context: JobContext, live: Scope, queue: str, redis_url: str, tmp_path: Path
) -> None:
    runs: list[str] = []

    def work(_: JobContext) -> dict[str, Any]:
        runs.append(threading.current_thread().name)
        return {}

    job = Job("count", lambda _: LONG_AGO + timedelta(days=1), work, timedelta(hours=1), timedelta(days=1))
    runners = []
    for number in range(2):
        settings = context.settings
        assert isinstance(settings, Settings)
        settings = dataclasses.replace(
            settings, redis_url=redis_url if queue == "redis" else None, var=tmp_path / str(number)
        )
        runners.append(Runner(dataclasses.replace(context, settings=settings, stopping=threading.Event()),
                              is_sole=False, jobs=(job,)))  # fmt: skip
    for runner in runners:
        runner.start()
    try:
        until(lambda: (found := note(live, "count")) is not None and found[1] is not None)
    finally:
        for runner in runners:
            runner.stop()
    assert len(runs) == 1


def test_a_long_job_is_told_to_stop(context: JobContext, live: Scope) -> None:
    begun = threading.Event()

    def long(context: JobContext) -> dict[str, Any]:
        begun.set()
        while True:
            context.go_on()
            context.stopping.wait(0.01)

    runner = Runner(context, is_sole=True, jobs=(Job("long", every(1), long, timedelta(1), timedelta(1)),))
    runner.start()
    assert begun.wait(20)
    began = time.monotonic()
    runner.stop()
    assert time.monotonic() - began < 5
    found = note(live, "long")
    assert found is not None
    assert found[2] == "stopped before it was done"


def test_a_failing_job_stops_no_other(context: JobContext, live: Scope) -> None:
    def fail(_: JobContext) -> dict[str, Any]:
        raise ValueError("no")

    def work(_: JobContext) -> dict[str, Any]:
        return {}

    jobs = tuple(Job(name, every(1), each, timedelta(1), timedelta(1)) for name, each in (("a", fail), ("b", work)))
    runner = Runner(context, is_sole=True, jobs=jobs)
    runner.start()
    try:
        until(lambda: all((found := note(live, name)) is not None and found[1] is not None for name in "ab"))
    finally:
        runner.stop()
    failed, worked = note(live, "a"), note(live, "b")
    assert failed is not None
    assert worked is not None
    assert failed[2] == "ValueError: no"
    assert worked[2] is None


def test_a_queue_entry_that_is_not_ours_runs_nothing(context: JobContext, live: Scope, redis_url: str) -> None:
    """Reading an entry unpickles it: one that somebody else put there must not get so far."""
    import pickle

    marker = context.settings.var / "was-here"

    class Bomb:
        def __reduce__(self) -> tuple[Any, ...]:
            return Path.touch, (marker,)

    settings = context.settings
    assert isinstance(settings, Settings)
    runner = Runner(
        dataclasses.replace(context, settings=dataclasses.replace(settings, redis_url=redis_url)),
        is_sole=True,
        jobs=(),
    )
    settings.var.mkdir(parents=True, exist_ok=True)
    with redis.Redis.from_url(redis_url) as client:
        client.lpush("huey.redis.zegel", pickle.dumps(Bomb()))
        runner.start()
        try:
            until(lambda: client.llen("huey.redis.zegel") == 0)
        finally:
            runner.stop()
    assert not marker.exists()


def test_mail_goes_out_while_redis_is_away(context: JobContext, live: Scope) -> None:
    settings = context.settings
    assert isinstance(settings, Settings)
    settings = dataclasses.replace(settings, redis_url="redis://127.0.0.1:9/0")
    runner = Runner(dataclasses.replace(context, settings=settings), is_sole=False)
    runner.start()
    try:
        with live.transaction() as tx:
            queue_mail(tx, live.keys.data, Mail("an@home.test", "Hi", "Hi"), now=live.now)
        until(lambda: list((settings.var / "outbox").glob("*.eml")))
    finally:
        began = time.monotonic()
        runner.stop()
    assert time.monotonic() - began < 6
