"""Calls to addresses that other people chose: only to the public internet, only for a bounded time.

The host is resolved here, every address it has is checked, and the connection goes to the very address that was
checked, so that a name which changes its mind between the check and the call gains nothing. Redirects are not followed.
"""

from __future__ import annotations

import ipaddress
import queue
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

import h11

from app.common.settings import Settings

TIMEOUT_SECONDS = 15.0
LONGEST_URL = 2000
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# What Python's releases disagree about, roads from IPv6 back to IPv4 (6to4, Teredo, local NAT64), and an address that
# is public by number but answered by a cloud's own machinery.
_CLOSED = [
    ipaddress.ip_network(network)
    for network in (
        "192.0.0.0/24",
        "192.88.99.0/24",
        "168.63.129.16/32",
        "64:ff9b:1::/48",
        "2001::/23",
        "2002::/16",
        "3fff::/20",
    )
]

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class UnsafeAddressError(Exception):
    """The URL may not be called. The message says why, in one sentence, without the address that was found."""


class CallFailedError(Exception):
    """No answer came: refused, cut off, bad certificate, or too slow."""


class NotConnectedError(CallFailedError):
    """There was no connection, so nothing was handed over."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far calls may go. ``loopback`` and plain ``http`` are for development alone."""

    loopback: bool = False
    plain_http: bool = False
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context, repr=False)


def reach_of(settings: Settings) -> Reach:
    """How far this service's calls go: to this machine itself only in development, where it was allowed."""
    loopback = settings.webhook_loopback and not settings.is_production
    return Reach(loopback=loopback, plain_http=loopback)


def check_url(url: str, reach: Reach) -> SplitResult:
    """The parts of a URL that has the form of one that may be called.

    Raises :class:`UnsafeAddressError`. Looks no name up: that is done at each call.
    """
    if len(url) > LONGEST_URL or not url.isprintable() or " " in url:
        raise UnsafeAddressError("the address is too long or has spaces or control characters")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise UnsafeAddressError("the address can't be read") from None
    if parts.scheme != "https" and not (parts.scheme == "http" and reach.plain_http):
        raise UnsafeAddressError("the address must begin with https://")
    if not parts.hostname or port == 0:
        raise UnsafeAddressError("the address names no host")
    if parts.username is not None or parts.password is not None:
        raise UnsafeAddressError("the address may not hold a name or password")
    try:
        literal = ipaddress.ip_address(parts.hostname)
    except ValueError:
        return parts
    _check_address(literal, reach)
    return parts


def post(url: str, body: bytes, headers: Mapping[str, str], *, reach: Reach, timeout: float = TIMEOUT_SECONDS) -> int:
    """POST ``body`` and give the answer's status. The whole call ends within ``timeout`` seconds.

    Raises :class:`UnsafeAddressError` for a host that is not on the public internet, :class:`CallFailedError` where no
    answer came. A repeat calls again.
    """
    return _call("POST", url, body, headers, reach, timeout)


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, and the body as far as it was read."""

    status: int
    body: bytes


def ask(
    method: str,
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    reach: Reach,
    timeout: float = TIMEOUT_SECONDS,
    longest: int = 64 * 1024,
) -> Answer:
    """Like :func:`post` with any method, and gives at most ``longest`` bytes of the answer's body too."""
    kept = bytearray()
    return Answer(_call(method, url, body, headers, reach, timeout, kept, longest), bytes(kept[:longest]))


def _call(
    method: str,
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    reach: Reach,
    timeout: float,
    kept: bytearray | None = None,
    longest: int = 0,
) -> int:
    parts = check_url(url, reach)
    deadline = time.monotonic() + timeout
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        connection = _connect(_resolve(host, port, reach, deadline), port, deadline)
    except CallFailedError as error:
        raise NotConnectedError(str(error)) from None
    call = _Call(connection, deadline)
    try:
        if parts.scheme == "https":
            call.encrypt(reach.tls, host)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return call.exchange(method, target, {"Host": parts.netloc, **headers}, body, kept, longest)
    except (OSError, ValueError, h11.ProtocolError) as error:
        if call.is_late:
            raise CallFailedError(f"no answer within {timeout:g} s") from None
        raise CallFailedError(_told(error)) from None
    finally:
        call.close()


