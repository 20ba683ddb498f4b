import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from app.cli import serving

APPLICATION = textwrap.dedent(
    """
    import os, pathlib, socket, sys, time
    from app.cli import serving

    here = pathlib.Path(__file__).parent

    def application(environ, start_response):
        if environ["PATH_INFO"] == "/slow":
            (here / "started").touch()
            while not (here / "go").exists():
                time.sleep(0.01)
        if environ["PATH_INFO"] == "/told":
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [environ["wsgi.input"].read() + str("LEDGER_KEY" in environ or "LEDGER_KEY" in os.environ).encode()]
        if environ["PATH_INFO"] == "/die":
            os._exit(3)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [f"{os.getpid()} {os.getpgid(0)}".encode()]

    def beside(served):
        assert served.__name__ == "application"
        (here / "beside").touch()
        return (here / "beside").unlink

    if __name__ == "__main__":
        port, processes = int(sys.argv[1]), int(sys.argv[2])
        serving.serve("shop:application", host="127.0.0.1", port=port, processes=processes, beside=beside)
    """
)


class Server:
    """A served application in a process of its own, stopped at the end of the test."""

    def __init__(self, folder: Path, processes: int) -> None:
        (folder / "shop.py").write_text(APPLICATION)
        self.folder = folder
        self.port = free_port()
        self.process = subprocess.Popen(
            [sys.executable, str(folder / "shop.py"), str(self.port), str(processes)],
            env={
                **os.environ,
                "PYTHONPATH": f"{Path(serving.__file__).parents[2]}{os.pathsep}{folder}",
                "LEDGER_KEY": "a secret",
            },
        )

    def get(self, path: str = "/") -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return str(answer.read().decode())

    def wait_until_up(self) -> None:
        wait_for(self._answers)

    def _answers(self) -> bool:
        try:
            self.get()
        except OSError:
            return False
        return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(condition: object, seconds: float = 20) -> None:
    assert callable(condition)
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.02)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    running = Server(tmp_path, processes=1)
    try:
        running.wait_until_up()
        yield running
    finally:
        running.process.kill()
        running.process.wait()


def test_a_request_under_way_is_answered_when_the_server_is_told_to_stop(server: Server) -> None:
    with ThreadPoolExecutor(1) as clients:
        answer = clients.submit(server.get, "/slow")
        wait_for((server.folder / "started").exists)
        server.process.send_signal(signal.SIGTERM)
        (server.folder / "go").touch()
        assert answer.result(timeout=10)
    assert server.process.wait(timeout=10) == 0


def test_a_request_that_never_ends_holds_the_stop_up_for_less_than_ten_seconds(server: Server) -> None:
    with ThreadPoolExecutor(1) as clients:
        answer = clients.submit(server.get, "/slow")
        wait_for((server.folder / "started").exists)
        told = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(timeout=10) == 0
        assert time.monotonic() - told < 10
        assert isinstance(answer.exception(timeout=10), OSError)


def test_what_runs_beside_is_stopped_in_order(server: Server) -> None:
    assert (server.folder / "beside").exists()
    server.process.send_signal(signal.SIGTERM)
    server.process.wait(timeout=10)
    assert not (server.folder / "beside").exists()


def test_workers_stay_in_the_process_group(server: Server) -> None:
    worker, group = server.get().split()
    assert int(worker) != server.process.pid
    assert int(group) == os.getpgid(server.process.pid)


def test_a_worker_that_dies_is_replaced(server: Server) -> None:
    first = server.get()
    with pytest.raises(OSError, match=r"closed|reset"):
        server.get("/die")
    server.wait_until_up()
    assert server.get() != first


def test_no_worker_outlives_a_parent_that_was_killed(server: Server) -> None:
    worker = int(server.get().split()[0])
    server.process.kill()
    wait_for(lambda: not Path(f"/proc/{worker}").exists() or "(zombie)" in Path(f"/proc/{worker}/status").read_text())


def test_a_client_that_sends_slowly_keeps_nobody_else_waiting(server: Server) -> None:
    head = b"POST /told HTTP/1.1\r\nHost: shop\r\nConnection: close\r\nContent-Length: 4\r\n\r\n"
    with ExitStack() as slow:
        clients = [
            slow.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=10))
            for _ in range(serving.PERMITS * 4)
        ]
        for client in clients:
            client.sendall(head + b"o")
        for _ in range(20):
            assert server.get()
        for client in clients:
            client.sendall(b"ver")
        answers = [b"".join(iter(lambda client=client: client.recv(4096), b"")) for client in clients]
    assert all(b"over" in answer for answer in answers)


def test_secrets_do_not_reach_requests(server: Server) -> None:
    assert server.get("/told") == "False"
