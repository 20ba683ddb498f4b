"""The processes themselves: ``zegel worker``, ``zegel serve`` with its own jobs, ``zegel webhook``."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from app.common import outbox
from app.common.clock import system_clock
from app.common.mail import Mail, queue_mail
from app.common.scope import Scope
from app.common.sql import Statement
from app.merchants.service import create_merchant
from config import ROOT
from tests.receivers import receiver

COMMAND = [sys.executable, "-c", "from app.cli import main; main()"]


def zegel(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments], env={**os.environ, **environment}, cwd=ROOT, capture_output=True, text=True
    )


@contextmanager
def running(environment: dict[str, str], *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        [*COMMAND, *arguments],
        env={**os.environ, **environment},
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def until(condition: Callable[[], Any], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.05)


def queue(scope: Scope) -> str:
    with scope.transaction() as tx:
        return queue_mail(tx, scope.keys.data, Mail("an@home.test", "Hi", "Hi"), now=system_clock())


def is_sent(environment: dict[str, str], message_id: str) -> bool:
    return (Path(environment["ZEGEL_VAR"]) / "outbox" / f"{message_id}.eml").exists()


def test_a_worker_does_what_waits_and_ends_when_told(scope: Scope, environment: dict[str, str]) -> None:
    first = queue(scope)
    with running(environment, "worker") as process:
        until(lambda: is_sent(environment, first))
        second = queue(scope)
        until(lambda: is_sent(environment, second))
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def test_a_worker_takes_up_again_what_was_given_up(scope: Scope, environment: dict[str, str]) -> None:
    message_id = queue(scope)
    with scope.transaction() as tx:
        (message,) = outbox.claim(tx, now=system_clock())
        outbox.fail(tx, message, error="no", now=system_clock(), final=True)
    with running(environment, "worker", "--retry"):
        until(lambda: is_sent(environment, message_id))


def test_serving_on_sqlite_does_the_jobs_too(scope: Scope, environment: dict[str, str]) -> None:
    if not environment["DATABASE_URL"].startswith("sqlite"):
        return
    message_id = queue(scope)
    scope.database.close()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    runs = Statement("SELECT count(*) FROM job_run WHERE finished_at IS NOT NULL")

    def done() -> int:
        with scope.reading() as tx:
            return int(tx.rows(runs, {})[0][0])

    with running(environment, "serve", "--port", str(port)) as process:
        until(lambda: is_sent(environment, message_id))
        until(lambda: done() >= 3)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def test_webhooks_on_the_command_line(scope: Scope, environment: dict[str, str]) -> None:
    environment = {**environment, "WEBHOOK_LOOPBACK": "1"}
    merchant = ["--merchant", create_merchant(scope, name="Bakery De Korst")]
    other = ["--merchant", create_merchant(scope, name="Books Under The Tower")]
    with receiver() as shop:
        made = zegel(environment, "webhook", "add", shop.url, *merchant, "--event", "visit.recorded", "--json")
        assert made.returncode == 0, made.stderr
        endpoint = json.loads(made.stdout)
        assert endpoint["secret"].startswith("whsec_")
        assert endpoint["events"] == ["visit.recorded"]

        listed = json.loads(zegel(environment, "webhook", "list", *merchant, "--json").stdout)["items"]
        assert [each["endpoint_id"] for each in listed] == [endpoint["endpoint_id"]]
        assert "secret" not in listed[0]
        assert json.loads(zegel(environment, "webhook", "list", *other, "--json").stdout) == {"items": []}

        from app.merchants import webhooks

        with scope.transaction() as tx:
            webhooks.announce(tx, merchant_id=merchant[1], event="visit.recorded", data={}, now=system_clock())
        with running(environment, "worker"):
            shop.wait_for(1)
            until(
                lambda: (
                    json.loads(zegel(environment, "webhook", "deliveries", *merchant, "--json").stdout)["items"][0][
                        "status"
                    ]
                    == "delivered"
                )
            )
            sent = json.loads(zegel(environment, "webhook", "deliveries", *merchant, "--json").stdout)["items"]
            replayed = zegel(
                environment, "webhook", "replay", *merchant, "--delivery", sent[0]["delivery_id"], "--json"
            )
            assert json.loads(replayed.stdout) == {"replayed": 1}
            shop.wait_for(2)
    first, second = shop.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("add", "https://10.0.0.1/"),
        ("add", "http://shop.example/"),
        ("replay", "--delivery", "01a20000-0000-7000-8000-000000000000"),
        ("replay",),
        ("enable", "01a20000-0000-7000-8000-000000000000"),
        ("deliveries", "--endpoint", "none"),
    ],
)
def test_what_can_not_be_is_told_in_one_line(
    scope: Scope, environment: dict[str, str], arguments: tuple[str, ...]
) -> None:
    refused = zegel(environment, "webhook", *arguments, "--merchant", create_merchant(scope, name="Bakery"))
    assert refused.returncode != 0
    assert refused.stdout == ""
    assert "Error:" in refused.stderr
    assert "Traceback" not in refused.stderr
