import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

import pytest

from app.cli import turnstile
from app.cli.turnstile import KEPT, Turnstile


def echo(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    return [environ["wsgi.input"].read()]


def send(body: bytes, **more: str) -> bytes:
    environ = {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body)), **more}
    return b"".join(Turnstile(echo, 1)(environ, lambda *_: None))


@pytest.mark.parametrize("size", [0, 1, 65_536, 1024 * 1024, KEPT])
def test_a_body_arrives_whole(size: int) -> None:
    body = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    assert send(body) == body


def test_what_is_uploaded_arrives_whole_and_nowhere_else_may_as_much_come() -> None:
    picture = b"x" * (8 * 1024 * 1024 + 10_000)
    assert send(picture, PATH_INFO="/office/bakery/rewards") == picture
    assert send(picture, PATH_INFO="/admin/settings/brand") == picture
    assert len(send(picture, PATH_INFO="/api/v1/pos/visits")) == KEPT
    assert len(send(picture + picture, PATH_INFO="/office/bakery/rewards")) == turnstile.KEPT_UPLOAD


def test_a_body_without_a_length_arrives_whole() -> None:
    environ = {"wsgi.input": BytesIO(b"in pieces"), "HTTP_TRANSFER_ENCODING": "chunked"}
    assert list(Turnstile(echo, 1)(environ, lambda *_: None)) == [b"in pieces"]


def test_of_a_body_that_is_too_large_the_rest_is_read_and_thrown_away() -> None:
    stream = BytesIO(b"x" * (KEPT + 5_000_000))
    (kept,) = Turnstile(echo, 1)({"wsgi.input": stream, "CONTENT_LENGTH": "9999999"}, lambda *_: None)
    assert len(kept) == KEPT
    assert stream.read() == b""


def test_reading_ends_somewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turnstile, "DRAINED", 3_000_000)

    class Endless:
        read_so_far = 0

        def read(self, size: int) -> bytes:
            self.read_so_far += size
            return b"x" * size

    stream = Endless()
    list(Turnstile(echo, 1)({"wsgi.input": stream, "HTTP_TRANSFER_ENCODING": "chunked"}, lambda *_: None))
    assert stream.read_so_far < 4_000_000


def test_of_a_body_that_was_cut_off_what_came_is_told() -> None:
    class Cut:
        pieces = iter([b"half"])

        def read(self, size: int) -> bytes:
            for piece in self.pieces:
                return piece
            raise ConnectionResetError

    (told,) = Turnstile(echo, 1)({"wsgi.input": Cut(), "CONTENT_LENGTH": "8"}, lambda *_: None)
    assert told == b"half"


@pytest.mark.parametrize("permits", [1, 2])
def test_as_many_are_inside_as_there_are_permits(permits: int) -> None:
    inside = most = 0
    lock = threading.Lock()
    full = threading.Barrier(permits)

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        full.wait(timeout=5)
        with lock:
            inside -= 1
        return [b""]

    gate = Turnstile(application, permits)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: gate({}, lambda *_: None), range(8)))
    assert most == permits


def test_a_request_that_fails_gives_its_permit_back() -> None:
    def failing(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        raise RuntimeError("a fault")

    gate = Turnstile(failing, 1)
    for _ in range(2):
        with pytest.raises(RuntimeError, match="a fault"):
            gate({}, lambda *_: None)
