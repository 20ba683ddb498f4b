"""Servers under test: the service by its own command, and the floor behind the same server with the same settings."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.databases import COMMAND, ROOT, Place

WORKERS = 2


@contextmanager
def service(place: Place, *, workers: int = WORKERS) -> Iterator[int]:
    """``zegel serve`` on that database. Gives its port."""
    port = _free_port()
    command = [*COMMAND, "serve", "--port", str(port), "--workers", str(workers)]
    with _running(command, place.environment, port):
        yield port


@contextmanager
def floor(place: Place, facts: dict[str, Any], folder: Path, *, workers: int = WORKERS) -> Iterator[int]:
    """The floor's application on that database. ``facts`` is what it has in memory from the start."""
    port = _free_port()
    told = folder / f"floor-{port}.json"
    told.write_text(json.dumps(facts))
    command = [sys.executable, "-m", "benchmarks.serving", str(port), str(1 if place.kind == "sqlite" else workers)]
    with _running(command, place.environment | {"BENCH_FLOOR": str(told)}, port):
        yield port


@contextmanager
def _running(command: list[str], environment: dict[str, str], port: int) -> Iterator[None]:
    log = Path(environment["ZEGEL_VAR"]).parent / f"server-{port}.log"
    with log.open("wb") as out, subprocess.Popen(command, env=environment, cwd=ROOT, stdout=out, stderr=out) as process:
        try:
            _wait(process, port, log)
            yield
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            with contextlib.closing(connection):
                connection.request("GET", "/healthz")
                if connection.getresponse().status == 200:
                    return
        time.sleep(0.1)
    raise RuntimeError(f"the server did not come up: {log.read_text()[-2000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def main() -> None:
    """Serve the floor: port and processes are the arguments."""
    from app.cli.serving import serve

    os.environ.setdefault("BENCH_FLOOR", "")
    serve("benchmarks.floor:app", host="127.0.0.1", port=int(sys.argv[1]), processes=int(sys.argv[2]))


if __name__ == "__main__":
    main()
