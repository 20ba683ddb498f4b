"""The JSON face behind the server that serves it, spoken to byte by byte, as no polite client would."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.common.scope import Scope
from tests import shops
from tests.shops import Shop

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@dataclass(frozen=True)
class Served:
    """A running server and a shop's key."""

    port: int
    key: str
    log: Path

    def head(self, path: str = "/api/v1/pos/visits", *lines: str, token: str | None = None) -> bytes:
        """The beginning of a POST, up to the empty line."""
        told = (
            f"POST {path} HTTP/1.1",
            "Host: test",
            f"Authorization: Bearer {token or self.key}",
            "Content-Type: application/json",
            "Idempotency-Key: k",
            *lines,
        )
        return "\r\n".join(told).encode() + b"\r\n\r\n"

    def speak(self, *pieces: bytes, then_close: bool = False) -> tuple[int, dict[str, object]]:
        """Send everything before reading anything, as simple clients do; the status and the problem that came back."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
            for piece in pieces:
                connection.sendall(piece)
            if then_close:
                connection.shutdown(socket.SHUT_WR)
            answer = b""
            while b"\r\n\r\n" not in answer:
                answer += _more(connection)
            head, _, body = answer.partition(b"\r\n\r\n")
            length = int(
                next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")).split()[1]
            )
            while len(body) < length:
                body += _more(connection)
        return int(head.split()[1]), json.loads(body[:length])


def _more(connection: socket.socket) -> bytes:
    received = connection.recv(65536)
    assert received, "the connection ended before the answer did"
    return received


@pytest.fixture
def served(environment: dict[str, str], scope: Scope, tmp_path: Path) -> Iterator[Served]:
    log = tmp_path / "log"
    shop: Shop = shops.open_shop(scope)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with log.open("wb") as written:
        server = subprocess.Popen(
            [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port), "wsgi:app"],
            cwd=ROOT,
            # The test environment keeps what is usual out of the log.
            env={**os.environ, **environment, "ZEGEL_ENV": "development", "LOG_FORMAT": "json"},
            stdout=subprocess.DEVNULL,
            stderr=written,
        )
    try:
        _wait(server, port)
        yield Served(port, shop.key, log)
    finally:
        server.terminate()
        server.wait(15)


def _wait(server: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        assert server.poll() is None, "the server ended"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            continue
        return
    raise AssertionError("the server never listened")


def test_bodies_of_every_bad_kind(served: Served) -> None:
    mebibyte = 1024 * 1024
    large = b'{"a":"' + b"x" * (5 * mebibyte) + b'"}'

    status, problem = served.speak(served.head("/api/v1/pos/visits", f"Content-Length: {len(large)}"), large)
    assert (status, problem["type"]) == (413, "/problems/body_too_large")

    piece = b"%x\r\n" % mebibyte + b"x" * mebibyte + b"\r\n"
    status, problem = served.speak(
        served.head("/api/v1/pos/visits", "Transfer-Encoding: chunked"), *[piece] * 5, b"0\r\n\r\n"
    )
    assert (status, problem["type"]) == (413, "/problems/body_too_large")

    # A refusal that never looks at the body must be readable all the same.
    for path, token, expected in (
        ("/api/v1/pos/visits", "wrong", 401),
        ("/api/v1/pos/nothing", None, 404),
        ("/api/v1/pos/transactions", None, 405),
    ):
        head = served.head(path, f"Content-Length: {len(large)}", token=token)
        assert served.speak(head, large)[0] == expected, path

    small = b'{"code": "what"}'
    chunked = b"".join(b"1\r\n%c\r\n" % byte for byte in small) + b"0\r\n\r\n"
    status, problem = served.speak(served.head("/api/v1/pos/visits", "Transfer-Encoding: chunked"), chunked)
    assert (status, problem["type"]) == (422, "/problems/code_unreadable")

    # More announced than sent, and the sender is gone.
    status, problem = served.speak(served.head("/api/v1/pos/visits", "Content-Length: 500"), small, then_close=True)
    assert (status, problem["type"]) == (400, "/problems/json_unreadable")

    deep = b"[" * 400_000
    status, problem = served.speak(served.head("/api/v1/pos/visits", f"Content-Length: {len(deep)}"), deep)
    assert (status, problem["type"]) == (400, "/problems/json_unreadable")


def test_the_log_tells_patterns_and_no_secrets(served: Served) -> None:
    number = "198BBK74WYHQC8Y5"
    for path in (f"/c/{number}", f"/api/v1/pos/transactions?cursor={number}", f"/api/v1/{number}"):
        with socket.create_connection(("127.0.0.1", served.port), timeout=30) as connection:
            connection.sendall(
                f"GET {path} HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {served.key}\r\n"
                f"X-Request-Id: asked-for-{number[:4]}\r\nConnection: close\r\n\r\n".encode()
            )
            while connection.recv(65536):
                pass
    served.speak(served.head("/api/v1/pos/scans", "Content-Length: 27"), b'{"code":"%s"}' % number.encode())
    text = served.log.read_text()
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    told = [(line["method"], line["route"], line["status"]) for line in lines if line["event"] == "request"]
    assert told == [
        ("GET", "/c/<number>", 200),
        ("GET", "/api/v1/pos/transactions", 422),
        ("GET", "-", 404),
        ("POST", "/api/v1/pos/scans", 404),
    ]
    assert lines[0]["id"] == f"asked-for-{number[:4]}"
    assert number not in text
    assert served.key not in text
