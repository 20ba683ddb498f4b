"""Where outgoing calls may go, and that they end in time."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.cli import lan
from app.common.outgoing import CallFailedError, Reach, UnsafeAddressError, check_url, post
from tests.receivers import receiver

PUBLIC = Reach()
DEVELOPMENT = Reach(loopback=True, plain_http=True)

INSIDE = [
    "127.0.0.1",
    "127.9.9.9",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",  # where clouds hand out their machines' credentials
    "168.63.129.16",
    "192.0.0.192",
    "100.64.0.1",
    "100.100.100.200",
    "224.0.0.1",
    "239.1.2.3",
    "255.255.255.255",
    "198.18.0.1",
    "203.0.113.5",
    "[::]",
    "[::1]",
    "[fe80::1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[ff02::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:10.0.0.1]",
    "[64:ff9b::a9fe:a9fe]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "[2002:a9fe:a9fe::]",
    "[2001:0:4136:e378:8000:63bf:f5ff:fffe]",  # Teredo around 10.0.0.1
    "[2001:db8::1]",
]
# Names and spellings that only the resolver turns into addresses.
SPELLED = ["localhost", "2130706433", "0x7f.1", "127.1", "017700000001", "0"]


@pytest.mark.parametrize("host", INSIDE)
def test_an_address_inside_is_refused_when_it_is_set(host: str) -> None:
    with pytest.raises(UnsafeAddressError, match="public internet"):
        check_url(f"https://{host}/hook", PUBLIC)


@pytest.mark.parametrize("host", [*INSIDE, *SPELLED])
def test_an_address_inside_is_refused_at_the_call(host: str) -> None:
    with pytest.raises(UnsafeAddressError, match="public internet"):
        post(f"https://{host}/hook", b"{}", {}, reach=PUBLIC, timeout=5)


@pytest.mark.parametrize("host", ["1.1.1.1", "[2606:4700:4700::1111]", "shop.example"])
def test_a_public_address_is_taken(host: str) -> None:
    assert check_url(f"https://{host}:8443/hook?a=b", PUBLIC).port == 8443


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://shop.example/hook", "https"),
        ("ftp://shop.example/hook", "https"),
        ("file:///etc/passwd", "https"),
        ("gopher://shop.example/", "https"),
        ("https:///hook", "no host"),
        ("https://user:password@shop.example/", "name or password"),
        ("https://shop.example:0/", "no host"),
        ("https://shop.example:99999/", "can't be read"),
        ("https://[::1/", "can't be read"),
        ("https://shop.example/a b", "spaces"),
        ("https://shop.example/\r\nX: y", "control characters"),
        ("https://shop.example/" + "a" * 2000, "too long"),
    ],
)
def test_what_is_no_address_to_call_is_told_why(url: str, why: str) -> None:
    with pytest.raises(UnsafeAddressError, match=why):
        check_url(url, PUBLIC)


@pytest.mark.parametrize("host", [host for host in INSIDE if host not in {"127.0.0.1", "127.9.9.9", "[::1]"}])
def test_the_setting_for_development_opens_the_loopback_alone(host: str) -> None:
    with pytest.raises(UnsafeAddressError):
        check_url(f"http://{host}/", DEVELOPMENT)


def test_a_name_that_changes_its_mind_after_the_check_gains_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rebinding: the first look-up gives a public address, every later one the loopback, where something listens."""
    asked: list[str] = []

    def rebinding(host: str, port: int, *_: object, **__: object) -> list[object]:
        asked.append(host)
        address = "203.0.114.7" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    reached: list[object] = []
    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    monkeypatch.setattr(socket.socket, "connect", lambda _, address: reached.append(address) or _refuse())
    with pytest.raises(CallFailedError):
        post("https://rebinding.example/hook", b"{}", {}, reach=PUBLIC, timeout=2)
    assert reached == [("203.0.114.7", 443)]
    assert asked == ["rebinding.example"]


def _refuse() -> None:
    raise ConnectionRefusedError


def test_a_name_with_one_address_inside_is_refused_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    def both(host: str, port: int, *_: object, **__: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in ("1.1.1.1", "10.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", both)
    with pytest.raises(UnsafeAddressError):
        post("https://both.example/hook", b"{}", {}, reach=PUBLIC, timeout=2)


def test_a_call_arrives_whole() -> None:
    with receiver() as shop:
        shop.answer = 202
        status = post(shop.url + "?a=b", "é".encode(), {"webhook-id": "1"}, reach=DEVELOPMENT)
    assert status == 202
    assert shop.requests[0].path == "/hook?a=b"
    assert shop.requests[0].body == "é".encode()
    assert shop.requests[0].headers["webhook-id"] == "1"


def test_a_redirect_is_not_followed() -> None:
    with receiver() as shop, receiver() as elsewhere:
        shop.answer, shop.location = 307, elsewhere.url
        assert post(shop.url, b"{}", {}, reach=DEVELOPMENT) == 307
    assert elsewhere.requests == []


@contextmanager
def listener(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that speaks to the first caller as it likes."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            caller, _ = server.accept()
            with caller:
                try:
                    talk(caller)
                except OSError:
                    return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
    thread.join(10)


def test_one_who_drips_byte_after_byte_is_cut_off_in_time() -> None:
    done = threading.Event()

    def drip(caller: socket.socket) -> None:
        caller.recv(4096)
        while not done.wait(0.05):
            caller.sendall(b"H")

    began = time.monotonic()
    with listener(drip) as port:
        with pytest.raises(CallFailedError, match=r"no answer within|not HTTP"):
            post(f"http://127.0.0.1:{port}/", b"{}", {}, reach=DEVELOPMENT, timeout=0.4)
        done.set()
    assert time.monotonic() - began < 5


def test_endless_interim_answers_are_cut_off_in_time() -> None:
    def interim(caller: socket.socket) -> None:
        caller.recv(4096)
        while True:
            caller.sendall(b"HTTP/1.1 102 Processing\r\n\r\n")

    with (
        listener(interim) as port,
        pytest.raises(CallFailedError, match="no answer within"),
    ):
        post(f"http://127.0.0.1:{port}/", b"{}", {}, reach=DEVELOPMENT, timeout=0.4)


@pytest.mark.parametrize("said", [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 999999 ?\r\n\r\n"])
def test_what_is_not_http_is_a_failure_not_a_crash(said: bytes) -> None:
    def speak(caller: socket.socket) -> None:
        caller.recv(4096)
        caller.sendall(said)

    with listener(speak) as port, pytest.raises(CallFailedError):
        post(f"http://127.0.0.1:{port}/", b"{}", {}, reach=DEVELOPMENT, timeout=5)


def test_tls_is_checked_against_the_name(tmp_path: Path) -> None:
    pair = lan.certificate(tmp_path, "127.0.0.1", datetime.now(UTC))
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(pair.certificate, pair.key)

    def speak(caller: socket.socket) -> None:
        with server_side.wrap_socket(caller, server_side=True) as secure:
            secure.recv(4096)
            secure.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    trusting = Reach(loopback=True, tls=ssl.create_default_context(cafile=str(pair.certificate)))
    with listener(speak) as port:
        assert post(f"https://localhost:{port}/", b"{}", {}, reach=trusting, timeout=5) == 200
    with listener(speak) as port, pytest.raises(CallFailedError, match="certificate"):
        post(f"https://localhost:{port}/", b"{}", {}, reach=DEVELOPMENT, timeout=5)


def test_nobody_listening_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(CallFailedError, match="refused"):
        post(f"http://127.0.0.1:{port}/", b"{}", {}, reach=DEVELOPMENT, timeout=5)
