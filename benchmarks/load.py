"""The load generator: a process of its own that keeps connections busy, each sending its next request when the answer
to the last one is there. One thread, epoll, requests made beforehand as far as can be."""

from __future__ import annotations

import json
import select
import socket
import subprocess
import sys
import time
import uuid
from array import array
from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Any

from benchmarks.databases import ROOT

CONNECTIONS = 16


@dataclass(frozen=True, slots=True)
class Round:
    """What one burst of load saw: answers a second, and each answer's time in microseconds."""

    rate: float
    micros: array[float]
    statuses: dict[str, int]

    def percentile(self, share: float) -> float:
        """Milliseconds within which that share of the answers came."""
        ordered = sorted(self.micros)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)] / 1000


def burst(
    port: int,
    seconds: float,
    calls: list[dict[str, Any]],
    *,
    status: int,
    connections: int = CONNECTIONS,
) -> Round:
    """Keep ``connections`` busy for so many seconds with the calls in turn, from another process.

    A call has ``method``, ``path``, maybe a ``token``, and maybe ``body`` (JSON) with ``keyed`` true where each request
    needs an idempotency key of its own. Raises RuntimeError when any answer has another status.
    """
    order = {"port": port, "seconds": seconds, "calls": calls, "connections": connections}
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks.load"], input=json.dumps(order), cwd=ROOT, check=True, capture_output=True,
        text=True,
    )  # fmt: skip
    told = json.loads(run.stdout)
    micros = array("d")
    micros.frombytes(b64decode(told["micros"]))
    if set(told["statuses"]) != {str(status)}:
        raise RuntimeError(f"unexpected answers: {told['statuses']} {told['odd'][:500]}")
    return Round(told["rate"], micros, told["statuses"])


class _Client:
    """One keep-alive connection."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""
        self.sent_at = 0.0


def _parts(call: dict[str, Any]) -> tuple[bytes, bytes, bool]:
    body = json.dumps(call["body"]).encode() if "body" in call else b""
    head = f"{call['method']} {call['path']} HTTP/1.1\r\nHost: bench.example\r\n"
    if "token" in call:
        head += f"Authorization: Bearer {call['token']}\r\n"
    if body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head.encode(), b"\r\n" + body, bool(call.get("keyed"))


def main() -> None:
    """Read the order from stdin, do it, tell what was seen on stdout."""
    order = json.load(sys.stdin)
    calls = [_parts(call) for call in order["calls"]]
    clock, poll = time.perf_counter, select.epoll()
    clients: dict[int, _Client] = {}
    prefix, count, odd = uuid.uuid4().hex, 0, ""
    statuses: dict[str, int] = {}
    micros = array("d")

    def send(client: _Client) -> None:
        nonlocal count
        head, tail, keyed = calls[count % len(calls)]
        count += 1
        key = b"Idempotency-Key: %s-%d\r\n" % (prefix.encode(), count) if keyed else b""
        client.sent_at = clock()
        client.socket.sendall(head + key + tail)

    for _ in range(order["connections"]):
        client = _Client(order["port"])
        clients[client.socket.fileno()] = client
        poll.register(client.socket, select.EPOLLIN)
    started = clock()
    until = started + order["seconds"]
    for client in clients.values():
        send(client)
    waiting = len(clients)
    while waiting:
        for handle, _ in poll.poll():
            client = clients[handle]
            client.received += client.socket.recv(65536)
            head, found, rest = client.received.partition(b"\r\n\r\n")
            if not found:
                continue
            place = head.lower().find(b"content-length:")
            length = int(head[place + 15 :].split(b"\r\n", 1)[0]) if place >= 0 else 0
            if len(rest) < length:
                continue
            now = clock()
            micros.append((now - client.sent_at) * 1e6)
            status = head[9:12].decode()
            statuses[status] = statuses.get(status, 0) + 1
            if status >= "400":
                odd = rest.decode(errors="replace")
            client.received = b""
            if now < until:
                send(client)
            else:
                waiting -= 1
    rate = len(micros) / (clock() - started)
    print(json.dumps({"rate": rate, "micros": b64encode(micros.tobytes()).decode(), "statuses": statuses, "odd": odd}))


if __name__ == "__main__":
    main()
