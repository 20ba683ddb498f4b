"""The doctor on what others see: HTTPS, time, clients behind a proxy, Redis."""

import subprocess
import time
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from app.cli.doctor import outside
from tests.clocks import FixedClock
from tests.integration.cli.doctor.patient import found
from tests.listeners import http_alone, https

STRICT = {"Strict-Transport-Security": "max-age=31536000"}


@pytest.mark.parametrize(
    ("headers", "state"),
    [(STRICT, "ok"), ({}, "warn"), ({"Strict-Transport-Security": "max-age=60; includeSubDomains"}, "warn")],
)
def test_browsers_that_are_not_kept_to_https(
    healthy: dict[str, str], clock: FixedClock, tmp_path: Path, headers: dict[str, str], state: str
) -> None:
    with https(tmp_path, headers=headers) as url:
        assert found({**healthy, "PUBLIC_URL": url}, "https", clock).state == state


@pytest.mark.parametrize(
    ("status", "location", "state"),
    [(308, "https://127.0.0.1/", "ok"), (301, "https://127.0.0.1/", "ok"), (200, "", "warn"), (302, "/login", "warn")],
)
def test_http_must_lead_to_https(
    healthy: dict[str, str],
    clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    location: str,
    state: str,
) -> None:
    class Answer:
        @staticmethod
        def getheader(name: str) -> str | None:
            return STRICT.get(name)

    # The usual ports are not ours to listen on: what is behind 443 is told, what is behind 80 is real.
    monkeypatch.setattr(outside, "_asked", lambda _: Answer)
    with http_alone(status, {"Location": location}) as port:
        monkeypatch.setattr(outside, "HTTP_PORT", port)
        finding = found({**healthy, "PUBLIC_URL": "https://127.0.0.1"}, "https", clock)
    assert finding.state == state
    assert ("308" in finding.remedy) is (state == "warn")


@pytest.mark.parametrize(
    ("apart", "state", "told"),
    [(1, "ok", "agree"), (30, "warn", "30 s ahead of"), (-30, "warn", "30 s behind"), (300, "fail", "300 s ahead of")],
)
def test_a_clock_apart_from_the_world(
    healthy: dict[str, str], clock: FixedClock, tmp_path: Path, apart: int, state: str, told: str
) -> None:
    now = clock.now.replace(microsecond=0)
    clock.now = now
    with https(tmp_path, headers={"Date": format_datetime(now - timedelta(seconds=apart), usegmt=True)}) as url:
        finding = found({**healthy, "PUBLIC_URL": url}, "time", clock)
    assert finding.state == state
    assert told in finding.told


def test_clients_that_look_alike_behind_a_proxy(healthy: dict[str, str], clock: FixedClock) -> None:
    live = {**healthy, "ZEGEL_ENV": "production", "PUBLIC_URL": "https://127.0.0.1:9"}
    assert found(live, "proxy", clock).state == "warn"
    assert found({**live, "TRUSTED_PROXIES": "127.0.0.1"}, "proxy", clock).state == "ok"


def test_redis(healthy: dict[str, str], clock: FixedClock, tmp_path: Path) -> None:
    assert found({**healthy, "REDIS_URL": "redis://127.0.0.1:9/0"}, "queue", clock).state == "fail"
    path = tmp_path / "redis.sock"
    server = subprocess.Popen(
        ["redis-server", "--port", "0", "--unixsocket", str(path), "--save", ""], stdout=subprocess.DEVNULL
    )
    try:
        redis = f"unix://{path}"
        until = time.monotonic() + 20
        while (
            "PONG" not in subprocess.run(["redis-cli", "-s", str(path), "ping"], capture_output=True, text=True).stdout
        ):
            assert time.monotonic() < until
            time.sleep(0.05)
        assert found({**healthy, "REDIS_URL": redis}, "queue", clock).state == "ok"
        subprocess.run(
            ["redis-cli", "-s", str(path), "config", "set", "maxmemory-policy", "allkeys-lru"],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        assert found({**healthy, "REDIS_URL": redis}, "queue", clock).state == "warn"
    finally:
        server.terminate()
        server.wait()