def _check_address(address: Address, reach: Reach) -> None:
    if address.is_loopback and reach.loopback:
        return
    inner = _embedded(address)
    public = inner if inner is not None else address
    if not public.is_global or public.is_multicast or any(public in network for network in _CLOSED):
        raise UnsafeAddressError("the address is not on the public internet")


def _embedded(address: Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 address really leads to."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped


def _resolve(host: str, port: int, reach: Reach, deadline: float) -> list[str]:
    found: queue.SimpleQueue[list[str] | OSError | UnicodeError] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.put([str(entry[4][0]) for entry in entries])
        except (OSError, UnicodeError) as error:
            found.put(error)

    # The resolver knows no deadline of ours: it may go on in its thread, we don't wait for it.
    threading.Thread(target=look_up, name="look-up", daemon=True).start()
    try:
        addresses = found.get(timeout=_left(deadline))
    except queue.Empty:
        raise CallFailedError("the host's name was not resolved in time") from None
    if isinstance(addresses, Exception) or not addresses:
        raise CallFailedError("the host's name is not known")
    for address in addresses:
        _check_address(ipaddress.ip_address(address), reach)
    return addresses


def _connect(addresses: list[str], port: int, deadline: float) -> socket.socket:
    told = "the connection was refused"
    for address in dict.fromkeys(addresses):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        connection = socket.socket(family, socket.SOCK_STREAM)
        try:
            connection.settimeout(_left(deadline))
            connection.connect((address, port))
            return connection
        except OSError as error:
            connection.close()
            told = _told(error)
    raise CallFailedError(told)


class _Call:
    """One exchange on one connection, cut at its deadline however slowly the other side speaks."""

    def __init__(self, connection: socket.socket, deadline: float) -> None:
        self._connection = connection
        self.is_late = False
        self._watch = threading.Timer(_left(deadline), self._cut)
        self._watch.daemon = True
        self._watch.start()

    def encrypt(self, context: ssl.SSLContext, host: str) -> None:
        self._connection = context.wrap_socket(self._connection, server_hostname=host, do_handshake_on_connect=False)
        self._connection.do_handshake()

    def exchange(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes, kept: bytearray | None, longest: int
    ) -> int:
        speaker = h11.Connection(h11.CLIENT)
        fields = [*headers.items(), ("Content-Length", str(len(body))), ("Connection", "close")]
        request = h11.Request(method=method, target=target, headers=fields)
        parts = [speaker.send(event) or b"" for event in (request, h11.Data(data=body), h11.EndOfMessage())]
        self._connection.sendall(b"".join(parts))
        status = 0
        while True:
            event = speaker.next_event()
            if event is h11.NEED_DATA:
                speaker.receive_data(self._connection.recv(4096))
            elif isinstance(event, h11.Response):
                status = event.status_code
                if kept is None:
                    return status
            elif isinstance(event, h11.Data) and kept is not None:
                kept += event.data
                if len(kept) >= longest:
                    return status
            elif isinstance(event, h11.EndOfMessage):
                return status
            elif isinstance(event, h11.ConnectionClosed):
                raise ConnectionResetError("closed before it answered")

    def close(self) -> None:
        self._watch.cancel()
        self._connection.close()

    def _cut(self) -> None:
        self.is_late = True
        try:
            # The plain socket's own shutdown: TLS must not wait for a polite goodbye.
            socket.socket.shutdown(self._connection, socket.SHUT_RDWR)
        except OSError:
            return


def _left(deadline: float) -> float:
    return max(0.01, deadline - time.monotonic())


def _told(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate can't be trusted: {error.verify_message}"
    if isinstance(error, TimeoutError):
        return "the connection was not made in time"
    if isinstance(error, ConnectionRefusedError):
        return "the connection was refused"
    if isinstance(error, h11.ProtocolError):
        return "what came back is not HTTP"
    return f"the connection failed ({type(error).__name__})"
