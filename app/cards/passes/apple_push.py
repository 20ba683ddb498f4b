"""Telling Apple that a pass changed: the phone then asks for it anew. Nothing is in the push; who it is for is said by
the token, and for which kind of pass by the certificate with which we come.

Apple takes pushes over HTTP/2 alone; ``h2`` speaks it, the connection is ours.
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from app.cards.passes.credentials import AppleCredentials

TIMEOUT_SECONDS = 20.0
TOKEN = re.compile(r"[0-9A-Fa-f]{32,200}", re.ASCII)
_LONGEST_REASON = 4_000
_LOST = (400, 410)  # with these reasons the token reaches nobody any more
_LOST_REASONS = (b"BadDeviceToken", b"Unregistered", b"DeviceTokenNotForTopic")


class PushFailedError(Exception):
    """Apple could not be reached, or took none of it: to be tried again."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """How many were told, and which tokens reach nobody any more."""

    told: int
    lost: tuple[str, ...]


def push(credentials: AppleCredentials, tokens: Sequence[str]) -> Pushed:
    """Tell the phones behind these tokens that their passes changed. A repeat tells them again.

    Raises :class:`PushFailedError` as soon as one is not taken for another reason than that it is lost.
    """
    parts = urlsplit(credentials.push_url)
    host, port = parts.hostname or "", parts.port or 443
    told, lost = 0, []
    try:
        with (
            socket.create_connection((host, port), TIMEOUT_SECONDS) as plain,
            _context(credentials).wrap_socket(plain, server_hostname=host) as connection,
        ):
            if connection.selected_alpn_protocol() != "h2":
                raise PushFailedError("whoever answered speaks no HTTP/2")
            speaker = _Speaker(connection, parts.netloc, credentials.pass_type)
            for token in tokens:
                status, reason = speaker.ask(token)
                if status == 200:
                    told += 1
                elif status in _LOST and any(known in reason for known in _LOST_REASONS):
                    lost.append(token)
                else:
                    raise PushFailedError(f"a push was answered with {status}")
    except (OSError, h2.exceptions.ProtocolError) as error:
        raise PushFailedError(f"the connection failed ({type(error).__name__})") from None
    return Pushed(told, tuple(lost))


class _Speaker:
    """One connection, on which one push after the other is asked and answered."""

    def __init__(self, connection: ssl.SSLSocket, authority: str, topic: str) -> None:
        self._connection = connection
        self._until = time.monotonic() + TIMEOUT_SECONDS
        self._address = [(":method", "POST"), (":scheme", "https"), (":authority", authority)]
        self._fields = [
            ("apns-topic", topic),
            ("apns-push-type", "background"),
            ("apns-priority", "5"),
        ]
        self._protocol = h2.connection.H2Connection(
            h2.config.H2Configuration(client_side=True, header_encoding="utf-8")
        )
        self._protocol.initiate_connection()
        self._send()

    def ask(self, token: str) -> tuple[int, bytes]:
        """The status and the reason that a push is answered with."""
        stream = self._protocol.get_next_available_stream_id()
        self._protocol.send_headers(stream, [*self._address, (":path", f"/3/device/{token}"), *self._fields])
        self._protocol.send_data(stream, b"{}", end_stream=True)
        self._send()
        status, reason = 0, b""
        while True:
            for event in self._received():
                if isinstance(event, h2.events.ResponseReceived) and event.stream_id == stream:
                    status = _status(event)
                elif isinstance(event, h2.events.DataReceived) and event.stream_id == stream:
                    reason = (reason + (event.data or b""))[:_LONGEST_REASON]
                    self._protocol.acknowledge_received_data(event.flow_controlled_length or 0, stream)
                elif isinstance(event, h2.events.StreamEnded) and event.stream_id == stream:
                    self._send()
                    return status, reason
                elif isinstance(event, h2.events.StreamReset | h2.events.ConnectionTerminated):
                    raise PushFailedError("the connection was ended before a push was answered")
            self._send()

    def _received(self) -> list[h2.events.Event]:
        left = self._until - time.monotonic()
        if left <= 0:
            raise PushFailedError("the answers took too long")
        self._connection.settimeout(left)
        data = self._connection.recv(65_536)
        if not data:
            raise PushFailedError("the connection was closed before a push was answered")
        return list(self._protocol.receive_data(data))

    def _send(self) -> None:
        if data := self._protocol.data_to_send():
            self._connection.sendall(data)


def _status(event: h2.events.ResponseReceived) -> int:
    # What h2 gives are texts where a coding was named, whatever its types say.
    return next((int(value) for name, value in event.headers or () if name in (":status", b":status")), 0)


def _context(credentials: AppleCredentials) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=credentials.push_authorities)
    context.set_alpn_protocols(["h2"])
    pem = credentials.certificate.public_bytes(Encoding.PEM)
    key = credentials.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with _in_memory(pem + credentials.issuer.public_bytes(Encoding.PEM) + key) as path:
        context.load_cert_chain(path)
    return context


@contextlib.contextmanager
def _in_memory(content: bytes) -> Iterator[str]:
    """A path under which something can be read that stands on no disk: Python's TLS takes keys from files alone."""
    handle = os.memfd_create("zegel")
    try:
        os.write(handle, content)
        yield f"/proc/self/fd/{handle}"
    finally:
        os.close(handle)
