"""What a counter notices of a refresh: visits at a steady pace, before it and while it goes on."""

from __future__ import annotations

import http.client
import itertools
import json
import subprocess
import threading
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from app.common.sql import Statement
from benchmarks.databases import COMMAND, ROOT, Place

PACE = 50  # visits a second
_THREADS = 8
_WAIT = 150.0  # seconds: jobs are looked at once a minute

_NOTE = Statement(
    "INSERT INTO job_run (name, started_at, finished_at) VALUES (:name, :at, :at)"
    " ON CONFLICT (name) DO UPDATE SET started_at = :at, finished_at = :at, error = NULL"
)
_SEEN = Statement("SELECT started_at, finished_at, error FROM job_run WHERE name = 'refresh-values'")


def pace(port: int, calls: list[dict[str, Any]], *, until: Callable[[float], bool]) -> list[float]:
    """Send the calls in turn at :data:`PACE`, each at its own moment however long others take, as long as ``until``
    says no to the seconds passed. Gives each answer's milliseconds from that moment on."""
    begun = time.perf_counter()
    numbers = itertools.count()
    turn = threading.Lock()
    found: list[float] = []
    wrong: list[str] = []

    def work() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while not until(time.perf_counter() - begun) and not wrong:
            with turn:
                number = next(numbers)
            at = begun + number / PACE
            time.sleep(max(at - time.perf_counter(), 0))
            call = calls[number % len(calls)]
            headers = {
                "Authorization": f"Bearer {call['token']}",
                "Content-Type": "application/json",
                "Idempotency-Key": uuid.uuid4().hex,
                "Host": "bench.example",
            }
            connection.request(call["method"], call["path"], json.dumps(call["body"]), headers)
            answer = connection.getresponse()
            body = answer.read()
            found.append((time.perf_counter() - at) * 1000)
            if answer.status != 201:
                wrong.append(f"{answer.status} {body[:300]!r}")
        connection.close()

    crew = [threading.Thread(target=work) for _ in range(_THREADS)]
    for one in crew:
        one.start()
    for one in crew:
        one.join()
    if wrong:
        raise RuntimeError(f"unexpected answer: {wrong[0]}")
    return found


def alone_and_beside(place: Place, port: int, calls: list[dict[str, Any]], *, seconds: float) -> dict[str, Any]:
    """The times of ``seconds`` without a refresh and of a whole one: on SQLite by the serving process's own job, on
    PostgreSQL by the command."""
    pace(port, calls, until=lambda passed: passed > seconds / 2)
    alone = pace(port, calls, until=lambda passed: passed > seconds)
    if place.kind == "sqlite":
        beside = _beside_job(place, port, calls)
    else:
        command = [*COMMAND, "insights", "refresh", "--json"]
        with subprocess.Popen(command, env=place.environment, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
            beside = pace(port, calls, until=lambda _: process.poll() is not None)
    told: dict[str, Any] = {"seconds_beside": round(len(beside) / PACE, 1)}
    for name, times in (("alone", alone), ("beside", beside)):
        told[f"p50_{name}_ms"], told[f"p99_{name}_ms"] = (round(_quantile(times, one), 2) for one in (0.5, 0.99))
    return told | {"p99_ratio": round(told["p99_beside_ms"] / told["p99_alone_ms"], 2)}


def quiet_jobs(place: Place) -> None:
    """Note all jobs as just done, so that none of them comes between."""
    from app.jobs.schedule import JOBS

    with place.scope() as scope:
        at = scope.now
        scope.run(lambda tx: tx.run_many(_NOTE, [{"name": job.name, "at": at} for job in JOBS]))


def _beside_job(place: Place, port: int, calls: list[dict[str, Any]]) -> list[float]:
    with place.scope() as scope:
        long_ago = scope.now - timedelta(days=2)
        scope.run(lambda tx: tx.run(_NOTE, {"name": "refresh-values", "at": long_ago}))

        def job() -> tuple[bool, bool]:
            with scope.reading() as tx:
                started, finished, error = tx.rows(_SEEN, {})[0]
            if error is not None:
                raise RuntimeError(f"the refresh failed: {error}")
            return started > long_ago, finished is not None

        begun = time.monotonic()
        while not job()[0]:
            if time.monotonic() - begun > _WAIT:
                raise RuntimeError("the refresh did not begin")
            time.sleep(0.1)
        looked = [0.0, False]

        def is_over(passed: float) -> bool:
            if passed - looked[0] > 0.5:
                looked[:] = [passed, job()[1]]
            return bool(looked[1])

        return pace(port, calls, until=is_over)


def _quantile(times: list[float], share: float) -> float:
    ordered = sorted(times)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]
